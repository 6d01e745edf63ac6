"""Every snippet of the Python client's README runs, one after the other, as a reader types it."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import gatehouse_sdk

README = Path(__file__).parents[2] / "sdk" / "python" / "README.md"
SNIPPETS = re.findall(
    r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


class Summaries(BaseHTTPRequestHandler):
    """Summarises every ticket in the same words."""

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        output = {"ticket_id": given["ticket_id"], "summary": "An order is late."}
        text = json.dumps({"id": "run_1", "agent": "ticket_summary", "output": output}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Not of interest."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Summaries)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_quick_start_is_five_lines() -> None:
    assert len([line for line in SNIPPETS[0].splitlines() if line.strip()]) == 5


def test_the_snippets_of_the_readme_run(url: str, tmp_path: Path) -> None:
    source = Path(gatehouse_sdk.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(SNIPPETS)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(source), "GATEHOUSE_BASE_URL": url, "GATEHOUSE_TOKEN": "token"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "An order is late.",
        "0",
        "1",
        "[{'role': 'customer', 'text': 'My card **** was charged twice.'}]",
    ]

"""Scripts of the browser client, run by the Node.js that the lock brings."""

import os
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "sdk" / "js"


def npm(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run npm in the client's folder, and wait for it."""
    binaries = Path(sys.executable).parent
    return subprocess.run(
        [str(binaries / "npm"), *words],
        cwd=CLIENT,
        env={**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

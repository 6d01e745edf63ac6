"""Writes the dashboards for Grafana: ``python -m infra.watching``; ``--check`` only compares."""

import json
import sys
from pathlib import Path

from infra.watching.grafana import DASHBOARDS

FOLDER = Path(__file__).parents[1] / "grafana"


def stale(folder: Path = FOLDER) -> dict[Path, str]:
    """The files that are not as the boards are, and what they would be."""
    made = {folder / name: _text(draw()) for name, draw in DASHBOARDS.items()}
    return {path: text for path, text in made.items() if not _is(path, text)}


def main() -> int:
    """Write the files, or say which are stale."""
    found = stale()
    if "--check" in sys.argv[1:]:
        for path in found:
            sys.stderr.write(
                f"{path.name} is not as its board is; run 'python -m infra.watching'\n"
            )
        return 1 if found else 0
    for path, text in found.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _text(dashboard: dict[str, object]) -> str:
    return json.dumps(dashboard, indent=1) + "\n"


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())

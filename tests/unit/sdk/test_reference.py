"""The API reference is what the docstrings say."""

import runpy
from pathlib import Path

SDK = Path(__file__).parents[3] / "sdk" / "python"


def test_the_reference_was_written_from_these_docstrings() -> None:
    written = runpy.run_path(str(SDK / "reference.py"))["reference"]()
    kept = (SDK / "REFERENCE.md").read_text(encoding="utf-8")
    assert kept == written, "write it anew: python sdk/python/reference.py"


def test_everything_public_is_explained() -> None:
    blocks = (SDK / "REFERENCE.md").read_text(encoding="utf-8").split("\n### ")[1:]
    assert len(blocks) > 50
    assert [block for block in blocks if len(block.splitlines()) < 3] == []

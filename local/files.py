"""Files of the state folder: written whole or not at all, secrets for the owner only."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, data: bytes) -> None:
    """Write a file that nobody else may read; whoever reads meanwhile sees the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp opens its file for the owner only.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(name).replace(path)

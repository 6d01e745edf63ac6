"""What a deploy uploads: each bundle with its layers, zipped."""

from benchmarks.report import Figure
from infra.blueprint import Blueprint
from infra.bundle import bundles, zipped_size
from infra.layers import layer

LIMIT_MB = 8.0
MEGABYTE = 1_000_000


def figures() -> list[Figure]:
    """Sizes in MB; the floor here is the limit that they must keep."""
    common = zipped_size(layer("functions", "aws"))
    tokens = zipped_size(layer("authorizer", "aws"))
    found = []
    for name, folder in bundles(Blueprint.read()).items():
        layers = common + (tokens if name == "authorizer" else 0)
        size = (zipped_size(folder) + layers) / MEGABYTE
        found.append(Figure(f"zipped with its layers: {name}", size, "MB", LIMIT_MB))
    return found

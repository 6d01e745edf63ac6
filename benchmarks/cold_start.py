"""What it costs to load each function from its bundle, as a new execution environment does."""

from benchmarks.measure import cpu_of
from benchmarks.report import Figure
from infra.blueprint import Blueprint
from infra.bundle import bundles
from infra.layers import layer

FLOOR = "import boto3; [boto3.client(name) for name in ('dynamodb', 'bedrock-runtime')]"
REGION = {"AWS_DEFAULT_REGION": "eu-central-1"}


def figures() -> list[Figure]:
    """One figure a function; the floor is boto3 with the two clients that a run needs."""
    runtime = layer("runtime", "host") / "python"
    common = layer("functions", "host") / "python"
    tokens = layer("authorizer", "host") / "python"
    floor = cpu_of(FLOOR, [runtime], REGION)
    found = [Figure("cold start: boto3 with two clients", floor, "CPU ms", floor)]
    for name, folder in bundles(Blueprint.read()).items():
        entrypoint = name.split("-")[0]
        layers = [tokens, common] if entrypoint == "authorizer" else [common]
        code = f"import functions.entrypoints.{entrypoint}"
        cpu = cpu_of(code, [folder, *layers, runtime], REGION)
        found.append(Figure(f"cold start: {name}", cpu, "CPU ms", floor))
    return found

"""What the documents say is so, and what there is they say."""

import ast
import inspect
import re
import subprocess
from pathlib import Path

import pytest

from functions import settings
from functions.domain import errors
from functions.domain.agent import AgentManifest, AgentTelemetry, AuditDemand
from functions.domain.alerts import Alerts, Recipients
from functions.domain.audit_policy import AuditPolicy, Splunk
from functions.domain.edge import Domain, Edge, Firewall, HostedZone
from functions.domain.errors import GatehouseError
from functions.domain.issuer import Issuer
from functions.domain.log import Logs
from functions.domain.objectives import Objectives
from functions.domain.span_export import SpanExport
from functions.domain.team import Limits, Team
from functions.domain.zone import ComprehendDetection, GuardrailDetection, Reconciling, Zone
from functions.settings import PREFIX, Settings
from infra.stages import Stage

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("events/*.md")])
CODE = ("functions", "infra", "local", "cli", "tests", "training", "benchmarks", "sdk")
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#|mailto:)([^)#]+)")
PLACE = re.compile(r"`((?:functions|infra|local|cli|tests|events|training)/[\w./-]*)`")
VERB = re.compile(r"(?:`|^)make ([a-z]+)", flags=re.MULTILINE)


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def classes(module: object, base: type) -> list[type]:
    return [c for _, c in inspect.getmembers(module, inspect.isclass) if issubclass(c, base)]


@pytest.mark.parametrize("error", classes(errors, GatehouseError))
def test_every_error_is_explained(error: type[GatehouseError]) -> None:
    assert f"| `{error.slug}` | {error.status} |" in text("docs/errors.md")


@pytest.mark.parametrize("group", classes(settings, Settings))
def test_every_setting_is_explained(group: type[Settings]) -> None:
    for name in group.model_fields:
        assert f"`{PREFIX}{name.upper()}`" in text("docs/configuration.md"), name


@pytest.mark.parametrize(
    "model",
    [
        *(AgentManifest, Team, Limits, Zone, Issuer, Edge, Domain, HostedZone, Firewall),
        *(ComprehendDetection, GuardrailDetection, Logs, Reconciling, Stage),
        *(AuditDemand, AuditPolicy, Splunk),
        *(AgentTelemetry, SpanExport),
        *(Alerts, Objectives, Recipients),
    ],
)
def test_every_field_of_a_configuration_file_is_explained(model: type) -> None:
    for name in model.model_fields:  # type: ignore[attr-defined]  # each is a pydantic model
        assert f"`{name}`" in text("docs/configuration.md"), f"{model.__name__}.{name}"


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize(
    "document", [path for path in DOCS if path.name != "CHANGELOG.md"], ids=lambda path: path.name
)
def test_every_place_in_the_code_that_a_document_names_is_there(document: Path) -> None:
    for place in PLACE.findall(document.read_text(encoding="utf-8")):
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_verb_that_a_document_names_is_one(document: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", text("Makefile"), flags=re.MULTILINE))
    named = set(VERB.findall(document.read_text(encoding="utf-8")))
    assert named <= known, named - known


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len(text("README.md").splitlines()) <= 150


def modules() -> list[Path]:
    """What git knows or would take, since a build leaves other things about."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],  # noqa: S607  # git of the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    found = [ROOT / name for name in listed if name.split("/")[0] in CODE]
    return [path for path in found if path.is_file() and path.stat().st_size]


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_no_line_of_the_functions_knows_that_it_runs_locally() -> None:
    forbidden = re.compile(r"localhost|127\.0\.0\.1|moto|is_local|AWS_SAM_LOCAL|endpoint_url")
    for module in (ROOT / "functions").rglob("*.py"):
        if "personal_data" in module.parts or module.name == "origin.py":
            continue  # they know addresses of every kind, that is their trade
        assert not forbidden.search(module.read_text(encoding="utf-8")), module

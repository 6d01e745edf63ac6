"""The claim that an agent is one folder: copy one under a new name, and everything is there."""

import json
import re
import shutil
from pathlib import Path

import pytest

from functions.agents import discover
from functions.domain.names import JsonObject
from infra.blueprint import Sources
from infra.synth import assembly
from tests.infra.sandbox import run_in_bundle
from tests.infra.templates import Resource, Template, each, templates

REGION = "eu-central-1"
COPIED = "review_sentiment"
NEW = "brand_new"
STACK = f"gatehouse-{REGION}-agent-brand-new"

CALL = """
import json
from functions.entrypoints.http import handler

class Context:
    aws_request_id = "request-1"
    function_name = "http"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:111122223333:function:http"
    def get_remaining_time_in_millis(self): return 29_000

def get(path):
    caller = {{"subject": "someone", "team": "platform", "zone": "eu", "roles": ""}}
    reply = handler({{
        "resource": path, "path": path, "httpMethod": "GET", "headers": {{}},
        "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "pathParameters": None, "body": None, "isBase64Encoded": False,
        "requestContext": {{"requestId": "r", "stage": "live", "authorizer": caller}},
    }}, Context())
    assert reply["statusCode"] == 200, reply
    return json.loads(reply["body"])

print("REPLY " + json.dumps(get({path!r})))
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Every agent there is, and a copy of one of them under a new name."""
    root = tmp_path_factory.mktemp("estate") / "agents"
    shutil.copytree(Sources().agents, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / COPIED, root / NEW)
    return Sources(agents=root)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    return _synthesized(tmp_path_factory.mktemp("before") / "out", Sources())


@pytest.fixture(scope="module")
def after(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    return _synthesized(tmp_path_factory.mktemp("after") / "out", sources)


def _synthesized(out: Path, sources: Sources) -> dict[str, Template]:
    found = templates(assembly(regions=[REGION], out=out, sources=sources))
    return {template.name: template for template in found}


def test_the_new_agent_is_one_new_stack(before: dict[str, Template], after: dict[str, Template]):
    assert after.keys() - before.keys() == {STACK}


def test_it_has_a_queue_a_dead_letter_queue_and_alarms(after: dict[str, Template]):
    stack = after[STACK]
    queues = stack.of_type("AWS::SQS::Queue").values()
    assert sorted("RedrivePolicy" in queue for queue in queues) == [False, True]
    watched = str(stack.of_type("AWS::CloudWatch::Alarm"))
    for trouble in ("dead-letters", "oldest-message", "event-loop", "failure-rate"):
        assert f"docs/runbook.md#{trouble}" in watched


def test_its_cost_has_its_own_tag(after: dict[str, Template]):
    for _, id_, function in each([after[STACK]], "AWS::Lambda::Function"):
        assert {"Key": "gatehouse:agent", "Value": NEW} in function["Tags"], id_


def test_its_function_carries_it_and_no_other_agent(after: dict[str, Template]):
    (function,) = after[STACK].of_type("AWS::Lambda::Function").values()
    agents = (after[STACK].asset(function) / "functions" / "agents").iterdir()
    assert {path.name for path in agents} == {"__init__.py", NEW}


def test_no_other_template_changes_but_for_what_carries_or_watches_all_agents(
    before: dict[str, Template], after: dict[str, Template]
):
    for name, template in before.items():
        if name.endswith("-watching"):
            continue
        mine, other = template.text, after[name].text
        if name.endswith("-edge"):
            mine, other = _without_bundle_of_http(template), _without_bundle_of_http(after[name])
        assert mine == other, name


def test_the_catalogue_and_the_openapi_document_know_it(after: dict[str, Template]):
    edge = after[f"gatehouse-{REGION}-edge"]
    catalogue = _get(edge, "/v1/agents")
    assert NEW in {agent["name"] for agent in catalogue["agents"]}
    assert f"/v1/agents/{NEW}/run" in str(_get(edge, "/v1/openapi.json")["paths"].keys())


def test_no_file_of_the_repository_was_touched(sources: Sources):
    assert NEW not in {manifest.name for manifest in discover()}
    assert NEW in {manifest.name for manifest in discover(sources.agents)}


def _http(edge: Template) -> Resource:
    functions = edge.of_type("AWS::Lambda::Function").values()
    (http,) = (f for f in functions if ".http." in f["Handler"])
    return http


def _without_bundle_of_http(edge: Template) -> str:
    """The template without the hash of the http bundle, and the version that follows from it."""
    text = edge.text.replace(_http(edge)["Code"]["S3Key"], "bundle.zip")
    return re.sub(r"(HttpFunctionCurrentVersion[0-9A-F]{8})[0-9a-f]+", r"\1", text)


def _get(edge: Template, path: str) -> JsonObject:
    function = _http(edge)
    variables = function["Environment"]["Variables"]
    env = {
        # What the template only refers to has no name before it is deployed.
        **{
            name: value if isinstance(value, str) else "deployed"
            for name, value in variables.items()
        },
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_DISABLED": "true",
    }
    env.pop("GATEHOUSE_TRACES", None)  # nobody takes spans here
    printed = run_in_bundle(edge.asset(function), CALL.format(path=path), env=env)
    (reply,) = (line for line in printed.splitlines() if line.startswith("REPLY "))
    body: JsonObject = json.loads(reply.removeprefix("REPLY "))
    return body

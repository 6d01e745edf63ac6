"""The OpenAPI document is valid, and says what the code does."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from functions.agents import discover, load
from functions.domain.agent import Agent
from functions.domain.ledger import Period
from functions.domain.pricing import Usage
from functions.domain.usage import Group, Sum
from functions.domain.usage_query import UsageQuery
from functions.domain.usage_report import UsageReport
from functions.entrypoints import openapi
from functions.entrypoints.catalogue import page, search
from infra.routes import ROUTES

LOADED = [load(manifest.name) for manifest in discover()]
DOCUMENT = openapi.document(LOADED, base_url="https://eu.agents.example.com/")


def test_it_is_openapi() -> None:
    validate(json.loads(json.dumps(DOCUMENT)))


def test_every_agent_has_a_path_with_its_own_contract() -> None:
    for agent in LOADED:
        run = DOCUMENT["paths"][f"/v1/agents/{agent.manifest.name}/run"]["post"]
        body = run["requestBody"]["content"]["application/json"]["schema"]
        assert set(body["properties"]["input"]["properties"]) == set(agent.request.model_fields)
        output = run["responses"]["200"]["content"]["application/json"]["schema"]
        assert set(output["properties"]["output"]["properties"]) == set(agent.reply.model_fields)


def test_every_reference_leads_somewhere() -> None:
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert references <= set(DOCUMENT["components"]["schemas"])


def test_it_has_the_routes_that_the_gateway_has() -> None:
    described = {
        (
            method.upper(),
            re.sub(r"/agents/(?!search)[a-z_]+/(run|batch)", r"/agents/{agent}/\1", path),
        )
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert described == {(route.method, route.path) for route in ROUTES}


def test_a_run_may_have_its_result_sent_and_a_batch_may_not() -> None:
    for agent in LOADED:
        for kind, described in (("run", True), ("batch", False)):
            post = DOCUMENT["paths"][f"/v1/agents/{agent.manifest.name}/{kind}"]["post"]
            names = [parameter["name"] for parameter in post["parameters"]]
            assert ("X-Callback-Url" in names) is described


def test_every_problem_is_described_as_one() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            answers = dict(operation["responses"])
            assert "content" not in answers.pop("304", {})
            for status, response in answers.items():
                wanted = ["application/json"] if status < "300" else ["application/problem+json"]
                if (path, status) == ("/v1/usage", "200"):
                    wanted.append("text/csv")
                assert list(response["content"]) == wanted


@pytest.mark.parametrize("agent", LOADED, ids=lambda a: a.manifest.name)
def test_a_catalogue_page_has_both_schemas(agent: Agent) -> None:
    found = page(agent)
    assert found["input_schema"]["properties"]
    assert found["output_schema"]["properties"]
    json.dumps(found)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kyc", "kyc_screening"),
        ("REVIEW", "review_sentiment"),
        ("ticket summary", "ticket_summary"),
    ],
)
def test_a_search_finds_agents_by_all_its_words(query: str, first: str) -> None:
    assert search(discover(), query)[0].name == first


def test_a_search_for_what_nobody_does_finds_nobody() -> None:
    assert search(discover(), "weather") == []


def test_a_report_of_usage_is_as_it_is_described() -> None:
    sums: dict[Group, Sum] = {("echo", "eu.m"): Sum(runs=1, calls=2, usage=Usage(input_tokens=3))}
    report = UsageReport(
        query=UsageQuery(period=Period.month("2026-11"), team=None, group_by=("agent", "model")),
        zone="eu",
        region="eu-central-1",
        final_before=Period.month("2026-11").end,
        sums=sums,
    )
    described = DOCUMENT["paths"]["/v1/usage"]["get"]["responses"]["200"]["content"]
    schema = described["application/json"]["schema"]

    Draft202012Validator(schema).validate(report.shown())
    assert set(report.shown()) == set(schema["properties"])
    assert set(report.shown()["total"]) == set(schema["properties"]["total"]["properties"])

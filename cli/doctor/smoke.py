"""One real run of each agent through the deployed API. It costs what such a run costs."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from cli.doctor.finding import Finding, error, fine, warning
from cli.doctor.site import Site
from functions.domain.agent import AgentManifest
from functions.domain.names import JsonObject
from infra.routes import STAGE

PATIENCE_SECONDS = 35
REMEDIES = {
    401: "take a token of the zone's issuer for GATEHOUSE_TOKEN; docs/identity.md",
    403: "the token's team lacks the agent's role; take another, or skip the agent",
    404: "the agent is not in this region's deploy, or its flag is off",
    421: "the token's team is of another zone",
    429: "the team's budget or rate is used up; docs/errors.md",
    503: "look at the breaker and at the model's access: gatehouse doctor without --after",
}
"""By status; other answers say themselves what to do."""


def address(site: Site) -> str | None:
    """The region's own address where it has one: the zone's may lead to another region."""
    domain = site.zone.edge.domain
    if domain and not domain.own_address:
        return str(site.zone.base_url)
    name = site.place.stack_name("edge")
    found = site.find("cloudformation", "describe_stacks", "ValidationError", StackName=name)
    outputs = found["Stacks"][0].get("Outputs", ()) if found else ()
    values = [str(output["OutputValue"]).rstrip("/") for output in outputs]
    return next((value for value in values if value.endswith(f".amazonaws.com/{STAGE}")), None)


def runs(site: Site, token: str, client: httpx.Client, base: str) -> Iterator[Finding]:
    """One finding for each agent of the zone."""
    for agent in site.agents:
        given = _example(site, agent)
        if given is None:
            remedy = "add one to the agent's samples; docs/agents.md"
            yield warning(f"run of {agent.name}", "it has no sample to run", remedy)
        else:
            yield _run(agent, given, token, client, base)


def _example(site: Site, agent: AgentManifest) -> JsonObject | None:
    """The request of the agent's first example, or of its first sample if it names none."""
    samples = site.blueprint.sources.agents / agent.name / "samples"
    named = (samples / f"{name}.json" for name in agent.examples)
    for file in (*named, *sorted(samples.glob("*.json"))):
        found: JsonObject = json.loads(file.read_text(encoding="utf-8"))
        return found["request"] if {"request", "reply"} <= found.keys() else found
    return None


def _run(
    agent: AgentManifest, given: JsonObject, token: str, client: httpx.Client, base: str
) -> Finding:
    check = f"run of {agent.name}"
    headers = {"Authorization": f"Bearer {token}", "X-Workflow": "doctor"}
    url = f"{base.rstrip('/')}/v1/agents/{agent.name}/run"
    try:
        reply = client.post(url, json={"input": given}, headers=headers, timeout=PATIENCE_SECONDS)
        body = reply.json()
    except httpx.HTTPError as failed:
        remedy = "is the address right, and may this machine reach it? Name another with --url"
        return error(check, f"{base} does not answer ({type(failed).__name__})", remedy)
    except ValueError:
        return error(check, f"{base} answers no JSON", "name the gatehouse's address with --url")
    if reply.is_success:
        return fine(check, f"answered with {reply.status_code}")
    return _refused(check, reply.status_code, body)


def _refused(check: str, status: int, body: Any) -> Finding:
    said = body if isinstance(body, dict) else {}
    told = f"{status} {said.get('title', '')}: {said.get('detail', '')}".rstrip(": ")
    remedy = REMEDIES.get(status, "docs/errors.md says what the problem's type means")
    # Who may not run an agent is not a fault of the deploy.
    known = status in {403, 429}
    return (warning if known else error)(check, told, remedy)

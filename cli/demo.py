"""``gatehouse up``: the whole bundle on this machine, and three agents at work on real input."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli import calls, events, show
from cli.calls import CannotCall
from functions import agents
from local.services import ServiceFailed
from local.stack import LocalStack
from local.state import AlreadyRunning, Running
from local.template import TemplateError

RUNS = (
    ("kyc_screening", "kyc-operations", "onboarding"),
    ("ticket_summary", "helpdesk", "first-line"),
)
EVENT = ("review_sentiment", "retail", "reviews")


def up(
    out: Console,
    *,
    region: str,
    port: int,
    model: str | None,
    otlp: str | None,
    show_demo: bool,
    once: bool,
) -> int:
    """Start, show, and stay until Ctrl-C. The exit code: 0, or 1 when something did not work."""
    began = time.monotonic()
    out.print(f"[bold]Agent Gatehouse[/bold], {region} on this machine")

    def tell(step: str, seconds: float) -> None:
        out.print(f"  {step:<12} {seconds:5.1f} s", style="dim")

    try:
        with LocalStack(
            region=region, port=port, model=model, forward_spans=otlp, on_step=tell
        ) as stack:
            out.print(
                f"ready after {time.monotonic() - began:.1f} s at {stack.running.gateway_url}"
            )
            worked = not show_demo or _demo(out, stack)
            if once:
                return 0 if worked else 1
            _invite(out, stack)
            stack.wait()
    except (AlreadyRunning, ServiceFailed, TemplateError, CannotCall, OSError) as error:
        out.print(f"[red]{escape(str(error))}[/red]")
        return 1
    except KeyboardInterrupt:
        out.print("stopped")
    return 0


def _demo(out: Console, stack: LocalStack) -> bool:
    """Two runs over HTTP and one event; whether all three came back."""
    results = [_over_http(out, stack, *each) for each in RUNS]
    return all([*results, _as_event(out, stack)])


def _over_http(out: Console, stack: LocalStack, agent: str, team: str, workflow: str) -> bool:
    with _heading(out, f"POST /v1/agents/{agent}/run", f"as the team {team}"):
        token, given = stack.identity.mint(team), _first(agent)
        answered = calls.run(stack.running, token, agent, given, workflow=workflow)
        if answered.status == HTTPStatus.GATEWAY_TIMEOUT and stack.running.model.get("demo"):
            # A small model reads its instructions once, and this machine was slow at it.
            out.print("[dim]no answer within API Gateway's 29 seconds; once more[/dim]")
            answered = calls.run(stack.running, token, agent, given, workflow=workflow)
        out.print(show.outcome(answered, stack.running))
    return answered.ok


def _as_event(out: Console, stack: LocalStack) -> bool:
    agent, team, workflow = EVENT
    manifest = next(m for m in agents.discover() if m.name == agent)
    sent, answer = manifest.consumes[0], str(manifest.emits)
    with _heading(out, f"{sent} → SNS → SQS → {agent} → {answer}", f"as the team {team}"):
        bus = events.Bus(stack.running)
        with bus.listening(answer) as answers:
            event = events.event(sent, team=team, workflow=workflow, data=_first(agent))
            began = time.monotonic()
            bus.publish(event)
            found = answers.answer_to(event["id"])
        if found is None:
            out.print(f"[red]no {answer} came; see 'gatehouse logs {agent}'[/red]")
            return False
        seconds = time.monotonic() - began
        out.print(_answer(stack.running, found, seconds))
    return True


def _answer(running: Running, found: dict[str, Any], seconds: float) -> Any:
    facts = [("time", f"{seconds:.1f} s"), ("trace", found["traceparent"].split("-")[1])]
    return show.card(found["type"], found["data"], [*events.spent(running, found), *facts])


def _first(agent: str) -> dict[str, Any]:
    """The input of the agent's first sample."""
    file = min((Path(agents.__file__).parent / agent / "samples").glob("*.json"))
    request: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["request"]
    return request


@contextmanager
def _heading(out: Console, title: str, note: str) -> Iterator[None]:
    out.print(f"\n[bold]{title}[/bold]  [dim]{note}[/dim]")
    with out.status("working"):
        yield


def _invite(out: Console, stack: LocalStack) -> None:
    """A line that can be pasted, and what else there is."""
    agent, team, _ = RUNS[1]
    token = stack.identity.mint(team)
    body = json.dumps({"input": _first(agent)}).replace("'", "'\\''")
    out.print("\nTry it from another terminal:\n")
    # Not through Rich: it would wrap the line, and a wrapped line cannot be pasted.
    out.file.write(
        f"curl -s {stack.running.gateway_url}/v1/agents/{agent}/run \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'\n"
    )
    out.print(
        "\nor [bold].venv/bin/gatehouse agents[/bold], [bold]run[/bold], [bold]logs[/bold]; "
        "Ctrl-C stops it all."
    )

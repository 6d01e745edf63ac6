"""``gatehouse doctor``: what would fail, before it does."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import httpx
import typer
from rich.console import Console

from cli import aws
from cli.aws import AwsFailed
from cli.calls import CannotCall
from cli.doctor import account, billing, deployed, here, identity, models, quotas, smoke
from cli.doctor.finding import (
    EXIT_CODES,
    Finding,
    Severity,
    error,
    exit_code,
    report,
    table,
    warning,
)
from cli.doctor.site import Site
from infra.blueprint import Blueprint, Refused, Sources
from infra.stages import DEFAULT
from infra.synth import assembly
from local.template import load

Check = Callable[[Site], Iterator[Finding]]

BEFORE: tuple[Check, ...] = (
    account.bootstrap,
    account.named_things,
    quotas.quotas,
    quotas.roles,
    models.models,
    identity.issuers,
    billing.certificate,
    billing.cost_tags,
)
AFTER: tuple[Check, ...] = (deployed.stacks, deployed.alarms)

out = Console(highlight=False)


def doctor(  # noqa: PLR0913  # each is an option of the command
    *,
    region: Annotated[
        str | None, typer.Option(help="An AWS region; without it or --zone: this machine.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="All regions of a zone.")] = None,
    stage: Annotated[str, typer.Option(help="Of infra/stages.toml.")] = DEFAULT,
    profile: Annotated[str | None, typer.Option(help="Of your AWS credentials.")] = None,
    after: Annotated[
        bool, typer.Option("--after", help="What became of the deploy, with a run of each agent.")
    ] = False,
    token: Annotated[
        str | None, typer.Option(envvar="GATEHOUSE_TOKEN", help="With which agents are run.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Instead of the region's own address.")] = None,
    model: Annotated[
        str | None, typer.Option(envvar="GATEHOUSE_MODEL", help="That the local stack would ask.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Look for what would fail; exits with 1 for warnings, 2 for errors."""
    if region is None and zone is None:
        env = dict(os.environ)  # the model's own settings are in it
        found = [*here.here(model, env, here.free_bytes())]
        _show(found, "this machine", as_json=as_json)
        raise typer.Exit(exit_code(found))
    every: list[Finding] = []
    try:
        for site in sites(region, zone, stage, profile):
            found = [*(look_after(site, token, url) if after else look_before(site))]
            _show(found, f"{stage}: {site.region}", as_json=as_json)
            every += found
    except CannotCall as failed:
        # Not 1, as everywhere else: that would say that there are warnings only.
        Console(stderr=True, highlight=False).print(f"[red]{failed}[/red]")
        raise typer.Exit(EXIT_CODES[Severity.ERROR]) from failed
    raise typer.Exit(exit_code(every))


def sites(region: str | None, zone: str | None, stage: str, profile: str | None) -> Iterator[Site]:
    """What is to be looked at, from the templates of today.

    Raises:
        CannotCall: the configuration has no such region, zone or stage, or is refused.
    """
    try:
        sources = Sources.of(stage)
        blueprint = Blueprint.read(sources)
        chosen = [
            blueprint.place(each, name)
            for each in blueprint.zones.zones.values()
            for name in each.regions
            if zone in {None, each.name} and region in {None, name}
        ]
        if not chosen:
            msg = f"the stage {stage} has no such place; it has: {', '.join(blueprint.regions)}"
            raise CannotCall(msg)
        folder = assembly(sources=sources)
    except Refused as refused:
        msg = f"refused: {refused}"
        raise CannotCall(msg) from refused
    client = partial(aws.client, profile=profile)
    for place in chosen:
        stacks = load(folder, place.region)
        yield Site(blueprint, place, stacks, client, datetime.now(UTC))


def look_before(site: Site) -> Iterator[Finding]:
    """What a deploy would trip over; in the wrong account nothing else is looked at."""
    first = [*asked(account.credentials, site)]
    yield from first
    if all(finding.severity is Severity.FINE for finding in first):
        for check in BEFORE:
            yield from asked(check, site)


def look_after(site: Site, token: str | None, url: str | None) -> Iterator[Finding]:
    """What became of it."""
    first = [*asked(account.credentials, site)]
    yield from first
    if not all(finding.severity is Severity.FINE for finding in first):
        return
    for check in AFTER:
        yield from asked(check, site)
    if token is None:
        remedy = "put a token of the zone's issuer into GATEHOUSE_TOKEN"
        yield warning("runs", "no agent was run: there is no token", remedy)
        return
    yield from asked(partial(_runs, token=token, url=url), site)


def _runs(site: Site, *, token: str, url: str | None) -> Iterator[Finding]:
    base = url or smoke.address(site)
    if base is None:
        yield error("runs", "the API's address is not known", "name it with --url")
        return
    with httpx.Client() as client:
        yield from smoke.runs(site, token, client, base)


def asked(check: Check, site: Site) -> Iterator[Finding]:
    """A check's findings; what it may not ask is a finding, too."""
    name = getattr(check, "__name__", "runs").replace("_", " ")
    try:
        yield from check(site)
    except AwsFailed as failed:
        make = error if check is account.credentials else warning
        yield make(name, str(failed), "until then nobody can tell")


def _show(found: list[Finding], title: str, *, as_json: bool) -> None:
    if as_json:
        out.print_json(data={"place": title, "findings": report(found)})
    else:
        out.print(table(found, title))

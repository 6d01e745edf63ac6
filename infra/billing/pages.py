"""What the page about cost says of an idle region, of a million runs and of what is assumed."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from infra.billing.charges import Charge, assumed, summed, total
from infra.billing.idle import BY_USE, Stack, members, stacks
from infra.billing.runs import WAYS, charges, model_cost, seconds, used
from infra.markdown import table, usd
from infra.prices import aws_prices

SHOWN: Mapping[str, str] = {"eu-central-1": "eu", "us-east-1": "us"}
"""Regions with their zones."""


def idle(assembly: Path) -> str:
    """What each region that is deployed costs in a month in which nobody calls."""
    every = _by_region(assembly)
    by_region = {r: [*_summed(of_region)] for r, of_region in every.items()}
    parts = dict.fromkeys(charge.part for found in by_region.values() for charge in found)
    rows = []
    for part in parts:
        mine = [_of(part, found) for found in by_region.values()]
        units = dict.fromkeys(aws_prices()[c.item].unit for found in mine for c in found)
        cells = [cell for r, found in zip(every, mine, strict=True) for cell in _cells(found, r)]
        rows.append((part, ", ".join(units), *cells))
    rows.sort(key=_dearest, reverse=True)
    totals = [("", f"**{usd(total(found, region))}**") for region, found in by_region.items()]
    rows.append(("**all**", "", *(cell for cells in totals for cell in cells)))
    head = (cell for region in every for cell in ("how many", region))
    return table(("what", "per", *head), rows)


def idle_by_stack(assembly: Path) -> str:
    """The same by what it is for: what one more agent and one more team adds."""
    every = _by_region(assembly)
    kinds = dict.fromkeys(stack.kind for of_region in every.values() for stack in of_region)
    rows: list[tuple[str, ...]] = []
    for kind in sorted(kinds):
        cells = []
        for region, of_region in every.items():
            found = [c for stack in of_region if stack.kind == kind for c in stack.charges()]
            among = members(of_region).get(kind, 1) or 1
            cells.append(total(found, region) / among)
        if any(cells):
            rows.append((kind, *map(usd, cells)))
    rows.sort(key=_dearest, reverse=True)
    return table(("stack", *every), rows)


def million_runs() -> str:
    """By what AWS charges for and by the way in, once for each region."""
    parts = []
    for region, zone in SHOWN.items():
        by_way = [charges(way) for way in WAYS]
        names = dict.fromkeys(charge.part for found in by_way for charge in found)
        rows = [
            (name, *(usd(total(_of(name, found), region)) for found in by_way)) for name in names
        ]
        rows.append(("**all**", *(f"**{usd(total(found, region))}**" for found in by_way)))
        rows.append(("the model, besides", *(usd(model_cost(way, zone)) for way in WAYS)))
        parts.append(table((region, *(way.title for way in WAYS)), rows))
    return "\n\n".join(parts)


def run_usage() -> str:
    """What one run was measured to use."""
    rows = [
        (
            way.title,
            f"{used()[way.used].cpu_milliseconds:g}",
            f"{seconds(way):.2f}",
            f"{used()[way.used].round_trips}",
            f"{used()[way.used].writes:g}",
            f"{used()[way.used].reads:g}",
            f"{used()[way.used].span_bytes:,}",
        )
        for way in WAYS
    ]
    head = (
        "a run",
        "CPU ms",
        "seconds of Lambda",
        "requests to tables",
        "write units",
        "read units",
        "bytes of spans",
    )
    return table(head, rows)


def assumptions() -> str:
    """What the tables take for granted."""
    told = {name: getattr(assumed(), name) for name in type(assumed()).model_fields}
    rows = [(f"`{name}`", f"{one.value:g} {one.unit}", one.because) for name, one in told.items()]
    return table(("assumed", "is", "because"), rows)


def by_use() -> str:
    """Types of resources that cost nothing while nobody calls."""
    return table(("type", "is paid for"), ((f"`{name}`", why) for name, why in BY_USE.items()))


PARTS: Mapping[str, Callable[[], str]] = {
    "million-runs": million_runs,
    "run-usage": run_usage,
    "assumptions": assumptions,
    "by-use": by_use,
}
OF_TEMPLATES: Mapping[str, Callable[[Path], str]] = {"idle": idle, "idle-by-stack": idle_by_stack}
"""Parts that are read off a cloud assembly, so that only those who have one can make them."""


def _by_region(assembly: Path) -> dict[str, list[Stack]]:
    found: dict[str, list[Stack]] = {}
    for stack in sorted(stacks(assembly), key=lambda stack: (stack.region, stack.name)):
        found.setdefault(stack.region, []).append(stack)
    return found


def _summed(of_region: Iterable[Stack]) -> Iterable[Charge]:
    return summed(charge for stack in of_region for charge in stack.charges()).values()


def _cells(found: Iterable[Charge], region: str) -> tuple[str, str]:
    """How much of it there is, and what it costs."""
    return ", ".join(f"{charge.amount:.4g}" for charge in found), usd(total(found, region))


def _of(part: str, found: Iterable[Charge]) -> list[Charge]:
    return [charge for charge in found if charge.part == part]


def _dearest(row: tuple[str, ...]) -> float:
    return float(row[-1].replace(",", ""))

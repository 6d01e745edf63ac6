"""Writes what documents take from tables: ``python -m infra.pages``; ``--check`` only compares.

A page has parts between two comments, ``<!-- name: made by ... -->`` and ``<!-- end -->``; all else
in it is written by hand. ``tests/architecture/test_pages.py`` keeps pages and tables the same, and
``tests/infra/test_cost.py`` does for the parts that are read off templates.
"""

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from functions.domain import log, metrics
from functions.domain.metrics import Metric
from infra import cost
from infra.billing import pages as billing
from infra.cost import ESTATE, REGIONS, Series, ingestion_cost, log_bytes, series_cost
from infra.markdown import table as _table
from infra.markdown import usd as _usd
from infra.prices import DEFAULT, Tier, aws_prices
from infra.synth import assembly
from infra.watching import pages as watching

DOCS = Path(__file__).parents[1] / "docs"
PART = re.compile(
    r"(<!-- ([a-z-]+): made by `python -m infra\.pages` -->\n).*?(<!-- end -->)", re.DOTALL
)
MILLION = 1_000_000
ALARMS: Mapping[Metric, tuple[str, ...]] = {
    metrics.AUDIT_DEFERRED: ("audit-deferred",),
    metrics.AUDIT_LOST: ("audit-lost",),
    metrics.CIRCUIT_CHANGES: ("circuit-open",),
    metrics.BUDGET_FORECAST: ("team-budget-forecast",),
    metrics.BUDGET_USED: ("team-budget",),
    metrics.DEAD_LETTERS: ("event-loop",),
    metrics.DELIVERIES: ("failure-rate",),
    metrics.ERRORS: ("models-down", "store-down"),
    metrics.EVENT_LAG: ("lag",),
    metrics.FAULTS: ("error-budget-fast", "error-budget-slow", "new-version"),
    metrics.KEYS_UNAVAILABLE: ("identity-provider-down",),
    metrics.LATENCY: ("error-budget-fast", "error-budget-slow"),
    metrics.RECONCILIATIONS: ("ledger-drift", "ledger-not-reconciled"),
    metrics.UNSETTLED: ("unsettled",),
}
"""Sections of the runbook, by the metric that the section's alarm watches."""


def metrics_table() -> str:
    """Every metric."""
    rows = [
        (
            f"`{metric.name}`",
            metric.unit,
            " · ".join(_names(by) for by in metric.by),
            metric.meaning,
            ", ".join(f"[{s}](runbook.md#{s})" for s in ALARMS.get(metric, ())),
        )
        for metric in metrics.ALL
    ]
    return _table(("metric", "unit", "by", "meaning", "alarm"), rows)


def dimensions_table() -> str:
    """Every dimension, with the number of its values in the estate of the page about cost."""
    every = {dimension for metric in metrics.ALL for by in metric.by for dimension in by}
    rows = sorted((f"`{d.name}`", d.meaning, str(d.bound(ESTATE))) for d in every)
    return _table(("dimension", "is", "at most"), rows)


def log_lines() -> str:
    """Every line that functions write."""
    rows = [
        (
            f"`{message}`",
            line.level,
            line.meaning,
            ", ".join(f"`{name}`" for name in sorted(line.fields)),
        )
        for message, line in log.LINES.items()
    ]
    return _table(("message", "level", "meaning", "fields"), rows)


def log_fields() -> str:
    """Every field of a line; those that any line may have come first."""
    rows = [(f"`{name}`", "any line", told) for name, told in log.ALWAYS.items()]
    rows += [(f"`{name}`", "", told) for name, told in log.FIELDS.items()]
    return _table(("field", "in", "meaning"), rows)


def series_table() -> str:
    """The number of series that each metric may have."""
    rows = [
        (
            f"`{metric.name}`",
            " + ".join(_sum(by) for by in metric.by),
            f"{metric.series(ESTATE):,}",
            "when it happens" if metric.rare else "",
        )
        for metric in metrics.ALL
    ]
    series = Series.of(ESTATE)
    rows.append(("**all**", "", f"**{series.total:,}**", f"of which {series.rare:,}"))
    return _table(("metric", "series", "at most", "only"), rows)


def metrics_cost() -> str:
    """What metrics and run lines cost in a month, by region."""
    series, written = Series.of(ESTATE), log_bytes()
    rows = []
    for region in REGIONS:
        million = written.of_run * MILLION
        rows.append(
            (
                region,
                _usd(series_cost(series.steady, region)),
                _usd(series_cost(series.total, region)),
                _usd(ingestion_cost(written.of_budgets(ESTATE.teams), region)),
                _usd(ingestion_cost(million, region)),
                _usd(ingestion_cost(million + written.of_event * MILLION, region)),
            )
        )
    head = (
        "region",
        "series, steady",
        "series, if all that can happen happened each hour",
        "budgets, each minute",
        "a million runs over HTTP",
        "a million runs from events",
    )
    return _table(head, rows)


def measured_bytes() -> str:
    """What a typical run writes."""
    found = log_bytes()
    rows = [
        ("the run's log line", f"{found.run_line:,}"),
        ("its metrics", f"{found.run_metrics:,}"),
        (
            "what CloudWatch adds to each line",
            f"{found.run_log_events * cost.LOG_EVENT_OVERHEAD_BYTES:,}",
        ),
        ("**a run over HTTP**", f"**{found.of_run:,}**"),
        ("a run from an event, besides", f"{found.of_event:,}"),
        (
            "the budget of one team, each minute",
            f"{found.budget_metrics + cost.LOG_EVENT_OVERHEAD_BYTES:,}",
        ),
    ]
    return _table(("written", "bytes"), rows)


def aws_price_table() -> str:
    """The committed prices."""
    rows = []
    for price in aws_prices().values():
        told = []
        for tier in price.tiers:
            upto = f" up to {tier.up_to:,}" if tier.up_to else ""
            told += [f"{where} {_exact(usd)}{upto}" for where, usd in _distinct(tier).items()]
        unread = [r for r in REGIONS if not price.is_confirmed(r)]
        rows.append(
            (
                f"{price.service}: {price.item}",
                price.unit,
                "; ".join(told).replace("default ", ""),
                f"{price.source}, read {price.read}",
                ", ".join(unread) or "none",
            )
        )
    return _table(("what", "per", "US dollars", "source", "not confirmed"), rows)


Parts = Mapping[str, Callable[[], str]]
PARTS: Parts = {
    "metrics": metrics_table,
    "dimensions": dimensions_table,
    "log-lines": log_lines,
    "log-fields": log_fields,
    "series": series_table,
    **watching.PARTS,
    **billing.PARTS,
    "metrics-cost": metrics_cost,
    "measured-bytes": measured_bytes,
    "aws-prices": aws_price_table,
}


def of_templates(folder: Path) -> Parts:
    """The parts that are read off a cloud assembly."""
    return {name: partial(make, folder) for name, make in billing.OF_TEMPLATES.items()}


def made(text: str, parts: Parts = PARTS) -> str:
    """The page with these of its parts made anew."""
    known = PARTS.keys() | billing.OF_TEMPLATES.keys()

    def make(part: re.Match[str]) -> str:
        if part[2] not in known:
            msg = f"there is no part {part[2]!r}; there are: {', '.join(sorted(known))}"
            raise ValueError(msg)
        return f"{part[1]}\n{parts[part[2]]()}\n\n{part[3]}" if part[2] in parts else part[0]

    return PART.sub(make, text)


def stale(folder: Path = DOCS, parts: Parts = PARTS) -> dict[Path, str]:
    """The pages that are not as their tables are, and what they would be."""
    pages = {page: page.read_text(encoding="utf-8") for page in sorted(folder.glob("*.md"))}
    return {page: made(text, parts) for page, text in pages.items() if made(text, parts) != text}


def main() -> int:
    """Write the pages, or say which are stale."""
    found = stale(parts={**PARTS, **of_templates(assembly())})
    if "--check" in sys.argv[1:]:
        for page in found:
            sys.stderr.write(f"{page.name} is not as its tables are; run 'python -m infra.pages'\n")
        return 1 if found else 0
    for page, text in found.items():
        page.write_text(text, encoding="utf-8")
    return 0


def _names(by: tuple[metrics.Dimension, ...]) -> str:
    return ", ".join(f"`{dimension.name}`" for dimension in by) or "the region"


def _sum(by: tuple[metrics.Dimension, ...]) -> str:
    return " x ".join(f"{d.bound(ESTATE)} {d.name}" for d in by) or "1"


def _distinct(tier: Tier) -> dict[str, float]:
    """Its prices, less those of regions that pay what all pay."""
    general = tier.usd.get(DEFAULT)
    return {where: usd for where, usd in tier.usd.items() if where == DEFAULT or usd != general}


def _exact(amount: float) -> str:
    return f"{amount:.8f}".rstrip("0").rstrip(".")


if __name__ == "__main__":
    sys.exit(main())

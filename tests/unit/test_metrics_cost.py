"""What metrics and log lines cost follows from what is written, and is measured anew each time."""

import pytest

from functions.adapters.counters import PowertoolsCounters
from functions.domain.log import event_id
from functions.domain.metrics import Estate
from infra.cost import ESTATE, Series, log_bytes, series_cost
from infra.prices import aws_prices, read_prices
from tests.measured import BALANCE, typical_run, written

REMEDY = "write it into infra/measured.toml, then run 'python -m infra.pages'"
REQUEST = "5f0c9a4e-2b1d-4c55-9a3e-0d6a7b8c9d0e"


def size(lines: list[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def test_the_bytes_of_a_run_are_as_measured():
    def act(counters: PowertoolsCounters) -> None:
        counters.count_run(typical_run(), status="succeeded", seconds=1.5)

    told = written(act, request_id=REQUEST)
    found = log_bytes()
    assert (size(told.log), size(told.metrics)) == (found.run_line, found.run_metrics), REMEDY
    assert len(told.log) + len(told.metrics) == found.run_log_events


def test_the_bytes_that_an_event_adds_are_as_measured():
    def act(counters: PowertoolsCounters) -> None:
        counters.count_batch("review_sentiment", 1)
        counters.count_delivery(
            "review_sentiment", "review.submitted", result="succeeded", lag_seconds=2.5
        )

    named = f',"event_id":"{event_id(REQUEST)}"'
    told = written(act)
    found = log_bytes()
    assert size(told.metrics) + len(named) == found.event_metrics, REMEDY
    assert len(told.metrics) == found.event_log_events


def test_the_bytes_of_a_budget_are_as_measured():
    told = written(lambda counters: counters.count_budget(BALANCE))
    assert (size(told.metrics), len(told.metrics)) == (log_bytes().budget_metrics, 1)


def test_one_more_agent_and_one_more_team_cost_what_they_add():
    one = Estate(teams=1, agents=1, models=1, event_types=1)
    for more in (
        Estate(teams=2, agents=1, models=1, event_types=1),
        Estate(teams=1, agents=2, models=1, event_types=1),
    ):
        assert Series.of(more).total > Series.of(one).total


def test_teams_and_agents_are_never_multiplied():
    """A team's cost with one agent is in the ledger: as a metric it would be a thousand series."""
    twice = Estate(
        teams=2 * ESTATE.teams,
        agents=ESTATE.agents,
        models=ESTATE.models,
        event_types=ESTATE.event_types,
    )
    added = Series.of(twice).total - Series.of(ESTATE).total
    assert added / ESTATE.teams < 10


def test_each_series_costs_the_price_of_its_tier():
    assert series_cost(1, "us-east-1") == pytest.approx(0.30)
    assert series_cost(10_000, "us-east-1") == pytest.approx(3000)
    assert series_cost(10_010, "us-east-1") == pytest.approx(3001)
    assert series_cost(1_000_001, "us-east-1") == pytest.approx(3000 + 24_000 + 37_500 + 0.02)


def test_a_region_without_a_price_is_said_not_guessed():
    with pytest.raises(LookupError, match="no price of lambda-log-ingestion for ap-south-2"):
        aws_prices()["lambda-log-ingestion"].cost(1, "ap-south-2")


@pytest.mark.parametrize(
    "tiers",
    [
        "[{ up_to = 10, usd = { default = 1 } }]",
        "[{ usd = { default = 1 } }, { usd = { default = 1 } }]",
    ],
)
def test_tiers_that_end_or_that_never_begin_are_refused(tiers: str):
    text = f"""
[[price]]
service = "s"
item = "i"
unit = "u"
tiers = {tiers}
confirmed = []
source = "x"
read = 2026-01-01
"""
    with pytest.raises(ValueError, match="every tier but the last needs an up_to"):
        read_prices(text)

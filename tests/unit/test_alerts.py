"""Who is told is said completely, or refused."""

import pytest
from pydantic import ValidationError

from functions.domain.alerts import Alerts, Recipients
from functions.domain.objectives import Objectives

HERE = "arn:aws:sns:eu-central-1:111122223333:oncall"


def test_nobody_is_told_unless_they_are_named():
    alerts = Alerts()
    for severity in ("page", "ticket"):
        assert alerts.of(severity) == Recipients()


def test_addresses_and_topics_exclude_each_other():
    with pytest.raises(ValidationError, match="addresses or topics, not both"):
        Recipients(addresses=frozenset({"a@example.com"}), topics={"eu-central-1": HERE})


@pytest.mark.parametrize("address", ["oncall", "a b@example.com", "@example.com", "a@b"])
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(ValidationError):
        Recipients(addresses=frozenset({address}))


def test_a_topic_is_of_the_region_that_it_stands_for():
    with pytest.raises(ValidationError, match="a topic of another region"):
        Recipients(topics={"eu-west-1": HERE})


def test_what_is_no_topic_is_refused():
    with pytest.raises(ValidationError):
        Recipients(topics={"eu-central-1": "arn:aws:sqs:eu-central-1:111122223333:oncall"})


def test_topics_are_named_for_every_region_of_the_zone_or_for_none():
    alerts = Alerts(page=Recipients(topics={"eu-central-1": HERE}))
    alerts.check(("eu-central-1",))
    with pytest.raises(ValueError, match=r"alerts\.page\.topics: name one for each region"):
        alerts.check(("eu-central-1", "eu-west-1"))


@pytest.mark.parametrize("percent", [94.9, 100])
def test_a_promise_leaves_a_budget_that_can_burn(percent: float):
    with pytest.raises(ValidationError):
        Objectives(availability_percent=percent)

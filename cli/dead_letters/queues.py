"""Which queues belong to which agent, as the queues themselves say it.

Stacks tag an agent's queues with its name. The one that has a redrive policy is its work queue;
any other holds its dead letters. Nothing is derived from names, which CloudFormation draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from cli.dead_letters.reach import QueuesFailed, Reach

PREFIX = "gatehouse-"
"""How the name of every stack begins, and with it the names of its queues."""
AGENT_TAG = "gatehouse:agent"
CONSUMER_TAG = "gatehouse:consumer"
"""On queues that are worked on by something else than an agent, such as the webhooks."""


@dataclass(frozen=True, slots=True)
class AgentQueues:
    """Where an agent's messages wait, and where they lie when nobody could answer them."""

    agent: str
    work_url: str
    work_arn: str
    dead_letter_urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """About how many messages a queue holds; SQS counts across many machines and is never exact."""

    waiting: int
    hidden: int
    """Received by somebody who has neither deleted them nor given them back."""
    at: datetime

    @property
    def total(self) -> int:
        return self.waiting + self.hidden


def every(reach: Reach) -> Mapping[str, AgentQueues]:
    """The queues of each agent, by its name."""
    found: dict[str, list[str]] = {}
    pages = reach.sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=PREFIX, PaginationConfig={"PageSize": 1000}
    )
    for url in (url for page in pages for url in page.get("QueueUrls", ())):
        tags = reach.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
        if agent := tags.get(AGENT_TAG) or tags.get(CONSUMER_TAG):
            found.setdefault(agent, []).append(url)
    return {agent: _of(reach, agent, found[agent]) for agent in sorted(found)}


def of(reach: Reach, agent: str) -> AgentQueues:
    """The queues of one agent.

    Raises:
        QueuesFailed: there are none; the message lists the agents that have queues.
    """
    found = every(reach)
    if agent not in found:
        there = ", ".join(found) or "none; is the gatehouse deployed there?"
        msg = f"no agent {agent!r} has queues in {reach.place}; there are: {there}"
        raise QueuesFailed(msg)
    return found[agent]


def filling(reach: Reach, urls: tuple[str, ...]) -> Filling:
    """What some queues hold together, and the time by the clock of SQS."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    got = [reach.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names) for url in urls]
    waiting, hidden = (sum(int(each["Attributes"][name]) for each in got) for name in names)
    date = parsedate_to_datetime(got[-1]["ResponseMetadata"]["HTTPHeaders"]["date"])
    at = date.replace(tzinfo=UTC)
    # The header has whole seconds, so what was sent within this one was there before.
    return Filling(waiting, hidden, at + timedelta(seconds=1))


def _of(reach: Reach, agent: str, urls: list[str]) -> AgentQueues:
    names = ["QueueArn", "RedrivePolicy"]
    facts = {
        url: reach.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        for url in urls
    }
    work = [url for url in urls if "RedrivePolicy" in facts[url]]
    dead = tuple(url for url in urls if url not in work)
    if len(work) != 1 or not dead:
        msg = (
            f"in {reach.place}, {agent} has {len(work)} work queues and {len(dead)} for dead "
            "letters instead of one and at least one; deploy its stack again"
        )
        raise QueuesFailed(msg)
    return AgentQueues(agent, work[0], facts[work[0]]["QueueArn"], dead)

"""Somebody is told of every alarm, the right one, and of one fault once."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from infra.constructs.composite_alarm import MOST_CHILDREN
from infra.watching.sections import SECTIONS
from tests.infra.conftest import AGENTS
from tests.infra.templates import Resource, Template, each
from tests.infra.test_alarms import ALARM, COMPOSITE, LINK

CHILD = re.compile(r'ALARM\("([^"]+)"\)')
OF_A_FUNCTION = ["function-errors", "function-slow", "function-throttled"]
OF_A_TEAM = ("team-budget", "team-budget-forecast")
"""They tell the team's own people."""


def estates(
    deployed: list[Template], grown: list[Template], switched_on: list[Template]
) -> Iterator[list[Template]]:
    """The templates of one region at a time: names are of a region."""
    for found in (deployed, grown, switched_on):
        for region in sorted({template.region for template in found}):
            yield [template for template in found if template.region == region]


def alarms(region: list[Template]) -> list[tuple[str, Resource]]:
    found = [*each(region, ALARM), *each(region, COMPOSITE)]
    return [(alarm["AlarmName"], alarm) for _, _, alarm in found if "AlarmName" in alarm]


def section(alarm: Resource) -> str:
    found = LINK.search(alarm["AlarmDescription"])
    assert found, alarm["AlarmDescription"]
    return found[1]


def children(alarm: Resource) -> list[str]:
    return CHILD.findall(alarm.get("AlarmRule", ""))


def pages(name: str, known: dict[str, Resource]) -> bool:
    """Whether an alarm wakes somebody, or each of those that it is made of does."""
    alarm = known[name]
    if alarm.get("AlarmActions"):
        return SECTIONS[section(alarm)].severity == "page"
    return bool(children(alarm)) and all(pages(child, known) for child in children(alarm))


def test_no_two_alarms_of_a_region_have_one_name(
    deployed: list[Template], grown: list[Template], switched_on: list[Template]
):
    for region in estates(deployed, grown, switched_on):
        names = Counter(name for name, _ in alarms(region))
        assert [name for name, number in names.items() if number > 1] == []
        assert all(len(name) <= 255 for name in names)


def test_every_alarm_tells_somebody_or_is_part_of_one_that_does(
    deployed: list[Template], grown: list[Template], switched_on: list[Template]
):
    for region in estates(deployed, grown, switched_on):
        named = dict(alarms(region))
        parts = {c for a in named.values() if a.get("AlarmActions") for c in children(a)}
        silent = {n for n, a in named.items() if not a.get("AlarmActions") and "AlarmRule" not in a}
        assert silent <= parts
        # What CodeDeploy asks about a new version has no name of ours: the deploy itself fails.
        groups = "".join(
            json.dumps(group["AlarmConfiguration"])
            for _, _, group in each(region, "AWS::CodeDeploy::DeploymentGroup")
        )
        for template, id_, alarm in each(region, ALARM):
            assert "AlarmName" in alarm or id_ in groups, (template.name, id_)


def test_an_alarm_goes_where_its_section_says(every: list[Template]):
    for template in every:
        for type_ in (ALARM, COMPOSITE):
            for id_, alarm in template.of_type(type_).items():
                if not alarm.get("AlarmActions") or section(alarm) in OF_A_TEAM:
                    continue
                said = SECTIONS[section(alarm)]
                (topic,) = alarm["AlarmActions"]
                assert topic.endswith(f":gatehouse-{template.region}-{said.severity}"), id_
                assert alarm.get("OKActions", []) == ([topic] if said.ends else []), id_


def test_silence_means_what_its_section_says(every: list[Template]):
    for template, id_, alarm in each(every, ALARM):
        if "AlarmName" in alarm:
            means = SECTIONS[section(alarm)].silence
            assert alarm["TreatMissingData"] == means, (template.name, id_)


def test_every_section_has_an_alarm(every: list[Template]):
    named = {section(a) for _, _, a in each(every, ALARM)}
    named |= {section(a) for _, _, a in each(every, COMPOSITE) if a.get("AlarmActions")}
    assert SECTIONS.keys() <= named


def test_an_alarm_is_made_of_others_that_are_there(
    deployed: list[Template], grown: list[Template], switched_on: list[Template]
):
    for region in estates(deployed, grown, switched_on):
        known = dict(alarms(region))
        for name, alarm in known.items():
            assert set(children(alarm)) <= set(known), name
            assert len(children(alarm)) <= MOST_CHILDREN, name
            elements = len(re.findall(r"ALARM|\(|\)", alarm.get("AlarmRule", "")))
            assert elements <= 500, name


def test_what_holds_a_page_back_is_a_page_itself(
    deployed: list[Template], grown: list[Template], switched_on: list[Template]
):
    """Or one could keep silent about what nobody else tells."""
    for region in estates(deployed, grown, switched_on):
        known = dict(alarms(region))
        held = [a for a in known.values() if "ActionsSuppressor" in a]
        for alarm in held:
            assert alarm["ActionsSuppressorExtensionPeriod"] > 5 * 60
            assert pages(alarm["ActionsSuppressor"].rpartition(":alarm:")[2], known)
        assert held


def test_nothing_holds_itself_back(grown: list[Template]):
    known = dict(alarms(grown))
    for name, alarm in known.items():
        seen, todo = set(), _needs(alarm)
        while todo:
            seen |= todo
            todo = {n for each_ in todo for n in _needs(known[each_])} - seen
        assert name not in seen


def test_an_alarm_is_there_before_what_is_made_of_it(grown: list[Template]):
    """CloudFormation cannot tell from a name in a rule."""
    (watching,) = (t for t in grown if t.name.endswith("-watching"))
    resources = watching.resources
    ids = {
        resource["Properties"]["AlarmName"]: id_
        for id_, resource in resources.items()
        if "AlarmName" in resource["Properties"]
    }
    for id_, alarm in watching.of_type(COMPOSITE).items():
        before = _before(resources, id_)
        assert {ids[name] for name in _needs(alarm) if name in ids} <= before, id_


def test_one_fault_of_all_agents_is_told_once(grown: list[Template]):
    known = dict(alarms(grown))
    of_agents = [a for n, a in known.items() if "-agent-" in n and "ActionsSuppressor" in a]
    assert len(of_agents) == 3 * AGENTS
    (cause,) = {alarm["ActionsSuppressor"].rpartition(":alarm:")[2] for alarm in of_agents}
    causes = [known[child] for child in children(known[cause])]
    assert {section(alarm) for alarm in causes} == {"models-down", "store-down"}


def test_every_function_has_its_alarms(
    deployed: list[Template], grown: list[Template], switched_on: list[Template]
):
    for region in estates(deployed, grown, switched_on):
        for template, id_, _ in each(region, "AWS::Lambda::Function"):
            watching = sorted(
                section(alarm)
                for alarm in template.of_type(ALARM).values()
                if "AlarmName" in alarm
                and section(alarm) in OF_A_FUNCTION
                and {"Ref": id_} in _values(alarm)
            )
            assert watching == OF_A_FUNCTION, (template.name, id_)


def test_every_queue_is_watched(every: list[Template]):
    for template, id_, _ in each(every, "AWS::SQS::Queue"):
        watched = [
            alarm
            for alarm in template.of_type(ALARM).values()
            if {"Fn::GetAtt": [id_, "QueueName"]} in _values(alarm)
        ]
        assert watched, (template.name, id_)


def test_only_alarms_of_ours_may_be_told_on_a_topic_of_ours(every: list[Template]):
    for template in (t for t in every if t.name.endswith("-alerts")):
        policies = template.of_type("AWS::SNS::TopicPolicy").values()
        assert len(policies) == len(template.of_type("AWS::SNS::Topic")) == 2
        for policy in policies:
            allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
            (statement,) = allowed
            assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            source = f"arn:aws:cloudwatch:{template.region}:111122223333:alarm:gatehouse-*"
            assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": source}


def test_addresses_are_subscribed_and_topics_of_their_own_are_used(switched_on: list[Template]):
    eu = [template for template in switched_on if template.region == "eu-central-1"]
    (alerts,) = (template for template in eu if template.name.endswith("-alerts"))
    told = [(s["Protocol"], s["Endpoint"]) for _, _, s in each([alerts], "AWS::SNS::Subscription")]
    assert told == [("email", "oncall@example.com"), ("email", "second@example.com")]
    (page,) = alerts.of_type("AWS::SNS::Topic").values()
    assert page["TopicName"] == "gatehouse-eu-central-1-page"
    tickets = [
        alarm["AlarmActions"]
        for _, _, alarm in each(eu, ALARM)
        if "AlarmName" in alarm and section(alarm) == "function-errors"
    ]
    theirs = ["arn:aws:sns:eu-central-1:111122223333:tickets"]
    assert tickets == [theirs] * len(tickets)


def _values(alarm: Resource) -> list[object]:
    stats = [q["MetricStat"]["Metric"] for q in alarm.get("Metrics", []) if "MetricStat" in q]
    return [d["Value"] for metric in stats or [alarm] for d in metric["Dimensions"]]


def _needs(alarm: Resource) -> set[str]:
    suppressor = alarm.get("ActionsSuppressor")
    held = {suppressor.rpartition(":alarm:")[2]} if suppressor else set()
    return held | set(children(alarm))


def _before(resources: dict[str, Resource], id_: str) -> set[str]:
    found: set[str] = set()
    todo = [id_]
    while todo:
        needs = resources[todo.pop()].get("DependsOn", [])
        new = set([needs] if isinstance(needs, str) else needs) - found
        found |= new
        todo += new
    return found

"""What became of a deploy: its stacks, and whether anybody hears its alarms."""

from collections import Counter
from collections.abc import Iterator

from cli.doctor.finding import Finding, error, fine, warning
from cli.doctor.site import Site

DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
PENDING = "PendingConfirmation"


def stacks(site: Site) -> Iterator[Finding]:
    """Every stack that was synthesized for the region."""
    deploy = f"make deploy REGION={site.region} STAGE={site.place.stage.name}"
    pages = site.pages("cloudformation", "describe_stacks")
    found = {each["StackName"]: each["StackStatus"] for page in pages for each in page["Stacks"]}
    wanted = [stack.name for stack in site.stacks]
    for name in wanted:
        match found.get(name):
            case None:
                yield error(f"stack {name}", "is not there", deploy)
            case status if status in DONE:
                pass
            case status if "PROGRESS" in status:
                yield warning(f"stack {name}", f"is {status}", "look again when it is done")
            case status:
                yield error(
                    f"stack {name}",
                    f"is {status}",
                    f"its events in CloudFormation name the cause; then {deploy}",
                )
    complete = sum(found.get(name) in DONE for name in wanted)
    yield fine("stacks", f"{complete} of {len(wanted)} complete")


def alarms(site: Site) -> Iterator[Finding]:
    """Alarms that are ringing, and those that tell nobody."""
    prefixes = tuple(f"{stack.name}-" for stack in site.stacks)
    pages = site.pages("cloudwatch", "describe_alarms")
    every = [
        alarm
        for page in pages
        for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
        if alarm["AlarmName"].startswith(prefixes)
    ]
    for alarm in every:
        if alarm["StateValue"] == "ALARM":
            said = alarm.get("AlarmDescription", "").rpartition(" ")
            yield warning(f"alarm {alarm['AlarmName']}", said[0], f"see {said[2]}")
    yield from _hearers(site, every)


def _hearers(site: Site, every: list[dict[str, list[str]]]) -> Iterator[Finding]:
    told = Counter(arn for alarm in every for arn in alarm.get("AlarmActions", ()))
    topics = sorted(arn for arn in told if ":sns:" in arn)
    silent = sum(not alarm.get("AlarmActions") for alarm in every)
    if every and not topics:
        remedy = "name a topic or addresses for them; until then look at the alarms' page"
        yield warning("alarms", f"none of {len(every)} tells anybody", remedy)
    elif every:
        yield fine("alarms", f"{len(every)}, of which {silent} act through others or on nobody")
    for topic in topics:
        yield _topic(site, topic)


def _topic(site: Site, topic: str) -> Finding:
    pages = site.pages("sns", "list_subscriptions_by_topic", TopicArn=topic)
    every = [each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]]
    waiting = every.count(PENDING)
    check = f"topic {topic.rpartition(':')[2]}"
    if len(every) == waiting:
        said = f"{waiting} subscriptions wait to be confirmed" if waiting else "nobody subscribes"
        return error(
            check, f"{said}: its alarms wake nobody", "confirm the mail of AWS, or add one"
        )
    if waiting:
        return warning(check, f"{waiting} subscriptions wait to be confirmed", "confirm them")
    return fine(check, f"{len(every)} subscriptions")

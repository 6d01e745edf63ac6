"""What every queue promises: nothing is lost, nothing is read on the way."""

from cli.dead_letters.queues import AGENT_TAG, PREFIX
from functions.adapters.https import PATIENCE_SECONDS
from tests.infra.templates import Resource, Template, each


def _is_dead_letter_queue(template: Template, id_: str) -> bool:
    queues = template.of_type("AWS::SQS::Queue").values()
    return any(id_ in str(queue.get("RedrivePolicy")) for queue in queues)


def _work_queues(every: list[Template]) -> list[tuple[Template, str, Resource]]:
    found = [
        (template, id_, queue)
        for template, id_, queue in each(every, "AWS::SQS::Queue")
        if not _is_dead_letter_queue(template, id_)
    ]
    assert found
    return found


def test_what_fails_five_times_is_kept_two_weeks(every: list[Template]):
    for template, id_, queue in _work_queues(every):
        redrive = queue["RedrivePolicy"]
        target = redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]
        kept = template.of_type("AWS::SQS::Queue")[target]["MessageRetentionPeriod"]
        assert (redrive["maxReceiveCount"], kept) == (5, 14 * 24 * 3600), (template.name, id_)


def test_a_message_is_hidden_six_times_as_long_as_its_consumer_may_take(every: list[Template]):
    for template, id_, queue in _work_queues(every):
        timeout = _consumer(template, id_)["Timeout"]
        assert queue["VisibilityTimeout"] == 6 * timeout, (template.name, id_)


def test_a_consumer_has_time_for_every_message_of_its_batch(grown: list[Template]):
    slowest = {0: 29, 1: 120, 2: 840}
    for template, id_, _ in _work_queues(_agents(grown)):
        number = int(template.name.rpartition("-")[2])
        size = _mapping(template, id_)["BatchSize"]
        timeout = _consumer(template, id_)["Timeout"]
        assert size >= 1, template.name
        assert size * slowest[number % 3] <= timeout <= 900, template.name


def test_one_bad_message_is_reported_alone(every: list[Template]):
    for template, id_, _ in _work_queues(every):
        mapping = _mapping(template, id_)
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], template.name


def test_a_queue_is_worked_on_by_as_many_as_the_manifest_says(grown: list[Template]):
    for template, id_, _ in _work_queues(_agents(grown)):
        number = int(template.name.rpartition("-")[2])
        assert _mapping(template, id_)["ScalingConfig"]["MaximumConcurrency"] == 2 + number


def test_queues_are_encrypted_and_refuse_plain_connections(every: list[Template]):
    for template, id_, queue in each(every, "AWS::SQS::Queue"):
        assert queue["KmsMasterKeyId"], (template.name, id_)
        assert _denied_without_tls(template, "AWS::SQS::QueuePolicy", "Queues", id_)


def test_the_topic_is_encrypted_and_refuses_plain_connections(every: list[Template]):
    for template, id_, topic in each(every, "AWS::SNS::Topic"):
        assert topic["KmsMasterKeyId"], (template.name, id_)
        assert _denied_without_tls(template, "AWS::SNS::TopicPolicy", "Topics", id_)


def test_a_message_in_a_dead_letter_queue_raises_an_alarm(every: list[Template]):
    for template, id_, _ in each(every, "AWS::SQS::Queue"):
        if _is_dead_letter_queue(template, id_):
            alarms = template.of_type("AWS::CloudWatch::Alarm").values()
            watching = [alarm for alarm in alarms if id_ in str(alarm.get("Dimensions"))]
            assert [alarm["Threshold"] for alarm in watching] == [0], (template.name, id_)


def test_an_agent_hears_what_its_manifest_consumes_and_its_own_requested_runs(
    grown: list[Template],
):
    for template in grown:
        if "-agent-" not in template.name:
            continue
        consumes = int(template.name.rpartition("-")[2]) % 3 > 0
        filters = [
            (subscription["FilterPolicy"], subscription["RawMessageDelivery"])
            for subscription in template.of_type("AWS::SNS::Subscription").values()
        ]
        agent = template.name.partition("-agent-")[2].replace("-", "_")
        requested = {"type": ["run.requested"], "agent": [agent]}
        heard = {"$or": [{"type": ["review.submitted"]}, requested]} if consumes else requested
        assert filters == [(heard, True)], template.name


def test_a_result_is_sent_only_if_its_caller_wants_it_sent(every: list[Template]):
    senders = [template for template in every if template.name.endswith("-webhooks")]
    assert {template.region for template in senders} == {template.region for template in every}
    for template in senders:
        (subscription,) = template.of_type("AWS::SNS::Subscription").values()
        wanted = {"type": ["run.completed", "run.failed"], "callback": ["yes"]}
        assert (subscription["FilterPolicy"], subscription["RawMessageDelivery"]) == (wanted, True)


def test_no_result_waits_behind_a_receiver_that_is_slow(every: list[Template]):
    for template in every:
        if template.name.endswith("-webhooks"):
            ((_, id_, _),) = _work_queues([template])
            assert _mapping(template, id_)["BatchSize"] == 1
            assert _consumer(template, id_)["Timeout"] > 4 * PATIENCE_SECONDS


def test_what_the_topic_cannot_deliver_is_a_dead_letter_too(every: list[Template]):
    for template, id_, subscription in each(every, "AWS::SNS::Subscription"):
        if subscription["Protocol"] == "email":
            continue  # a mail that cannot be delivered is nobody's to send again
        target = subscription["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert _is_dead_letter_queue(template, target), (template.name, id_)


def test_an_agents_queues_carry_the_tag_and_the_prefix_by_which_they_are_found(
    every: list[Template],
):
    for template, id_, queue in each(every, "AWS::SQS::Queue"):
        if "-agent-" not in template.name:
            continue
        tags = {tag["Key"]: tag["Value"] for tag in queue["Tags"]}
        agent = tags[AGENT_TAG].replace("_", "-")
        assert template.name.endswith(f"-agent-{agent}"), id_
        assert template.name.startswith(PREFIX), "CloudFormation names queues after their stack"


def _agents(found: list[Template]) -> list[Template]:
    return [template for template in found if "-agent-" in template.name]


def _mapping(template: Template, queue: str) -> Resource:
    mappings = template.of_type("AWS::Lambda::EventSourceMapping").values()
    (mapping,) = (m for m in mappings if m["EventSourceArn"]["Fn::GetAtt"][0] == queue)
    return mapping


def _consumer(template: Template, queue: str) -> Resource:
    """The function behind the alias that the queue's mapping calls."""
    called = str(_mapping(template, queue)["FunctionName"])
    for id_, alias in template.of_type("AWS::Lambda::Alias").items():
        if id_ in called:
            return template.of_type("AWS::Lambda::Function")[alias["FunctionName"]["Ref"]]
    raise AssertionError(f"{template.name}: {queue} calls no alias")


def _denied_without_tls(template: Template, policy_type: str, attached: str, id_: str) -> bool:
    statements = [
        statement
        for policy in template.of_type(policy_type).values()
        if {"Ref": id_} in policy[attached]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return any(s["Effect"] == "Deny" and s.get("Condition") == plain for s in statements)

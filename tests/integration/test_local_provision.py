"""What the templates ask for exists on moto, under the names that the templates give it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.aws import Aws
from local.provision import Target, provision
from local.resources import Resource, of
from local.template import TemplateError
from tests.integration.moto_server import moto_server
from tests.unit.local.assemblies import REGION, att, ref, res, stack

QUEUES = {
    "Work": res(
        "SQS::Queue",
        VisibilityTimeout=180,
        ReceiveMessageWaitTimeSeconds=20,
        RedrivePolicy={"deadLetterTargetArn": att("Dead", "Arn"), "maxReceiveCount": 3},
    ),
    "Dead": res("SQS::Queue", MessageRetentionPeriod=1209600, SqsManagedSseEnabled=True),
}


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with moto_server() as url:
        yield Aws(url, REGION)


def created(
    aws: Aws, resources: dict[str, Any], redelivery_seconds: int | None = None
) -> dict[str, Resource]:
    found = of((stack(Resources=resources),), aws.endpoint)
    provision(found, Target(aws, redelivery_seconds))
    return {resource.logical_id: resource for resource in found}


def attributes(aws: Aws, queue: Resource) -> dict[str, str]:
    found: dict[str, str] = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue.ref, AttributeNames=["All"]
    )["Attributes"]
    return found


@pytest.fixture(autouse=True)
def empty(aws: Aws) -> Iterator[None]:
    """Leave no queue or topic for the next test."""
    yield
    sqs, sns = aws.client("sqs"), aws.client("sns")
    for url in sqs.list_queues().get("QueueUrls", []):
        sqs.delete_queue(QueueUrl=url)
    for topic in sns.list_topics()["Topics"]:
        sns.delete_topic(TopicArn=topic["TopicArn"])


def test_a_queue_has_its_attributes_and_its_dead_letter_queue(aws: Aws) -> None:
    found = created(aws, QUEUES)
    has = attributes(aws, found["Work"])
    assert (has["VisibilityTimeout"], has["ReceiveMessageWaitTimeSeconds"]) == ("180", "20")
    assert has["QueueArn"] == found["Work"].attribute("Arn")
    assert json.loads(has["RedrivePolicy"]) == {
        "deadLetterTargetArn": found["Dead"].attribute("Arn"),
        "maxReceiveCount": 3,
    }


def test_redelivery_can_be_hastened_but_not_delayed(aws: Aws) -> None:
    found = created(aws, QUEUES, redelivery_seconds=60)
    assert attributes(aws, found["Work"])["VisibilityTimeout"] == "60"
    assert attributes(aws, found["Dead"])["VisibilityTimeout"] == "30"


def test_a_table_has_its_keys_and_its_expiry(aws: Aws) -> None:
    table = res(
        "DynamoDB::Table",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        TimeToLiveSpecification={"AttributeName": "expiration", "Enabled": True},
    )
    name = created(aws, {"Memory": table})["Memory"].name
    dynamodb = aws.client("dynamodb")
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert described["TableArn"].startswith(f"arn:aws:dynamodb:{REGION}:111122223333:")
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry == {"AttributeName": "expiration", "TimeToLiveStatus": "ENABLED"}


def test_a_subscription_delivers_what_its_filter_lets_through_and_nothing_around_it(
    aws: Aws,
) -> None:
    found = created(
        aws,
        {
            **QUEUES,
            "Events": res("SNS::Topic", TopicName="events"),
            "Reviews": res(
                "SNS::Subscription",
                TopicArn=ref("Events"),
                Protocol="sqs",
                Endpoint=att("Work", "Arn"),
                FilterPolicy={"type": ["review.submitted"]},
                RawMessageDelivery=True,
            ),
        },
    )
    sns, sqs = aws.client("sns"), aws.client("sqs")
    for type_ in ("ticket.opened", "review.submitted"):
        sns.publish(
            TopicArn=found["Events"].ref,
            Message=type_,
            MessageAttributes={"type": {"DataType": "String", "StringValue": type_}},
        )
    received = sqs.receive_message(
        QueueUrl=found["Work"].ref, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    assert [message["Body"] for message in received] == ["review.submitted"]
    assert received[0]["MessageAttributes"]["type"]["StringValue"] == "review.submitted"


def test_nobody_is_mailed_and_a_protocol_that_is_not_served_is_refused(aws: Aws) -> None:
    topic = {"Events": res("SNS::Topic", TopicName="events")}
    mail = res("SNS::Subscription", TopicArn=ref("Events"), Protocol="email", Endpoint="a@b.c")
    created(aws, {**topic, "Mail": mail})
    assert aws.client("sns").list_subscriptions()["Subscriptions"] == []
    web = res("SNS::Subscription", TopicArn=ref("Events"), Protocol="https", Endpoint="https://b.c")
    with pytest.raises(TemplateError, match="delivers to SQS, not to 'https'"):
        created(aws, {**topic, "Web": web})


def test_a_bucket_a_parameter_and_a_log_group_are_there(aws: Aws) -> None:
    found = created(
        aws,
        {
            "Files": res("S3::Bucket", VersioningConfiguration={"Status": "Enabled"}),
            "Flag": res("SSM::Parameter", Name="/gatehouse/flag", Type="String", Value="on"),
            "Logs": res("Logs::LogGroup", RetentionInDays=90),
        },
    )
    versioning = aws.client("s3").get_bucket_versioning(Bucket=found["Files"].name)
    assert versioning["Status"] == "Enabled"
    flag = aws.client("ssm").get_parameter(Name="/gatehouse/flag")["Parameter"]
    assert flag["Value"] == "on"
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == [found["Logs"].name]


def test_a_property_of_unknown_effect_stops_the_start(aws: Aws) -> None:
    with pytest.raises(TemplateError, match="does not know the property Magic"):
        created(aws, {"Work": res("SQS::Queue", Magic=True)})


def test_a_secret_is_drawn_as_the_template_wants_it(aws: Aws) -> None:
    wanted = {"ExcludePunctuation": True, "PasswordLength": 44}
    secret = res("SecretsManager::Secret", Name="team/a", GenerateSecretString=wanted)
    created(aws, {"Secret": secret})
    text = aws.client("secretsmanager").get_secret_value(SecretId="team/a")["SecretString"]
    assert len(text) == 44
    assert text.isalnum()


def test_a_secret_that_somebody_wrote_into_a_template_is_refused(aws: Aws) -> None:
    with pytest.raises(TemplateError, match="does not know the property SecretString"):
        created(aws, {"Secret": res("SecretsManager::Secret", Name="b", SecretString="open")})
    json_text = {"GenerateStringKey": "key", "SecretStringTemplate": "{}"}
    with pytest.raises(TemplateError, match="draws secrets that are one text"):
        created(
            aws, {"Secret": res("SecretsManager::Secret", Name="b", GenerateSecretString=json_text)}
        )


BUCKET = res(
    "S3::Bucket",
    ObjectLockEnabled=True,
    ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Days": 7, "Mode": "COMPLIANCE"}},
    },
    VersioningConfiguration={"Status": "Enabled"},
)
TO_BUCKET = {
    "BucketARN": att("Lines", "Arn"),
    "Prefix": "lines/",
    "RoleARN": "arn:aws:iam::1:role/r",
}


@pytest.mark.parametrize(
    "destination",
    [
        {"ExtendedS3DestinationConfiguration": {**TO_BUCKET, "CompressionFormat": "GZIP"}},
        {
            "SplunkDestinationConfiguration": {
                "HECEndpoint": "https://hec.example.com:8088",
                "S3BackupMode": "AllEvents",
                "S3Configuration": TO_BUCKET,
            }
        },
    ],
    ids=["bucket", "splunk"],
)
def test_what_a_stream_is_given_is_in_its_bucket_which_has_its_lock(
    aws: Aws, destination: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    stream = res("KinesisFirehose::DeliveryStream", DeliveryStreamName=name, **destination)
    resources = {"Lines": {**BUCKET, "Properties": {**BUCKET["Properties"], "BucketName": name}}}
    created(aws, {**resources, "Stream": stream})

    aws.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"a line\n"})
    s3 = aws.client("s3")
    (found,) = s3.list_objects_v2(Bucket=name, Prefix="lines/")["Contents"]
    assert s3.get_object(Bucket=name, Key=found["Key"])["Body"].read() == b"a line\n"
    lock = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"].items() >= {"Days": 7, "Mode": "COMPLIANCE"}.items()

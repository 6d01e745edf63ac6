"""What the local Bedrock counts reaches the local CloudWatch, under Bedrock's own names."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.adapters.bedrock_metrics import CloudWatchMetrics
from functions.domain.ledger import Period
from local.aws import Aws
from local.metering import Metering
from tests.integration.model_endpoint import ARN, MODEL, parts_of, scripted_model, user
from tests.integration.moto_server import moto_server

PROFILE = ARN.replace("inference-profile", "application-inference-profile")
TODAY = datetime.now(UTC).date()
DAYS = Period(TODAY - timedelta(days=1), TODAY + timedelta(days=2))


def test_answers_are_counted_once_however_the_model_is_called_and_failures_never() -> None:
    with scripted_model() as model, moto_server() as url:
        aws, said = Aws(url, "eu-central-1"), list[str]()
        metering = Metering(str(model.http.base_url).rstrip("/"), aws, said.append)
        usage = {"input_tokens": 900, "output_tokens": 70}
        model.plays({"error": "ThrottlingException", "times": 1}, {"reply": "Yes.", "usage": usage})

        with pytest.raises(model.client.exceptions.ThrottlingException):
            model.client.converse(modelId=MODEL, messages=user("Hello"))
        metering.publish()
        for called in (MODEL, ARN, PROFILE):
            model.client.converse(modelId=called, messages=user("Hello"))
            metering.publish()
            parts_of(model.client.converse_stream(modelId=called, messages=user("Hello")))
        metering.publish()
        metering.publish()

        (found,) = CloudWatchMetrics(aws.client("cloudwatch")).readings([MODEL], DAYS).values()
        assert dict(found.tokens) == {"input": 6 * 900, "output": 6 * 70}
        assert (found.calls, said) == (6, [])

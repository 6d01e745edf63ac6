"""What Bedrock is sent, and what its answers and errors become."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.adapters.aws_errors import BUSY_OR_DOWN, NEVER
from functions.adapters.bedrock import BedrockModel
from functions.adapters.portable_schema import BOUNDS, portable
from functions.domain.errors import ModelRefused, ModelUnavailable, UpstreamError
from functions.domain.pricing import Usage
from functions.domain.prompt import Prompt
from functions.pipeline.ports import Question
from tests import fakes

SECRET = "prompt-text-4711"


class FakeBedrock:
    """Answers every converse with what it was given."""

    def __init__(self, reply: Any = None) -> None:
        self.reply = reply
        self.request: dict[str, Any] = {}

    def converse(self, **request: Any) -> Any:
        self.request = request
        if isinstance(self.reply, Exception):
            raise self.reply
        return {
            "output": {
                "message": {"role": "assistant", "content": [{"text": '{"word"'}, {"text": ": 1}"}]}
            },
            "stopReason": "end_turn",
            "usage": {"inputTokens": 11, "outputTokens": 2, "totalTokens": 13},
            "metrics": {"latencyMs": 40},
        } | (self.reply or {})


def question(**changes: Any) -> Question:
    fields: dict[str, Any] = {
        "model": fakes.MODEL,
        "prompt": Prompt(system="Be brief.", question="Q", examples=(("q1", "a1"),)),
        "schema_name": "Word",
        "schema": fakes.Word.model_json_schema(),
        "max_output_tokens": 64,
        "temperature": 0.0,
        "deadline": fakes.NOW + timedelta(seconds=29),
        "tags": {"run": "run_1"},
    }
    return Question(**fields | changes)


def ask(bedrock: FakeBedrock, **changes: Any) -> Any:
    model = BedrockModel(lambda seconds: bedrock, lambda: fakes.NOW)  # type: ignore[arg-type,return-value]  # a fake of one method
    return model.ask(question(**changes))


def test_the_answer_has_the_text_the_tokens_and_who_answered() -> None:
    routed = {"trace": {"promptRouter": {"invokedModelId": "the-real-one"}}}

    answer = ask(FakeBedrock(routed))

    assert answer.text == '{"word": 1}'
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 2)
    assert answer.answered_by == "the-real-one"
    assert ask(FakeBedrock()).answered_by == fakes.MODEL


def test_examples_come_before_the_question_as_turns() -> None:
    bedrock = FakeBedrock()
    ask(bedrock)

    turns = [(m["role"], m["content"][0]["text"]) for m in bedrock.request["messages"]]
    assert turns == [("user", "q1"), ("assistant", "a1"), ("user", "Q")]
    assert bedrock.request["requestMetadata"] == {"run": "run_1"}


def test_a_repair_shows_the_reply_and_what_is_wrong_even_if_it_was_empty() -> None:
    bedrock = FakeBedrock()
    ask(bedrock, repair=("  ", "word: Field required"))

    *_, reply, problem = bedrock.request["messages"]
    assert reply["content"][0]["text"].strip()
    assert "word: Field required" in problem["content"][0]["text"]


def test_a_schema_is_sent_without_bounds_and_tells_them_in_words() -> None:
    bedrock = FakeBedrock()
    ask(bedrock)

    structure = bedrock.request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    schema = json.loads(structure["schema"])
    assert schema["properties"]["word"] == {
        "type": "string",
        "description": '{"minLength": 1, "maxLength": 20}',
    }
    assert schema["required"] == ["word"]


def test_a_field_named_like_a_keyword_stays() -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "pattern": {"type": "integer", "minimum": 1}},
    }
    assert portable(schema)["properties"] == {
        "title": {"type": "string"},
        "pattern": {"type": "integer", "description": '{"minimum": 1}'},
    }
    assert not set(BOUNDS) & set(portable(schema)["properties"]["pattern"])


@pytest.mark.parametrize("output", [{}, {"message": {"role": "assistant", "content": []}}])
def test_what_a_model_that_would_not_answer_has_used_is_told_all_the_same(output: Any) -> None:
    answer = ask(FakeBedrock({"stopReason": "guardrail_intervened", "output": output}))

    assert (answer.text, answer.stop_reason) == ("", "guardrail_intervened")
    assert answer.usage == Usage(input_tokens=11, output_tokens=2)


def test_every_token_of_the_provider_s_cache_is_in_one_kind() -> None:
    counted = {
        "inputTokens": 1,
        "outputTokens": 2,
        "totalTokens": 1003,
        "cacheReadInputTokens": 300,
        "cacheWriteInputTokens": 700,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 200}, {"ttl": "5m", "inputTokens": 500}],
    }
    usage = ask(FakeBedrock({"usage": counted})).usage

    assert usage == Usage(
        input_tokens=1,
        output_tokens=2,
        cache_read_tokens=300,
        cache_write_tokens=500,
        cache_write_hour_tokens=200,
    )
    assert usage.total == 1003


def test_an_answer_whose_tokens_nobody_counted_is_none() -> None:
    with pytest.raises(UpstreamError, match="how many tokens"):
        ask(FakeBedrock({"usage": None}))


@pytest.mark.parametrize("code", sorted(BUSY_OR_DOWN))
def test_a_busy_model_may_be_asked_again(code: str) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        ask(FakeBedrock(client_error(code)))
    assert caught.value.retryable
    assert caught.value.retry_after_seconds
    assert SECRET not in caught.value.detail


@pytest.mark.parametrize("code", sorted(NEVER))
def test_a_call_that_bedrock_rejects_is_not_repeated(code: str) -> None:
    with pytest.raises(ModelRefused) as caught:
        ask(FakeBedrock(client_error(code)))
    assert SECRET not in caught.value.detail


def test_a_model_that_does_not_answer_in_time_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable):
        ask(FakeBedrock(ReadTimeoutError(endpoint_url="https://bedrock")))


def test_an_error_that_nobody_foresaw_still_is_one_of_ours() -> None:
    with pytest.raises(UpstreamError, match="TeapotException"):
        ask(FakeBedrock(client_error("TeapotException")))


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": SECRET}}, "Converse")

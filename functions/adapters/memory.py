"""Idempotency on DynamoDB, by Powertools.

An outcome that could pass DynamoDB's 400 KB goes to S3, and its record names the object. That is
decided by what the agent may reply, before the run: found out later, it would have been paid for
and could not be kept.

A record is scoped to the team and the agent, so two teams may use the same key. While a run works,
its record expires with the function's time: a crash frees the key as soon as nothing can still be
working on it.
"""

import hashlib
import json
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from aws_lambda_powertools.utilities.idempotency.serialization.base import (
    BaseIdempotencySerializer,
)
from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from functions.adapters.aws_errors import store_error
from functions.domain import canonical
from functions.domain.errors import IdempotencyKeyReused, RunInProgress
from functions.domain.run import Outcome, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

LIFETIME = timedelta(days=7)
"""How long an outcome can be had again; a client's queue must give up earlier."""
MOST_ITEM_BYTES = 380_000
"""DynamoDB takes 400 KB, names and the rest of the record included."""
ESCAPED = 6
"""How much longer text can get as JSON in ASCII: one byte becomes ``\\u0001``."""


class DynamoMemory:
    """Implements :class:`functions.pipeline.ports.Memory`."""

    def __init__(
        self,
        table: str,
        client: "DynamoDBClient",
        objects: "Objects",
        now: Callable[[], datetime],
    ) -> None:
        # Making one registers with the client, for as long as the client lives: so make one, and
        # give each run a copy.
        self._store = _Store(table_name=table, boto3_client=client)
        self._objects = objects
        self._now = now

    def once(self, run: Run, produce: Callable[[], Outcome], *, most_bytes: int) -> Outcome:
        record = _record(run)
        bulky = most_bytes * ESCAPED > MOST_ITEM_BYTES
        left = _TimeLeft(run.deadline, self._now)

        serializer = _Recorded(self._objects, record["key"] if bulky else None)
        store = copy(self._store)
        run.meter.remembering = lambda outcome: store.left_to_settle(
            record, serializer.to_dict(outcome)
        )

        def work(*, record: dict[str, str]) -> Outcome:
            return produce()

        once = idempotent_function(
            work,
            data_keyword_argument="record",
            persistence_store=store,
            config=_config(left),
            output_serializer=serializer,
            key_prefix="run",
        )
        try:
            outcome: Outcome = once(record=record)
        except IdempotencyAlreadyInProgressError:
            msg = "Another run with this key is still working; ask again when it may be over."
            seconds = max(1, left.get_remaining_time_in_millis() // 1000)
            raise RunInProgress(msg, retry_after_seconds=min(seconds, 5)) from None
        except IdempotencyValidationError:
            msg = "This key came before with another input. Use a new key for a new request."
            raise IdempotencyKeyReused(msg) from None
        except (IdempotencyPersistenceLayerError, IdempotencyInconsistentStateError) as error:
            raise store_error(error, "The idempotency records") from error
        return outcome


def _record(run: Run) -> dict[str, str]:
    key = json.dumps([run.team.name, run.agent, run.channel, run.idempotency_key])
    return {"key": key, "input": canonical.write(run.input)}


def _config(left: "_TimeLeft") -> IdempotencyConfig:
    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="input",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=int(LIFETIME.total_seconds()),
        hash_function="sha256",
    )
    config.register_lambda_context(left)  # type: ignore[arg-type]  # it asks for the time left only
    return config


class _TimeLeft:
    """The run's deadline in the shape in which Powertools asks for it."""

    def __init__(self, deadline: datetime, now: Callable[[], datetime]) -> None:
        self._deadline = deadline
        self._now = now

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - self._now()).total_seconds() * 1000))


class _Store(DynamoDBPersistenceLayer):
    """Powertools' records, of which one can be completed by somebody else's transaction.

    A run is settled before Powertools hears of its outcome. A crash in between would leave a run
    that is paid and has no outcome, and its repetition would pay again; so the settlement itself
    completes the record, and there is nothing left for Powertools to write.
    """

    _is_settled = False

    def left_to_settle(self, data: dict[str, str], result: dict[str, Any]) -> dict[str, Any]:
        """The write that completes the record, as part of a transaction."""
        captured = _Captured()
        real, self.client = self.client, captured  # type: ignore[assignment]  # one method of it
        try:
            self.save_success(data=data, result=result)
        finally:
            self.client, self._is_settled = real, True
        return {"Update": captured.request}

    @override
    def _update_record(self, data_record: DataRecord) -> None:
        if not self._is_settled:
            super()._update_record(data_record)


class _Captured:
    """A client that sends nothing."""

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}

    def update_item(self, **request: Any) -> None:
        self.request = request


class Objects:
    """Outcomes that are too large for a record, as S3 objects that end with it."""

    def __init__(self, bucket: str, client: "Callable[[], S3Client]") -> None:
        self._bucket = bucket
        self._client = client
        """Built when it is first needed: hardly any run needs it."""

    def put(self, name: str, text: str) -> None:
        try:
            self._client().put_object(
                Bucket=self._bucket, Key=name, Body=text.encode(), ContentType="application/json"
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, "The outcome's object") from error

    def get(self, name: str) -> str:
        try:
            found = self._client().get_object(Bucket=self._bucket, Key=name)
            return found["Body"].read().decode()
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, "The outcome's object") from error


class _Recorded(BaseIdempotencySerializer):
    """Outcomes as text, so that a replay is the same byte for byte."""

    def __init__(self, objects: Objects, object_key: str | None) -> None:
        self._objects = objects
        self._object_key = object_key

    def to_dict(self, data: Outcome) -> dict[str, Any]:
        text = data.model_dump_json()
        if self._object_key is None:
            return {"outcome": text}
        name = f"{data.agent}/{hashlib.sha256(self._object_key.encode()).hexdigest()}.json"
        self._objects.put(name, text)
        return {"object": name}

    def from_dict(self, data: dict[str, Any]) -> Outcome:
        text = self._objects.get(data["object"]) if "object" in data else data["outcome"]
        outcome = Outcome.model_validate_json(text)
        return outcome.model_copy(update={"replayed": True})

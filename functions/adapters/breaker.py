"""One circuit for each model, shared by all functions of the region, by Powertools.

Its state is a DynamoDB item that each environment reads at most every few seconds. When that table
cannot be reached the circuit goes on working in the environment's own memory: a breaker must never
be the thing that is down.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import (
    CircuitBreakerDynamoDBPersistence,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence.record import CircuitStateRecord
from botocore.exceptions import BotoCoreError, ClientError

from functions.domain.errors import ModelUnavailable
from functions.pipeline.ports import Answer

RECOVERY_SECONDS = 30
CONFIG = CircuitBreakerConfig(
    failure_threshold=5,
    recovery_timeout=RECOVERY_SECONDS,
    success_threshold=2,
    # What the caller or the prompt did wrong says nothing of the model's health.
    handled_exceptions=ModelUnavailable,
    local_cache_max_age=10,
)


class PowertoolsBreaker:
    """Implements :class:`functions.pipeline.ports.Breaker`."""

    def __init__(self, store: "LocalFallbackStore", on_change: Callable[[str, str], None]) -> None:
        self._store = store
        self._on_change = on_change

    def guard(self, model: str, call: Callable[[], Answer]) -> Answer:
        protected = circuit_breaker(
            name=f"model#{model}",
            persistence_store=self._store,
            config=CONFIG,
            on_transition=lambda change: self._on_change(model, change.to_state.value),
        )(call)
        try:
            answer: Answer = protected()
        except CircuitBreakerOpenError:
            msg = f"The model {model} failed repeatedly and is left alone for a while."
            raise ModelUnavailable(msg, retry_after_seconds=RECOVERY_SECONDS) from None
        return answer


class LocalFallbackStore(CircuitBreakerDynamoDBPersistence):
    """Remembers a circuit's state itself for as long as the table cannot be reached."""

    def __init__(self, table: str, client: Any, logger: Logger) -> None:
        super().__init__(table_name=table, boto3_client=client)
        self._logger = logger
        self._own: dict[str, CircuitStateRecord] = {}

    def _get_record(self, name: str) -> CircuitStateRecord | None:
        try:
            found = super()._get_record(name)
        except (ClientError, BotoCoreError) as error:
            self._logger.warning("circuit state cannot be read", error=type(error).__name__)
            return self._own.get(name)
        self._own.pop(name, None)
        return found

    def _put_record(
        self,
        record: CircuitStateRecord,
        condition: str | None = None,
        expected_opened_at: int | None = None,
    ) -> None:
        self._or_own(
            record,
            lambda: super(LocalFallbackStore, self)._put_record(
                record, condition, expected_opened_at
            ),
        )

    def _update_record(self, record: CircuitStateRecord) -> None:
        self._or_own(record, lambda: super(LocalFallbackStore, self)._update_record(record))

    def _or_own(self, record: CircuitStateRecord, write: Callable[[], None]) -> None:
        try:
            write()
        except (ClientError, BotoCoreError) as error:
            self._logger.warning("circuit state cannot be written", error=type(error).__name__)
            self._own[record.name] = record

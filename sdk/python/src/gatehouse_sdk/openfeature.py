"""The gatehouse's flags as an OpenFeature provider.

Needs ``pip install agent-gatehouse-sdk[openfeature]``::

    api.set_provider(GatehouseProvider(Flags(client)))
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.provider import AbstractProvider, Metadata

from gatehouse_sdk.flags import Flags

V = TypeVar("V")
Structure = Sequence[FlagValueType] | Mapping[str, FlagValueType]


class GatehouseProvider(AbstractProvider):
    """Cache first, and closed when nothing recent is known; see ``Flags``."""

    def __init__(self, flags: Flags) -> None:
        super().__init__()
        self._flags = flags

    def get_metadata(self) -> Metadata:
        return Metadata("agent-gatehouse")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,  # noqa: FBT001  # OpenFeature's signature
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        return self._resolve(flag_key, default_value, evaluation_context)

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        return self._resolve(flag_key, default_value, evaluation_context)

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        return self._resolve(flag_key, default_value, evaluation_context)

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        found = self._resolve(flag_key, default_value, evaluation_context)
        found.value = float(found.value)
        return found

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Structure,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Structure]:
        return self._resolve(flag_key, default_value, evaluation_context)

    def _resolve(
        self, key: str, default: V, context: EvaluationContext | None
    ) -> FlagResolutionDetails[V]:
        found = self._flags.details(key, default, _as_json(context))
        return FlagResolutionDetails(
            value=found.value,
            reason=found.reason,
            variant=found.variant,
            error_code=ErrorCode(found.error_code) if found.error_code else None,
        )


def _as_json(context: EvaluationContext | None) -> dict[str, Any]:
    if context is None:
        return {}
    found = {name: _plain(value) for name, value in context.attributes.items()}
    return found | ({"targetingKey": context.targeting_key} if context.targeting_key else {})


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case str():
            return value
        case Mapping():
            return {name: _plain(item) for name, item in value.items()}
        case Sequence():
            return [_plain(item) for item in value]
    return value

"""The tagged inference profiles of business units, by which AWS's own bill tells them apart.

A stack makes them and writes their ARNs into one parameter for each business unit. A call names the
profile in the place of its model; everything else (price, cache, breaker, ledger) keeps the model.
A profile that cannot be looked up costs a tag on the bill and never a run: the model is then called
by its own id, and the reconciliation shows how much that was.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of
from functions.domain.bedrock_tags import profiles_parameter

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEPT = timedelta(minutes=5)
"""How long after a deploy another profile may still be called."""
NONE_YET = "ParameterNotFound"

Arns = Mapping[str, str]
"""Of profiles, by model."""


class InferenceProfiles:
    """What a call of a model names on behalf of a business unit."""

    def __init__(
        self,
        client: "Callable[[], SSMClient]",
        zone: str,
        now: Callable[[], datetime],
        logger: Logger,
    ) -> None:
        self._client = client
        self._zone = zone
        self._now = now
        self._logger = logger
        self._kept: dict[str, tuple[datetime, Arns]] = {}

    def called(self, model: str, tags: Mapping[str, str]) -> str:
        """The profile's ARN, or the model itself."""
        unit = tags.get("business_unit", "")
        until, arns = self._kept.get(unit, (self._now(), {}))
        if self._now() >= until:
            arns = self._read(unit, arns)
            self._kept[unit] = (self._now() + KEPT, arns)
        return arns.get(model, model)

    def _read(self, unit: str, known: Arns) -> Arns:
        name = profiles_parameter(self._zone, unit)
        try:
            return arns_of(self._client().get_parameter(Name=name)["Parameter"]["Value"])
        except (ClientError, BotoCoreError, ValueError) as error:
            why = code_of(error) if isinstance(error, ClientError) else type(error).__name__
            self._logger.warning("inference profile not found", parameter=name, reason=why)
            return {} if why == NONE_YET else known


def arns_of(text: str) -> Arns:
    found = json.loads(text)
    return {str(model): str(arn) for model, arn in found.items()}

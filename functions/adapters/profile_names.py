"""Under what the inference profiles of business units are counted and logged."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of
from functions.adapters.bedrock_metrics import Names, end_of_arn, names_of
from functions.adapters.inference_profiles import KEPT, arns_of
from functions.domain.bedrock_tags import profiles_folder
from functions.domain.reconciliation.finding import CannotRead

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class ProfileNames:
    """Under what the profiles of a zone are counted and logged."""

    def __init__(self, client: "SSMClient", zone: str, now: Callable[[], datetime]) -> None:
        self._client = client
        self._zone = zone
        self._now = now
        self._kept: tuple[datetime, Mapping[str, list[str]]] = (now(), {})

    def names_of(self, model: str) -> Names:
        """The profiles of a model: nobody else calls them, so they are counted alone."""
        arns = self._profiles().get(model)
        return tuple((end_of_arn(arn), arn) for arn in arns) if arns else names_of(model)

    def model_of(self, called: str) -> str:
        """The model behind what a call named."""
        ends = {end_of_arn(arn): model for model, arns in self._profiles().items() for arn in arns}
        return ends.get(end_of_arn(called), end_of_arn(called))

    def _profiles(self) -> Mapping[str, list[str]]:
        until, found = self._kept
        if self._now() >= until:
            found = self._read()
            self._kept = (self._now() + KEPT, found)
        return found

    def _read(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        pages = self._client.get_paginator("get_parameters_by_path").paginate(
            Path=profiles_folder(self._zone)
        )
        try:
            for parameter in (each for page in pages for each in page["Parameters"]):
                for model, arn in arns_of(parameter["Value"]).items():
                    found[model].append(arn)
        except (ClientError, BotoCoreError, ValueError) as error:
            why = code_of(error) if isinstance(error, ClientError) else type(error).__name__
            msg = f"the parameters of inference profiles cannot be read ({why})"
            raise CannotRead(msg) from error
        return found

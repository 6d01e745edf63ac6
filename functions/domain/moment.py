"""Moments as JSON writes them: RFC 3339, with an offset.

Pydantic by itself reads numbers, too, as seconds since 1970, and a text of digits likewise; who
sends one has made a mistake, and no contract allows it.
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and RFC_3339.fullmatch(value)):
        return value
    msg = "a moment is written as RFC 3339 has it, such as 2026-11-02T09:30:00Z"
    raise ValueError(msg)


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]

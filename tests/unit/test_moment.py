"""Moments: RFC 3339 with an offset, and nothing that can merely be read as one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from functions.domain.moment import Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
HALF_PAST_NINE = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02T09:30:00Z",
        "2026-11-02t09:30:00z",
        "2026-11-02T10:30:00.000+01:00",
        HALF_PAST_NINE,
    ],
)
def test_a_moment_is_read(written: Any) -> None:
    assert MOMENT.validate_python(written) == HALF_PAST_NINE


@pytest.mark.parametrize(
    "written",
    [
        1793611800,
        1793611800.0,
        "1793611800",
        "2026-11-02",
        "2026-11-02T09:30:00",
        "2026-11-02T09:30Z",
        "2026-13-02T09:30:00Z",
        "٢٠٢٦-11-02T09:30:00Z",
        None,
        datetime(2026, 11, 2, 9, 30),  # noqa: DTZ001  # it is refused for just that
    ],
)
def test_what_is_no_moment_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(written)

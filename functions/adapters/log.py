"""The log: Powertools' Logger, with a formatter that writes what is declared and nothing else.

What code logs is chosen with care, and a test looks at all of it. This is the second line: a field
that ``functions.domain.log`` does not declare is left out and counted, a message that it does not
declare is left out too, and no exception's text is ever written.
"""

import logging
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from typing_extensions import override

from functions.domain.log import ALWAYS, DROPPED, LINES, UNDECLARED, UNDECLARED_FIELDS

OF_POWERTOOLS = frozenset({"exception_name", "location"})
"""Fields that Powertools adds by itself; what they say is in our own fields, or not at all."""

OF_LAMBDA = "awslambdaric"
"""The package of Lambda's own handler, which writes into the function's log group."""


class DeclaredFields(LambdaPowertoolsFormatter):
    """Formats a line as JSON, less what is not declared."""

    def __init__(self, count_dropped: Callable[[int], None]) -> None:
        super().__init__(utc=True, use_rfc3339=True)
        self._count_dropped = count_dropped

    @override
    def serialize(self, log: dict[str, Any]) -> str:  # type: ignore[override]  # as it is called
        declared = LINES.get(log["message"]) if isinstance(log["message"], str) else None
        if declared is None:
            log = {**log, "message": UNDECLARED}
        allowed = ALWAYS.keys() | (declared.fields if declared else UNDECLARED_FIELDS)
        kept = {name: value for name, value in log.items() if name in allowed}
        dropped = len(log.keys() - kept.keys() - OF_POWERTOOLS) + (declared is None)
        if dropped:
            self._count_dropped(dropped)
            kept[DROPPED] = dropped
        return super().serialize(kept)


class Strangers(logging.Filter):
    """Lets the lines of libraries pass without what they say: nobody declared it."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = f"{record.name} wrote a line at {record.module}:{record.lineno}"
        record.args = ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def hush_libraries(root: logging.Logger) -> None:
    """Keep what libraries log to warnings, whatever Lambda is told, and to where they come from.

    At DEBUG, botocore writes whole requests.
    """
    root.setLevel(logging.WARNING)
    for handler in root.handlers:
        if type(handler).__module__.startswith(OF_LAMBDA):
            handler.addFilter(Strangers())


def make_logger(
    service: str,
    count_dropped: Callable[[int], None],
    *,
    level: str = "INFO",
    debug_share: float = 0.0,
    stream: Any = None,
) -> Logger:
    """The one logger of a function; ``debug_share`` of its calls log at DEBUG."""
    logger = Logger(
        service=service,
        level=level,
        sampling_rate=debug_share or None,
        stream=stream,
        logger_formatter=DeclaredFields(count_dropped),
    )
    logger.append_keys(xray_trace_id=None)  # the run's own trace is told, and is not X-Ray's
    return logger

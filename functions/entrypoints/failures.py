"""Unexpected errors in the log: what broke and where, never what it said.

An exception's message may quote what a caller sent, so only its kind and its frames are written.
"""

import traceback

from functions.bootstrap.surroundings import logger


def log_unexpected(error: BaseException) -> None:
    """Log an error that is not of our tree, and those that led to it."""
    logger().error(
        "unexpected error",
        error=type(error).__name__,
        frames=_frames(error),
        causes=[type(cause).__name__ for cause in _causes(error)],
    )


def _frames(error: BaseException) -> list[str]:
    deepest = ([error, *_causes(error)])[-1]
    frames = traceback.extract_tb(deepest.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found

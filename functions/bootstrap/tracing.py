"""Spans: where every function records them, and where they go at the end of each call of it.

The authorizer needs no more than this, and what it does not need it does not load.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from snapshot_restore_py import register_before_snapshot

from functions.adapters import otlp_headers
from functions.adapters.otel import OtelProvider
from functions.adapters.otlp import Headers, OtlpHttp
from functions.adapters.outbox import Outbox
from functions.domain.metrics import SERVICE
from functions.domain.span_export import SpanExport
from functions.settings import Settings

Given = ParamSpec("Given")
Reply = TypeVar("Reply")


def flushed(handler: Callable[Given, Reply]) -> Callable[Given, Reply]:
    """A handler whose spans are sent before it replies; they are late for nothing else."""

    @wraps(handler)
    def flushing(*args: Given.args, **kwargs: Given.kwargs) -> Reply:
        try:
            return handler(*args, **kwargs)
        finally:
            waiting, context = outbox(), args[1]
            if waiting:
                waiting.flush(_left_seconds(context))

    return flushing


def traced(name: str) -> Callable[[Callable[Given, Reply]], Callable[Given, Reply]]:
    """A handler that nobody's trace asks for: its calls begin traces of their own."""

    def decorate(handler: Callable[Given, Reply]) -> Callable[Given, Reply]:
        @flushed
        @wraps(handler)
        def tracing(*args: Given.args, **kwargs: Given.kwargs) -> Reply:
            with provider().span(name):
                return handler(*args, **kwargs)

        return tracing

    return decorate


@cache
def provider() -> OtelProvider:
    """One for the function: all its spans are of one mind about what is sampled."""
    settings = Settings.from_env()
    resource = {
        "service.name": SERVICE,
        "cloud.provider": "aws",
        "cloud.region": settings.region,
        "deployment.environment.name": settings.stage,
    }
    ratio = settings.traces.sample_ratio if settings.traces else 0.0
    return OtelProvider(resource, outbox(), sample_ratio=ratio)


@cache
def outbox() -> Outbox | None:
    """Where spans wait; None where the zone wants none."""
    settings = Settings.from_env()
    traces = settings.traces and settings.traces.in_region(settings.region)
    if traces is None or traces.endpoint is None:
        return None
    send = OtlpHttp(traces.endpoint, _headers(traces))
    return Outbox(send, _drop, bound_seconds=traces.flush_milliseconds / 1000)


def _headers(traces: SpanExport) -> Headers:
    if not traces.aws_region and not traces.headers_secret:
        return otlp_headers.none
    import boto3  # a third of a second, which not every function spends anyway

    if traces.aws_region:
        return otlp_headers.signed(boto3.Session().get_credentials, traces.aws_region)
    from functions.bootstrap.surroundings import now

    client = boto3.client("secretsmanager")
    return otlp_headers.from_secret(client, str(traces.headers_secret), now)


def _drop(count: int, reason: str) -> None:
    from functions.adapters.counters import count_dropped_spans  # not every function counts

    count_dropped_spans(count)
    _tell(reason)


@cache
def _tell(reason: str) -> None:
    """Once for each reason: an endpoint that is down is down for every call."""
    from functions.bootstrap.surroundings import logger

    logger().warning("spans dropped", reason=reason)


def _left_seconds(context: Any) -> float:
    left: float = context.get_remaining_time_in_millis() / 1000
    return left


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(provider)

"""Many small inputs for one agent in one request, each a run of its own.

The runs are done one after the other, for as long as the gateway waits; what is not reached in time
is told so and can be sent again. A run with a key of its own is done once, whatever it comes in.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from functions.domain.errors import GatehouseError, InvalidInput, MalformedRequest
from functions.domain.names import JsonObject
from functions.domain.personal_data.placeholders import Placeholders
from functions.domain.run import Meter, Run
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.requests import new_run_id, read_json, read_key
from functions.pipeline.chain import Proceed

MOST_ITEMS = 25
DONE = 200
SHAPE = 'The body must be {"items": [{"input": {…}, "key": "…"}, …]}; a key is optional.'


def done(event: APIGatewayProxyEvent, like: Run, runs: Proceed) -> JsonObject:
    """Do each item's run; all are like the given one but for their input and key.

    Raises:
        CallerError: there is no batch to read.
    """
    if like.idempotency_key is not None:
        # Ignored, it would look as if a repetition were safe.
        msg = 'A batch has no Idempotency-Key of its own: give each item a "key".'
        raise MalformedRequest(msg)
    return {"items": [_result(run, runs) for run in _runs(event, like)]}


def _runs(event: APIGatewayProxyEvent, like: Run) -> Iterator[Callable[[], Run]]:
    match read_json(event):
        case {"items": list(items), **rest} if not rest and 1 <= len(items) <= MOST_ITEMS:
            return (_run(item, like, number) for number, item in enumerate(items))
        case {"items": list(items)} if len(items) > MOST_ITEMS or not items:
            msg = f"A batch has 1 to {MOST_ITEMS} items; this one has {len(items)}."
            raise InvalidInput(msg, violations=[{"pointer": "/items", "detail": msg}])
    raise InvalidInput(SHAPE, violations=[{"pointer": "/items", "detail": SHAPE}])


def _run(item: object, like: Run, number: int) -> Callable[[], Run]:
    def read() -> Run:
        match item:
            case {"input": dict(given), **rest} if rest.keys() <= {"key"}:
                key = rest.get("key")
                if key is not None and not isinstance(key, str):
                    raise InvalidInput(
                        SHAPE, violations=[{"pointer": f"/items/{number}/key", "detail": SHAPE}]
                    )
                return replace(
                    like,
                    id=new_run_id(),
                    read=lambda: given,
                    idempotency_key=None if key is None else read_key(key),
                    meter=Meter(),
                    placeholders=Placeholders(),
                )
        raise InvalidInput(SHAPE, violations=[{"pointer": f"/items/{number}", "detail": SHAPE}])

    return read


def _result(read: Callable[[], Run], runs: Proceed) -> JsonObject:
    try:
        return {"status": DONE, "outcome": runs(read()).model_dump(mode="json")}
    except GatehouseError as error:
        failed = error
    except Exception as error:  # noqa: BLE001  # the other items have been paid for, and are told
        log_unexpected(error)
        failed = GatehouseError()
    return {"status": failed.status, "problem": failed.problem()}

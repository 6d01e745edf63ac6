"""DynamoDB transactions on moto as DynamoDB does them: isolated, at the cost of what they touch.

moto copies every table that a transaction names and puts the copies back when it is refused. With
concurrent writers that loses whatever the others wrote meanwhile, and with a long ledger each
transaction takes as long as the ledger. Its replies are written from the items themselves, so that
a caller can be told what another one wrote after it. Here every request holds one lock until its
reply is written, and a refused transaction puts back only the items that it touched.

moto also overlooks a transaction's token, by which DynamoDB knows one that comes again because its
answer was lost.
"""

import copy
import functools
import threading
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

LOCK = threading.RLock()


def isolate() -> None:
    """Change moto in this process; doing it twice changes nothing more."""
    backend: Any = DynamoDBBackend
    handler: Any = DynamoHandler
    table: Any = Table
    if hasattr(table, "__deepcopy__"):
        return
    # The lock makes moto's own copies needless: what it would put back is the table as it is.
    table.__deepcopy__ = lambda self, _: self
    handler.call_action = _locked(handler.call_action)
    backend.transact_write_items = _undone_if_refused(backend.transact_write_items)


def know_tokens() -> None:
    """Have moto do a transaction with the same token once, in this process.

    Deviation from AWS: a token is known for as long as the tables are, not for ten minutes.
    """
    handler: Any = DynamoHandler
    handler.transact_write_items = _done_once(handler.transact_write_items)


def _locked(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(answer)
    def locked(self: Any) -> Any:
        with LOCK:
            return answer(self)

    return locked


def _undone_if_refused(transact: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(transact)
    def isolated(self: Any, transact_items: list[dict[str, Any]]) -> None:
        before = [_touched(self, operation) for operation in transact_items]
        try:
            transact(self, transact_items)
        except Exception:
            for table, hash_key, range_key, item in before:
                _put_back(table, hash_key, range_key, item)
            raise

    return isolated


def _done_once(respond: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(respond)
    def once(self: Any) -> Any:
        token = self.body.get("ClientRequestToken")
        if token is None:
            return respond(self)
        done = vars(self.dynamodb_backend).setdefault("done_transactions", {})
        if token not in done:
            done[token] = respond(self)
        return done[token]

    return once


def _touched(backend: Any, operation: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """The item that an operation writes to, as it is now."""
    (details,) = operation.values()
    table = backend.get_table(details["TableName"])
    key = details.get("Key") or details["Item"]
    hash_key = DynamoType(key[table.hash_key_attr])
    range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    return table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))


def _put_back(table: Any, hash_key: Any, range_key: Any, item: Any) -> None:
    if item is None:
        table.delete_item(hash_key, range_key)
    elif range_key is None:
        table.items[hash_key] = item
    else:
        table.items[hash_key][range_key] = item

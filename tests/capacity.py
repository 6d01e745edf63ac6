"""Request units of DynamoDB by AWS's own rule, from requests and the items that they touch.

moto charges nothing, so a client is wrapped: each request goes through, and what it would be
charged is added up. A write costs a unit for each KB of the larger of the item before and after; a
read one for each 4 KB, or half of it where it need not be the latest; a transaction costs double.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, dict[str, Any]]
WRITE_BYTES, READ_BYTES = 1024, 4096
TRANSACTION = 2


@dataclass
class Capacity:
    """What was used so far."""

    writes: float = 0
    reads: float = 0
    round_trips: int = 0

    def copy(self) -> "Capacity":
        return Capacity(self.writes, self.reads, self.round_trips)

    def since(self, before: "Capacity") -> "Capacity":
        return Capacity(
            self.writes - before.writes,
            self.reads - before.reads,
            self.round_trips - before.round_trips,
        )


@dataclass
class Metered:
    """A DynamoDB client that adds up what it is charged."""

    client: Any
    used: Capacity = field(default_factory=Capacity)

    def __getattr__(self, name: str) -> Any:
        """What is not metered passes through, unless it would be charged for."""
        assert not name.startswith(("batch_", "execute_", "query", "scan", "transact_get")), name
        return getattr(self.client, name)

    def put_item(self, **request: Any) -> Any:
        return self._write([request], lambda: self.client.put_item(**request))

    def update_item(self, **request: Any) -> Any:
        return self._write([request], lambda: self.client.update_item(**request))

    def delete_item(self, **request: Any) -> Any:
        return self._write([request], lambda: self.client.delete_item(**request))

    def transact_write_items(self, **request: Any) -> Any:
        writes = [one for each in request["TransactItems"] for one in each.values()]
        return self._write(writes, lambda: self.client.transact_write_items(**request), TRANSACTION)

    def get_item(self, **request: Any) -> Any:
        reply = self.client.get_item(**request)
        units = math.ceil((size(reply.get("Item", {})) or 1) / READ_BYTES)
        self.used.reads += units if request.get("ConsistentRead") else units / 2
        self.used.round_trips += 1
        return reply

    def _write(self, writes: list[dict[str, Any]], send: Callable[[], Any], factor: int = 1) -> Any:
        before = [self._size(write) for write in writes]
        self.used.round_trips += 1
        try:
            return send()
        finally:
            for write, then in zip(writes, before, strict=True):
                larger = max(then, self._size(write), 1)
                self.used.writes += factor * math.ceil(larger / WRITE_BYTES)

    def _size(self, write: dict[str, Any]) -> int:
        table = write["TableName"]
        key = write.get("Key")
        if key is None:
            schema = self.client.describe_table(TableName=table)["Table"]["KeySchema"]
            key = {part["AttributeName"]: write["Item"][part["AttributeName"]] for part in schema}
        found = self.client.get_item(TableName=table, Key=key, ConsistentRead=True)
        return size(found.get("Item", {}))


def size(item: Item) -> int:
    """Bytes of an item, names included."""
    return sum(len(name.encode()) + _of(value) for name, value in item.items())


def _of(value: dict[str, Any]) -> int:
    ((kind, held),) = value.items()
    elements = {
        "S": lambda: len(held.encode()),
        "B": lambda: len(held),
        "N": lambda: math.ceil(len(held.strip("-").replace(".", "")) / 2) + 1,
        "L": lambda: 3 + sum(1 + _of(one) for one in held),
        "M": lambda: 3 + len(held) + size(held),
        "SS": lambda: sum(_of({"S": one}) for one in held),
        "NS": lambda: sum(_of({"N": one}) for one in held),
        "BOOL": lambda: 1,
        "NULL": lambda: 1,
    }
    return elements[kind]()

"""The queue's file: which calls wait, who is sending which of them, and which are dead.

A call is claimed with a lease. A process that is killed loses its lease with time, and another one
sends the call again, with the same key and the same bytes.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatehouse_sdk._calls import StoredCall, mint
from gatehouse_sdk._database import Database
from gatehouse_sdk._errors import GatehouseError, IdempotencyKeyReused

LONGEST_DELAY_SECONDS = 3600
SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, path TEXT NOT NULL, agent TEXT, key TEXT NOT NULL,
  headers TEXT NOT NULL, body BLOB NOT NULL, size INTEGER NOT NULL,
  created_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  not_before REAL NOT NULL DEFAULT 0, lease TEXT, leased_until REAL NOT NULL DEFAULT 0,
  slug TEXT, status INTEGER, detail TEXT, dead_at REAL,
  UNIQUE (path, key))
"""
ALIVE = "dead_at IS NULL"
# A time that lies too far ahead was written before the clock was set back: it does not count.
FREE = "NOT (leased_until > :now AND leased_until <= :now + :longest)"
READY = "(NOT (not_before > :now AND not_before <= :now + :longest) OR created_at <= :oldest)"


@dataclass(frozen=True, slots=True)
class Queued:
    """A call that waits; ``attempts`` is how often it was tried."""

    call: StoredCall
    created_at: float
    attempts: int
    seq: int
    lease: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A call that cannot succeed as it is, and why."""

    queued: Queued
    slug: str
    status: int | None
    detail: str
    dead_at: float


class QueueStore:
    """All statements of the queue; each method is one transaction."""

    def __init__(self, path: str | Path) -> None:
        self._database = Database(path, SCHEMA)
        self.close = self._database.close

    def add(self, call: StoredCall, now: float) -> bool:
        """Keep a call; False when it waits already. A dead one of the same key waits again.

        Raises:
            IdempotencyKeyReused: the key stands for another body here.
        """
        with self._database.transaction() as db:
            named = (call.path, call.key)
            found = db.execute(
                "SELECT body, dead_at FROM items WHERE path = ? AND key = ?", named
            ).fetchone()
            if found is None:
                _insert(db, call, now)
                return True
            if bytes(found["body"]) != call.body:
                msg = "This key waits in the queue with another body."
                raise IdempotencyKeyReused(msg)
            return _revive(db, call.key, now) > 0

    def claim(self, now: float, lease_seconds: float, oldest: float) -> Queued | None:
        """Take the first call that may be sent; nobody else gets it until the lease ends."""
        times = {"now": now, "longest": LONGEST_DELAY_SECONDS, "oldest": oldest}
        with self._database.transaction() as db:
            row = db.execute(
                f"SELECT * FROM items WHERE {ALIVE} AND {FREE} AND {READY} ORDER BY seq LIMIT 1",  # noqa: S608  # constants
                times,
            ).fetchone()
            if row is None:
                return None
            lease = mint()
            db.execute(
                "UPDATE items SET lease = ?, leased_until = ?, attempts = attempts + 1"
                " WHERE seq = ?",
                (lease, now + lease_seconds, row["seq"]),
            )
            return _queued(row, lease)

    def forget(self, queued: Queued) -> bool:
        """The server answered."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM items WHERE seq = ?", (queued.seq,)).rowcount > 0

    def postpone(self, queued: Queued, until: float) -> None:
        """Let others have it at a later time, unless somebody else has claimed it meanwhile."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE items SET lease = NULL, leased_until = 0, not_before = ?"
                " WHERE seq = ? AND lease = ?",
                (until, queued.seq, queued.lease),
            )

    def bury(self, queued: Queued, error: GatehouseError, now: float) -> None:
        with self._database.transaction() as db:
            db.execute(
                "UPDATE items SET dead_at = ?, slug = ?, status = ?, detail = ?, lease = NULL,"
                " leased_until = 0 WHERE seq = ?",
                (now, error.slug, error.status, error.detail, queued.seq),
            )

    def trim(self, most_items: int, most_bytes: int, now: float) -> list[Queued]:
        """Drop dead letters, then the oldest calls that nobody is sending, until the rest fits."""
        dropped = []
        times = {"now": now, "longest": LONGEST_DELAY_SECONDS}
        with self._database.transaction() as db:
            while _is_over(db, most_items, most_bytes):
                row = db.execute(
                    "SELECT * FROM items WHERE seq < (SELECT max(seq) FROM items)"  # noqa: S608  # constants
                    f" AND {FREE} ORDER BY dead_at IS NULL, seq LIMIT 1",  # constants
                    times,
                ).fetchone()
                if row is None:
                    break
                db.execute("DELETE FROM items WHERE seq = ?", (row["seq"],))
                dropped.append(_queued(row, None))
        return dropped

    def waiting(self) -> list[Queued]:
        return [_queued(row, row["lease"]) for row in self._rows(ALIVE)]

    def dead_letters(self) -> list[DeadLetter]:
        return [
            DeadLetter(
                _queued(row, None), row["slug"], row["status"], row["detail"], row["dead_at"]
            )
            for row in self._rows("dead_at IS NOT NULL")
        ]

    def count(self) -> int:
        with self._database.transaction() as db:
            found: int = db.execute(f"SELECT count(*) FROM items WHERE {ALIVE}").fetchone()[0]  # noqa: S608  # a constant
            return found

    def revive(self, key: str, now: float) -> int:
        with self._database.transaction() as db:
            return _revive(db, key, now)

    def discard(self, key: str) -> int:
        with self._database.transaction() as db:
            return db.execute("DELETE FROM items WHERE key = ?", (key,)).rowcount

    def clear(self) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM items")

    def _rows(self, condition: str) -> list[sqlite3.Row]:
        with self._database.transaction() as db:
            return db.execute(f"SELECT * FROM items WHERE {condition} ORDER BY seq").fetchall()  # noqa: S608  # constants of this module


def _insert(db: sqlite3.Connection, call: StoredCall, now: float) -> None:
    headers = json.dumps(dict(call.headers))
    values = (call.name, call.path, call.agent, call.key, headers, call.body, len(call.body), now)
    db.execute(
        "INSERT INTO items (name, path, agent, key, headers, body, size, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )


def _revive(db: sqlite3.Connection, key: str, now: float) -> int:
    """Somebody says that it may work now, so its age counts anew."""
    return db.execute(
        "UPDATE items SET dead_at = NULL, slug = NULL, status = NULL, detail = NULL, attempts = 0,"
        " not_before = 0, created_at = ? WHERE key = ? AND dead_at IS NOT NULL",
        (now, key),
    ).rowcount


def _is_over(db: sqlite3.Connection, most_items: int, most_bytes: int) -> bool:
    items, size = db.execute("SELECT count(*), coalesce(sum(size), 0) FROM items").fetchone()
    return bool(items > most_items or size > most_bytes)


def _queued(row: Any, lease: str | None) -> Queued:
    call = StoredCall(
        name=row["name"],
        path=row["path"],
        agent=row["agent"],
        key=row["key"],
        headers=json.loads(row["headers"]),
        body=bytes(row["body"]),
    )
    return Queued(call, row["created_at"], row["attempts"], row["seq"], lease)

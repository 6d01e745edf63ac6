"""A small SQLite file that any number of processes and threads may use at the same time.

It needs a local disk: SQLite's shared memory does not work over a network file system.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from gatehouse_sdk._process import PerProcess

BUSY_SECONDS = 30
SCHEMA_VERSION = 1


class Database:
    """One connection for each process, since none survives a fork, used by one thread at a time."""

    def __init__(self, path: str | Path, schema: str) -> None:
        self._path = Path(path)
        self._schema = schema
        self._opened = PerProcess(self._open)
        self._locks = PerProcess(RLock)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing; others wait."""
        with self._locks.get():
            connection = self._opened.get()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._locks.get():
            connection = self._opened.take()
            if connection is not None:
                connection.close()

    def _open(self) -> sqlite3.Connection:
        # Made first, so that nobody else on this machine can read what users wrote.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was accepted survives a power cut
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            connection.execute("ROLLBACK")
            msg = f"{self._path} was written by a newer version of this package."
            raise sqlite3.DatabaseError(msg)
        for statement in self._schema.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")

"""Where the turns of conversations are kept: in memory, or in a file that outlives the process."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Protocol

from gatehouse_sdk._database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, role TEXT NOT NULL,
  text TEXT NOT NULL, at REAL NOT NULL, tokens INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS turns_by_session ON turns (session, seq)
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said; ``at`` is in seconds since 1970."""

    role: str
    text: str
    at: float
    tokens: int
    seq: int = 0


class TurnStore(Protocol):
    """Keeps the turns of many sessions; each method is atomic."""

    def append(self, session: str, turn: Turn) -> None: ...

    def load(self, session: str) -> list[Turn]: ...

    def forget(self, session: str, up_to: int | None = None) -> None:
        """Delete a session's turns, or those up to a sequence number."""

    def expire(self, before: float) -> None:
        """Delete all sessions in which nothing was said since then."""


class MemoryTurns:
    """Turns that end with the process."""

    def __init__(self) -> None:
        self._sessions: dict[str, list[Turn]] = {}
        self._numbers = count(1)
        self._lock = Lock()

    def append(self, session: str, turn: Turn) -> None:
        with self._lock:
            numbered = Turn(turn.role, turn.text, turn.at, turn.tokens, next(self._numbers))
            self._sessions.setdefault(session, []).append(numbered)

    def load(self, session: str) -> list[Turn]:
        with self._lock:
            return list(self._sessions.get(session, ()))

    def forget(self, session: str, up_to: int | None = None) -> None:
        with self._lock:
            turns = self._sessions.pop(session, [])
            left = [turn for turn in turns if up_to is not None and turn.seq > up_to]
            if left:
                self._sessions[session] = left

    def expire(self, before: float) -> None:
        with self._lock:
            alive = {name: t for name, t in self._sessions.items() if t[-1].at >= before}
            self._sessions = alive


class SqliteTurns:
    """Turns in a file of mode 0600, for several processes."""

    def __init__(self, path: str | Path) -> None:
        self._database = Database(path, SCHEMA)
        self.close = self._database.close

    def append(self, session: str, turn: Turn) -> None:
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO turns (session, role, text, at, tokens) VALUES (?, ?, ?, ?, ?)",
                (session, turn.role, turn.text, turn.at, turn.tokens),
            )

    def load(self, session: str) -> list[Turn]:
        with self._database.transaction() as db:
            rows = db.execute(
                "SELECT role, text, at, tokens, seq FROM turns WHERE session = ? ORDER BY seq",
                (session,),
            ).fetchall()
        return [Turn(*row) for row in rows]

    def forget(self, session: str, up_to: int | None = None) -> None:
        with self._database.transaction() as db:
            db.execute(
                "DELETE FROM turns WHERE session = ? AND (? IS NULL OR seq <= ?)",
                (session, up_to, up_to),
            )

    def expire(self, before: float) -> None:
        with self._database.transaction() as db:
            db.execute(
                "DELETE FROM turns WHERE session IN"
                " (SELECT session FROM turns GROUP BY session HAVING max(at) < ?)",
                (before,),
            )

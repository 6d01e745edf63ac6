"""A conversation's context on the client's side: the last turns that fit a budget of tokens.

The gatehouse keeps no conversation. A product that wants the agent to know what was said before
sends the last turns along; this keeps them, trims them, forgets them, and lets the host take out
what should not be kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gatehouse_sdk._clock import Clock
from gatehouse_sdk._turns import MemoryTurns, SqliteTurns, Turn, TurnStore

__all__ = ["ContextLimits", "Conversation", "MemoryTurns", "SqliteTurns", "Turn", "TurnStore"]

BYTES_PER_TOKEN = 4
CUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextLimits:
    """How much of a conversation is kept, and how long after its last word."""

    token_budget: int = 4_000
    expires_after_seconds: float = 1_800


def about_tokens(text: str) -> int:
    """A guess that errs on the high side: one token for every four bytes."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


_DEFAULT = ContextLimits()


class Conversation:
    """One session's turns.

    Args:
        session: names the conversation among those of the store.
        store: where turns are kept; in memory unless given. A ``SqliteTurns`` outlives the process.
        keep_text: False keeps what is said out of the store: it ends with this object.
        redact: is given each text before anything is kept, and gives what may be.
        limits: the budget and the expiry.
        count_tokens: a tokenizer of yours instead of the guess.
        clock: time, for tests.

    Example:
        >>> talk = Conversation("ticket-7", redact=lambda text: text.replace("4111", "****"))
        >>> talk.add("customer", "My card 4111 was charged twice.")
        >>> talk.messages()
        [{'role': 'customer', 'text': 'My card **** was charged twice.'}]
    """

    def __init__(
        self,
        session: str,
        *,
        store: TurnStore | None = None,
        keep_text: bool = True,
        redact: Callable[[str], str] | None = None,
        limits: ContextLimits = _DEFAULT,
        count_tokens: Callable[[str], int] = about_tokens,
        clock: Clock | None = None,
    ) -> None:
        self._session = session
        self._store = store if store is not None and keep_text else MemoryTurns()
        self._redact = redact
        self._limits = limits
        self._count = count_tokens
        self._clock = clock or Clock()

    def add(self, role: str, text: str) -> None:
        """Keep a turn, and let go of the oldest that no longer fit; a long one loses its start."""
        text = self._redact(text) if self._redact else text
        text = self._fitting(text)
        now = self._clock.wall()
        self._store.expire(now - self._limits.expires_after_seconds)
        self._store.append(self._session, Turn(role, text, now, self._count(text)))
        self._trim()

    def turns(self) -> list[Turn]:
        """What is kept, the oldest first."""
        self._store.expire(self._clock.wall() - self._limits.expires_after_seconds)
        return self._store.load(self._session)

    def messages(self) -> list[dict[str, str]]:
        """The turns as most contracts take them: a role and a text each."""
        return [{"role": turn.role, "text": turn.text} for turn in self.turns()]

    @property
    def tokens(self) -> int:
        return sum(turn.tokens for turn in self.turns())

    def clear(self) -> None:
        """Forget the conversation, here and in the store."""
        self._store.forget(self._session)

    def _trim(self) -> None:
        left = self._limits.token_budget
        for turn in reversed(self._store.load(self._session)):
            left -= turn.tokens
            if left < 0:
                self._store.forget(self._session, up_to=turn.seq)
                return

    def _fitting(self, text: str) -> str:
        """The longest end of a text that fits the budget, found by halving."""
        budget = self._limits.token_budget
        if self._count(text) <= budget:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self._count(CUT + text[-middle:]) <= budget:
                low = middle
            else:
                high = middle - 1
        return CUT + text[len(text) - low :]

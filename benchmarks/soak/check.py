"""A promise of the product, and what broke it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["lost", "doubled", "wrong"]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, looked at in the stores."""

    promise: str
    kind: Kind
    """What it would be if the promise is broken."""
    looked_at: int
    broken: tuple[str, ...]
    """Names of what breaks it."""


def check(promise: str, kind: Kind, looked_at: int, broken: Iterable[str]) -> Check:
    return Check(promise, kind, looked_at, tuple(sorted(broken)))


def none_lost(promise: str, wanted: Iterable[str], found: Iterable[str]) -> Check:
    """Everything that is wanted was found."""
    names, there = [*wanted], {*found}
    return check(promise, "lost", len(names), (name for name in names if name not in there))


def none_doubled(promise: str, found: Iterable[str]) -> Check:
    """Nothing was found twice."""
    counted = Counter(found)
    twice = (name for name, times in counted.items() if times > 1)
    return check(promise, "doubled", len(counted), twice)


def where(promise: str, names: Iterable[str], is_broken: Callable[[str], object]) -> Check:
    """None of the names is broken."""
    looked_at = [*names]
    return check(promise, "wrong", len(looked_at), filter(is_broken, looked_at))

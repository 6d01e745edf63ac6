"""The error tree is drawn once, in the module's docstring, and the drawing is true."""

import inspect
import re

from functions.domain import errors
from functions.domain.errors import GatehouseError

LINE = re.compile(r"^(?P<indent>[ │├└─]*)(?P<name>[A-Z]\w+) +(?P<status>\d{3}) +(?P<slug>[\w-]+)")


def drawn() -> dict[str, tuple[str, int, str]]:
    """Name → (parent, status, slug), read off the drawing."""
    found: dict[str, tuple[str, int, str]] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := LINE.match(line):
            depth = len(match["indent"])
            above = [(d, n) for d, n in above if d < depth]
            parent = above[-1][1] if above else "Exception"
            found[match["name"]] = (parent, int(match["status"]), match["slug"])
            above.append((depth, match["name"]))
    return found


def test_the_drawing_is_the_tree() -> None:
    classes = {
        name: (cls.__bases__[0].__name__, cls.status, cls.slug)
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, GatehouseError)
    }
    assert drawn() == classes


def test_every_error_has_its_own_slug() -> None:
    slugs = [slug for _, _, slug in drawn().values()]
    assert len(slugs) == len(set(slugs))


def test_a_status_in_the_four_hundreds_is_the_caller_s_and_no_other_is() -> None:
    for _, cls in inspect.getmembers(errors, inspect.isclass):
        if issubclass(cls, GatehouseError):
            assert issubclass(cls, errors.CallerError) == (400 <= cls.status < 500)

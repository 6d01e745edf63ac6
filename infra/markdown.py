"""Tables of documents."""

from collections.abc import Iterable


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(tuple(head)), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def usd(amount: float) -> str:
    return f"{amount:,.2f}"

"""CSV that programs read and that a spreadsheet opens without surprises.

Lines and quotes are those of RFC 4180. A text that a spreadsheet would take for a formula gets an
apostrophe before it, as OWASP advises against CSV injection. Numbers are left as they are.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # full width
"""How a formula may begin; some spreadsheets take the full-width signs for the plain ones."""
MEDIA_TYPE = "text/csv"
Cell = str | int | Decimal | None


def write(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as one text; an absent value is an empty cell."""
    out = io.StringIO(newline="")
    write_to(out, [header])
    write_to(out, rows)
    return out.getvalue()


def write_to(out: io.TextIOBase, rows: Iterable[Sequence[Cell]]) -> None:
    """Add rows to a text that is open for writing."""
    csv.writer(out, lineterminator="\r\n").writerows(
        [_cell(value) for value in row] for row in rows
    )


def _cell(value: Cell) -> str:
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)

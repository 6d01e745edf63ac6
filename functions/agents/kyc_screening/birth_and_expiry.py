"""The two dates on which a verdict may hang, read so that a doubtful one is no date at all.

Of all dates on a document the birth is the first and the expiry the last. A quote that breaks this
was taken from the wrong line (the date of issue is the usual one), and is dropped.
"""

from collections.abc import Callable
from datetime import date

from . import dates
from .claims import Claims, Proof
from .contract import FieldName, Found
from .dates import NO_DAYS, Days
from .mrz_layouts import Place


def date_of_birth(claims: Claims, today: date) -> Found | None:
    """The day, in ISO 8601, with its proof."""
    mrz = claims.mrz
    return _day(
        claims,
        "date_of_birth",
        possible=lambda days: dates.births(days, today),
        zone=(mrz.birth, mrz.layout.birth) if mrz else None,
        contradicts=lambda printed, day: max(printed) < day,
    )


def expires_on(claims: Claims, today: date) -> Found | None:
    """The day, in ISO 8601, with its proof."""
    mrz = claims.mrz
    return _day(
        claims,
        "expires_on",
        possible=lambda days: dates.expiries(days, today),
        zone=(mrz.expiry, mrz.layout.expiry) if mrz else None,
        contradicts=lambda printed, day: min(printed) > day,
    )


def _day(
    claims: Claims,
    name: FieldName,
    *,
    possible: Callable[[Days], Days],
    zone: tuple[str, Place] | None,
    contradicts: Callable[[Days, date], bool],
) -> Found | None:
    quote = claims.quote(name, "document")
    claimed = possible(dates.read(quote.text)) if quote else NO_DAYS
    printed = list(dates.find(claims.texts.document))
    proved = _proved(possible(dates.from_mrz(zone[0])), claimed, printed) if zone else None
    day = proved if proved in claimed else dates.the_only(claimed)
    if quote and day is None:
        claims.drop(name, quote.text, "this does not say one day on which it can be")
    elif quote and day and not proved and any(contradicts(days, day) for days in printed):
        claims.drop(name, quote.text, "another date of the document cannot be if this is it")
        day = None
    proof = Proof(proved.isoformat(), zone[1]) if proved and zone else None
    return claims.settle(name, quote, day.isoformat() if day else None, proof)


def _proved(in_zone: Days, claimed: Days, printed: list[Days]) -> date | None:
    """The day of the zone, whose century the printed dates decide."""
    for known in (claimed, NO_DAYS.union(*printed)):
        if day := dates.the_only(in_zone & known):
            return day
    return dates.the_only(in_zone)

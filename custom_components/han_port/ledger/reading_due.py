"""When a meter that a person reads is to be read next.

Regulation 1999-03-11 no. 301 on metering and settlement, § 3-3: each metering point is read at least once a calendar
year; where more than 8 000 kWh a year are expected every third, second or each month, in periods of near the same
length; and at year end. (Its text of about 2016: who reads for a grid company that says otherwise, does as it says.)

Dates are first days of months by the Norwegian clock, so that the year's end is one of them: midnight between 31
December and 1 January. That is where the last hour of a year ends, and what is read on either of the two days will do.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from .capacity import OSLO

OFTEN_ABOVE: Final = 8_000_000
"""Wh a year above which a meter is read more often than at year end."""
MONTHS: Final = (1, 2, 3)
"""How many months there may be from one reading to the next."""
EARLY: Final = timedelta(days=10)
"""A reading so long before a date, or less, is that date's: nobody need read twice in a week."""


def next_due(last: datetime, expected_wh: int, every_months: int, now: datetime) -> datetime:
    """Return when a meter is to be read next (UTC), where it was read last at some time.

    `expected_wh` is the expected use in Wh a year; `every_months` is 1, 2 or 3 and asks for something only where more
    than 8 000 kWh are expected. A date that has passed is returned as long as it is not made good for: of several that
    have, the latest.
    """
    if every_months not in MONTHS:
        msg = f"a meter is read every 1, 2 or 3 months, not every {every_months}"
        raise ValueError(msg)
    step = every_months if expected_wh > OFTEN_ABOVE else 12
    read = (last + EARLY).astimezone(OSLO)
    due = _after(read.year, read.month, step)
    while (later := _after(due.year, due.month, step)) <= now:
        due = later
    return due.astimezone(UTC)


def _after(year: int, month: int, step: int) -> datetime:
    """Return the date that follows a month: the first of a month that is a whole number of steps into a year."""
    months = (month - 1) // step * step + step
    return datetime(year + months // 12, months % 12 + 1, 1, tzinfo=OSLO)

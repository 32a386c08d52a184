"""Whether a reading that a person gave can be right, next to the ones before and after it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from .capacity import OSLO
from .hand_periods import HandReading
from .reading_error import ReadingError

MOST: Final = 3
"""Times the expected use of a period: more than that is absurd."""
LEAST: Final = 5
"""The part of it (a fifth) that less is absurd than."""
SLACK: Final = 100_000
"""Wh that a period may come to more or less than that: a short one is as its days are, not as the profile is."""

type Expect = Callable[[datetime, datetime], float]
"""The use that is expected from one time to another, in Wh."""


class Check:
    """Holds a reading against those next to it."""

    __slots__ = ("_confirmed", "_expect", "_range")

    def __init__(self, range_wh: int, expect: Expect, *, confirmed: bool) -> None:
        """Take at how many Wh digits roll over, what use is expected, and whether a person says the reading is right.

        Half of a round of the digits is the most that is taken for a roll-over, whatever a person says: beyond it, the
        meter would have had to run backwards.
        """
        self._range: Final = range_wh
        self._expect: Final = expect
        self._confirmed: Final = confirmed

    def between(self, before: HandReading | None, reading: HandReading, after: HandReading | None) -> None:
        """Raise ReadingError where a reading does not fit between two others, as far as there are any."""
        if before is not None and after is not None:
            whole = self._energy(before, after)
            if self._energy(before, reading) + self._energy(reading, after) != whole:
                raise _order(reading, after if reading.register > after.register else before)
        elif before is not None and reading.register < before.register:
            self._roll(before, reading, _order(reading, before, confirmable=self._may_roll(before, reading)))
        elif after is not None and after.register < reading.register:
            self._roll(reading, after, _order(reading, after, confirmable=self._may_roll(reading, after)))
        if self._confirmed:
            return
        for start, end in ((before, reading), (reading, after)):
            if start is not None and end is not None and self._absurd(start, end):
                raise ReadingError(
                    "reading_absurd",
                    confirmable=True,
                    found=f"{self._energy(start, end) / 1000:.0f}",
                    expected=f"{self._expect(start.at, end.at) / 1000:.0f}",
                    start=shown_time(start.at),
                    end=shown_time(end.at),
                )

    def _roll(self, start: HandReading, end: HandReading, error: ReadingError) -> None:
        """Raise an error unless digits may have rolled over from one reading to the next."""
        if not error.confirmable or not (self._confirmed or not self._absurd(start, end)):
            raise error

    def _may_roll(self, start: HandReading, end: HandReading) -> bool:
        return self._energy(start, end) <= self._range // 2

    def _energy(self, start: HandReading, end: HandReading) -> int:
        return (end.register - start.register) % self._range

    def _absurd(self, start: HandReading, end: HandReading) -> bool:
        """Return whether more than three times what is expected was used, or less than a fifth, by 100 kWh or more."""
        expected = self._expect(start.at, end.at)
        return not expected / LEAST - SLACK <= self._energy(start, end) <= expected * MOST + SLACK


def _order(reading: HandReading, other: HandReading, *, confirmable: bool = False) -> ReadingError:
    return ReadingError(
        "reading_below" if other.at < reading.at else "reading_above",
        confirmable=confirmable,
        found=shown(reading.register),
        other=shown(other.register),
        at=shown_time(other.at),
    )


def shown(register: int) -> str:
    """Return a register (Wh) in kWh, with no more decimals than it needs."""
    return f"{register / 1000:.3f}".rstrip("0").rstrip(".")


def shown_time(at: datetime) -> str:
    """Return a time as the Norwegian clock showed it."""
    return f"{at.astimezone(OSLO):%Y-%m-%d %H:%M}"

"""A meter that a person reads: readings at any time, and hours that are estimated from a profile.

Between two readings the hours have the period's energy in the proportion of the profile, and sum up to the difference
of the readings to the Wh (FPC, the final profile consumption of Norwegian settlement). After the last reading an hour
has its share of the energy that is expected in a year (FPPC, the preliminary one). An hour that a reading cuts has its
share of both.

The register counts on where digits roll over, so that it never falls. What is told depends on the readings alone, and
not on the order in which they came.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Self

from .curve import Curve, Years
from .hand_periods import HandReading, Period, Span, changed, periods
from .hand_stored import DamagedReadingsError, readings_from_stored, readings_to_stored
from .hours import Hour, Status
from .integral import HOUR
from .learned_use import learned_use
from .profile import Profile
from .reading_check import Check, shown, shown_time
from .reading_error import ReadingError

DIGITS: Final = range(4, 9)
"""How many whole kWh digits a meter may have."""
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class HandRead:
    """The readings of one meter, and what follows from them."""

    __slots__ = ("_curves", "_digits", "_expected", "_periods", "_profile", "_readings", "_starts", "_years")

    def __init__(self, digits: int, readings: Iterable[HandReading], expected: int, profile: Profile) -> None:
        """Take the meter's digits before the decimal point, its readings (one at least) and the expected Wh a year.

        Readings next to each other are taken as they are. Raises ReadingError where one is impossible by itself or two
        are for one time, and ValueError where the rest makes no sense.
        """
        if digits not in DIGITS or expected < 0:
            msg = f"no meter has {digits} digits and {expected} Wh a year"
            raise ValueError(msg)
        self._digits: Final = digits
        self._expected = expected
        self._profile = profile
        self._years = Years(profile)
        self._periods: tuple[Period, ...] = ()
        self._curves: dict[Period, Curve] = {}
        taken: list[HandReading] = []
        for reading in sorted(map(self._checked, readings)):
            if taken and taken[-1].at == reading.at:
                raise _same_time(taken[-1])
            taken.append(reading)
        if not taken:
            msg = "a meter that is read by hand begins with a reading"
            raise ValueError(msg)
        self._set(tuple(taken))

    @property
    def digits(self) -> int:
        """How many digits the meter has before the decimal point."""
        return self._digits

    @property
    def readings(self) -> tuple[HandReading, ...]:
        """All readings, in time order."""
        return self._readings

    @property
    def last(self) -> HandReading:
        """The last reading, as the digits showed it."""
        return self._readings[-1]

    @property
    def expected(self) -> int:
        """Wh a year that a person said to expect."""
        return self._expected

    @property
    def learned(self) -> int | None:
        """Wh a year that the readings tell to expect; None as long as they do not cover eleven months."""
        return learned_use(self._readings, self._range, self._years)

    @property
    def annual(self) -> int:
        """Wh a year that is reckoned with: what has been learned, else what a person said."""
        return self._periods[-1].energy

    @property
    def profile(self) -> Profile:
        """The profile that hours follow."""
        return self._profile

    def add(self, reading: HandReading, now: datetime, *, confirmed: bool = False) -> tuple[Span, ...]:
        """Take a reading, also a late one; return the hours that it changes. Raises ReadingError.

        The same one again changes nothing. `confirmed`: a person says that it is right although it is unlikely.
        """
        reading = self._timely(reading, now)
        if (known := self._find(reading.at)) is not None:
            if known == reading:
                return ()
            raise _same_time(known)
        return self._take(self._readings, reading, confirmed=confirmed)

    def replace(
        self, at: datetime, reading: HandReading, now: datetime, *, confirmed: bool = False
    ) -> tuple[Span, ...]:
        """Take a reading, of the same time or another, for the one at a time; return the hours that this changes.

        Raises ReadingError, as `add` does, and where there is none at that time.
        """
        others = self._without(at)
        reading = self._timely(reading, now)
        for other in others:
            if other.at == reading.at:
                raise _same_time(other)
        return self._take(others, reading, confirmed=confirmed)

    def remove(self, at: datetime) -> tuple[Span, ...]:
        """Forget the reading at a time; return the hours that this changes. Raises ReadingError."""
        others = self._without(at)
        if not others:
            raise ReadingError("reading_only_one")
        place = bisect_left(others, at, key=_at)
        if 0 < place < len(others):
            energies = [period.energy for period in self._periods[place - 1 : place + 1]]
            if sum(energies) >= self._range:
                raise ReadingError("reading_needed")
        return self._set(others)

    def expect(self, expected: int) -> tuple[Span, ...]:
        """Take another number of Wh to expect a year; return the hours that this changes."""
        if expected < 0:
            msg = f"nobody uses {expected} Wh a year"
            raise ValueError(msg)
        self._expected = expected
        return self._set(self._readings)

    def use_profile(self, profile: Profile) -> tuple[Span, ...]:
        """Follow another profile from the first reading on; return the hours that this may change."""
        self._profile = profile
        self._years = Years(profile)
        self._curves = {}
        self._set(self._readings)
        return changed((), self._periods)

    def register_at(self, at: datetime) -> int | None:
        """Return the register (Wh) at a time, counted on where digits rolled over; None before the first reading."""
        return self._register(at.timestamp())

    def hours(self, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """Return the hours that begin in [start, end), both full hours; those before the first reading are missing.

        The hour of the first reading has what was used after it. Nothing goes back to the grid. Time to come is
        estimated as well.
        """
        rows = []
        first = self._periods[0]
        numbers = range(int(start.timestamp() // HOUR), int(end.timestamp() // HOUR))
        before = self._register(numbers.start * HOUR)
        for number in numbers:
            begin = datetime.fromtimestamp(number * HOUR, UTC)
            after = self._register((number + 1) * HOUR)
            if after is None or (number + 1) * HOUR == first.start:
                rows.append(Hour(begin, None, None, Status.MISSING))
            else:
                energy = after - (first.register if before is None else before)
                rows.append(Hour(begin, energy, 0, Status.ESTIMATED, after))
            before = after
        return tuple(rows)

    def to_stored(self) -> dict[str, Any]:
        """Return what JSON can hold, from which the meter can be made again, with its profile."""
        return readings_to_stored(self._digits, self._readings, self._expected)

    @classmethod
    def from_stored(cls, stored: object, profile: Profile) -> Self:
        """Return a meter that was stored. Raises DamagedReadingsError, with the reason, if it cannot be read."""
        content = readings_from_stored(stored)
        try:
            return cls(content.digits, content.readings, content.expected, profile)
        except ValueError as err:
            msg = f"they are damaged: {err!r}"
            raise DamagedReadingsError(msg) from err

    @property
    def _range(self) -> int:
        """Wh at which the digits begin again."""
        return int(1000 * 10**self._digits)

    def _checked(self, reading: HandReading) -> HandReading:
        """Return a reading, its time in UTC and to the second. Raises ReadingError if it is impossible by itself."""
        at = reading.at.astimezone(UTC).replace(microsecond=0)
        if at < _EARLIEST:
            raise ReadingError("reading_too_old", at=shown_time(at))
        if at >= _LATEST:
            raise ReadingError("reading_future", at=shown_time(at))
        if reading.register < 0:
            raise ReadingError("reading_negative", found=shown(reading.register))
        if reading.register >= self._range:
            raise ReadingError("reading_digits", found=shown(reading.register), digits=str(self._digits))
        return HandReading(at, reading.register)

    def _timely(self, reading: HandReading, now: datetime) -> HandReading:
        reading = self._checked(reading)
        if reading.at > now:
            raise ReadingError("reading_future", at=shown_time(reading.at))
        return reading

    def _take(self, others: tuple[HandReading, ...], reading: HandReading, *, confirmed: bool) -> tuple[Span, ...]:
        place = bisect_left(others, reading)
        before = others[place - 1] if place else None
        after = others[place] if place < len(others) else None
        annual = self._annual(others)
        Check(
            self._range,
            lambda start, end: annual * self._years.between(start.timestamp(), end.timestamp()),
            confirmed=confirmed,
        ).between(before, reading, after)
        return self._set((*others[:place], reading, *others[place:]))

    def _set(self, readings: tuple[HandReading, ...]) -> tuple[Span, ...]:
        """Have these readings; return the hours that differ."""
        before = self._periods
        self._readings = readings
        self._periods = periods(readings, self._range, self._annual(readings))
        self._starts = [period.start for period in self._periods]
        known = self._curves
        self._curves = {period: known[period] for period in self._periods if period in known}
        return changed(before, self._periods)

    def _annual(self, readings: tuple[HandReading, ...]) -> int:
        learned = learned_use(readings, self._range, self._years) if readings else None
        return self._expected if learned is None else learned

    def _find(self, at: datetime) -> HandReading | None:
        return next((reading for reading in self._readings if reading.at == at), None)

    def _without(self, at: datetime) -> tuple[HandReading, ...]:
        at = at.astimezone(UTC).replace(microsecond=0)
        if self._find(at) is None:
            raise ReadingError("reading_unknown", at=shown_time(at))
        return tuple(reading for reading in self._readings if reading.at != at)

    def _register(self, at: float) -> int | None:
        """Return the register at a time (POSIX seconds): rounded, so that any sum of hours is right to the Wh."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return None
        period = self._periods[place]
        if period.end is None:
            return period.register + round(period.energy * self._years.between(period.start, at))
        if (curve := self._curves.get(period)) is None:
            curve = self._curves[period] = Curve(self._profile, period.start, period.end)
        return period.register + round(period.energy * curve.share(at))


def _same_time(known: HandReading) -> ReadingError:
    return ReadingError("reading_same_time", at=shown_time(known.at), register=shown(known.register))


def _at(reading: HandReading) -> datetime:
    return reading.at

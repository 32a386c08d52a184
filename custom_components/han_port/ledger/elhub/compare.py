"""What was settled here held against what Elhub has: hour by hour, day by day, and in all. Energies are whole Wh."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple

from ..capacity import OSLO, day_of
from ..hours import Hour, Status
from .volume import Direction, Volume

_HOUR: Final = timedelta(hours=1)


class HourDifference(NamedTuple):
    """One hour. None: it is not in the file, or not among our own."""

    start: datetime
    """UTC."""
    file: int | None
    own: int | None
    estimated: bool
    """Whether our own is an estimate."""

    @property
    def difference(self) -> int | None:
        """What our own is more than the file's."""
        return None if self.file is None or self.own is None else self.own - self.file


class DayDifference(NamedTuple):
    """One day by the Norwegian clock: of its hours those that are in both."""

    day: date
    hours: int
    """How many; 0 to 25."""
    file: int
    own: int

    @property
    def difference(self) -> int:
        """What our own is more than the file's."""
        return self.own - self.file


class Comparison(NamedTuple):
    """Both, hour by hour."""

    direction: Direction
    hours: tuple[HourDifference, ...]
    """All that are in one of them at least, in the order of time."""

    @property
    def both(self) -> tuple[HourDifference, ...]:
        """The hours that are in both."""
        return tuple(hour for hour in self.hours if hour.difference is not None)

    @property
    def only_file(self) -> tuple[HourDifference, ...]:
        """The hours that only the file has."""
        return tuple(hour for hour in self.hours if hour.own is None)

    @property
    def only_own(self) -> tuple[HourDifference, ...]:
        """The hours that only we have."""
        return tuple(hour for hour in self.hours if hour.file is None)

    @property
    def estimated(self) -> tuple[HourDifference, ...]:
        """The hours that are in both, ours as an estimate."""
        return tuple(hour for hour in self.both if hour.estimated)

    @property
    def file_total(self) -> int:
        """What the file has of the hours that are in both."""
        return sum(hour.file or 0 for hour in self.both)

    @property
    def own_total(self) -> int:
        """What we have of the hours that are in both."""
        return sum(hour.own or 0 for hour in self.both)

    @property
    def difference(self) -> int:
        """What our own is more than the file's, of the hours that are in both."""
        return self.own_total - self.file_total

    @property
    def days(self) -> tuple[DayDifference, ...]:
        """The days that have an hour in one of them at least."""
        days: dict[date, DayDifference] = {}
        for hour in self.hours:
            day = day_of(hour.start)
            so_far = days.get(day) or DayDifference(day, 0, 0, 0)
            if hour.file is not None and hour.own is not None:
                so_far = DayDifference(day, so_far.hours + 1, so_far.file + hour.file, so_far.own + hour.own)
            days[day] = so_far
        return tuple(days.values())

    def largest(self, most: int) -> tuple[HourDifference, ...]:
        """Return the hours that differ most, the worst first; at most so many, and none that do not differ."""
        differing = [hour for hour in self.both if hour.difference]
        return tuple(sorted(differing, key=lambda hour: -abs(hour.difference or 0))[:most])


def compare(of_file: Iterable[Volume], of_book: Iterable[Hour], direction: Direction) -> Comparison:
    """Hold the hours of a file against our own of the same time.

    Args:
        of_file: the file's hours, each once.
        of_book: our own, each once. Those that are missing count as not had.
        direction: which of both energies of our hours the file is about.

    """
    file = {volume.start: volume.energy for volume in of_file}
    own = {hour.start: hour for hour in of_book if hour.status is not Status.MISSING}
    return Comparison(
        direction,
        tuple(
            HourDifference(
                start,
                file.get(start),
                None if (hour := own.get(start)) is None else _energy(hour, direction),
                hour is not None and hour.status is Status.ESTIMATED,
            )
            for start in sorted(file.keys() | own.keys())
        ),
    )


def as_response(comparison: Comparison, most: int, zone: tzinfo = OSLO) -> dict[str, Any]:
    """Return a comparison as an action answers it: kWh with three decimals, times (ISO 8601) by the clock of a zone.

    `most` is how many of the hours that differ most are named. The totals and the days are about the hours that are in
    both.
    """
    return {
        "direction": comparison.direction.value,
        **_energies(comparison.file_total, comparison.own_total),
        "compared": len(comparison.both),
        "differing": sum(1 for hour in comparison.both if hour.difference),
        "only_file": [_local(hour.start, zone) for hour in comparison.only_file],
        "only_own": [_local(hour.start, zone) for hour in comparison.only_own],
        "estimated": [_local(hour.start, zone) for hour in comparison.estimated],
        "largest": [_as_row(hour, zone) for hour in comparison.largest(most)],
        "days": [
            {"day": day.day.isoformat(), "hours": day.hours, **_energies(day.file, day.own)} for day in comparison.days
        ],
        "hours": [_as_row(hour, zone) for hour in comparison.hours],
    }


def _energy(hour: Hour, direction: Direction) -> int | None:
    return hour.imported if direction is Direction.CONSUMPTION else hour.exported


def _as_row(hour: HourDifference, zone: tzinfo) -> dict[str, Any]:
    return {
        "start": _local(hour.start, zone),
        "end": _local(hour.start + _HOUR, zone),
        **_energies(hour.file, hour.own),
        "estimated": hour.estimated,
    }


def _energies(file: int | None, own: int | None) -> dict[str, float | None]:
    difference = None if file is None or own is None else own - file
    return {"file": _kwh(file), "own": _kwh(own), "difference": _kwh(difference)}


def _kwh(energy: int | None) -> float | None:
    return None if energy is None else energy / 1000


def _local(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).isoformat()

"""The month's capacity peaks: each day's highest hour, those that count, their mean, and what it costs.

Most Norwegian grid companies bill a month by the mean of its three highest daily maxima, on three different days, of
the energy from the grid in a clock hour; a few by its one highest hour. Days and months are those of the Norwegian
clock. What was measured and what a person has put right stay apart: corrections come on top.

Energies are whole Wh, and their mean is a fraction: so a mean that is exactly on a boundary is known to be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from .hours import Hour, Status
from .steps import Steps

OSLO: Final = ZoneInfo("Europe/Oslo")
_DAY: Final = timedelta(days=1)


class Rule(StrEnum):
    """By what a month is billed."""

    OFF = "off"
    THREE_DAYS = "three_days"
    """The mean of the three highest daily maxima; of as many as there are, as long as there are fewer."""
    MONTH_MAXIMUM = "month_maximum"
    """The highest hour."""


_COUNTED: Final = {Rule.OFF: 0, Rule.THREE_DAYS: 3, Rule.MONTH_MAXIMUM: 1}
"""How many days count."""


class Origin(StrEnum):
    """Where a peak comes from."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    """Of an hour that got its share of what was used over a longer time."""
    CORRECTED = "corrected"
    """Set by hand."""


class Peak(NamedTuple):
    """The highest hour of a day."""

    day: date
    """By the Norwegian clock."""
    start: datetime | None
    """UTC; None if it was set by hand."""
    energy: int
    """Wh; and so the mean power of the hour in W."""
    origin: Origin


type Corrections = Mapping[date, int | None]
"""Wh that a day's peak is set to; None: the day does not count."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """How a grid company bills capacity."""

    rule: Rule
    steps: Steps
    count_estimated: bool = False
    """Whether estimated hours count. They make false peaks: energy of an outage is spread as it may not have been."""


class Month(NamedTuple):
    """What there is of a month so far."""

    first: date
    days: tuple[Peak, ...]
    """The peak of each day that counts, in order; days without hours that count have none."""
    counting: tuple[Peak, ...]
    """Those that make up the mean, the highest first, of two alike the earlier day. Empty if the rule is off."""
    mean: Fraction | None
    """W."""
    step: int | None
    """Index of the step in which the mean lies."""
    price: float | None
    """Of that step, a month; None where it is not known."""

    def peak_of(self, day: date) -> Peak | None:
        """Return the peak of a day."""
        return next((peak for peak in self.days if peak.day == day), None)


def day_of(start: datetime) -> date:
    """Return the day to which an hour belongs."""
    return start.astimezone(OSLO).date()


def month_span(day: date) -> tuple[datetime, datetime]:
    """Return where the month of a day begins and ends (UTC)."""
    first = day.replace(day=1)
    return _midnight(first), _midnight((first + 31 * _DAY).replace(day=1))


def next_midnight(now: datetime) -> datetime:
    """Return when the next day begins (UTC)."""
    return _midnight(day_of(now) + _DAY)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC)


def assess(hours: Iterable[Hour], corrections: Corrections, tariff: Tariff, day: date) -> Month:
    """Return what there is of the month of a day.

    Hours may come in any order, from more than one meter and of other months too. Of two rows for one hour the measured
    one counts, of two alike the larger; of two hours of a day that are alike the first.
    """
    first = day.replace(day=1)
    peaks = _measured(hours, tariff, day)
    for corrected, energy in corrections.items():
        if corrected.replace(day=1) != first:
            continue
        peaks.pop(corrected, None)
        if energy is not None:
            peaks[corrected] = Peak(corrected, None, energy, Origin.CORRECTED)
    days = tuple(peaks[known] for known in sorted(peaks))
    counting = tuple(sorted(days, key=_energy, reverse=True)[: _COUNTED[tariff.rule]])  # stable: the earlier day first
    if not counting:
        return Month(first, days, counting, None, None, None)
    mean = Fraction(sum(map(_energy, counting)), len(counting))
    step = tariff.steps.of(mean)
    return Month(first, days, counting, mean, step, tariff.steps[step].price)


def _measured(hours: Iterable[Hour], tariff: Tariff, day: date) -> dict[date, Peak]:
    """Return each day's peak, as hours have it."""
    begin, end = month_span(day)
    counted: dict[datetime, tuple[bool, int]] = {}
    for hour in hours:
        if hour.imported is None or not begin <= hour.start < end:
            continue
        measured = hour.status is Status.MEASURED
        if measured or tariff.count_estimated:
            row = (measured, hour.imported)
            counted[hour.start] = max(row, counted.get(hour.start, row))
    peaks: dict[date, Peak] = {}
    for start in sorted(counted):
        measured, energy = counted[start]
        local = day_of(start)
        if (peak := peaks.get(local)) is None or energy > peak.energy:
            peaks[local] = Peak(local, start, energy, Origin.MEASURED if measured else Origin.ESTIMATED)
    return peaks


def within_reach(month: Month, tariff: Tariff, target: int) -> int | None:
    """Return the target (W) that can still be kept this month; None if nothing that comes can cost more.

    Where the days that have been exceed the target whatever comes, that is the upper boundary of the lowest step in
    which the month can end: to hold anything back for a lower one would be in vain.
    """
    if not (count := _COUNTED[tariff.rule]):
        return target
    least = Fraction(sum(map(_energy, month.counting)), count)
    strict = _is_strict(tariff, target)
    if least < target or (least == target and not strict):
        return target
    return tariff.steps.upper(tariff.steps.of(least))


def _is_strict(tariff: Tariff, target: int) -> bool:
    """Return whether a mean must stay below a target, and not only reach it: it is where the next step begins."""
    return tariff.steps.boundary_to_higher and any(step.above == target for step in tariff.steps)


def allowed(month: Month, tariff: Tariff, target: int, day: date) -> int:
    """Return the Wh that an hour of a day may come to, so that the month's mean stays within a target (W).

    It is the most that this and all further days may come to: as a rule the target itself, less if other days have been
    higher. Where the target is a boundary of the steps that belongs to the higher one, the mean stays below it. It is
    never less than what changes nothing: the day's own peak, and the lowest of the other days' if enough of them count.
    The end of the month is not looked at: as many days as count are taken to be still to come. A target that is out of
    reach leaves no more than that: see `within_reach`.
    """
    if not (count := _COUNTED[tariff.rule]):
        return target
    own = month.peak_of(day)
    others = sorted((peak.energy for peak in month.days if peak.day != day), reverse=True)[:count]
    most = count * target
    if _is_strict(tariff, target):
        most -= 1
    # The highest of the others and of days that come to L are the best of: `number` of the others, the rest L.
    sums = accumulate(others[: count - 1], initial=0)
    limit = min((most - total) // (count - number) for number, total in enumerate(sums))
    unchanged = others[-1] if len(others) == count else 0
    return max(limit, unchanged, own.energy if own else 0)


def _energy(peak: Peak) -> int:
    return peak.energy

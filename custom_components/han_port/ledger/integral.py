"""Energy out of power: the integral of one direction's power over the time in which lists came.

What it must do:
  - add a list's power in about a microsecond: a meter sends up to 1 800 an hour;
  - tell the energy, and for how many seconds power was seen, up to instants that are only asked for later: to the last
    minutes exactly (a register is for an instant before its list), further back to each full hour;
  - not guess: over a pause longer than the cadence allows, nothing is added and no time counts as seen; but tell when
    the long ones were, for those who have to guess;
  - survive a system clock that steps: it never runs backwards itself, and it stays bounded.

How: totals that only rise. The last few hundred lists keep their totals (`_recent`). Of the time before, only marks at
full hours, and on both sides of a long pause or one over a full hour (`_marks`), until the ledger needs them no more.

Times are POSIX seconds, by the clock that also times the arrival of lists. Energy is in W·s.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from math import inf
from typing import Final, NamedTuple

HOUR: Final = 3600
"""Seconds; and W·s in a Wh."""
FULL_CADENCE: Final = 10.0
"""Seconds between full lists, of all makers."""
POWER_CADENCE: Final = 2.5
"""Seconds between power lists, of the makers that have them (Kaifa's: 2 s)."""
MOST_POWER: Final = 1_000_000
"""W. No more goes through a meter of the low-voltage net: a list that says more is damaged."""

_BRIDGED: Final = 3.1
"""Cadences between two lists over which power is taken to have gone straight from one to the other."""
_USUAL: Final = 1.6
"""Cadences between two lists of which none was lost; a meter's hourly list may come between two full ones."""
_JITTER: Final = 2.0
"""Seconds that a clock may be set back without notice. Lists that come in one burst have the same time."""
_LONG_PAUSE: Final = 60.0
"""Seconds."""
_RECENT: Final = 460
"""A quarter of an hour of lists that come every 2 s."""
_MINUTES: Final = 15
"""So many of the last minutes are stored, for who asks after a restart what the power has been of late."""
_NEVER: Final = -1e10
_MOST_MARKS: Final = 2000
"""Two for each hour of 40 days. Older ones are thinned out."""

type _Sample = tuple[float, float, float, float, float]
"""Time, and what has been counted up to it: energy, seconds seen, doubt; and the power at that time."""


class Point(NamedTuple):
    """What has been counted up to an instant."""

    at: float
    energy: float
    """W·s."""
    seen: float
    """Seconds during which power was seen."""
    doubt: float
    """W·s by which the energy may be wrong because lists were lost; infinite where it is between two marks."""
    epoch: int = 0
    """How often the clock was set back before: points of two epochs cannot be compared."""

    def to_stored(self) -> list[float]:
        """Return it as a row of numbers, without the doubt."""
        return [round(self.at, 2), round(self.energy), round(self.seen, 1), self.epoch]


class Integral:
    """The integral of the power of one direction."""

    __slots__ = (
        "_at",
        "_bridge",
        "_marks",
        "_next_hour",
        "_recent",
        "_usual",
        "_watts",
        "doubt",
        "energy",
        "epoch",
        "seen",
    )

    def __init__(self) -> None:
        self.energy = 0.0
        self.seen = 0.0
        self.doubt = 0.0
        self.epoch = 0
        self._at = _NEVER
        self._watts = 0.0
        self._next_hour = 0.0
        self._recent: deque[_Sample] = deque(maxlen=_RECENT)
        self._marks: list[Point] = []
        self._bridge = self._usual = 0.0
        self.expect(FULL_CADENCE)

    @property
    def kept_until(self) -> float:
        """Up to when it is known what came before a start; long ago if nothing is."""
        return self._marks[-1].at if self._marks else _NEVER

    @property
    def watts(self) -> float | None:
        """The power that came last, in W; None if none has come since the start."""
        return self._watts if self._recent else None

    def expect(self, cadence: float) -> None:
        """Take note of how often power comes, in seconds."""
        self._bridge = _BRIDGED * cadence
        self._usual = _USUAL * cadence

    def add(self, at: float, watts: float) -> None:
        """Take the power at an instant, in W."""
        if not 0 <= watts <= MOST_POWER:
            return
        step = at - self._at
        if 0 < step <= self._bridge:
            before = self._watts
            if at >= self._next_hour:
                self._mark(self._between(self._sample(), at, watts, self._next_hour))
                self._next_hour += HOUR
            self.energy += (before + watts) * step * 0.5
            self.seen += step
            if step > self._usual:
                self.doubt += abs(watts - before) * step * 0.5
        elif -_JITTER <= step <= 0:
            if watts != self._watts:  # of what comes after it, not of what came before
                self._watts = watts
                self._recent.append(self._sample())
            return
        else:
            self._pause(at)
        self._at = at
        self._watts = watts
        self._recent.append((at, self.energy, self.seen, self.doubt, watts))

    def upto(self, at: float) -> Point:
        """Return what had been counted up to an instant; of one before what is known, as much as at its beginning."""
        recent = self._recent
        if at >= self._at if recent else not self._marks or at >= self._marks[-1].at:
            return Point(self._at, self.energy, self.seen, self.doubt, self.epoch)
        if not recent or at < recent[0][0]:
            return self._upto_mark(at)
        index = bisect_right(recent, (at, inf)) - 1
        later = recent[index + 1]
        return self._between(recent[index], later[0], later[4], at, bridged=later[2] > recent[index][2])

    def pauses(self, since: float) -> Iterator[tuple[Point, Point]]:
        """Yield the long pauses that end after an instant: what had been counted at both ends of each."""
        marks = self._marks
        for index in range(max(1, bisect_right(marks, since, key=_time)), len(marks)):
            before, after = marks[index - 1], marks[index]
            if after.seen == before.seen and after.at > before.at:
                yield before, after

    def forget(self, before: float) -> None:
        """Drop the marks that only tell of the time before an instant."""
        marks = self._marks
        if len(marks) > 1 and marks[1].at <= before:
            del marks[: bisect_right(marks, before, key=_time) - 1]

    def to_stored(self) -> list[list[float]]:
        """Return the marks, the last minutes and now, as rows of time, energy (W·s), seconds seen and epoch."""
        points = [*self._marks, *self._last_minutes(), self.upto(self._at)] if self._recent else self._marks
        return [point.to_stored() for point in points]

    def _last_minutes(self) -> Iterator[Point]:
        """Yield what had been counted up to each of the last minutes, since the last mark and the first list known."""
        since = max(self._recent[0][0], self._marks[-1].at if self._marks else _NEVER)
        for minutes in range(_MINUTES, 0, -1):
            if (at := self._at - 60 * minutes) > since:
                yield self.upto(at)

    def restore(self, points: list[Point]) -> None:
        """Go on from stored points. The time since the last one was not seen."""
        if points:
            self._marks = points
            _, self.energy, self.seen, self.doubt, self.epoch = points[-1]

    def recall(self, since: float, at: float, energy: float) -> None:
        """Take the energy (W·s) between two instants of before, as somebody else has counted it.

        Time in which nothing was counted does not count as seen. What is known already of the time is left as it is.
        """
        if self._recent or (self._marks and at <= self._marks[-1].at):
            return
        if not self._marks:
            self._marks.append(Point(since, self.energy, self.seen, self.doubt, self.epoch))
        if energy > 0:
            self.energy += energy
            self.seen += at - max(since, self._marks[-1].at)
        self._marks.append(Point(at, self.energy, self.seen, inf, self.epoch))

    def _pause(self, at: float) -> None:
        """Begin anew after a pause, or at the beginning."""
        if self._marks and at < max(self._at, self._marks[-1].at):  # the clock was set back: forget its future
            self._recent.clear()
            self._marks.clear()
            self.epoch += 1
            self._next_hour = 0.0
        if at >= self._next_hour or at - self._at >= _LONG_PAUSE:
            if self._recent:
                self._mark(self.upto(self._at))
            self._mark(Point(at, self.energy, self.seen, self.doubt, self.epoch))
            self._next_hour = (at // HOUR + 1) * HOUR

    def _mark(self, point: Point) -> None:
        self._marks.append(point)
        if len(self._marks) > _MOST_MARKS:
            del self._marks[1 : _MOST_MARKS // 2 : 2]

    def _sample(self) -> _Sample:
        return (self._at, self.energy, self.seen, self.doubt, self._watts)

    def _between(self, before: _Sample, later: float, watts: float, at: float, *, bridged: bool = True) -> Point:
        """Return what had been counted up to an instant between two lists."""
        since, energy, seen, doubt, watts_before = before
        if not bridged:
            return Point(at, energy, seen, doubt, self.epoch)
        part, step = at - since, later - since
        change = (watts - watts_before) / step
        if step > self._usual:
            doubt += abs(watts - watts_before) * part * 0.5
        return Point(at, energy + (watts_before + change * part * 0.5) * part, seen + part, doubt, self.epoch)

    def _upto_mark(self, at: float) -> Point:
        """Return what had been counted up to an instant before the recent lists: what came evenly between marks."""
        index = bisect_right(self._marks, at, key=_time)
        later = self._marks[index] if index < len(self._marks) else None
        if self._recent and (later is None or later.at > self._recent[0][0]):
            later = Point(*self._recent[0][:4], self.epoch)
        if index == 0 or later is None:
            return (later or self._marks[-1])._replace(at=at)
        before = self._marks[index - 1]
        if at == before.at:
            return before
        part = (at - before.at) / (later.at - before.at)
        energy = before.energy + (later.energy - before.energy) * part
        return Point(at, energy, before.seen + (later.seen - before.seen) * part, inf, self.epoch)


def _time(point: Point) -> float:
    return point.at

"""What the hour that is running will come to: what was used so far, and the recent power for what is left of it.

Import alone: what goes back to the grid in one part of an hour does not take away what was used in another.

What was used so far is what a register tells of the hour, and the power since. Time in which nothing was seen is not
taken for time in which nothing was used: a pause has the mean of the power before and after it, and the beginning of an
hour that nobody saw has that of the rest.

The recent power is the mean of a quarter of an hour, in which thermostats come and go; but only of the time since it
last changed by as much as a car does. `scripts/forecast` compares this with other ways: it is nearer to what the hours
come to than the mean of any shorter time, and a car is in it within a minute.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from .integral import FULL_CADENCE, HOUR, Integral, Point

SLOW: Final = 900.0
"""Seconds over which power is levelled out."""
QUICK: Final = 60.0
"""Seconds that are enough to see a large change of it."""
LARGE: Final = 2500.0
"""W. A charger takes 3.6 kW or more, and a heater of 1 kW may go off at the same time; one heater alone, a hob or a
kettle changes power by less."""
_LEAST_LEFT: Final = 60.0
"""Seconds. In the last minute, no power that one could still draw or leave out changes much."""
_STALE: Final = 600.0
"""Seconds after which power that was seen is not recent any more."""
_UNSEEN: Final = 2 * FULL_CADENCE
"""Seconds that may be unseen without a word: a list may be lost."""


class Forecast(NamedTuple):
    """The hour that is running, as it looks now. Energies in Wh, powers in W, spans in seconds."""

    start: datetime
    """UTC."""
    so_far: float
    """What has been used since the full hour."""
    expected: float
    """What the whole hour comes to, if power stays as it has been recently."""
    power: float
    """The recent power."""
    left: float
    passed: float
    complete: bool
    """Whether all of the time that has passed was seen, or told of by a register; else a part is a guess."""
    drawn: float
    """The mean power of the last minute."""

    def available(self, limit: float) -> float:
        """Return the power that may be drawn more than now until the hour ends; negative where it is to be reduced.

        It follows each change within a minute: who adds or takes away what it says does not do so twice.
        """
        return (limit - self.so_far - self.drawn * self.left / HOUR) * HOUR / max(self.left, _LEAST_LEFT)

    def room(self, limit: float) -> float:
        """Return the power that may be drawn in all until the hour ends; negative where the limit is exceeded."""
        return (limit - self.so_far) * HOUR / max(self.left, _LEAST_LEFT)


class Told(NamedTuple):
    """What is known for certain of an hour: what was used in it up to an instant."""

    at: float
    """POSIX seconds."""
    energy: float
    """Wh."""
    point: Point
    """What the integral was at that instant."""


class Recent:
    """The recent power of one integral."""

    __slots__ = ("_changed",)

    def __init__(self) -> None:
        self._changed: Point | None = None
        """What the integral was when a large change was seen last."""

    @property
    def changed_at(self) -> float | None:
        """When a large change was seen last (POSIX seconds): what is to be stored."""
        return None if self._changed is None else self._changed.at

    def restore(self, integral: Integral, changed_at: float | None) -> None:
        """Go on from what was stored."""
        self._changed = None if changed_at is None else integral.upto(changed_at)

    def power(self, integral: Integral, until: Point, drawn: float) -> float:
        """Return the power of the time up to a point (W); `drawn` is that of the last minute."""
        since = integral.upto(until.at - SLOW)
        changed = self._changed
        if changed is not None and since.at < changed.at <= until.at:
            if until.at - changed.at <= QUICK:
                return drawn
            since = changed
        if (power := _mean(since, until)) is None:
            return drawn
        if abs(drawn - power) <= LARGE:
            return power
        self._changed = until
        return drawn


def of_hour(integral: Integral, recent: Recent, begin: float, told: Told, now: float) -> Forecast | None:
    """Return what the hour from `begin` (POSIX seconds) will come to; None where no power is known of late."""
    latest = integral.watts
    last = integral.upto(now)
    if latest is None or now - last.at > _STALE:
        return None
    if (drawn := _mean(integral.upto(last.at - QUICK), last)) is None:
        drawn = latest
    power = recent.power(integral, last, drawn)
    seen = max(0.0, last.seen - told.point.seen)
    energy = max(0.0, last.energy - told.point.energy)
    unseen = max(0.0, last.at - told.at - seen)
    since = now - max(last.at, told.at)
    if unseen > 0:
        energy += _filled(integral, told.at, unseen, last, energy / seen if seen > 0 else power)
    passed = now - begin
    left = HOUR - passed
    so_far = told.energy + (energy + power * since) / HOUR
    return Forecast(
        datetime.fromtimestamp(begin, UTC),
        so_far,
        so_far + power * left / HOUR,
        power,
        left,
        passed,
        complete=unseen + since < _UNSEEN,
        drawn=drawn,
    )


def _mean(since: Point, until: Point) -> float | None:
    """Return the mean power (W) of what was seen between two points."""
    if (seen := until.seen - since.seen) <= 0:
        return None
    return (until.energy - since.energy) / seen


def _filled(integral: Integral, since: float, unseen: float, last: Point, usual: float) -> float:
    """Return the energy (W·s) for so many unseen seconds since an instant; `usual` is the power of the others."""
    energy = 0.0
    for before, after in integral.pauses(since):
        length = min(after.at - max(before.at, since), unseen)
        first = _mean(integral.upto(before.at - SLOW), before)
        second = _mean(after, integral.upto(min(after.at + SLOW, last.at)))
        sides = [power for power in (first, second) if power is not None]
        energy += length * (sum(sides) / len(sides) if sides else usual)
        unseen -= length
    return energy + unseen * usual

"""Registers brought to full hours, for one direction.

Where the register has not risen, there is nothing to tell. Where it is for an instant close to the full hour, and power
was seen all the time between them, the boundary is exact: the register less what was drawn since the hour. All others
are estimates between the registers on both sides: the energy between these goes to where power was seen, as it was
seen, and the rest evenly to the time in which nothing was seen. So whatever is estimated, it sums up to the difference
of the registers.

Energies are in Wh where they are whole numbers; times are POSIX seconds.
"""

from collections.abc import Iterator
from math import inf
from typing import Final, NamedTuple

from .integral import HOUR, Integral, Point

_NEAR: Final = 90.0
"""Seconds between a register and a full hour over which power is good enough. Kamstrup's lists come until :55 past."""
_UNSEEN: Final = 0.6
"""Seconds of that for which power may be missing: clocks differ a little."""
_DOUBT: Final = 3600.0
"""W·s, 1 Wh: by how much the energy may be wrong because lists were lost."""
_SURE_POWER: Final = 2_000.0
"""W. Where nothing was seen for a short time among much that was seen, the power was no more than this and some
times what it was else: what is left over then is what the integral has missed."""
_TIMES_POWER: Final = 4.0


class Register(NamedTuple):
    """A register, the instant that it is for, and what the integral was then."""

    at: float
    value: int
    exact: bool
    point: Point


class Boundary(NamedTuple):
    """The register at a full hour."""

    value: int
    exact: bool


def boundaries(
    first: Register | None, last: Register, hours: range, integral: Integral, shift: float
) -> Iterator[Boundary | None]:
    """Yield the register at these hours (in hours since 1970), which lie after `first` and not after `last`.

    Without a first register, None where there is no exact one. `shift` is added to an hour for the time at which its
    power was seen.
    """
    spread = None
    least = first.value if first else 0
    for hour in hours:
        at = hour * HOUR
        if at == last.at:
            yield Boundary(last.value, last.exact)
            continue
        if first is not None and first.value == last.value:
            yield Boundary(last.value, exact=True)
            continue
        point = integral.upto(at + shift)
        exact = True
        if last.exact and (drawn := _drawn(point, last.point, last.at - at)) is not None:
            value = last.value - round(drawn)
        elif first is None:
            yield None
            continue
        elif first.exact and (drawn := _drawn(first.point, point, at - first.at)) is not None:
            value = first.value + round(drawn)
        else:
            exact = False
            spread = spread or Spread(first, last)
            value = first.value + round(spread.upto(at, point))
        least = min(max(value, least), last.value)
        yield Boundary(least, exact)


def _drawn(since: Point, until: Point, seconds: float) -> float | None:
    """Return the energy (Wh) between two points that are so far apart; None where too little of it was seen."""
    if seconds > _NEAR or until.seen - since.seen < seconds - _UNSEEN or until.epoch != since.epoch:
        return None
    if since.doubt == inf or until.doubt - since.doubt > _DOUBT:
        return None
    return (until.energy - since.energy) / HOUR


class Spread:
    """How the energy between two registers is spread over the time between them."""

    __slots__ = ("_first", "_per_second", "_per_unseen_second", "_share", "_total")

    def __init__(self, first: Register, last: Register) -> None:
        self._first = first
        self._total = total = last.value - first.value
        seconds = last.at - first.at
        energy, seen = _since(first, last.at, last.point)
        unseen = seconds - seen
        self._share = self._per_second = self._per_unseen_second = 0.0
        if energy > 0:
            missed = max(0.0, total - energy)
            if seen > unseen:
                missed = min(missed, (_SURE_POWER / HOUR + _TIMES_POWER * energy / seen) * unseen)
            self._share = (total - missed) / energy
            self._per_unseen_second = missed / unseen if unseen > 0 else 0.0
        elif seen > unseen:  # the meter does not send this power, or it was nought but for what the register has cut
            self._per_second = total / seconds
        else:
            self._per_unseen_second = total / unseen

    def upto(self, at: float, point: Point) -> float:
        """Return the energy (Wh) from the first register to an instant; `point` is what the integral was then."""
        seconds = at - self._first.at
        energy, seen = _since(self._first, at, point)
        spread = self._share * energy + self._per_unseen_second * (seconds - seen) + self._per_second * seconds
        return min(spread, self._total)


def _since(first: Register, at: float, point: Point) -> tuple[float, float]:
    """Return the energy (Wh) and the seconds seen since a register: none if the clock was set back meanwhile."""
    if point.epoch != first.point.epoch:
        return 0.0, 0.0
    energy = max(0.0, point.energy - first.point.energy) / HOUR
    return energy, min(max(0.0, point.seen - first.point.seen), at - first.at)

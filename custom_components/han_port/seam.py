"""The seam between two scales in the statistics of a sensor: what its rows have to be. Pure.

A sensor that shows another scale from one moment on makes the recorder add a jump to its sum, or the whole register
where it takes a fall for a reset. What the rows of the sensor should be instead: state − sum, the base, is the same in
all rows of a scale, and the sum at the seam rises by what was used, no more. So with the last row on the old scale and
the first one on the new scale, all is said.

All energies are in the unit of the statistics, times are POSIX seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

SHORT: Final = 300.0
"""Seconds of a row of short-term statistics."""
_SAME: Final = 0.01
"""What the bases of two rows of one count may differ by at most."""
_NEAR: Final = 20


class Row(NamedTuple):
    """A row of statistics. Those that have no state were imported from elsewhere, and are of no concern here."""

    id: int
    start: float
    state: float
    sum: float


@dataclass(frozen=True, slots=True)
class Scales:
    """How a sensor went from one scale to another."""

    since: float
    """Until then it was on the old one."""
    until: float
    """From then on it is on the new one."""
    factor: float
    moved: Callable[[float], float]
    """Gives on the new scale what was shown on the old one."""
    jumped: Callable[[float], float]
    """Gives what was shown after the change for what was shown just before."""
    history: bool
    """Whether the rows of before get onto the new scale too."""

    def is_moved(self, state: float, before: float) -> bool:
        """Return whether a state is surely on the new scale, where one of little before it was on the old one."""
        return _NEAR * abs(state - self.moved(before)) < abs(state - before)


def first_of_new(scales: Scales, old: Row | None, after: Sequence[Row]) -> Row | None:
    """Return the first short-term row on the new scale; None: it is not there yet.

    `old` is the last row on the old scale, `after` are the rows that do not end before the change.
    """
    for row in after:
        if row.start > scales.until:
            return row
        if row.start + SHORT > scales.until and old is not None and scales.is_moved(row.state, old.state):
            return row
    return None


class Seam:
    """What the rows around a change have to be.

    `old` and `new` are the short-term rows on both sides, if there is one on the old side; `origin` is the sum where
    the sensor's own rows begin: what comes before is history from elsewhere.
    """

    def __init__(self, scales: Scales, old: Row | None, new: Row, origin: float) -> None:
        self._scales = scales
        self._old = old
        self._new = new
        self._origin = origin
        self._old_base = self._new_base = new.state
        self._least = 0.0
        """What the sum is at `old`."""
        if old is not None:
            self._old_base = old.state - old.sum
            if scales.history:
                self._new_base = scales.factor * self._old_base + (scales.factor - 1) * origin
                self._least = scales.moved(old.state) - self._new_base
            else:
                self._new_base = scales.jumped(old.state) - old.sum
                self._least = old.sum
        self._most = max(new.state - self._new_base, self._least)
        """What the sum is at `new`."""

    @property
    def share(self) -> float:
        """The part of what the recorder has added to the sum over the seam that was used."""
        added = self._new.sum - (self._old.sum if self._old else 0)
        return (self._most - self._least) / added if added else 1.0

    @property
    def is_sewn(self) -> bool:
        """Whether the history is on the new scale already."""
        if not self._scales.history or self._old is None:
            return False
        state, old = self._new.state, self._old.state
        return abs(state - old) < abs(state - self._scales.moved(old))

    def right(self, row: Row, length: float) -> Row:
        """Return what a row, of so many seconds, has to be."""
        if row.start + length > self._new.start:
            return row._replace(sum=row.sum + self._most - self._new.sum)
        if row.start + length > self._scales.since:
            return self._between(row)
        return self._on_new_scale(row) if self._scales.history else row

    def _on_new_scale(self, row: Row) -> Row:
        """Return a row of before, on the new scale. What counted before this register did is multiplied as it is."""
        if self._old is not None and abs(row.state - row.sum - self._old_base) < _SAME:
            shown = self._scales.moved(row.state)
            return row._replace(state=shown, sum=shown - self._new_base)
        factor = self._scales.factor
        return row._replace(state=factor * row.state, sum=self._origin + factor * (row.sum - self._origin))

    def _between(self, row: Row) -> Row:
        """Return a row in which the change was made: on which scale it ends, its state tells."""
        state, base = row.state, self._new_base
        if self._old is not None:
            old = self._old.state
            if abs(state - old) <= abs(state - self._scales.moved(old)):
                if self._scales.history:
                    state = self._scales.moved(state)
                else:
                    base = self._old_base
        return row._replace(state=state, sum=min(max(state - base, self._least), self._most))

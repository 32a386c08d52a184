"""How far the main fuse is loaded: the share of the most loaded phase, and when that is too much for too long.

What belongs here: currents and the time go in, a load and on or off come out. Who shows them is not known here.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..wire.reading import Grid, Number, Quantity

CURRENTS: Final = {"L1": Quantity.CURRENT_L1, "L2": Quantity.CURRENT_L2, "L3": Quantity.CURRENT_L3}
"""The current of each phase."""

FULL: Final = 100.0
"""Percent. A load above it is an overload."""
CALM: Final = 95.0
"""Percent. An overload is over when the load stays below it."""
CALM_FOR: Final = 20.0
"""Seconds that it must stay there: three full lists, so that a kettle does not end what the oven goes on with."""
GAP: Final = 40.0
"""Seconds. Where no current has come for longer (four full lists), nobody knows what the load was meanwhile."""
EARLY: Final = 1.0
"""Seconds that a list may come before its time and still count: lists do not come to the millisecond."""


class Load(NamedTuple):
    """What a list says of the main fuse."""

    percent: float
    """Of the fuse's rated current, in the most loaded phase that is seen."""
    phase: str
    """That phase: "L1", "L2" or "L3"."""
    unseen: tuple[str, ...]
    """Phases that carry a current which the meter does not tell."""


def load(currents: Mapping[Quantity, Number], fuse: float, grid: Grid | None) -> Load | None:
    """Return the load of the main fuse; None where no phase's current is known.

    Args:
        currents: in A, of those phases whose current the meter measures. The sign is of no account: a fuse melts the
            same when the power flows out (Aidon's currents are negative then). Other quantities are ignored.
        fuse: its rated current in A.
        grid: how the house is connected; None where the meter does not say it.

    """
    known = {phase: abs(currents[quantity]) for phase, quantity in CURRENTS.items() if quantity in currents}
    if not known:
        return None
    phase = max(known, key=known.__getitem__)
    single = grid is Grid.SINGLE_PHASE or (grid is None and known.keys() == {"L1"})
    unseen = () if single else tuple(phase for phase in CURRENTS if phase not in known)
    return Load(100 * known[phase] / fuse, phase, unseen)


class Overload:
    """Whether the load has been too high for too long: a start of a motor is none, and one list below ends none."""

    def __init__(self, delay: float) -> None:
        """Begin without an overload, which shows when it has lasted for `delay` seconds."""
        self.on = False
        """Whether there is an overload now."""
        self._delay = delay
        self._since: float | None = None
        """When the load went above what it may be or, while there is an overload, below."""
        self._at: float | None = None

    def update(self, percent: float, at: float) -> bool:
        """Take the load of a list, and the time in seconds that it came at; return whether there is an overload."""
        if self._at is not None and at - self._at > GAP:
            self.reset()
        self._at = at
        turning = percent < CALM if self.on else percent > FULL
        if not turning:
            self._since = None
            return self.on
        if self._since is None:
            self._since = at
        if at - self._since >= (CALM_FOR if self.on else self._delay) - EARLY:
            self.on = not self.on
            self._since = None
        return self.on

    def reset(self) -> None:
        """Forget what has been: nothing is known any more."""
        self.on = False
        self._since = self._at = None

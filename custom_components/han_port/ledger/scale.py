"""Whether a meter's registers and its power are on one scale.

A Kamstrup meter's list does not tell the decimals of its registers, and some grid companies have changed them; a
meter behind current transformers may count in other units than it shows power in. Then the energy that power gives and
the difference of two registers do not agree, hour after hour, by the same factor.
"""

from collections.abc import Sequence
from math import log10
from typing import Final, NamedTuple

LEAST_HOURS: Final = 6
"""Comparisons that must agree."""
_LEAST_ENERGY: Final = 100
"""Wh. With less, the register's last digit would decide."""
_LEAST_SECONDS: Final = 3000.0
_SEEN: Final = 0.99
_TEN: Final = 0.06
"""How far from a power of ten the factor may be, in decades: 15 %."""
_STEADY: Final = 0.2
"""How far one hour's factor may be from that of all."""
_WRONG: Final = 0.15
"""What a factor differs from 1 at least; and how far all hours may be apart where it is no power of ten."""


class Comparison(NamedTuple):
    """About an hour: the energy that power gives and the one that the registers tell, both directions, in Wh."""

    power: float
    register: int


class Comparing:
    """Gathers a comparison out of the spans between registers, if power was seen nearly all the time."""

    __slots__ = ("_power", "_register", "_seconds", "_seen")

    def __init__(self) -> None:
        self._begin()

    def add(self, seconds: float, seen: float, power: float, register: int) -> Comparison | None:
        """Take a span between two registers: its length, for how much of it power was seen, and both energies (Wh)."""
        self._seconds += seconds
        self._seen += seen
        self._power += power
        self._register += register
        if self._seconds < _LEAST_SECONDS:
            return None
        good = self._seen >= _SEEN * self._seconds
        comparison = Comparison(round(self._power, 1), self._register) if good else None
        self._begin()
        return comparison

    def _begin(self) -> None:
        self._seconds = self._seen = self._power = 0.0
        self._register = 0


def suggested_factor(comparisons: Sequence[Comparison]) -> float | None:
    """Return what the registers are to be multiplied by to agree with power; None where they do, or it is not clear.

    It looks at the last LEAST_HOURS comparisons in which there was enough energy. All of them must tell about the same
    factor.
    """
    clear = [one for one in comparisons if max(one.power, one.register) >= _LEAST_ENERGY][-LEAST_HOURS:]
    if len(clear) < LEAST_HOURS or any(one.register <= 0 or one.power <= 0 for one in clear):
        return None
    factor = sum(one.power for one in clear) / sum(one.register for one in clear)
    decades = round(log10(factor))
    apart = [abs(one.power / one.register / factor - 1) for one in clear]
    if decades and abs(log10(factor) - decades) <= _TEN:
        # What is ten times too small has few digits.
        return 10.0**decades if max(apart) <= 2 * _STEADY else None
    if abs(factor - 1) >= _WRONG and max(apart) <= _WRONG:
        return float(f"{factor:.2g}")
    return None


def rescaled(shown: float, factor: float, register: int | None) -> float:
    """Return what was shown (Wh), once registers are multiplied by a factor.

    What it was ahead of the last register (as it was sent before) came of power, and so is not multiplied.
    """
    if register is None or shown < register:
        return shown * factor
    return shown + round(register * factor) - register

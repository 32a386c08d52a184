"""Whether a Kamstrup meter that does not say its model is one behind current transformers, which sends mA.

Push 1 (Kamstrup 5512-2584) has no model in it, and sends hundredths of an ampere from other meters. But current times
voltage must be about the power that stands beside them: under a heavy load ten times too much can be no distortion.
"""

from collections.abc import Mapping
from math import hypot
from typing import Final

from ..reading import Number, Quantity

_HEAVY: Final = 5000
"""VA."""
_ALIKE: Final = (60, 150)
_TENFOLD: Final = (600, 1500)
"""Per cent of the power: from and to."""

_PHASES: Final = tuple((Quantity(f"voltage_l{n}"), Quantity(f"current_l{n}")) for n in (1, 2, 3))
_ACTIVE: Final = tuple(Quantity(f"power_{way}_l{n}") for way in ("import", "export") for n in (1, 2, 3))


def sends_milliamperes(sent: Mapping[Quantity, Number], volt: int) -> bool | None:
    """Tell by the numbers as they stand in a list, with `volt` of a voltage to a volt. None where it cannot be told."""
    active = sum(sent.get(quantity, 0) for quantity in _ACTIVE)
    reactive = sent.get(Quantity.REACTIVE_POWER_IMPORT, 0) + sent.get(Quantity.REACTIVE_POWER_EXPORT, 0)
    power = hypot(active, reactive)
    if power < _HEAVY:
        return None
    product = sum(sent.get(voltage, 0) * sent.get(current, 0) for voltage, current in _PHASES) / volt
    percent = product / power
    if _TENFOLD[0] <= percent <= _TENFOLD[1]:
        return True
    return False if _ALIKE[0] <= percent <= _ALIKE[1] else None

"""Lists of objects, then their values, that carry no scales: Landis+Gyr and Iskra in Switzerland, Landis+Gyr in Cyprus.

The first object is the push set-up itself (Blue Book, 4.4.8.2), and its logical name tells the kind of meter. Scales
are those on which currents, voltages and power factors of captured lists agree with the power: hundredths of an ampere
always; volts and thousandths from the E450 and E570 (set-ups 0-8:25.9.0 and 0-9:25.9.0), tenths of a volt from the E360
and the AM550 (0-6:25.9.0).
"""

from collections.abc import Sequence
from typing import Final

from ..axdr import Data, Leaf
from . import coded

_E450: Final = coded.scalers(current=-2, voltage=0, energy=0, power_factor=-3)
_E360: Final = coded.scalers(current=-2, voltage=-1, energy=0)
_SETUPS: Final = {
    bytes((0, 6, 25, 9, 0, 255)): _E360,
    bytes((0, 8, 25, 9, 0, 255)): _E450,
    bytes((0, 9, 25, 9, 0, 255)): _E450,
}


def scalers(body: Sequence[Data]) -> coded.Scalers:
    """Return the scales of a list's push set-up, or none where it does not tell it."""
    match body:
        case ([(Leaf(), Leaf(bytes() as code), *_), *_], *_):
            return _SETUPS.get(code, coded.UNSCALED)
        case _:
            return coded.UNSCALED

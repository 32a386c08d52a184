"""Structures of OBIS code, value, OBIS code, value … that carry no scaler and no unit (Kamstrup, Kaifa in Sweden)."""

from collections.abc import Mapping, Sequence

from ..cosem import Data, Leaf
from ..items import Items

type Scalers = Mapping[int, int]
"""Powers of ten by the OBIS groups C and D, packed into C << 8 | D."""


def scalers(*, current: int, voltage: int, energy: int) -> Scalers:
    """Return the powers of ten of currents (A), voltages (V) and registers (Wh, varh); power is in W and var."""
    return {
        **{c << 8 | 7: current for c in (31, 51, 71)},
        **{c << 8 | 7: voltage for c in (32, 52, 72)},
        **{c << 8 | 8: energy for c in (1, 2, 3, 4)},
    }


def scaler(code: bytes, table: Scalers) -> int:
    """Return the power of ten that goes with a code of six octets."""
    return table.get(code[2] << 8 | code[3], 0)


def sort_items(body: Sequence[Data], table: Scalers) -> Items:
    """Sort the pairs of a list.

    What is no code where one should stand is passed over: a meter without L2 sends null for the code and the value.
    """
    items = Items()
    at = 0
    while at < len(body) - 1:
        code, value = body[at], body[at + 1]
        if isinstance(code, Leaf) and isinstance(code.value, bytes) and len(code.value) == 6:
            if isinstance(value, Leaf):
                items.add(code.value, value, scaler(code.value, table))
            at += 2
        else:
            at += 1
    return items

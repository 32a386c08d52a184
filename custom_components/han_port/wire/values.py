"""What holds for the values of every list, whatever form it came in: bounds, and the kind of list that they make."""

from collections.abc import Collection
from typing import Final

from . import obis
from .reading import ListKind, Quantity

MOST: Final = 10**13
"""More is no value of a meter: 10 TWh are what a country uses in a month."""
MOST_UNKNOWN: Final = 64
"""Items without a known code that are kept of one list."""

_ACTIVE_POWER: Final = frozenset((Quantity.POWER_IMPORT, Quantity.POWER_EXPORT))


def list_kind(quantities: Collection[Quantity]) -> ListKind:
    """Return which kind of list has these quantities, one at least."""
    if not obis.REGISTERS.isdisjoint(quantities):
        return ListKind.HOURLY
    return ListKind.POWER if _ACTIVE_POWER.issuperset(quantities) else ListKind.FULL

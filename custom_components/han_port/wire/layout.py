"""What stands where in a meter's list.

A meter sends the same list over and over: the same codes, types, texts, scalers and units, and other numbers. So a list
is taken apart by its codes once, and what was found is kept as a Layout. A later list is read by it in a tenth of the
time if it is as long and its octets are the same wherever the layout holds no number. Any other list is taken apart
anew. Thus nothing is ever read from a place where the codes did not put it.
"""

from collections.abc import Collection, Iterable
from math import isfinite
from struct import Struct
from types import MappingProxyType
from typing import Final

from . import obis
from .clock import ClockLaw
from .cosem import Leaf, date_time
from .items import Items, text
from .reading import Grid, ListKind, Meter, Number, Quantity, Raw, Reading

_ACTIVE_POWER: Final = frozenset((Quantity.POWER_IMPORT, Quantity.POWER_EXPORT))


class Layout:
    """What stands where in one list of one meter."""

    def __init__(self, items: Items, maker: str, grid: Grid | None, law: ClockLaw) -> None:
        """Keep what was found in a list.

        Args:
            items: its sorted items, at least one number among them.
            maker: who made the meter.
            grid: how it is connected, where the list tells it.
            law: how its clock is to be understood.

        """
        numbers = items.numbers
        self._kind = _kind(numbers)
        self._meter: Meter | None = None
        if items.list_id or items.meter_id:
            self._meter = Meter(maker, items.model, items.meter_id, items.list_id, grid)
        self._clock = slice(items.clock.at, items.clock.at + items.clock.size) if items.clock else None
        self._law = law

        self._quantities = sorted(numbers, key=lambda quantity: numbers[quantity].leaf.at)
        self._numbers = _struct(numbers[quantity].leaf for quantity in self._quantities)
        self._divisors = [(quantity, 10**-number.scaler) for quantity, number in numbers.items() if number.scaler < 0]
        self._factors = [(quantity, 10**number.scaler) for quantity, number in numbers.items() if number.scaler > 0]
        self._doubtful = [
            quantity
            for quantity, number in numbers.items()
            if number.leaf.form in "fd" or (number.scaler < 0 and quantity in obis.REGISTERS)
        ]

        unknown = sorted(items.unknown.items(), key=lambda item: item[1].at)
        self._unknown_codes = [code for code, leaf in unknown if leaf.form]
        self._unknown_numbers = _struct(leaf for _code, leaf in unknown if leaf.form)
        self._unknown_texts = {code: text(leaf.value) for code, leaf in unknown if not leaf.form}
        self._has_unknown = bool(unknown)
        self._varying = [
            slice(leaf.at, leaf.at + leaf.size)
            for leaf in (*(number.leaf for number in numbers.values()), *items.unknown.values())
            if leaf.form
        ]
        self._mask = 0
        self._constant = -1

    def fit(self, information: bytes, varying: Iterable[slice]) -> None:
        """Learn what the lists of this layout have in common.

        Args:
            information: the list that the items came from, its LLC header included where it has one.
            varying: where it may differ besides the numbers and the clock.

        """
        mask = bytearray(b"\xff" * len(information))
        for place in (*self._varying, *varying, *([self._clock] if self._clock else ())):
            mask[place] = bytes(place.stop - place.start)
        self._mask = int.from_bytes(mask)
        self._constant = int.from_bytes(information) & self._mask

    def read(self, information: bytes) -> Reading | None:
        """Read a list as long as the one that was learned from. None where it has another layout."""
        if int.from_bytes(information) & self._mask != self._constant:
            return None
        values: dict[Quantity, Number] = dict(
            zip(self._quantities, self._numbers.unpack_from(information), strict=True)
        )
        for quantity, divisor in self._divisors:
            values[quantity] /= divisor
        for quantity, factor in self._factors:
            values[quantity] *= factor
        if self._doubtful:
            self._settle(values)
        clock = date_time(information[self._clock]) if self._clock else None
        return Reading(
            self._kind,
            values,
            self._meter,
            clock.local if clock else None,
            self._law(clock) if clock else (),
            self._unknown(information) if self._has_unknown else _NOTHING,
        )

    def _settle(self, values: dict[Quantity, Number]) -> None:
        """Drop what is no number and make registers whole."""
        for quantity in self._doubtful:
            value = values[quantity]
            if not isfinite(value):
                del values[quantity]
            elif quantity in obis.REGISTERS:
                values[quantity] = int(value)

    def _unknown(self, information: bytes) -> dict[str, Raw]:
        numbers = zip(self._unknown_codes, self._unknown_numbers.unpack_from(information), strict=True)
        return {**self._unknown_texts, **{code: number for code, number in numbers if isfinite(number)}}


_NOTHING: Final = MappingProxyType[str, Raw]({})


def _kind(quantities: Collection[Quantity]) -> ListKind:
    if not obis.REGISTERS.isdisjoint(quantities):
        return ListKind.HOURLY
    return ListKind.POWER if _ACTIVE_POWER.issuperset(quantities) else ListKind.FULL


def _struct(leaves: Iterable[Leaf]) -> Struct:
    """Make what unpacks these numbers, which must stand in order, from a list."""
    form = ">"
    at = 0
    for leaf in leaves:
        form += f"{leaf.at - at}x{leaf.form}"
        at = leaf.at + leaf.size
    return Struct(form)

"""What stands where in a meter's list.

A meter sends the same list over and over: the same codes, types, texts, scalers and units, and other numbers. So a list
is taken apart by its codes once, and what was found is kept as a Layout. A later list is read by it in a tenth of the
time if it is as long and its octets are the same wherever the layout holds no number. Any other list is taken apart
anew. Thus nothing is ever read from a place where the codes did not put it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import isfinite
from struct import Struct
from types import MappingProxyType
from typing import Final

from . import obis
from .axdr import Leaf
from .clock import ClockLaw
from .cosem import date_time
from .items import Items, ScaledNumber, text
from .reading import Grid, ListKind, Meter, Number, Quantity, Raw, Reading
from .values import MOST, list_kind

type Premise = Callable[[Mapping[Quantity, Number]], bool]


class Layout:
    """What stands where in one list of one meter."""

    def __init__(
        self, items: Items, maker: str, grid: Grid | None, law: ClockLaw, premise: Premise | None = None
    ) -> None:
        """Keep what was found in a list.

        Args:
            items: its sorted items, at least one number among them.
            maker: who made the meter; empty where nothing tells.
            grid: how it is connected, where the list tells it.
            law: how its clock is to be understood.
            premise: what must be true of the numbers as they stand in a list, for the scale to be as in this one.

        """
        numbers = items.numbers
        self._kind = list_kind(numbers)
        self._meter: Meter | None = None
        if items.list_id or items.meter_id or self._kind is not ListKind.POWER:
            self._meter = Meter(maker, items.model, items.meter_id, items.list_id, grid)
        self._clock = slice(items.clock.at, items.clock.at + items.clock.size) if items.clock else None
        self._law = law
        self._premise = premise

        placed = sorted(numbers.items(), key=_place_of_number)
        self._quantities = [quantity for quantity, _ in placed]
        self._numbers = _struct([number.leaf for _, number in placed])
        self._divisors = [(quantity, 10**-scaler) for quantity, (_, scaler) in placed if scaler < 0]
        self._factors = [(quantity, 10**scaler) for quantity, (_, scaler) in placed if scaler > 0]
        self._doubtful = [quantity for quantity, number in placed if _is_doubtful(quantity, number)]
        self._varying = [slice(leaf.at, leaf.at + leaf.size) for _, (leaf, _) in placed]
        self._has_unknown = bool(items.unknown)
        if self._has_unknown:
            self._place_unknown(items)
        self._mask = 0
        self._constant = -1

    def _place_unknown(self, items: Items) -> None:
        unknown = sorted(items.unknown.items(), key=_place)
        self._unknown_codes = [code for code, leaf in unknown if leaf.form]
        self._unknown_numbers = _struct([leaf for _, leaf in unknown if leaf.form])
        self._unknown_texts = {code: text(leaf.value) for code, leaf in unknown if not leaf.form}
        self._varying += (slice(leaf.at, leaf.at + leaf.size) for _, leaf in unknown if leaf.form)

    def identify(self, number: str) -> None:
        """Give the meter a number, unless the list itself tells one."""
        if self._meter is not None and not self._meter.id:
            self._meter = replace(self._meter, id=number)

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
        if self._premise is not None and not self._premise(values):
            return None
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
        """Drop what is no number or cannot be, and make registers whole."""
        for quantity in self._doubtful:
            value = values[quantity]
            is_register = quantity in obis.REGISTERS
            if not (0 if is_register else -MOST) <= value <= MOST:  # not a number is neither
                del values[quantity]
            elif is_register:
                values[quantity] = int(value)

    def _unknown(self, information: bytes) -> dict[str, Raw]:
        numbers = zip(self._unknown_codes, self._unknown_numbers.unpack_from(information), strict=True)
        return {**self._unknown_texts, **{code: number for code, number in numbers if isfinite(number)}}


_NOTHING: Final = MappingProxyType[str, Raw]({})


def _place_of_number(item: tuple[Quantity, ScaledNumber]) -> int:
    return item[1].leaf.at


def _place(item: tuple[str, Leaf]) -> int:
    return item[1].at


def _is_doubtful(quantity: Quantity, number: ScaledNumber) -> bool:
    """Tell whether a number of this form and scale can be more than is possible, no number, or no whole register."""
    form = number.leaf.form
    if form in "fd" or 256**number.leaf.size * 10**number.scaler > MOST:
        return True
    return quantity in obis.REGISTERS and (form in "bhiq" or number.scaler < 0)


def _struct(leaves: Iterable[Leaf]) -> Struct:
    """Make what unpacks these numbers, which must stand in order, from a list."""
    form = ">"
    at = 0
    for leaf in leaves:
        form += f"{leaf.at - at}x{leaf.form}"
        at = leaf.at + leaf.size
    return Struct(form)

"""Lists that carry OBIS codes, in all the ways in which meters write them, sorted into items.

    array or structure of items         {code, value} or {code, value, {scaler, unit}}   Aidon, Embriq, Iskra, Kaifa
    codes and values                    code, value, code, value …                       Kamstrup, Kaifa, Landis+Gyr
    codes, values and scales            code, value, {scaler, unit}, code, value …       Kaifa in Lower Austria
    objects first, then their values    [{class, code, attribute, …} …], value, value …  Switzerland, Cyprus, Czechia

The last is the push object list (Blue Book, 4.4.8.2). Where a list carries no scale, the dialect's table gives it; what
is in neither is of no known scale, unless its unit needs none: power and energy are in W, var, Wh and varh.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ..axdr import Data, Leaf
from ..items import Items

type Scalers = Mapping[int, int]
"""Powers of ten by the OBIS groups C and D, packed into C << 8 | D."""

UNSCALED: Final[Scalers] = {}

_CODE_SIZE: Final = 6
_SCALER_UNIT: Final = 3
_REGISTERS: Final = (3, 4)
"""The attributes of the classes register and extended register (Blue Book, 4.3.2 and 4.3.3)."""
_PUSH_SETUP: Final = 40
"""A class (Blue Book, 4.4.8)."""


def scalers(*, current: int, voltage: int, energy: int, power_factor: int | None = None) -> Scalers:
    """Return the powers of ten of currents (A), voltages (V) and registers (Wh, varh); power is in W and var."""
    table = {
        **{c << 8 | 7: current for c in (31, 51, 71)},
        **{c << 8 | 7: voltage for c in (32, 52, 72)},
        **{c << 8 | 8: energy for c in (1, 2, 3, 4)},
    }
    if power_factor is not None:
        table |= {c << 8 | 7: power_factor for c in (13, 33, 53, 73)}
    return table


def scaler(code: bytes, table: Scalers) -> int | None:
    """Return the power of ten that goes with a code of six octets; None where the table does not have it."""
    return table.get(code[2] << 8 | code[3])


def sort_items(body: Sequence[Data], table: Scalers = UNSCALED) -> Items:
    """Sort the items of a list. What is no item is passed over: a code without a value, null for both."""
    items = Items()
    match body:
        case (list() as objects, *values) if objects and all(map(_is_object, objects)):
            _sort_objects(items, objects, values, table)
        case _:
            _sort(items, body, table, is_whole=True)
    return items


def _sort(items: Items, body: Sequence[Data], table: Scalers, *, is_whole: bool) -> None:
    at = 0
    while at < len(body):
        element = body[at]
        at += 1
        if not isinstance(element, Leaf):
            _sort(items, element, table, is_whole=False)
        elif (code := _code(element)) is None:
            if is_whole:
                items.loose.append(element)
        elif at < len(body):
            value = body[at]
            at += 1
            scale = _scale(body[at]) if at < len(body) else None
            if scale is not None:
                at += 1
            if isinstance(value, Leaf):
                items.add(code, value, *(scale or (scaler(code, table), None)))


def _sort_objects(items: Items, objects: list[Data], values: list[Data], table: Scalers) -> None:
    """Sort values by the objects that they are of. The list of objects itself may be one of them, the first."""
    if len(values) == len(objects) - 1:
        objects = objects[1:]
    scales = {}
    kept = []
    for item, value in zip(objects, values, strict=False):
        match item:
            case (Leaf(kind), Leaf(bytes() as code), Leaf(attribute), *_):
                if kind == _PUSH_SETUP:
                    continue
                if kind in _REGISTERS and attribute == _SCALER_UNIT:
                    scales[code] = _scale(value)
                elif isinstance(value, Leaf):
                    kept.append((code, value))
    for code, value in kept:
        items.add(code, value, *(scales.get(code) or (scaler(code, table), None)))


def _is_object(data: Data) -> bool:
    match data:
        case (Leaf(int()), Leaf() as code, Leaf(int()), *_):
            return _code(code) is not None
        case _:
            return False


def _code(leaf: Leaf) -> bytes | None:
    return leaf.value if isinstance(leaf.value, bytes) and leaf.size == _CODE_SIZE else None


def _scale(data: Data) -> tuple[int, int] | None:
    match data:
        case (Leaf(int() as scaler), Leaf(int() as unit)):
            return scaler, unit
        case _:
            return None

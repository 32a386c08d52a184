"""Kaifa: KFM_001 (models MA105H2E, MA304H3E, MA304H4, MA304H4D, MA304T3, MA304T4).

Source: "Kaifa HAN OBIS codes KFM_001", 21.03.2017; where it says kW and signed currents, captured frames say W and
unsigned mA. The Norwegian list is positional, without codes, scalers and units: how many items it has decides. Some
Swedish meters send pairs of codes and values instead, on the same scale, and some registers of 64 bits. What Kaifa's
meters send in Austria describes itself and carries no list id: it is not read here.
"""

from collections.abc import Sequence

from ..axdr import Data, Leaf
from ..clock import civil_time
from ..items import Items
from ..layout import Layout
from ..reading import Grid, Quantity
from . import coded, phases

MAKER = "Kaifa"
LIST_ID = b"KFM"
PAIRS_ID = LIST_ID.decode()

_SCALERS = coded.scalers(current=-3, voltage=-1, energy=0)


def _code(text: str) -> bytes:
    return bytes(int(group) for group in text.replace("-", ".").replace(":", ".").split("."))


_IDENTITY = tuple(map(_code, ("1-1:0.2.129.255", "0-0:96.1.0.255", "0-0:96.1.7.255")))
_POWER = tuple(_code(f"1-0:{c}.7.0.255") for c in (1, 2, 3, 4))
_ONE_PHASE = tuple(_code(f"1-0:{c}.7.0.255") for c in (31, 32))
_THREE_PHASES = tuple(_code(f"1-0:{c}.7.0.255") for c in (31, 51, 71, 32, 52, 72))
_HOURLY = (_code("0-0:1.0.0.255"), *(_code(f"1-0:{c}.8.0.255") for c in (1, 2, 3, 4)))

_POSITIONS = {
    len(codes): codes
    for codes in (
        _POWER[:1],
        _IDENTITY + _POWER + _ONE_PHASE,
        _IDENTITY + _POWER + _THREE_PHASES,
        _IDENTITY + _POWER + _ONE_PHASE + _HOURLY,
        _IDENTITY + _POWER + _THREE_PHASES + _HOURLY,
    )
}
"""What stands where, by the number of items: 1, 9, 13, 14 or 18."""

_GRIDS = {
    "MA105H2E": Grid.SINGLE_PHASE,
    "MA304H3E": Grid.IT,
    "MA304T3": Grid.IT,
    "MA304H4": Grid.TN,
    "MA304H4D": Grid.TN,
    "MA304T4": Grid.TN,
}


def is_positional(body: Sequence[Data]) -> bool:
    """Tell whether a list is one without codes: a power alone, or what begins with Kaifa's list id."""
    match body:
        case (Leaf(int()),):
            return True
        case (Leaf(bytes() as first), *_):
            return first.startswith(LIST_ID)
        case _:
            return False


def layout(body: Sequence[Data]) -> Layout | None:
    """Return the layout of a positional list, or None where its number of items is not a known one."""
    codes = _POSITIONS.get(len(body))
    if codes is None:
        return None
    items = Items()
    for code, value in zip(codes, body, strict=True):
        if isinstance(value, Leaf):
            items.add(code, value, coded.scaler(code, _SCALERS))
    return _layout(items)


def layout_of_pairs(body: Sequence[Data]) -> Layout | None:
    """Return the layout of a list of codes and values."""
    return _layout(coded.sort_items(body, _SCALERS))


def _layout(items: Items) -> Layout | None:
    """Norway's meters follow the clock on the wall and state no deviation, Sweden's keep normal time and state it."""
    return Layout(items, MAKER, _grid(items), civil_time) if items.numbers else None


def _grid(items: Items) -> Grid | None:
    """Tell the connection by the model, or by what an IT net's meter sends: 0 V for L2."""
    if Quantity.VOLTAGE_L1 not in items.numbers:
        return None
    return _GRIDS.get(items.model) or phases.grid(items)

"""Kaifa: KFM_001 (models MA105H2E, MA304H3E, MA304H4, MA304H4D, MA304T3, MA304T4).

Source: "Kaifa HAN OBIS codes KFM_001", 21.03.2017; where it says kW and signed currents, captured frames say W and
unsigned mA. The Norwegian list is positional, without codes, scalers and units: how many items it has decides. Some
Swedish meters send pairs of codes and values instead, on the same scale.
"""

from ..clock import civil_time
from ..cosem import Data, Leaf
from ..items import Items
from ..layout import Layout
from ..reading import Grid, Quantity
from . import pairs

MAKER = "Kaifa"
LIST_ID = b"KFM"

_SCALERS = pairs.scalers(current=-3, voltage=-1, energy=0)


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


def layout(body: tuple[Data, ...]) -> Layout | None:
    """Return the layout of a positional list, or None where its number of items is not a known one."""
    codes = _POSITIONS.get(len(body))
    if codes is None:
        return None
    items = Items()
    for code, value in zip(codes, body, strict=True):
        if isinstance(value, Leaf):
            items.add(code, value, pairs.scaler(code, _SCALERS))
    return _layout(items)


def layout_of_pairs(body: tuple[Data, ...]) -> Layout | None:
    """Return the layout of a list of codes and values."""
    return _layout(pairs.sort_items(body, _SCALERS))


def _layout(items: Items) -> Layout | None:
    """Norway's meters follow the clock on the wall and state no deviation, Sweden's keep normal time and state it."""
    return Layout(items, MAKER, _grid(items), civil_time) if items.numbers else None


def _grid(items: Items) -> Grid | None:
    """Tell the connection by the model, or by what an IT net's meter sends: 0 V for L2."""
    if Quantity.VOLTAGE_L1 not in items.numbers:
        return None
    if (known := _GRIDS.get(items.model)) is not None:
        return known
    if Quantity.VOLTAGE_L3 not in items.numbers:
        return Grid.SINGLE_PHASE
    return Grid.TN if items.number(Quantity.VOLTAGE_L2) else Grid.IT

"""A meter that is known: how its config entry keeps it, what it is called, and which of its zeros mean nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from .wire.reading import Grid, Meter, Quantity

_LONGEST_MODEL: Final = 10
"""Characters. A longer one is an order number, which nobody would call the meter by."""

_DOUBTFUL: Final = {
    Grid.SINGLE_PHASE: frozenset(quantity for quantity in Quantity if quantity.endswith(("_l2", "_l3"))),
    Grid.IT: frozenset((Quantity.VOLTAGE_L2, Quantity.CURRENT_L2)),
}


def meter_as_stored(meter: Meter) -> dict[str, Any]:
    """Return a meter as entry data holds it."""
    return asdict(meter)


def meter_from_stored(stored: Mapping[str, Any]) -> Meter:
    """Return the meter that entry data holds."""
    grid = stored.get("grid")
    return Meter(**{**stored, "grid": Grid(grid) if grid else None})


def meter_name(meter: Meter) -> str:
    """Return a short name for a person: the maker, and the model unless it is a long order number."""
    return f"{meter.maker} {meter.model}" if 0 < len(meter.model) <= _LONGEST_MODEL else meter.maker


def doubtful(grid: Grid | None) -> frozenset[Quantity]:
    """Return what a meter may send as 0 although it does not measure it. What is not 0 once is measured.

    On an IT net Kaifa has no voltage of L2 (its T3 no current either), and Embriq has neither.
    """
    return frozenset() if grid is None else _DOUBTFUL.get(grid, frozenset())

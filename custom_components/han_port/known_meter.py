"""A meter that is known: how its entry keeps it and its keys, what it is called, and which zeros mean nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from .const import CONF_AUTHENTICATION, CONF_ENCRYPTION
from .wire.cipher import Keys, KeyTextError, keys_from_text
from .wire.reading import Grid, Meter, Number, Quantity

_LONGEST_MODEL: Final = 10
"""Characters. A longer one is an order number, which nobody would call the meter by."""

_DOUBTFUL: Final = {
    Grid.SINGLE_PHASE: frozenset(quantity for quantity in Quantity if quantity.endswith(("_l2", "_l3"))),
    Grid.IT: frozenset((Quantity.VOLTAGE_L2, Quantity.CURRENT_L2)),
}


def meter_as_stored(meter: Meter) -> dict[str, Any]:
    """Return a meter as entry data holds it."""
    return asdict(meter)


def meter_from_stored(stored: object) -> Meter:
    """Return the meter that entry data holds. What cannot be read of it is empty."""
    known = stored if isinstance(stored, Mapping) else {}

    def text(key: str) -> str:
        return value if isinstance(value := known.get(key), str) else ""

    grid = text("grid")
    return Meter(
        maker=text("maker"),
        model=text("model"),
        id=text("id"),
        list_id=text("list_id"),
        grid=Grid(grid) if grid in set(Grid) else None,
    )


def quantities_from_stored(stored: object) -> list[Quantity]:
    """Return the quantities that entry data holds. What is none is left out."""
    names = {name for name in stored if isinstance(name, str)} if isinstance(stored, list | tuple) else set()
    return [quantity for quantity in Quantity if quantity in names]


def keys_as_stored(keys: Keys) -> dict[str, str]:
    """Return a meter's keys as entry data holds them."""
    stored = {CONF_ENCRYPTION: keys.encryption.hex()}
    if keys.authentication is not None:
        stored[CONF_AUTHENTICATION] = keys.authentication.hex()
    return stored


def keys_from_stored(stored: object) -> Keys | None:
    """Return the keys that entry data holds; None where there are none, or none that can be used."""
    known = stored if isinstance(stored, Mapping) else {}
    encryption, authentication = known.get(CONF_ENCRYPTION), known.get(CONF_AUTHENTICATION, "")
    if not isinstance(encryption, str) or not isinstance(authentication, str):
        return None
    try:
        return keys_from_text(encryption, authentication)
    except KeyTextError:
        return None


def is_same_meter(known: Meter, heard: Meter) -> bool:
    """Return whether a meter that was heard is the known one: by its number; without one, by maker and model."""
    if known.id or heard.id:
        return known.id == heard.id
    return (known.maker, known.model) == (heard.maker, heard.model)


def meter_name(meter: Meter) -> str:
    """Return a short name for a person: the maker, and the model unless it is a long order number."""
    parts = (meter.maker, meter.model if len(meter.model) <= _LONGEST_MODEL else "")
    return " ".join(part for part in parts if part) or "Meter"


def measured(values: Mapping[Quantity, Number], grid: Grid | None) -> set[Quantity]:
    """Return which quantities of a list the meter measures: those that are not 0, and those whose 0 is believed.

    On an IT net Kaifa sends 0 for the voltage of L2 (its T3 for the current too), and Embriq for both.
    """
    doubtful = frozenset() if grid is None else _DOUBTFUL.get(grid, frozenset())
    return {quantity for quantity, value in values.items() if value or quantity not in doubtful}

"""The options of the capacity tariff and the main fuse, as they are kept, and what the rest of HAN Port reads in them.

CONF_CAPACITY holds the forms as the user filled them in: boundaries and target in kW, prices by the month or the year
and with VAT still to be added. From here on it is watts, and kroner a month. What was turned off is kept as such.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, NamedTuple, TypeIs

from .const import (
    CONF_ABOVE,
    CONF_AMPERES,
    CONF_BOUNDARY,
    CONF_CAPACITY,
    CONF_COUNT_ESTIMATED,
    CONF_DELAY,
    CONF_FUSE,
    CONF_PRICE,
    CONF_PRICE_PER,
    CONF_RULE,
    CONF_STEPS,
    CONF_TARGET,
    CONF_VAT,
    DEFAULT_OVERLOAD_DELAY,
)
from .ledger.capacity import Rule, Tariff
from .ledger.steps import Step, Steps

HIGHER: Final = "higher"
LOWER: Final = "lower"
PER_MONTH: Final = "month"
PER_YEAR: Final = "year"

MOST_STEPS: Final = 30
MOST_KILOWATTS: Final = 100_000
"""Of a boundary and a target: far above what any meter measures."""
MOST_PRICE: Final = 1e9
MOST_VAT: Final = 100
"""Per cent."""
MOST_AMPERES: Final = 10_000
MOST_DELAY: Final = 3600
"""Seconds."""


class Fuse(NamedTuple):
    """The main fuse of a house."""

    amperes: float
    delay: float
    """Seconds that a phase is above it before that counts as overload."""


def tariff_of(options: Mapping[str, Any]) -> Tariff | None:
    """Return the capacity tariff in the options of an entry that `mend_entry` has seen, None if there is none."""
    if (kept := _in_force(options)) is None:
        return None
    return Tariff(
        rule=Rule(kept[CONF_RULE]), steps=steps_of(kept), count_estimated=kept.get(CONF_COUNT_ESTIMATED, False)
    )


def _in_force(options: Mapping[str, Any]) -> Mapping[str, Any] | None:
    kept: Mapping[str, Any] | None = options.get(CONF_CAPACITY)
    return None if kept is None or kept[CONF_RULE] == Rule.OFF else kept


def steps_of(kept: Mapping[str, Any]) -> Steps:
    """Return the steps in what is kept of a tariff: in W, with the price a month as the user pays it.

    Raises ValueError, with a key word, if boundaries do not rise from 0.
    """
    share = (1 + kept.get(CONF_VAT, 0) / 100) / (12 if kept.get(CONF_PRICE_PER) == PER_YEAR else 1)

    def paid(price: float | None) -> float | None:
        return None if price is None else round(price * share, 2)

    return Steps(
        [Step(watts(row[CONF_ABOVE]), paid(row.get(CONF_PRICE))) for row in kept[CONF_STEPS]],
        boundary_to_higher=kept.get(CONF_BOUNDARY) != LOWER,
    )


def target_of(options: Mapping[str, Any]) -> int | None:
    """Return the mean that the user does not want to exceed, in W; None if there is none, or no tariff."""
    kept = _in_force(options)
    target = None if kept is None else kept.get(CONF_TARGET)
    return None if target is None else watts(target)


def with_target(options: Mapping[str, Any], kilowatts: float | None) -> dict[str, Any]:
    """Return the options of an entry that has a tariff, with another target."""
    return {**options, CONF_CAPACITY: {**options[CONF_CAPACITY], CONF_TARGET: kilowatts}}


def fuse_of(options: Mapping[str, Any]) -> Fuse | None:
    """Return the main fuse in the options of an entry that `mend_entry` has seen, None if it is not given."""
    kept = options.get(CONF_FUSE)
    if kept is None or not kept[CONF_AMPERES]:
        return None
    return Fuse(kept[CONF_AMPERES], kept.get(CONF_DELAY, DEFAULT_OVERLOAD_DELAY))


def watts(kilowatts: float) -> int:
    """Return kW as whole W."""
    return round(kilowatts * 1000)


def usable_capacity(kept: object) -> bool:
    """Return whether what is kept under CONF_CAPACITY can be read. What a later version has added does no harm."""
    if not isinstance(kept, Mapping) or kept.get(CONF_RULE) not in tuple(Rule):
        return False
    rows = kept.get(CONF_STEPS)
    if rows is None and kept[CONF_RULE] == Rule.OFF:
        return True
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_STEPS or not all(map(_usable_row, rows)):
        return False
    if not (
        kept.get(CONF_PRICE_PER, PER_MONTH) in (PER_MONTH, PER_YEAR)
        and kept.get(CONF_BOUNDARY, HIGHER) in (HIGHER, LOWER)
        and isinstance(kept.get(CONF_COUNT_ESTIMATED, False), bool)
        and is_number(kept.get(CONF_VAT, 0), 0, MOST_VAT)
        and (kept.get(CONF_TARGET) is None or is_number(kept[CONF_TARGET], 0.001, MOST_KILOWATTS))
    ):
        return False
    try:
        steps_of(kept)
    except ValueError:  # boundaries that do not rise from 0
        return False
    return True


def _usable_row(row: object) -> bool:
    return (
        isinstance(row, Mapping)
        and is_number(row.get(CONF_ABOVE), 0, MOST_KILOWATTS)
        and (row.get(CONF_PRICE) is None or is_number(row[CONF_PRICE], 0, MOST_PRICE))
    )


def usable_fuse(kept: object) -> bool:
    """Return whether what is kept under CONF_FUSE can be read."""
    return (
        isinstance(kept, Mapping)
        and is_number(kept.get(CONF_AMPERES), 0, MOST_AMPERES)
        and is_number(kept.get(CONF_DELAY, 0), 0, MOST_DELAY)
    )


def is_number(value: object, least: float, most: float) -> TypeIs[float]:
    """Return whether a value is a number within these limits; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and least <= value <= most

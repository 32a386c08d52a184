"""The factors of the options: what a meter's values are multiplied by before anything else is made of them."""

from collections.abc import Mapping
from typing import Any, Final

from .const import CONF_CURRENT_FACTOR, CONF_ENERGY_FACTOR, CONF_POWER_FACTOR, CONF_VOLTAGE_FACTOR
from .wire.reading import Number, Quantity, Reading

_OPTIONS: Final = {
    "energy": CONF_ENERGY_FACTOR,
    "reactive_energy": CONF_ENERGY_FACTOR,
    "power": CONF_POWER_FACTOR,
    "reactive_power": CONF_POWER_FACTOR,
    "current": CONF_CURRENT_FACTOR,
    "voltage": CONF_VOLTAGE_FACTOR,
}
"""The option for each family of quantities. Power factors have none: they are ratios."""


class Factors:
    """The factors of one entry."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._by_quantity: dict[Quantity, Number] = {}
        for quantity in Quantity:
            option = _OPTIONS.get(quantity.partition("_import")[0].partition("_export")[0].partition("_l")[0])
            factor = float(options.get(option, 1)) if option else 1
            if factor != 1:
                self._by_quantity[quantity] = int(factor) if factor.is_integer() else factor

    def applied(self, reading: Reading) -> Reading:
        """Return a reading with its values multiplied: registers stay whole, the rest keeps three decimals."""
        if not (factors := self._by_quantity):
            return reading
        return reading._replace(
            values={
                quantity: _multiplied(quantity, value, factors[quantity]) if quantity in factors else value
                for quantity, value in reading.values.items()
            }
        )


def _multiplied(quantity: Quantity, value: Number, factor: Number) -> Number:
    return round(value * factor) if "energy" in quantity else round(value * factor, 3)

"""The number in which a person types what the meter shows now."""

from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.util import dt as dt_util

from .entity import HandReadEntity
from .home import HandReadHome
from .refusal import refusals

_READING: Final = NumberEntityDescription(
    key="reading",
    translation_key="reading",
    device_class=NumberDeviceClass.ENERGY,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    native_min_value=0,
    native_step=0.001,
    mode=NumberMode.BOX,
)


def hand_read_numbers(home: HandReadHome) -> list[NumberEntity]:
    """Return the numbers of a meter."""
    return [ReadingNumber(home, _READING)]


class ReadingNumber(HandReadEntity, NumberEntity):
    """The last reading. Another number is a reading that is taken now."""

    @override
    def _show(self) -> None:
        self._attr_native_max_value = 10**self._home.meter.digits - 0.001
        self._attr_native_value = self._home.meter.last.register / 1000

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Submit a reading. Raises ServiceValidationError if it is not taken."""
        with refusals():
            await self._home.submit(dt_util.utcnow(), value)

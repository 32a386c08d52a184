"""Whether a reading is due."""

from typing import Final, override

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]  # core re-exports the device class
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

from .entity import HandReadEntity
from .home import HandReadHome

_DUE: Final = BinarySensorEntityDescription(
    key="reading_due", translation_key="reading_due", device_class=BinarySensorDeviceClass.PROBLEM
)


def hand_read_binary_sensors(home: HandReadHome) -> list[BinarySensorEntity]:
    """Return the binary sensors of a meter."""
    return [ReadingDue(home, _DUE)]


class ReadingDue(HandReadEntity, BinarySensorEntity):
    """On from when the meter should have been read until it is."""

    @override
    def _show(self) -> None:
        self._attr_is_on = self._home.is_due

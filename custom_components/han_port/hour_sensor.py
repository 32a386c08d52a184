"""Sensors of hours: the one that is running, and the last one that is settled."""

from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import UnitOfEnergy
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .coordinator import HanPortCoordinator
from .entity import HanPortEntity
from .hour_attributes import hour_attributes
from .ledger import Changes
from .wire.reading import Quantity

_HOUR_IMPORT: Final = "energy_this_hour_import"
_HOUR_EXPORT: Final = "energy_this_hour_export"
_LAST_HOUR: Final = "last_settled_hour"


def _energy(key: str) -> SensorEntityDescription:
    """Describe an energy without a state class, so that nobody picks it for the energy dashboard by mistake."""
    return SensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=3,
    )


def hour_sensors(coordinator: HanPortCoordinator) -> list[SensorEntity]:
    """Return the sensors of a meter's hours."""
    return [
        RunningHourSensor(coordinator, Quantity.ENERGY_IMPORT, _energy(_HOUR_IMPORT)),
        RunningHourSensor(coordinator, Quantity.ENERGY_EXPORT, _energy(_HOUR_EXPORT)),
        SettledHourSensor(coordinator, _energy(_LAST_HOUR)),
    ]


class RunningHourSensor(HanPortEntity, SensorEntity):
    """The energy of one direction since the full hour."""

    def __init__(
        self, coordinator: HanPortCoordinator, quantity: Quantity, description: SensorEntityDescription
    ) -> None:
        super().__init__(coordinator, description)
        self._exports = quantity is Quantity.ENERGY_EXPORT

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the hour."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self.coordinator.follow_hour(self._rise))

    @callback
    def _rise(self) -> None:
        before = self._attr_native_value
        self._show()
        if self._attr_native_value != before:
            self.async_write_ha_state()

    def _show(self) -> None:
        book = self.coordinator.bookkeeper.book
        hour = book.this_hour(dt_util.utcnow())
        energy = hour.exported if self._exports else hour.imported
        if not hour.complete and book.register_at(hour.start) is None:
            energy = None  # nobody saw how the hour began
        self._attr_native_value = None if energy is None else energy / 1000

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._show()
        self.async_write_ha_state()


class SettledHourSensor(HanPortEntity, SensorEntity):
    """What was imported in the last hour that is settled. It is known whether the meter is silent or not."""

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the book."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self.coordinator.bookkeeper.follow(self._settled))

    @property
    @override
    def available(self) -> bool:
        """Whether the meter is silent or not."""
        return True

    def _show(self) -> None:
        if (hour := self.coordinator.bookkeeper.book.last_hour) is None or hour.imported is None:
            return
        self._attr_native_value = hour.imported / 1000
        self._attr_extra_state_attributes = hour_attributes(hour)

    @callback
    def _settled(self, _changes: Changes) -> None:
        self._handle_coordinator_update()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._show()
        self.async_write_ha_state()

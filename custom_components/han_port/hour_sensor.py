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
from .number_sensor import NumberSensor
from .wire.reading import Quantity, Reading

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
    hour = _RunningHour(coordinator)
    return [
        RunningHourSensor(coordinator, hour, Quantity.ENERGY_IMPORT, _energy(_HOUR_IMPORT)),
        RunningHourSensor(coordinator, hour, Quantity.ENERGY_EXPORT, _energy(_HOUR_EXPORT)),
        SettledHourSensor(coordinator, _energy(_LAST_HOUR)),
    ]


class _RunningHour:
    """What two sensors show of the running hour, worked out once for each list."""

    def __init__(self, coordinator: HanPortCoordinator) -> None:
        self._coordinator = coordinator
        self._reading: Reading | None = None
        self._so_far: dict[Quantity, int | None] = {}

    def energy(self, quantity: Quantity) -> int | None:
        """Return the energy of one direction since the full hour, in Wh; None where it is not known."""
        if self._coordinator.data is not self._reading or self._reading is None:
            self._reading = self._coordinator.data
            book = self._coordinator.bookkeeper.book
            hour = book.this_hour(dt_util.utcnow())
            if hour.complete or book.register_at(hour.start) is not None:
                self._so_far = {Quantity.ENERGY_IMPORT: hour.imported, Quantity.ENERGY_EXPORT: hour.exported}
            else:
                self._so_far = {}  # nobody saw how the hour began
        return self._so_far.get(quantity)


class RunningHourSensor(NumberSensor):
    """The energy of one direction since the full hour."""

    def __init__(
        self,
        coordinator: HanPortCoordinator,
        hour: _RunningHour,
        quantity: Quantity,
        description: SensorEntityDescription,
    ) -> None:
        super().__init__(coordinator, description)
        self._hour = hour
        self._quantity = quantity

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the hour."""
        await super().async_added_to_hass()
        self._number = self._so_far()
        self.async_on_remove(self.coordinator.follow_hour(self._rise))

    @callback
    def _rise(self) -> None:
        if (energy := self._so_far()) == self._number:
            return
        if energy is None:
            self._handle_coordinator_update()
        else:
            self.write_number(energy)

    def _so_far(self) -> float | None:
        energy = self._hour.energy(self._quantity)
        return None if energy is None else energy / 1000

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._number = self._so_far()
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

"""What may be wrong with how much is used: the running hour exceeds its target, or a phase the main fuse."""

from typing import Final, override

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]  # core re-exports the device class
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .capacity_entity import CapacityEntity
from .capacity_sensor import ATTR_LIMIT
from .coordinator import HanPortConfigEntry
from .fuse_entities import overload_sensors, when_currents
from .hand_read.binary_sensor import hand_read_binary_sensors
from .hand_read.home import HandReadConfigEntry, is_hand_read

PARALLEL_UPDATES = 0  # nothing is polled

ATTR_FORECAST: Final = "forecast"

_OVER_TARGET: Final = BinarySensorEntityDescription(
    key="over_target", translation_key="over_target", device_class=BinarySensorDeviceClass.PROBLEM
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: HanPortConfigEntry | HandReadConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make what the options ask for."""
    if is_hand_read(entry):
        async_add_entities(hand_read_binary_sensors(entry.runtime_data))
        return
    coordinator = entry.runtime_data
    if (keeper := coordinator.capacity) is not None:
        async_add_entities([OverTargetSensor(coordinator, keeper, _OVER_TARGET)])
    entry.async_on_unload(when_currents(coordinator, lambda: async_add_entities(overload_sensors(coordinator))))


class OverTargetSensor(CapacityEntity, BinarySensorEntity):
    """Whether the running hour is about to exceed what it may come to.

    Its attributes tell forecast and limit (kWh) of when it was last written, which is when it changed: they are for the
    message about that. To write them with every list would fill the recorder with rows that say nothing new.
    """

    _unrecorded_attributes = frozenset((ATTR_FORECAST, ATTR_LIMIT))

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the hour and the target."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self.coordinator.follow_hour(self._look))
        self.async_on_remove(self._keeper.follow(self._handle_coordinator_update))

    @property
    @override
    def available(self) -> bool:
        """Whether lists come, and there is a target."""
        return super().available and self._keeper.target is not None

    def _is_over(self) -> bool | None:
        """Return whether it is so; None as long as nobody knows what the hour comes to."""
        return None if self.coordinator.forecast is None else self._keeper.over.on

    def _show(self) -> None:
        forecast, limit = self._keeper.forecast, self._keeper.limit
        self._attr_is_on = self._is_over()
        self._attr_extra_state_attributes = {}
        if forecast is not None and limit is not None:
            self._attr_extra_state_attributes = {
                ATTR_FORECAST: round(forecast.expected) / 1000,
                ATTR_LIMIT: limit / 1000,
            }

    @callback
    def _look(self) -> None:
        if self._is_over() is not self._attr_is_on:
            self._handle_coordinator_update()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._show()
        self.async_write_ha_state()

"""How the main fuse is loaded, and whether it is overloaded: for those who have told the size of their fuse.

The meter tells its currents with every full list. Both entities look at each, whatever the options say of the pace of
currents: an automation that sheds load cannot wait.
"""

from collections.abc import Callable, Collection
from typing import Final, override

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]  # core re-exports the device class
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import PERCENTAGE
from homeassistant.core import callback

from .capacity_options import Fuse, fuse_of
from .coordinator import HanPortCoordinator
from .entity import HanPortEntity
from .ledger.fuse import CURRENTS, Load, Overload, load
from .number_sensor import NumberSensor
from .wire.reading import Quantity

ATTR_PHASE: Final = "phase"
ATTR_NOT_SEEN: Final = "not_seen"

_FUSE_LOAD: Final = SensorEntityDescription(
    key="fuse_load",
    translation_key="fuse_load",
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
)
_OVERLOAD: Final = BinarySensorEntityDescription(
    key="overload", translation_key="overload", device_class=BinarySensorDeviceClass.PROBLEM
)


def fuse_sensors(coordinator: HanPortCoordinator) -> list[SensorEntity]:
    """Return the sensor of the fuse's load; none where no fuse is given, or no current has come (`when_currents`)."""
    fuse = _fuse(coordinator)
    return [] if fuse is None else [FuseLoadSensor(coordinator, fuse)]


def overload_sensors(coordinator: HanPortCoordinator) -> list[BinarySensorEntity]:
    """Return the sensor of an overload; none where no fuse is given, or no current has come (`when_currents`)."""
    fuse = _fuse(coordinator)
    return [] if fuse is None else [OverloadSensor(coordinator, fuse)]


def when_currents(coordinator: HanPortCoordinator, make: Callable[[], None]) -> Callable[[], None]:
    """Have `make` called as soon as the meter is known to send currents, now or later; return what ends it."""
    phases = frozenset(CURRENTS.values())
    waiting = not phases & coordinator.sent
    if not waiting:
        make()

    @callback
    def discovered(new: Collection[Quantity]) -> None:
        nonlocal waiting
        if waiting and not phases.isdisjoint(new):
            waiting = False
            make()

    return coordinator.on_discovery(discovered)


def _fuse(coordinator: HanPortCoordinator) -> Fuse | None:
    return fuse_of(coordinator.config_entry.options) if coordinator.sent & set(CURRENTS.values()) else None


def _load(coordinator: HanPortCoordinator, fuse: Fuse) -> Load | None:
    """Return the load by the last currents, of those phases that the meter has been seen to measure."""
    known, sent = coordinator.values, coordinator.sent
    currents = {current: known[current] for current in CURRENTS.values() if current in known and current in sent}
    return load(currents, fuse.amperes, coordinator.meter.grid)


class FuseLoadSensor(NumberSensor):
    """How far the most loaded phase loads the main fuse."""

    def __init__(self, coordinator: HanPortCoordinator, fuse: Fuse) -> None:
        super().__init__(coordinator, _FUSE_LOAD)
        self._fuse = fuse
        self._load: Load | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the full lists."""
        await super().async_added_to_hass()
        self._take()
        self.async_on_remove(self.coordinator.follow_hour(self._rise))

    def _take(self) -> None:
        self._load = now = _load(self.coordinator, self._fuse)
        self._number = None if now is None else round(now.percent, 1)
        self._attr_extra_state_attributes = (
            {} if now is None else {ATTR_PHASE: now.phase, ATTR_NOT_SEEN: list(now.unseen)}
        )

    @callback
    def _rise(self) -> None:
        before, number = self._load, self._number
        self._take()
        if self._load is None or before is None or before[1:] != self._load[1:]:
            self.async_write_ha_state()
        elif self._number is not None and self._number != number:
            self.write_number(self._number)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show that the meter has fallen silent, or is back."""
        self._take()
        self.async_write_ha_state()


class OverloadSensor(HanPortEntity, BinarySensorEntity):
    """Whether the main fuse carries more than it is made for, and has for longer than the delay of the options."""

    def __init__(self, coordinator: HanPortCoordinator, fuse: Fuse) -> None:
        super().__init__(coordinator, _OVERLOAD)
        self._fuse = fuse
        self._overload = Overload(fuse.delay)

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the full lists."""
        await super().async_added_to_hass()
        self._take()
        self.async_on_remove(self.coordinator.follow_hour(self._look))

    def _take(self) -> bool:
        """Take the load of now; return whether there is something new to show."""
        before = self._attr_is_on, getattr(self, "_attr_extra_state_attributes", None)
        if (now := _load(self.coordinator, self._fuse)) is None:  # silence, first of all
            self._overload.reset()
            self._attr_is_on = None
            self._attr_extra_state_attributes = {}
        else:
            on = self._attr_is_on = self._overload.update(now.percent, self.hass.loop.time())
            self._attr_extra_state_attributes = {
                ATTR_PHASE: now.phase if on else None,
                ATTR_NOT_SEEN: list(now.unseen),
            }
        return before != (self._attr_is_on, self._attr_extra_state_attributes)

    @callback
    def _look(self) -> None:
        if self._take():
            self.async_write_ha_state()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show that the meter has fallen silent, or is back."""
        self._take()
        self.async_write_ha_state()

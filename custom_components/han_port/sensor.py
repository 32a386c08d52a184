"""The sensors of a meter: one table of families, from which the quantities and their phases are made.

Every sensor of a quantity shows what its list says, in the unit that Home Assistant's dashboards expect: registers in
kWh and kvarh (exact to 1 Wh), everything else as it is.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .bookkeeper import LIVE
from .capacity_sensor import capacity_sensors
from .coordinator import ENERGIES, EXPECTED, HanPortConfigEntry, HanPortCoordinator, Pace
from .entity import HanPortEntity
from .fuse_entities import fuse_sensors, when_currents
from .hand_read.home import HandReadConfigEntry, is_hand_read
from .hand_read.sensor import hand_read_sensors
from .hour_sensor import hour_sensors
from .number_sensor import NumberSensor
from .wire.reading import Number, Quantity

PARALLEL_UPDATES = 0  # nothing is polled


def _as_sent(value: Number) -> Number:
    return value


def _in_thousands(value: Number) -> Number:
    return value / 1000


@dataclass(frozen=True, kw_only=True)
class QuantityDescription(SensorEntityDescription):
    """A sensor that shows a quantity. The key is the quantity's name; in the table of families, without its phase."""

    pace: Pace = Pace.REST
    shown: Callable[[Number], Number] = _as_sent
    """Makes what is shown from the value in base units."""


def _power(key: str) -> QuantityDescription:
    return QuantityDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        pace=Pace.POWER,
    )


def _reactive_power(key: str) -> QuantityDescription:
    return QuantityDescription(
        key=key,
        device_class=SensorDeviceClass.REACTIVE_POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
    )


def _energy(key: str) -> QuantityDescription:
    return QuantityDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=3,
        pace=Pace.AT_ONCE,
        shown=_in_thousands,
    )


def _reactive_energy(key: str) -> QuantityDescription:
    return QuantityDescription(
        key=key,
        device_class=SensorDeviceClass.REACTIVE_ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
        suggested_display_precision=3,
        entity_registry_enabled_default=False,
        pace=Pace.AT_ONCE,
        shown=_in_thousands,
    )


_FAMILIES: Final = {
    family.key: family
    for family in (
        _power("power_import"),
        _power("power_export"),
        _reactive_power("reactive_power_import"),
        _reactive_power("reactive_power_export"),
        QuantityDescription(
            key="current",
            device_class=SensorDeviceClass.CURRENT,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
            suggested_display_precision=2,
            shown=abs,  # Aidon's sign is the direction, which power import and export tell
        ),
        QuantityDescription(
            key="voltage",
            device_class=SensorDeviceClass.VOLTAGE,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfElectricPotential.VOLT,
            suggested_display_precision=1,
        ),
        QuantityDescription(
            key="power_factor",
            device_class=SensorDeviceClass.POWER_FACTOR,
            state_class=SensorStateClass.MEASUREMENT,
            suggested_display_precision=2,
        ),
        _energy("energy_import"),
        _energy("energy_export"),
        _reactive_energy("reactive_energy_import"),
        _reactive_energy("reactive_energy_export"),
    )
}


def _describe(quantity: Quantity) -> QuantityDescription:
    """Make the description of a quantity from its family's: a phase or a tariff is a placeholder of the name."""
    if (family := _FAMILIES.get(quantity)) is not None:
        return replace(family, key=str(quantity), translation_key=str(quantity))
    name, _, part = quantity.rpartition("_")
    placeholder = ("phase", part.upper()) if part.startswith("l") else ("tariff", part[1:])
    return replace(
        _FAMILIES[name],
        key=str(quantity),
        translation_key=f"{name}_{placeholder[0]}",
        translation_placeholders=dict((placeholder,)),
    )


QUANTITIES: Final = {quantity: _describe(quantity) for quantity in Quantity}


@dataclass(frozen=True, kw_only=True)
class DiagnosticDescription(SensorEntityDescription):
    """A sensor of the link or the meter's clock, off until someone wants to know."""

    value: Callable[[HanPortCoordinator], int | datetime | None]


def _counter(key: str, value: Callable[[HanPortCoordinator], int]) -> DiagnosticDescription:
    return DiagnosticDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        value=value,
    )


def _time(key: str, value: Callable[[HanPortCoordinator], datetime | None]) -> DiagnosticDescription:
    return DiagnosticDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=value,
    )


LINK: Final = (
    _counter("lists_received", lambda coordinator: coordinator.decoder.counters.readings),
    _counter("damaged_frames", lambda coordinator: coordinator.decoder.counters.damaged),
    _counter("reconnects", lambda coordinator: coordinator.link.reconnects),
    _time("last_list", lambda coordinator: coordinator.last_list),
)
CLOCK: Final = _time("meter_clock", lambda coordinator: coordinator.clock)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: HanPortConfigEntry | HandReadConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the sensors of all that the meter is known to send; what it sends for the first time later follows."""
    if is_hand_read(entry):
        async_add_entities(hand_read_sensors(entry.runtime_data))
        return
    coordinator = entry.runtime_data
    made: set[Quantity] = set()

    @callback
    def make(quantities: Collection[Quantity]) -> None:
        new = [quantity for quantity in Quantity if quantity in quantities and quantity not in made]
        made.update(new)
        async_add_entities(
            (EnergySensor if quantity in ENERGIES else QuantitySensor)(coordinator, QUANTITIES[quantity])
            for quantity in new
        )

    make(coordinator.sent if coordinator.sent & ENERGIES else coordinator.sent | EXPECTED)
    entry.async_on_unload(coordinator.on_discovery(make))
    async_add_entities([*hour_sensors(coordinator), *capacity_sensors(coordinator)])
    entry.async_on_unload(when_currents(coordinator, lambda: async_add_entities(fuse_sensors(coordinator))))
    async_add_entities([ClockSensor(coordinator, CLOCK), *(LinkSensor(coordinator, link) for link in LINK)])


class QuantitySensor(NumberSensor):
    """What the meter says of one quantity."""

    entity_description: QuantityDescription

    def __init__(self, coordinator: HanPortCoordinator, description: QuantityDescription) -> None:
        super().__init__(coordinator, description)
        self._quantity = Quantity(description.key)
        self._shown = description.shown

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the quantity."""
        await super().async_added_to_hass()
        self._show_known()
        self.async_on_remove(self.coordinator.follow(self._quantity, self.entity_description.pace, self._take))

    @callback
    def _take(self, value: Number) -> None:
        self.write_number(self._shown(value))

    def _show_known(self) -> None:
        value = self.coordinator.values.get(self._quantity)
        self._number = None if value is None else self._shown(value)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show that the meter has fallen silent, or is back."""
        self._show_known()
        self.async_write_ha_state()


class EnergySensor(QuantitySensor, RestoreSensor):
    """An energy register. It comes once an hour, so the last one is shown over restarts.

    Import and export rise with the power until the next one comes; reactive energy stays.
    """

    @override
    async def async_added_to_hass(self) -> None:
        """Show the register of before, if none has come since."""
        before, state = await self.async_get_last_sensor_data(), await self.async_get_last_state()
        if before is not None and state is not None and isinstance(before.native_value, int | float):
            bookkeeper = self.coordinator.bookkeeper
            self._number = shown = bookkeeper.moved(self._quantity, before.native_value, state.last_updated)
            if self._quantity in LIVE:
                bookkeeper.restore(self._quantity, round(shown * 1000))
        await super().async_added_to_hass()

    @callback
    @override
    def _take(self, value: Number) -> None:
        if (shown := self._shown(value)) != self._number:
            self.write_number(shown)

    @override
    def _show_known(self) -> None:
        value = self.coordinator.values.get(self._quantity)
        if self._quantity in LIVE:
            value = self.coordinator.bookkeeper.shown(self._quantity)  # the book knows it before a list has come
        if value is not None:
            self._number = self._shown(value)


class DiagnosticSensor(HanPortEntity, SensorEntity):
    """Something that the coordinator knows. Subclasses say whose calls it follows."""

    entity_description: DiagnosticDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow it."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self._follow())

    @abstractmethod
    def _follow(self) -> CALLBACK_TYPE:
        """Have `_handle_coordinator_update` called when there is something to show; return what ends it."""

    def _show(self) -> None:
        self._attr_native_value = self.entity_description.value(self.coordinator)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._show()
        self.async_write_ha_state()


class ClockSensor(DiagnosticSensor):
    """The meter's clock, as it was when the meter last told it."""

    @override
    def _follow(self) -> CALLBACK_TYPE:
        return self.coordinator.follow_clock(self._handle_coordinator_update)


class LinkSensor(DiagnosticSensor):
    """What the link has to tell. It is never more wanted than when the meter is silent."""

    @override
    def _follow(self) -> CALLBACK_TYPE:
        return self.coordinator.follow_link(self._handle_coordinator_update)

    @property
    @override
    def available(self) -> bool:
        """Whether the meter is silent or not."""
        return True

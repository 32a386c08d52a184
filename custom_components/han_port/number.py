"""The target of the capacity tariff, for people and automations to move. It is the same as in the options."""

from typing import Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfPower
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .capacity_entity import CapacityEntity
from .capacity_options import MOST_KILOWATTS
from .coordinator import HanPortConfigEntry
from .hand_read.home import HandReadConfigEntry, is_hand_read
from .hand_read.number import hand_read_numbers

PARALLEL_UPDATES = 0  # nothing is polled

ATTR_KEPT: Final = "kept_target"

_TARGET: Final = NumberEntityDescription(
    key="capacity_target",
    translation_key="capacity_target",
    device_class=NumberDeviceClass.POWER,
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=UnitOfPower.KILO_WATT,
    native_min_value=0.1,
    native_max_value=MOST_KILOWATTS,
    native_step=0.1,
    mode=NumberMode.BOX,
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: HanPortConfigEntry | HandReadConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make the target, where there is a tariff."""
    if is_hand_read(entry):
        async_add_entities(hand_read_numbers(entry.runtime_data))
        return
    if (keeper := entry.runtime_data.capacity) is not None:
        async_add_entities([CapacityTarget(entry.runtime_data, keeper, _TARGET)])


class CapacityTarget(CapacityEntity, NumberEntity):
    """The mean of the month that is not to be exceeded; unknown as long as nobody has set one."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the target."""
        await super().async_added_to_hass()
        self.async_on_remove(self._keeper.follow(self._handle_coordinator_update))

    @property
    @override
    def available(self) -> bool:
        """Whether the meter is silent or not."""
        return True

    @property
    @override
    def native_value(self) -> float | None:
        """The target in kW."""
        return None if (target := self._keeper.target) is None else target / 1000

    @property
    @override
    def extra_state_attributes(self) -> dict[str, float | None]:
        """The target that is kept (kW): another once the user's is out of reach; None if there is none to keep."""
        return {ATTR_KEPT: None if (kept := self._keeper.kept_target) is None else kept / 1000}

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self.async_write_ha_state()

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Keep another target."""
        self._keeper.set_target(value)

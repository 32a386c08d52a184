"""The event that an hour has been settled, for automations."""

from typing import Final

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HanPortConfigEntry
from .entity import HanPortEntity
from .hour_attributes import hour_attributes
from .ledger import Changes

PARALLEL_UPDATES = 0  # nothing is polled

_HOUR_SETTLED: Final = EventEntityDescription(
    key="hour_settled", translation_key="hour_settled", event_types=["settled"]
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HanPortConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Make the meter's event."""
    async_add_entities([HourSettled(entry.runtime_data, _HOUR_SETTLED)])


class HourSettled(HanPortEntity, EventEntity):
    """An hour has been settled, or settled anew: once for each hour, in order."""

    @property
    def available(self) -> bool:
        """Whether the meter is silent or not."""
        return True

    async def async_added_to_hass(self) -> None:
        """Follow the book."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.bookkeeper.follow(self._settled))

    @callback
    def _settled(self, changes: Changes) -> None:
        for hour in changes.hours:
            self._trigger_event("settled", hour_attributes(hour))
            self.async_write_ha_state()

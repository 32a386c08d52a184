"""Reads a smart electricity meter through its HAN port."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .coordinator import HanPortConfigEntry, HanPortCoordinator

PLATFORMS = (Platform.SENSOR,)


async def async_setup_entry(hass: HomeAssistant, entry: HanPortConfigEntry) -> bool:
    """Open the port, then bring up the entities. Without the port Home Assistant says why, and tries again."""
    coordinator = HanPortCoordinator(hass, entry)
    entry.async_on_unload(coordinator.stop)
    await coordinator.start()
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HanPortConfigEntry) -> bool:
    """Take down the entities; the coordinator lets go of the port once they are gone."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)

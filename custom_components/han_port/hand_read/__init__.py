"""A meter that somebody reads: its readings, the hours that are estimated between them, and what a person sees of it.

This file has the life of its config entry. Nothing here knows of ports and lists.
"""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .home import HandReadConfigEntry, HandReadHome
from .profile_of import profile_of
from .readings_file import forget_readings
from .reminder import forget_reminder
from .settings import Settings
from .statistics import HandStatistics

PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.NUMBER, Platform.SENSOR)


async def set_up(hass: HomeAssistant, entry: HandReadConfigEntry) -> None:
    """Bring up the entities; the hours of the past are written once Home Assistant is up, without anybody waiting.

    Raises ConfigEntryError if what is kept of the meter is damaged, so that nothing is known of its readings.
    """
    settings = Settings.of(entry.data)
    home = HandReadHome(hass, entry, settings, await profile_of(hass, entry, settings))
    await home.open()
    entry.runtime_data = home
    home.start()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    HandStatistics(hass, entry, home).start()


async def unload(hass: HomeAssistant, entry: HandReadConfigEntry) -> bool:
    """Take down the entities."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the readings with their entry, and all that was told of them."""
    forget_reminder(hass, entry_id)
    await forget_readings(hass, entry_id)

"""Entries of other versions of HAN Port: which ones this version reads."""

import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1
"""Of the entries that the config flow makes. A higher minor version only adds to what this one knows."""


async def async_migrate_entry(_hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether an entry of another version can be used: not one of a later version, which is left as it is."""
    if entry.version == VERSION:
        return True
    _LOGGER.error(
        "%s was set up by a later version of HAN Port (%d, and %d is the latest that is known): update HAN Port",
        entry.title,
        entry.version,
        VERSION,
    )
    return False

"""Sees that of those who write an entry's hourly statistics one is done before the next one reads.

What goes through the recorder's queue is done in turn; but what is read before it is queued may be old by then.
"""

from asyncio import Lock
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_LOCKS: Final[HassKey[dict[str, Lock]]] = HassKey(f"{DOMAIN}_statistics_locks")


@callback
def statistics_lock(hass: HomeAssistant, entry_id: str) -> Lock:
    """Return the lock of an entry."""
    return hass.data.setdefault(_LOCKS, {}).setdefault(entry_id, Lock())

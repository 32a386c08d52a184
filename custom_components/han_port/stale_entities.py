"""Removes entities that the options no longer ask for. Their history in the recorder stays.

What the meter sends stays too, whatever happens to what is kept of that: it comes again with the next list that has it.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .capacity_options import fuse_of
from .coordinator import HanPortConfigEntry
from .wire.reading import Quantity

_OF_THE_FUSE: Final = frozenset(("fuse_load", "overload"))


@callback
def remove_stale_entities(hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
    """Remove those of an entry's entities that have not been made, when all of its platforms are set up."""
    coordinator = entry.runtime_data
    kept = {*Quantity, *(_OF_THE_FUSE if fuse_of(entry.options) is not None else ())}
    prefix = f"{coordinator.identity}_"
    registry = er.async_get(hass)
    for known in er.async_entries_for_config_entry(registry, entry.entry_id):
        key = known.unique_id.removeprefix(prefix)
        if known.unique_id not in coordinator.made and key != known.unique_id and key not in kept:
            registry.async_remove(known.entity_id)

"""Reads a smart electricity meter through its HAN port."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback

from .bookkeeper import LIVE, store_of
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .ledger import Changes
from .statistics import ExactStatistics

PLATFORMS = (Platform.EVENT, Platform.SENSOR)


async def async_setup_entry(hass: HomeAssistant, entry: HanPortConfigEntry) -> bool:
    """Open the port, then bring up the entities. Without the port Home Assistant says why, and tries again."""
    coordinator = HanPortCoordinator(hass, entry)
    entry.async_on_unload(coordinator.stop)
    await coordinator.start()
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    keep_statistics_exact(hass, entry, coordinator)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HanPortConfigEntry) -> bool:
    """Take down the entities; the coordinator lets go of the port once they are gone."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
    """Remove the meter's book with its entry."""
    await store_of(hass, entry.entry_id).async_remove()


def keep_statistics_exact(hass: HomeAssistant, entry: HanPortConfigEntry, coordinator: HanPortCoordinator) -> None:
    """Have the hourly statistics of the energy sensors follow the hours of the book."""
    bookkeeper = coordinator.bookkeeper
    statistics = ExactStatistics(
        hass,
        entry,
        {f"{coordinator.meter.id}_{quantity}": bookkeeper.registers(quantity) for quantity in LIVE},
        lambda: bookkeeper.book.since,
    )
    statistics.start()

    @callback
    def settled(changes: Changes) -> None:
        if changes.hours:
            statistics.settled(changes.hours[0].start)

    entry.async_on_unload(bookkeeper.follow(settled))

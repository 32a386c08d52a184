"""Reads a smart electricity meter through its HAN port."""

from functools import partial

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, issue_registry as ir
from homeassistant.helpers.typing import ConfigType

from . import hand_read
from .actions import async_setup_actions
from .adapter import follow_adapter, forget_adapter
from .bookkeeper import LIVE, forget, wrong_scale_id
from .const import DOMAIN
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .elhub.importing import forget_imports
from .explain import load_sentences
from .hand_read.home import HandReadConfigEntry, is_hand_read
from .ledger import Changes
from .link import LinkError
from .migration import async_migrate_entry as async_migrate_entry  # Home Assistant looks for it here
from .rescale import Rescaling
from .stale_entities import remove_stale_entities
from .statistics import ExactStatistics
from .stored_entry import mend_entry
from .trouble_issues import TroubleIssues, forget_troubles
from .waiting import leave_port, wait_for_port
from .wire.reading import Quantity

PLATFORMS = (Platform.BINARY_SENSOR, Platform.EVENT, Platform.IMAGE, Platform.NUMBER, Platform.SENSOR)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Make the actions, which are there before any meter is set up."""
    async_setup_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HanPortConfigEntry | HandReadConfigEntry) -> bool:
    """Bring up the entities of a meter of either kind."""
    if is_hand_read(entry):
        await hand_read.set_up(hass, entry)
    else:
        await set_up_port(hass, entry)
    return True


async def set_up_port(hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
    """Open the port, then bring up the entities. Without the port Home Assistant says why, and tries again."""
    mend_entry(hass, entry)
    await leave_port(hass, entry.entry_id)
    await load_sentences(hass)
    await follow_adapter(hass, entry)
    coordinator = HanPortCoordinator(hass, entry)
    entry.async_on_unload(coordinator.stop)
    try:
        await coordinator.start()
    except LinkError as err:
        wait_for_port(hass, entry, err)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="cannot_open",
            translation_placeholders={"error": str(err)},
        ) from err
    entry.runtime_data = coordinator
    entry.async_on_unload(TroubleIssues(hass, entry, coordinator).stop)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    remove_stale_entities(hass, entry)
    keep_statistics_exact(hass, entry, coordinator)


async def async_unload_entry(hass: HomeAssistant, entry: HanPortConfigEntry | HandReadConfigEntry) -> bool:
    """Take down the entities; the coordinator lets go of the port once they are gone."""
    if is_hand_read(entry):
        return await hand_read.unload(hass, entry)
    if entry.disabled_by is not None:
        ir.async_delete_issue(hass, DOMAIN, wrong_scale_id(entry.entry_id))
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: HanPortConfigEntry | HandReadConfigEntry) -> None:
    """Remove the meter's book with its entry, and all that was told of it."""
    if is_hand_read(entry):
        await hand_read.forget(hass, entry.entry_id)
        return
    forget_troubles(hass, entry.entry_id)
    forget_adapter(hass, entry.entry_id)
    await forget(hass, entry.entry_id)
    await forget_imports(hass, entry.entry_id)


def keep_statistics_exact(hass: HomeAssistant, entry: HanPortConfigEntry, coordinator: HanPortCoordinator) -> None:
    """Have the hourly statistics of the energy sensors follow the hours of the book.

    After a change of the factor they do so from when they are on one scale: never do both work on the same rows.
    """
    bookkeeper = coordinator.bookkeeper
    rescaling = Rescaling(hass, entry, coordinator.identity, bookkeeper)
    for quantity in LIVE:
        rescaling.when_done(quantity, partial(follow_book, hass, entry, coordinator, quantity))
    rescaling.start()


@callback
def follow_book(
    hass: HomeAssistant, entry: HanPortConfigEntry, coordinator: HanPortCoordinator, quantity: Quantity
) -> None:
    """Have the hourly statistics of an energy sensor follow the hours of the book from now on."""
    bookkeeper = coordinator.bookkeeper
    registers = {f"{coordinator.identity}_{quantity}": bookkeeper.registers(quantity)}
    statistics = ExactStatistics(hass, entry, registers, lambda: bookkeeper.book.since)
    statistics.start()

    @callback
    def settled(changes: Changes) -> None:
        if changes.hours:
            statistics.settled(changes.hours[0].start)

    entry.async_on_unload(bookkeeper.follow(settled))

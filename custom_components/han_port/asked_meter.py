"""Which meter an action is for, and what is said where an action cannot do what it was asked for."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .coordinator import HanPortConfigEntry
from .hand_read.home import HandReadConfigEntry, is_hand_read

ATTR_CONFIG_ENTRY = "config_entry"


def refused(key: str, **about: str) -> ServiceValidationError:
    """Return the error that tells a person, in their language, why nothing was done."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=about)


@callback
def asked_meter(hass: HomeAssistant, entry_id: str | None, by_hand: str = "read_by_hand") -> HanPortConfigEntry:
    """Return the entry of the meter with a HAN port that was asked for; without an id, of the only one.

    Those that are disabled do not count. The meter may be silent. Raises ServiceValidationError if there is none, or if
    it is not set up; `by_hand` is what is said of one that is read by hand.
    """
    entry = _asked(_entries(hass, entry_id, hand_read=False), entry_id)
    if is_hand_read(entry):
        raise refused(by_hand, name=entry.title)
    return entry


@callback
def asked_hand_read(hass: HomeAssistant, entry_id: str | None) -> HandReadConfigEntry:
    """Return the entry of the meter that is read by hand, as `asked_meter` does of others."""
    entry = _asked(_entries(hass, entry_id, hand_read=True), entry_id)
    if not is_hand_read(entry):
        raise refused("not_read_by_hand", name=entry.title)
    return entry


@callback
def asked_any(hass: HomeAssistant, entry_id: str | None) -> HanPortConfigEntry | HandReadConfigEntry:
    """Return the entry of a meter of either kind, as `asked_meter` does of those with a HAN port."""
    return _asked(_entries(hass, entry_id), entry_id)


def _entries(
    hass: HomeAssistant, entry_id: str | None, *, hand_read: bool | None = None
) -> list[HanPortConfigEntry | HandReadConfigEntry]:
    """Return the one that is meant; without an id, all of a kind, or of the other where there is none of that."""
    entries: list[HanPortConfigEntry | HandReadConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=entry_id is not None
    )
    if entry_id is not None:
        return [entry for entry in entries if entry.entry_id == entry_id]
    if hand_read is None:
        return entries
    return [entry for entry in entries if is_hand_read(entry) is hand_read] or entries


def _asked(
    entries: list[HanPortConfigEntry | HandReadConfigEntry], entry_id: str | None
) -> HanPortConfigEntry | HandReadConfigEntry:
    if not entries:
        raise refused("no_such_meter" if entry_id is not None else "no_meter_yet")
    if len(entries) > 1:
        raise refused("which_meter", names=", ".join(sorted(entry.title for entry in entries)))
    entry = entries[0]
    if entry.state is not ConfigEntryState.LOADED:
        raise refused("meter_not_loaded", name=entry.title)
    return entry

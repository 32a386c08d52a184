"""Which meter an action is for, and what is said where an action cannot do what it was asked for."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .coordinator import HanPortConfigEntry

ATTR_CONFIG_ENTRY = "config_entry"


def refused(key: str, **about: str) -> ServiceValidationError:
    """Return the error that tells a person, in their language, why nothing was done."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=about)


@callback
def asked_meter(hass: HomeAssistant, entry_id: str | None) -> HanPortConfigEntry:
    """Return the entry of the meter that was asked for; without an id, of the only one that is not disabled.

    Its meter may be silent. Raises ServiceValidationError if there is none, or if it is not set up.
    """
    entries: list[HanPortConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=entry_id is not None
    )
    if entry_id is not None:
        entries = [entry for entry in entries if entry.entry_id == entry_id]
    if not entries:
        raise refused("no_such_meter" if entry_id is not None else "no_meter_yet")
    if len(entries) > 1:
        raise refused("which_meter", names=", ".join(sorted(entry.title for entry in entries)))
    entry = entries[0]
    if entry.state is not ConfigEntryState.LOADED:
        raise refused("meter_not_loaded", name=entry.title)
    return entry

"""A config entry as it is kept: put right before anything reads it, where a disk, a hand or another version changed it.

What can be known again is put in its place, and Home Assistant keeps that: so it is said once. What a later version may
have added is left where it is. Without a port there is nothing to go on with, nor without the number of a meter that
has one. Keys that cannot be used are asked for anew.
"""

from collections.abc import Mapping
from dataclasses import replace
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import device_registry as dr, issue_registry as ir

from .capacity_options import is_number, usable_capacity, usable_fuse
from .const import (
    CONF_BAUDRATE,
    CONF_CAPACITY,
    CONF_CORRECT_HISTORY,
    CONF_CURRENT_FACTOR,
    CONF_ENERGY_FACTOR,
    CONF_FUSE,
    CONF_INTERVAL,
    CONF_KEYS,
    CONF_METER,
    CONF_METERING_POINT,
    CONF_PARITY,
    CONF_POWER_FACTOR,
    CONF_POWER_INTERVAL,
    CONF_QUANTITIES,
    CONF_VOLTAGE_FACTOR,
    DOMAIN,
)
from .known_meter import keys_from_stored, meter_as_stored, meter_from_stored, quantities_from_stored
from .link import Line, Parity
from .metering_point import is_metering_point
from .metering_point_field import with_point
from .wire.reading import Meter

_LOGGER = logging.getLogger(__name__)

_FACTORS: Final = (CONF_ENERGY_FACTOR, CONF_POWER_FACTOR, CONF_CURRENT_FACTOR, CONF_VOLTAGE_FACTOR)
_INTERVALS: Final = (CONF_POWER_INTERVAL, CONF_INTERVAL)
_MOST_BAUD: Final = 921_600


@callback
def mend_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """See that data and options of an entry can be read. Raises ConfigEntryError if what is missing is nowhere else."""
    has_number = not _has_no_number(hass, entry)
    data, options = _mended_data(hass, entry, has_number=has_number), _mended_options(entry.options)
    changed = sorted(key for key in {*data, *entry.data} if key not in data or entry.data.get(key) != data[key])
    lost = sorted(entry.options.keys() - options.keys())
    if changed or lost:
        hass.config_entries.async_update_entry(entry, data=data, options=options)
        _LOGGER.warning(
            "%s: some of what was kept of this meter could not be read, and has been set anew: %s",
            entry.title,
            ", ".join(changed + lost),
        )
    _tell_lost(hass, entry, lost)
    for key, is_there in ((CONF_PORT, data[CONF_PORT]), (CONF_METER, data[CONF_METER]["id"] or not has_number)):
        if not is_there:
            raise ConfigEntryError(translation_domain=DOMAIN, translation_key=f"no_{key}")
    if CONF_KEYS in changed:
        entry.async_start_reauth(hass)


def _has_no_number(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether the meter never had a number: so the entry says, or else its device."""
    if entry.unique_id is not None:
        return False
    stored = entry.data.get(CONF_METER)
    if isinstance(stored, Mapping) and stored.get("id") == "":
        return True
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return any((DOMAIN, entry.entry_id) in device.identifiers for device in devices)


def _mended_data(hass: HomeAssistant, entry: ConfigEntry, *, has_number: bool) -> dict[str, Any]:
    data = {key: value for key, value in entry.data.items() if key != CONF_KEYS or keys_from_stored(value) is not None}
    port, baudrate, parity = (data.get(key) for key in (CONF_PORT, CONF_BAUDRATE, CONF_PARITY))
    usual = Line()
    stored = data.get(CONF_METER)
    meter = meter_from_stored(stored)
    has_maker = isinstance(stored, Mapping) and isinstance(stored.get("maker"), str)
    if not has_maker or (has_number and not meter.id):
        meter = _meter_of_before(hass, entry, meter)
    if not isinstance(stored, Mapping) or meter_from_stored(stored) != meter:
        stored = meter_as_stored(meter)
    names = [str(quantity) for quantity in quantities_from_stored(data.get(CONF_QUANTITIES))]
    point = data.get(CONF_METERING_POINT)
    return {
        **with_point(data, point if is_metering_point(point) else ""),
        CONF_PORT: port if isinstance(port, str) else "",
        CONF_BAUDRATE: baudrate if is_number(baudrate, 1, _MOST_BAUD) and baudrate % 1 == 0 else usual.baudrate,
        CONF_PARITY: parity if parity in tuple(Parity) else usual.parity.value,
        CONF_METER: stored,
        CONF_QUANTITIES: sorted(names),
    }


def _meter_of_before(hass: HomeAssistant, entry: ConfigEntry, meter: Meter) -> Meter:
    """Return a meter with what its device still tells, until its next list tells it."""
    number, maker, model = meter.id or entry.unique_id or "", "", ""
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        numbers = [known for domain, known in device.identifiers if domain == DOMAIN]
        if numbers and number in {"", *numbers}:
            number = number or numbers[0].replace(entry.entry_id, "")
            maker, model = device.manufacturer or "", device.model or ""
    return replace(meter, id=number, maker=meter.maker or maker or entry.title, model=meter.model or model)


def _mended_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that can be used; for those that cannot there are defaults."""

    def usable(key: str, value: object) -> bool:
        if key in _FACTORS:
            return is_number(value, 1e-9, 1e9)
        if key in _INTERVALS:
            return is_number(value, 0, 86_400)
        if key == CONF_CAPACITY:
            return usable_capacity(value)
        if key == CONF_FUSE:
            return usable_fuse(value)
        return key != CONF_CORRECT_HISTORY or isinstance(value, bool)

    return {key: value for key, value in options.items() if usable(key, value)}


@callback
def _tell_lost(hass: HomeAssistant, entry: ConfigEntry, lost: list[str]) -> None:
    """Tell of options that are lost, until the user has set them again."""
    issue_id = f"options_damaged_{entry.entry_id}"
    if lost:
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="options_damaged",
            translation_placeholders={"name": entry.title, "options": ", ".join(lost)},
        )
    elif (issue := ir.async_get(hass).async_get_issue(DOMAIN, issue_id)) is not None:
        names = (issue.translation_placeholders or {}).get("options", "").split(", ")
        if entry.options.keys() >= set(names):
            ir.async_delete_issue(hass, DOMAIN, issue_id)

"""Adopts the meter that has come in the place of another: an entry of its own for it, the old one disabled.

So the old meter keeps its entities and their history, and the numbers of two meters are never mixed. What is about the
house goes on with the new one: see `succession`. A meter that was here before has an entry already; one that tells no
number is taken to be that which was on this port.
"""

from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_IMPORT, ConfigEntry, ConfigEntryDisabler
from homeassistant.const import CONF_PORT

from ..const import (
    CONF_BAUDRATE,
    CONF_KEYS,
    CONF_METER,
    CONF_METERING_POINT,
    CONF_PARITY,
    CONF_QUANTITIES,
    CONF_REPLACES,
    DOMAIN,
)
from ..coordinator import HanPortConfigEntry
from ..explain import name_in_full, plain
from ..known_meter import is_same_meter, measured, meter_as_stored, meter_from_stored
from ..succession import options_of_heir
from .listening import ListeningFlow

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlowResult
    import probatio as vol

    from ..detect import Found
    from ..wire.reading import Meter
else:
    import voluptuous as vol


class AnotherMeterFlow(ListeningFlow):
    """Shows the new meter, and takes it over when the user agrees."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(entry_id)
        self._about: dict[str, str] = {}

    @override
    async def _answer(self, heard: Found, about: dict[str, str], *, is_own: bool) -> RepairsFlowResult:
        if is_own:
            return self.async_abort(reason="own_meter", description_placeholders=about)
        meter = heard.meter
        self._about = {
            **about,
            "meter": name_in_full(meter),
            "meter_id": plain(meter.id) or "–",
            "power": "–" if heard.power is None else f"{heard.power} W",
        }
        return await self.async_step_adopt()

    async def async_step_adopt(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show the new meter; disable the old one's entry and make or enable the new one's when the user agrees."""
        entry, heard = self._entry, self._heard
        if entry is None or heard is None:
            return self.async_abort(reason="gone")
        if user_input is None:
            return self.async_show_form(
                step_id="adopt", data_schema=vol.Schema({}), description_placeholders=self._about
            )
        place = {
            CONF_PORT: entry.data[CONF_PORT],
            CONF_BAUDRATE: heard.line.baudrate,
            CONF_PARITY: heard.line.parity.value,
            # The point is the house's. Keys are there if the new meter was heard with them.
            **{key: entry.data[key] for key in (CONF_METERING_POINT, CONF_KEYS) if key in entry.data},
        }
        entries = self.hass.config_entries
        known = self._known(entry, heard.meter)
        await entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
        if known is None or known.source == SOURCE_IGNORE:
            data = {
                **place,
                CONF_METER: meter_as_stored(heard.meter),
                CONF_QUANTITIES: sorted(measured(heard.values, heard.meter.grid)),
                CONF_REPLACES: entry.entry_id,
            }
            adopted = {"data": data, "options": options_of_heir(entry.options, {})}
            await entries.flow.async_init(DOMAIN, context={"source": SOURCE_IMPORT}, data=adopted)
        elif known.disabled_by is None:  # its cable was moved here from another port
            entries.async_update_entry(known, data={**known.data, **place})
            entries.async_schedule_reload(known.entry_id)
        else:  # it was here before
            data = {**known.data, **place, CONF_REPLACES: entry.entry_id}
            entries.async_update_entry(known, data=data, options=options_of_heir(entry.options, known.options))
            await entries.async_set_disabled_by(known.entry_id, None)
        return self.async_create_entry(data={})

    def _known(self, entry: HanPortConfigEntry, meter: Meter) -> ConfigEntry | None:
        """Return the entry that a meter has already."""
        entries = self.hass.config_entries
        if meter.id:
            return entries.async_entry_for_domain_unique_id(DOMAIN, meter.id)
        port = entry.data[CONF_PORT]
        return next(
            (
                one
                for one in entries.async_entries(DOMAIN, include_ignore=False)
                if one is not entry
                and one.disabled_by is not None
                and one.data.get(CONF_PORT) == port
                and is_same_meter(meter_from_stored(one.data.get(CONF_METER)), meter)
            ),
            None,
        )

"""Takes an adapter that is probably the meter's: listens to it, and takes it only if the meter is heard through it."""

from typing import TYPE_CHECKING, override

from homeassistant.const import CONF_PORT
from homeassistant.core import callback

from ..const import CONF_BAUDRATE, CONF_METER, CONF_PARITY
from ..coordinator import HanPortConfigEntry
from ..known_meter import is_same_meter, meter_from_stored
from .listening import ListeningFlow

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlowResult

    from ..detect import Found


class AdapterMovedFlow(ListeningFlow):
    """Listens to the port where the adapter seems to be now."""

    def __init__(self, entry_id: str, new_port: str) -> None:
        super().__init__(entry_id)
        self._new_port = new_port

    @override
    def _port(self, entry: HanPortConfigEntry) -> str:
        return self._new_port

    @override
    @callback
    def _use(self, entry: HanPortConfigEntry, heard: Found) -> None:
        if is_same_meter(meter_from_stored(entry.data[CONF_METER]), heard.meter):
            line = heard.line
            place = {CONF_PORT: self._new_port, CONF_BAUDRATE: line.baudrate, CONF_PARITY: line.parity.value}
            self.hass.config_entries.async_update_entry(entry, data={**entry.data, **place})

    @override
    async def _answer(self, heard: Found, about: dict[str, str], *, is_own: bool) -> RepairsFlowResult:
        if is_own:
            return self.async_create_entry(data={})
        return self.async_abort(reason="another_meter", description_placeholders=about)

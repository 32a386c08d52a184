"""Mends a port whose data cannot be read: finds the line settings that the meter has now."""

from typing import TYPE_CHECKING, override

from homeassistant.core import callback

from ..const import CONF_BAUDRATE, CONF_PARITY
from ..coordinator import HanPortConfigEntry
from .listening import ListeningFlow

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlowResult

    from ..detect import Found


class UnreadableFlow(ListeningFlow):
    """Listens with all settings, and keeps those that a meter was heard with.

    Another meter's are kept too: only then are its lists read, and told of as another meter's.
    """

    @override
    @callback
    def _use(self, entry: HanPortConfigEntry, heard: Found) -> None:
        data = {**entry.data, CONF_BAUDRATE: heard.line.baudrate, CONF_PARITY: heard.line.parity.value}
        self.hass.config_entries.async_update_entry(entry, data=data)

    @override
    async def _answer(self, heard: Found, about: dict[str, str], *, is_own: bool) -> RepairsFlowResult:
        if is_own:
            return self.async_create_entry(data={})
        return self.async_abort(reason="another_meter", description_placeholders=about)

"""What dialogs have in common that listen to an entry's port: say what is wrong, listen, and give the port back.

The entry does not read its port while the dialog listens. It has it again as soon as listening is over, before anything
is asked, so that a dialog that is left open stops nothing.
"""

from abc import abstractmethod
import asyncio
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.repairs import RepairsFlow
from homeassistant.const import CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_KEYS, CONF_METER, DOMAIN
from ..coordinator import HanPortConfigEntry
from ..detect import DetectionError, Found, detect
from ..explain import load_sentences, plain, problem, sentence
from ..known_meter import is_same_meter, keys_from_stored, meter_from_stored, meter_name
from ..link import Line, LinkError, shown
from ..mqtt_topic import opener
from ..port_loan import PortLoan

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlowResult
    import probatio as vol
else:
    import voluptuous as vol


class ListeningFlow(RepairsFlow):
    """Listens to the port of an entry; what to do with what was heard is up to the dialog."""

    def __init__(self, entry_id: str) -> None:
        self._entry_id = entry_id
        self._loan = PortLoan()
        self._listening: asyncio.Task[Found] | None = None
        self._heard: Found | None = None
        self._listened = ""
        self._why = ""

    @property
    def _entry(self) -> HanPortConfigEntry | None:
        """The entry, as long as it is there and not disabled."""
        entry: HanPortConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        return entry if entry is not None and entry.disabled_by is None else None

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what is wrong; listen when the user wants it."""
        if user_input is not None:
            return await self.async_step_listen()
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        about = issue.translation_placeholders if issue is not None else None
        return self.async_show_form(step_id="confirm", data_schema=vol.Schema({}), description_placeholders=about)

    async def async_step_listen(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Listen on the port until a meter has said who it is, or until it is plain why none does."""
        if self._listening is None:
            if (entry := self._entry) is None:
                return self.async_abort(reason="gone")
            self._listened = self._port(entry)
            await load_sentences(self.hass)
            await self._loan.take(self.hass, entry)
            keys = keys_from_stored(entry.data.get(CONF_KEYS))
            listening = detect(self._listened, self._progress, keys=keys, opener=opener(self.hass))
            self._listening = self.hass.async_create_task(listening, f"{DOMAIN} listening")
        elif self._listening.done():
            self._end(self._listening)
            self._listening = None
            return self.async_show_progress_done(next_step_id="heard")
        return self.async_show_progress(
            step_id="listen",
            progress_action="listen",
            description_placeholders={"port": shown(self._listened)},
            progress_task=self._listening,
        )

    @callback
    def _progress(self, part: float, _line: Line) -> None:
        self.async_update_progress(part)

    @callback
    def _end(self, listening: asyncio.Task[Found]) -> None:
        """Take what was heard, and give the port back: whether anybody still looks at the dialog is not known."""
        try:
            self._heard = listening.result()
        except (LinkError, DetectionError) as error:
            key, about = problem(error)
            self._why = sentence(self.hass, key, self._listened, **about)
        else:
            if (entry := self._entry) is not None:
                self._use(entry, self._heard)
        self._loan.give_back(self.hass)

    async def async_step_heard(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go on with what was heard."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="gone")
        if self._heard is None:
            return self.async_abort(reason="no_meter", description_placeholders={"why": self._why})
        about = {
            "name": entry.title,
            "port": shown(self._listened),
            "other": plain(meter_name(self._heard.meter)),
        }
        is_own = is_same_meter(meter_from_stored(entry.data[CONF_METER]), self._heard.meter)
        return await self._answer(self._heard, about, is_own=is_own)

    def _port(self, entry: HanPortConfigEntry) -> str:
        """Return the port to listen to: the entry's, unless the dialog is about another."""
        port: str = entry.data[CONF_PORT]
        return port

    @callback
    def _use(self, entry: HanPortConfigEntry, heard: Found) -> None:
        """Do at once what is to be done with the meter that was heard, before its port is given back."""

    @abstractmethod
    async def _answer(self, heard: Found, about: dict[str, str], *, is_own: bool) -> RepairsFlowResult:
        """Show what was heard, or end; `is_own` tells whether it is the entry's meter."""

    @callback
    @override
    def async_remove(self) -> None:
        """Give the port back, if the dialog was closed while it listened; Home Assistant ends the listening."""
        self._loan.give_back(self.hass, self._listening)

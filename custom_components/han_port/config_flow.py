"""Setting up a meter: one with a HAN port, or one that somebody reads, whose steps are in `hand_read.flow`.

With a HAN port: pick it, listen until the meter has said who it is, confirm. Nobody is asked for a baud rate; for keys
only who has a meter that ciphers (`keys_flow`). The steps `listen` and `found` serve every way in: a new meter, an
adapter that was plugged in, a new port or new keys for a meter that is known.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import usb
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.const import CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.selector import SerialPortSelector
from homeassistant.helpers.service_info.usb import UsbServiceInfo
from homeassistant.helpers.translation import async_get_translations

from .const import (
    CONF_BAUDRATE,
    CONF_KEYS,
    CONF_KIND,
    CONF_METER,
    CONF_METERING_POINT,
    CONF_PARITY,
    CONF_QUANTITIES,
    DOMAIN,
    KIND_HAND_READ,
)
from .coordinator import HanPortConfigEntry, line_of
from .detect import CipheredError, DetectionError, Found, detect
from .explain import TEXTS, name_in_full, plain, problem
from .hand_read.flow import HandReadSteps
from .keys_flow import KeySteps, key_fields, read_keys
from .known_meter import (
    is_same_meter,
    keys_as_stored,
    keys_from_stored,
    measured,
    meter_as_stored,
    meter_from_stored,
    meter_name,
)
from .link import Line, LinkError, is_topic
from .metering_point_field import fields, shown, with_point
from .mqtt_flow import TopicSteps
from .mqtt_topic import opener
from .options_flow import HanPortOptionsFlow
from .port_loan import PortLoan
from .wire.cipher import KeyTextError
from .wire.reading import Meter

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

_PORT_SCHEMA: Final = vol.Schema({vol.Required(CONF_PORT): SerialPortSelector()})


def _resolved(ports: Iterable[str]) -> list[str]:
    """Return ports in a form that is equal for equal ports: links to a device are followed. Reads the file system."""
    return [_resolved_url(port) if "://" in port else str(Path(port).resolve()) for port in ports]


def _resolved_url(port: str) -> str:
    return port if is_topic(port) else port.lower().rstrip("/")


class HanPortConfigFlow(HandReadSteps, TopicSteps, KeySteps, domain=DOMAIN):
    """The way to the entry of a meter, or to another port or other keys for it."""

    VERSION = 1

    def __init__(self) -> None:
        super().__init__()
        self._point = ""
        self._filled_in: dict[str, Any] = {}
        """The form for a known meter, as it was sent last."""
        self._next = ""
        """The step that follows listening."""
        self._listening: asyncio.Task[Found] | None = None
        self._heard: Found
        self._loan = PortLoan()

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: HanPortConfigEntry) -> OptionsFlow:
        """Return the flow behind the entry's cogwheel."""
        return HanPortOptionsFlow()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Return whether there is anything behind the cogwheel: a meter that somebody reads has it all elsewhere."""
        return config_entry.data.get(CONF_KIND) != KIND_HAND_READ

    # Ways in.

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what kind of meter is to be added."""
        return self.async_show_menu(step_id="user", menu_options=["port", "topic", "hand_read"])

    async def async_step_port(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the port of a new meter."""
        if user_input is not None and await self._take_port(user_input):
            return await self.async_step_listen()
        return self._ask("port", _PORT_SCHEMA)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the new port of a meter that is known, for its målepunkt-ID, and for its keys if it has some."""
        entry = self._get_reconfigure_entry()
        if entry.data.get(CONF_KIND) == KIND_HAND_READ:
            return await self.async_step_hand_read_menu()
        keys = keys_from_stored(entry.data.get(CONF_KEYS))
        known, was_on = entry.data.get(CONF_METERING_POINT, ""), entry.data[CONF_PORT]
        self._port = self._port or was_on
        about = {"metering_point": shown(known)}
        errors: dict[str, str] = {}
        if user_input is not None:
            self._error = None
            self._filled_in = user_input
            self._point, errors, told = self._field.read(
                user_input, self._others(), known=known, meter_id=entry.unique_id or ""
            )
            about |= told
            if keys is not None:
                try:
                    self._keys = read_keys(user_input, keys)
                except KeyTextError as err:
                    errors = {**errors, err.field: "key_malformed"}
            self._are_keys_typed = self._keys != keys
            if errors:
                self._port = user_input[CONF_PORT].strip()
            elif self._point != known and user_input[CONF_PORT].strip() == was_on and not self._are_keys_typed:
                # Nothing to listen for: the meter goes on.
                self.hass.config_entries.async_update_entry(entry, data=with_point(entry.data, self._point))
                return self.async_abort(reason="metering_point_kept" if self._point else "metering_point_removed")
            elif await self._take_port(user_input):
                return await self.async_step_listen()
        schema = _PORT_SCHEMA.extend(fields(known))
        if keys is not None:
            schema = schema.extend(key_fields(is_required=False))
        return self._ask("reconfigure", schema, errors, about)

    @override
    async def async_step_usb(self, discovery_info: UsbServiceInfo) -> ConfigFlowResult:
        """Offer to listen to an adapter that calls itself M-Bus or HAN."""
        name = discovery_info.description or discovery_info.device
        if "wireless" in name.lower():  # M-Bus by radio: water and heat meters
            return self.async_abort(reason="not_supported")
        await self.async_set_unique_id(usb.usb_unique_id_from_service_info(discovery_info))
        self._abort_if_unique_id_configured()
        self._port = await self.hass.async_add_executor_job(usb.get_serial_by_id, discovery_info.device)
        if (entry := await self._reader(self._port, disabled=True)) is not None:
            if entry.state is ConfigEntryState.SETUP_RETRY:  # it waits for this very adapter
                self.hass.config_entries.async_schedule_reload(entry.entry_id)
            return self.async_abort(reason="already_configured")
        self.context["title_placeholders"] = {"name": name}
        return await self.async_step_usb_confirm()

    async def async_step_usb_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Listen when the user wants it."""
        if user_input is not None:
            return await self.async_step_listen()
        self._set_confirm_only()
        return self.async_show_form(
            step_id="usb_confirm",
            description_placeholders={**TEXTS, **self.context["title_placeholders"], "port": self._port},
        )

    async def async_step_import(self, adopted: dict[str, Any]) -> ConfigFlowResult:
        """Make the entry of a meter that has come in the place of another: a repair has found it."""
        data = adopted["data"]
        meter = meter_from_stored(data[CONF_METER])
        await self.async_set_unique_id(meter.id or None, raise_on_progress=False)
        return self.async_create_entry(title=self._title_for(meter), data=data, options=adopted["options"])

    # What all of them do.

    def _title_for(self, meter: Meter) -> str:
        """Return a name for the entry that no other has. The meter's number is not in it: the name is in the log."""
        name = meter_name(meter)
        taken = {entry.title for entry in self._async_current_entries()}
        return next(title for title in chain((name,), (f"{name} ({n})" for n in count(2))) if title not in taken)

    async def _take_port(self, user_input: dict[str, Any]) -> bool:
        """Take the port; return whether nobody reads it yet."""
        self._error = None
        was, self._port = self._port, user_input[CONF_PORT].strip()
        if self._port != was and self._known is None:
            self._forget_keys()
        entry = await self._reader(self._port)
        return entry is None or self._fail("port_in_use", name=entry.title)

    @callback
    def _ask(
        self,
        step_id: str,
        schema: vol.Schema,
        errors: dict[str, str] | None = None,
        about: dict[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Ask for a port, saying what was wrong with the last one."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, {**self._filled_in, CONF_PORT: self._port}),
            errors=errors or ({"base": self._error} if self._error else None),
            description_placeholders={**TEXTS, "port": self._port, **self._about_error, **(about or {})},
            last_step=False,
        )

    async def _reader(self, port: str, *, disabled: bool = False) -> HanPortConfigEntry | None:
        """Return the entry, other than the one to be reconfigured, that reads this port (or would, if disabled)."""
        entries = [
            entry
            for entry in self._async_current_entries(include_ignore=False)
            if (disabled or entry.disabled_by is None)
            and entry.entry_id != self.context.get("entry_id")
            and entry.data.get(CONF_KIND) != KIND_HAND_READ
        ]
        ports = [port, *(entry.data[CONF_PORT] for entry in entries)]
        wanted, *read = await self.hass.async_add_executor_job(_resolved, ports)
        return next((entry for entry, port in zip(entries, read, strict=True) if port == wanted), None)

    @override
    async def async_step_listen(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Listen on the port until the meter has said who it is, or until it is plain why it does not."""
        if self._listening is None:
            if (entry := self._known) is not None:
                self._first = line_of(entry)
                self._keys = self._keys or keys_from_stored(entry.data.get(CONF_KEYS))
                await self._loan.take(self.hass, entry)
            listening = detect(self._port, self._progress, keys=self._keys, opener=opener(self.hass), first=self._first)
            self._listening = self.hass.async_create_task(listening, f"{DOMAIN} listening")
        elif self._listening.done():
            listened, self._listening = self._listening, None
            self._next = self._take(listened)
            return self.async_show_progress_done(next_step_id=self._next)
        return self.async_show_progress(
            step_id="listen",
            progress_action="check_keys" if self._are_keys_typed else "listen",
            description_placeholders={"port": self._port},
            progress_task=self._listening,
        )

    @callback
    def _progress(self, part: float, _line: Line) -> None:
        self.async_update_progress(part)

    @property
    def _known(self) -> HanPortConfigEntry | None:
        """The entry of the known meter that this flow is about. Its port must be free for listening."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return self._get_reauth_entry() if self.source == SOURCE_REAUTH else None

    @callback
    def _take(self, listening: asyncio.Task[Found]) -> str:
        """Take what was heard; return the step that follows."""
        of_new = "topic" if is_topic(self._port) else "port"
        again = {SOURCE_RECONFIGURE: "reconfigure", SOURCE_REAUTH: "reauth_confirm"}.get(self.source or "", of_new)
        try:
            self._heard = listening.result()
        except CipheredError as err:
            self._need_keys(err)
            self._loan.give_back(self.hass)
            return self._keys_step()
        except (LinkError, DetectionError) as err:
            key, about = problem(err)
            self._fail(key, **about)
            return again
        if (entry := self._known) is None:
            return "found"
        known = meter_from_stored(entry.data.get(CONF_METER))
        if not is_same_meter(replace(known, id=entry.unique_id or known.id), self._heard.meter):
            self._fail("wrong_meter", name=entry.title, other=plain(meter_name(self._heard.meter)))
            return again
        # At once: whether anybody still looks at the dialog is not known, and the entry waits for a port.
        point = self._point if self.source == SOURCE_RECONFIGURE else entry.data.get(CONF_METERING_POINT, "")
        self.hass.config_entries.async_update_entry(entry, data=with_point({**entry.data, **self._place()}, point))
        if self.source == SOURCE_REAUTH:
            self._loan.give_back(self.hass)
        else:
            self._loan.end()
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return "found"

    def _place(self) -> dict[str, Any]:
        """Return what entry data holds of where the meter was heard, and with which keys."""
        line = self._heard.line
        place: dict[str, Any] = {
            CONF_PORT: self._port,
            CONF_BAUDRATE: line.baudrate,
            CONF_PARITY: line.parity.value,
        }
        return place if self._keys is None else {**place, CONF_KEYS: keys_as_stored(self._keys)}

    @callback
    def _fail(self, key: str, **about: str) -> bool:
        """Keep what to say with the form that comes next."""
        self._error = key
        self._about_error = about
        self._loan.give_back(self.hass)
        return False

    async def async_step_found(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what was found, and make the entry when the user agrees. A known meter gets the new port at once."""
        if self._known is not None:
            return self.async_abort(reason=f"{self.source}_successful")
        meter, place = self._heard.meter, self._place()
        known = await self.async_set_unique_id(meter.id or None, raise_on_progress=False)
        if known is not None and known.data.get(CONF_PORT, self._port) != self._port:
            return self.async_update_reload_and_abort(known, data_updates=place, reason="moved")
        self._abort_if_unique_id_configured()
        if not meter.id and await self._reader(self._port) is not None:
            return self.async_abort(reason="already_configured")
        errors: dict[str, str] = {}
        about: dict[str, str] = {}
        if user_input is not None:
            point, errors, about = self._field.read(user_input, self._others(), meter_id=meter.id)
            if not errors:
                data = {
                    **place,
                    CONF_METER: meter_as_stored(meter),
                    CONF_QUANTITIES: sorted(measured(self._heard.values, meter.grid)),
                }
                return self.async_create_entry(title=self._title_for(meter), data=with_point(data, point))
        return self.async_show_form(
            step_id="found",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields()), user_input),
            errors=errors,
            description_placeholders={
                "meter": name_in_full(meter),
                "meter_id": plain(meter.id) or "–",
                "grid": await self._grid(),
                "power": "–" if self._heard.power is None else f"{self._heard.power} W",
                "line": str(self._heard.line),
                **about,
            },
            last_step=True,
        )

    async def _grid(self) -> str:
        """Return how the house is connected, in the language of this Home Assistant."""
        grid = self._heard.meter.grid or "unknown"
        texts = await async_get_translations(self.hass, self.hass.config.language, "selector", {DOMAIN})
        return texts[f"component.{DOMAIN}.selector.grid.options.{grid}"]

    @callback
    @override
    def async_remove(self) -> None:
        """Give the port back, if the flow was closed while it listened; Home Assistant ends the listening."""
        self._loan.give_back(self.hass, self._listening)

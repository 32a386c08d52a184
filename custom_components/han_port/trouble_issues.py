"""Issues that tell the owner of a meter what is wrong with its port.

What belongs here: one timer for each entry that gathers the facts for `troubles`, and making and deleting the issues.
They are deleted by themselves: when the cause is gone, and when the entry is removed or disabled. While an entry is
only set up again its issue stays, until the meter is heard.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from .const import DOCUMENTATION, DOMAIN
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .explain import plain, sentence, unknown_list
from .known_meter import meter_name
from .link import LinkError, shown
from .troubles import EVERY, Facts, Kind, Troubles
from .wire.cipher import Refusal
from .wire.decoder import Counters

_REFUSED: Final[Mapping[Refusal | None, str]] = {
    Refusal.NO_KEY: "ciphered",
    Refusal.WRONG_KEY: "wrong_key",
    Refusal.WRONG_TAG: "wrong_authentication_key",
}
"""The sentences on messages that no key opens."""
_FIXABLE: Final = (Kind.UNREADABLE, Kind.ANOTHER_METER, Kind.COUNTER_FELL)


def issue_id(kind: Kind, entry_id: str) -> str:
    """Return the id of an issue."""
    return f"{kind}_{entry_id}"


@callback
def forget_troubles(hass: HomeAssistant, entry_id: str) -> None:
    """Delete all issues of an entry's port."""
    for kind in Kind:
        ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry_id))


@callback
def show(hass: HomeAssistant, entry: HanPortConfigEntry, kind: Kind, **about: str) -> None:
    """Show an issue, or what is new about it."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(kind, entry.entry_id),
        data={"entry_id": entry.entry_id},
        is_fixable=kind in _FIXABLE,
        severity=ir.IssueSeverity.WARNING if kind is Kind.DAMAGED else ir.IssueSeverity.ERROR,
        translation_key=kind.value,
        translation_placeholders={"name": entry.title, "port": shown(entry.data[CONF_PORT]), **about},
    )


@callback
def show_unreachable(hass: HomeAssistant, entry: HanPortConfigEntry, error: LinkError) -> None:
    """Show that the port of an entry cannot be opened, and why."""
    why = sentence(hass, error.cause.value, entry.data[CONF_PORT], error=str(error))
    show(hass, entry, Kind.UNREACHABLE, why=why)


class TroubleIssues:
    """Shows what is wrong with the port of one entry that is set up, from when it is made until `stop`."""

    def __init__(self, hass: HomeAssistant, entry: HanPortConfigEntry, coordinator: HanPortCoordinator) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        ir.async_delete_issue(hass, DOMAIN, issue_id(Kind.UNREACHABLE, entry.entry_id))  # it has just been reached
        if coordinator.last_list is not None:
            forget_troubles(hass, entry.entry_id)
        registry = ir.async_get(hass)
        was = (kind for kind in Kind if registry.async_get_issue(DOMAIN, issue_id(kind, entry.entry_id)))
        self._kind: Kind | None = next((kind for kind in was if kind is not Kind.DAMAGED), None)
        self._troubles = Troubles(hass.loop.time(), self._kind)
        self._counters = Counters()
        self._why: tuple[str, dict[str, str]] = ("unreadable", {})
        self._stop_listening = coordinator.async_add_listener(self._look)  # the meter fell silent, or is back
        self._stop_looking = async_track_time_interval(
            hass, self._look_again, timedelta(seconds=EVERY), cancel_on_shutdown=True
        )

    @callback
    def stop(self) -> None:
        """Look no more. Issues stay, for the entry may be set up again; a disabled entry's go."""
        self._stop_looking()
        self._stop_listening()
        if self._entry.disabled_by is not None:
            forget_troubles(self._hass, self._entry.entry_id)

    @callback
    def _look_again(self, _now: datetime) -> None:
        self._look()

    @callback
    def _look(self) -> None:
        self._follow_decoder()
        self._troubles.look(self._facts())
        kind, before = self._troubles.kind, self._kind
        self._kind = kind
        if before is not None and before is not kind:
            self._delete(before)
        if kind is not None:
            self._show(kind)
        if self._troubles.is_damaged:
            show(self._hass, self._entry, Kind.DAMAGED)
        else:
            self._delete(Kind.DAMAGED)

    def _follow_decoder(self) -> None:
        """Take note of why what came since the last look cannot be read; where nothing came, it stays as it is."""
        decoder, before = self._coordinator.decoder, self._counters
        counters = self._counters = decoder.counters
        if counters.ciphered + counters.wrong_key > before.ciphered + before.wrong_key:
            self._why = _REFUSED.get(decoder.refusal, self._why[0]), {}
        elif counters.not_understood > before.not_understood and (unknown := decoder.unknown_list) is not None:
            self._why = "unknown_list", unknown_list(unknown.list_id, unknown.items)
        elif counters.bytes > before.bytes:
            self._why = "unreadable", {}

    def _facts(self) -> Facts:
        coordinator = self._coordinator
        counters, whose = self._counters, coordinator.whose
        return Facts(
            now=self._hass.loop.time(),
            open_at=coordinator.open_at,
            openings=coordinator.link.reconnects + 1,
            listed_at=coordinator.silence.heard_at,
            bytes=counters.bytes,
            stranger_since=whose.stranger_since,
            stranger_at=whose.stranger_at,
            is_mixed=whose.is_mixed(),
            frames=counters.frames,
            damaged=counters.damaged,
            has_fallen=coordinator.cipher_watch.has_fallen,
        )

    def _delete(self, kind: Kind) -> None:
        ir.async_delete_issue(self._hass, DOMAIN, issue_id(kind, self._entry.entry_id))

    def _show(self, kind: Kind) -> None:
        """Show what is wrong, with what is known of it."""
        if kind is Kind.UNREACHABLE and (error := self._coordinator.link.error) is not None:
            show_unreachable(self._hass, self._entry, error)
        elif kind is Kind.ANOTHER_METER and (stranger := self._coordinator.whose.stranger) is not None:
            show(self._hass, self._entry, kind, other=plain(meter_name(stranger)))
        elif kind is Kind.UNREADABLE:
            key, about = self._why
            show(self._hass, self._entry, kind, why=sentence(self._hass, key, self._entry.data[CONF_PORT], **about))
        elif kind is Kind.COUNTER_FELL:
            show(self._hass, self._entry, kind)
        elif kind is Kind.SILENT:
            show(self._hass, self._entry, kind, docs=DOCUMENTATION)

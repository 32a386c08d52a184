"""The field of a form in which a målepunkt-ID is typed: what it holds, and what is wrong with that.

It is never told which one is known: that is shown masked, and kept where the field is left empty.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers.selector import BooleanSelector, TextSelector

from .const import CONF_METERING_POINT
from .metering_point import MeteringPointError, is_unusual, masked, metering_point

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

REMOVE: Final = "remove_metering_point"
"""The field that asks to forget the one that is known."""
NONE: Final = "–"


class Typed(NamedTuple):
    """What a form says."""

    point: str
    """The 18 digits; empty: none is to be kept."""
    errors: dict[str, str]
    about: dict[str, str]
    """What the errors' sentences name."""


class MeteringPointField:
    """The field, through all the times that a flow shows it."""

    def __init__(self) -> None:
        self._warned = ""
        """The unusual one that the person has been told of."""

    def read(
        self,
        user_input: Mapping[str, Any],
        entries: Iterable[ConfigEntry],
        *,
        known: str = "",
        meter_id: str = "",
    ) -> Typed:
        """Return what was typed. `entries` are the others, `meter_id` the number of the meter itself."""
        text = user_input.get(CONF_METERING_POINT, "").strip()
        if not text:
            return Typed("" if user_input.get(REMOVE) else known, {}, {})
        try:
            point = metering_point(text, meter_id)
        except MeteringPointError as err:
            return Typed("", {CONF_METERING_POINT: err.key}, {"digits": str(err.digits)})
        for entry in entries:
            if entry.disabled_by is None and entry.data.get(CONF_METERING_POINT) == point:
                return Typed("", {CONF_METERING_POINT: "metering_point_used"}, {"name": entry.title})
        if is_unusual(point) and point not in {self._warned, known}:
            self._warned = point
            return Typed("", {CONF_METERING_POINT: "metering_point_unusual"}, {})
        return Typed(point, {}, {})


def fields(known: str = "") -> dict[vol.Optional, Any]:
    """Return the fields for a form's schema."""
    found: dict[vol.Optional, Any] = {vol.Optional(CONF_METERING_POINT): TextSelector()}
    if known:
        found[vol.Optional(REMOVE, default=False)] = BooleanSelector()
    return found


def shown(known: str) -> str:
    """Return the one that is known as a form may show it."""
    return masked(known) if known else NONE


def with_point(data: Mapping[str, Any], point: str) -> dict[str, Any]:
    """Return an entry's data with a målepunkt-ID, or without one."""
    bare = {key: value for key, value in data.items() if key != CONF_METERING_POINT}
    return {**bare, CONF_METERING_POINT: point} if point else bare

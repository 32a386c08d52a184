"""The action `han_port.undo_import`: the last import is taken back; asked for again, the one before it."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..asked_meter import ATTR_CONFIG_ENTRY, asked_meter
from .importing import undo

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

SCHEMA: Final = vol.Schema({vol.Optional(ATTR_CONFIG_ENTRY): cv.string})


async def undo_import(call: ServiceCall) -> ServiceResponse:
    """Take an import back; return which one it was. Raises ServiceValidationError if there is none."""
    undone = await undo(call.hass, asked_meter(call.hass, call.data.get(ATTR_CONFIG_ENTRY)))
    return {
        "imported": undone.at.astimezone(dt_util.get_default_time_zone()).isoformat(),
        "direction": undone.direction.value,
        "hours": undone.hours,
        "left": undone.left,
    }

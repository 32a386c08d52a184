"""The action `han_port.import_hours`: the hours of a file from Elhub go into the history of the energy sensor."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..asked_meter import ATTR_CONFIG_ENTRY, asked_meter
from .import_file import is_checked, read_path
from .import_plan import Fate, Plan
from .importing import import_file, preview

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

_PATH: Final = "path"
_REPLACE_MEASURED: Final = "replace_measured"
_PREVIEW: Final = "preview"

SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY): cv.string,
        vol.Required(_PATH): cv.string,
        vol.Optional(_REPLACE_MEASURED, default=False): cv.boolean,
        vol.Optional(_PREVIEW, default=False): cv.boolean,
    }
)


async def import_hours(call: ServiceCall) -> ServiceResponse:
    """Import a file, or only tell what that would do.

    Energies are in kWh, times local. Raises ServiceValidationError, and then nothing has changed.
    """
    entry = asked_meter(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    file = await read_path(call.hass, entry, call.data[_PATH])
    do = preview if call.data[_PREVIEW] else import_file
    plan = await do(call.hass, entry, file, replace_measured=call.data[_REPLACE_MEASURED])
    return {"preview": call.data[_PREVIEW], "metering_point_checked": is_checked(entry, file), **told(plan)}


def told(plan: Plan) -> dict[str, Any]:
    """Return a plan in numbers: kWh, hours, and local times (ISO 8601)."""
    zone = dt_util.get_default_time_zone()
    return {
        "direction": plan.direction.value,
        "start": plan.start.astimezone(zone).isoformat(),
        "end": plan.end.astimezone(zone).isoformat(),
        "hours": plan.hours,
        "energy": plan.energy / 1000,
        **{fate.value: plan.fates[fate] for fate in Fate},
        "disagreeing": plan.disagreeing,
        "difference": plan.difference / 1000,
        "largest_difference": plan.largest / 1000,
    }

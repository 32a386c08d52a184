"""The actions: what automations and people may ask of a meter. They are there before any meter is set up."""

from typing import Final

from homeassistant.core import HomeAssistant, SupportsResponse, callback

from .const import DOMAIN
from .correct_peak import SCHEMA as CORRECT_PEAK, correct_peak
from .elhub.compare_hours import SCHEMA as COMPARE_HOURS, compare_hours
from .elhub.import_hours import SCHEMA as IMPORT_HOURS, import_hours
from .elhub.undo_import import SCHEMA as UNDO_IMPORT, undo_import
from .get_hours import SCHEMA as GET_HOURS, get_hours
from .hand_read.submit_reading import SCHEMA as SUBMIT_READING, submit_reading

_ACTIONS: Final = (
    ("compare_hours", compare_hours, COMPARE_HOURS, SupportsResponse.ONLY),
    ("correct_peak", correct_peak, CORRECT_PEAK, SupportsResponse.OPTIONAL),
    ("get_hours", get_hours, GET_HOURS, SupportsResponse.ONLY),
    ("import_hours", import_hours, IMPORT_HOURS, SupportsResponse.OPTIONAL),
    ("submit_reading", submit_reading, SUBMIT_READING, SupportsResponse.OPTIONAL),
    ("undo_import", undo_import, UNDO_IMPORT, SupportsResponse.OPTIONAL),
)


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema, response in _ACTIONS:
        hass.services.async_register(DOMAIN, name, action, schema=schema, supports_response=response)

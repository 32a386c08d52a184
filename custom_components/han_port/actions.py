"""The actions: what automations and people may ask of a meter. They are there before any meter is set up."""

from homeassistant.core import HomeAssistant, SupportsResponse, callback

from . import correct_peak, get_hours
from .const import DOMAIN
from .elhub import compare_hours, import_hours, undo_import
from .hand_read import submit_reading


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        "correct_peak",
        correct_peak.correct_peak,
        schema=correct_peak.SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        "get_hours",
        get_hours.get_hours,
        schema=get_hours.SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        "submit_reading",
        submit_reading.submit_reading,
        schema=submit_reading.SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        "import_hours",
        import_hours.import_hours,
        schema=import_hours.SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        "undo_import",
        undo_import.undo_import,
        schema=undo_import.SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        "compare_hours",
        compare_hours.compare_hours,
        schema=compare_hours.SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )

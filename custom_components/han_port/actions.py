"""The actions: what automations and people may ask of a meter. They are there before any meter is set up."""

from homeassistant.core import HomeAssistant, SupportsResponse, callback

from . import correct_peak, get_hours
from .const import DOMAIN


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

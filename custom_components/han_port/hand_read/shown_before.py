"""The last reading as Home Assistant remembers that its sensor showed it: for a meter whose own file is lost."""

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, Platform, UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ..const import DOMAIN
from ..ledger.hand_periods import HandReading

ATTR_AT = "at"


@callback
def shown_before(hass: HomeAssistant, unique_id: str) -> HandReading | None:
    """Return the reading that a sensor showed last, with its time; None if it is not known any more."""
    entity_id = er.async_get(hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
    stored = restore_state.async_get(hass).last_states.get(entity_id or "")
    if stored is None:
        return None
    state = stored.state
    at = dt_util.parse_datetime(str(state.attributes.get(ATTR_AT)))
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        register = round(EnergyConverter.convert(float(state.state), unit, UnitOfEnergy.WATT_HOUR))
    except ValueError, OverflowError, HomeAssistantError:
        return None
    return None if at is None or at.tzinfo is None else HandReading(dt_util.as_utc(at), register)

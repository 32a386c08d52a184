"""What the recorder has seen a sensor show: for a book that is older than that, as after the restoring of a backup."""

from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.components.recorder.history import get_last_state_changes
from homeassistant.components.recorder.statistics import (
    get_last_short_term_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, Platform, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy.exc import SQLAlchemyError

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

HOUR: Final = timedelta(hours=1)

type Shown = tuple[datetime, float]
"""An instant, and the energy that was shown then, in kWh."""


async def shown_since(hass: HomeAssistant, unique_id: str, last: datetime) -> list[Shown]:
    """Return what an energy sensor has shown after an instant, in time: at full hours, and last of all.

    Nothing if it did not, or if there is no recorder, or it does not know.
    """
    recorder = hass.data.get(DATA_INSTANCE)
    statistic_id = er.async_get(hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
    if recorder is None or statistic_id is None:
        return []
    try:
        return await recorder.async_add_executor_job(_shown_since, hass, statistic_id, last)
    except SQLAlchemyError as err:  # the recorder tells of it
        _LOGGER.debug("What was shown before could not be read: %s", err)
        return []


def _shown_since(hass: HomeAssistant, statistic_id: str, last: datetime) -> list[Shown]:
    found = [*_last_row(hass, statistic_id), *_last_state(hass, statistic_id)]
    latest = max((at for at, _ in found), default=last)
    if latest - last > HOUR:
        found += _hours(hass, statistic_id, last)
    return sorted((at, energy) for at, energy in found if at > last)


def _last_state(hass: HomeAssistant, entity_id: str) -> list[Shown]:
    """Return the last state, if it is a number. Old databases have none, and the one after an outage is none."""
    for state in get_last_state_changes(hass, 1, entity_id).get(entity_id, ()):
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        try:
            energy = EnergyConverter.convert(float(state.state), unit, UnitOfEnergy.KILO_WATT_HOUR)
        except ValueError, HomeAssistantError:
            continue
        return [(state.last_updated, energy)]
    return []


def _last_row(hass: HomeAssistant, statistic_id: str) -> list[Shown]:
    """Return the last row of five minutes."""
    metadata = get_metadata(hass, statistic_ids={statistic_id}).get(statistic_id)
    if metadata is None or (unit := metadata[1]["unit_of_measurement"]) not in EnergyConverter.VALID_UNITS:
        return []
    to_kwh = EnergyConverter.converter_factory(unit, UnitOfEnergy.KILO_WATT_HOUR)
    rows = get_last_short_term_statistics(hass, 1, statistic_id, False, {"state"}).get(statistic_id, ())
    return [
        (dt_util.utc_from_timestamp(row["end"]), to_kwh(state)) for row in rows if (state := row["state"]) is not None
    ]


def _hours(hass: HomeAssistant, statistic_id: str, last: datetime) -> list[Shown]:
    """Return the rows of the hours that ended after an instant."""
    rows = statistics_during_period(
        hass,
        last - HOUR,
        None,
        {statistic_id},
        "hour",
        {EnergyConverter.UNIT_CLASS: UnitOfEnergy.KILO_WATT_HOUR},
        {"state"},
    ).get(statistic_id, ())
    return [(dt_util.utc_from_timestamp(row["end"]), state) for row in rows if (state := row["state"]) is not None]

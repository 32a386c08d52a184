"""What a meter takes over from the one that it has come in the place of.

The capacity charge is the installation's, not the meter's: the peaks of a month go on when the meter is replaced in the
middle of it. So do the options that are about the house. The factors are not: they belong to the meter that they were
set for, and its hours were kept with them applied.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .book_file import BadFileError, BookFile
from .const import (
    CONF_CORRECT_HISTORY,
    CONF_CURRENT_FACTOR,
    CONF_ENERGY_FACTOR,
    CONF_POWER_FACTOR,
    CONF_REPLACES,
    CONF_VOLTAGE_FACTOR,
)
from .kept_book import Kept
from .ledger import DamagedBookError, Hour, Status
from .ledger.capacity import day_of, month_span

_LOGGER = logging.getLogger(__name__)

_OF_THE_METER: Final = frozenset(
    (CONF_POWER_FACTOR, CONF_ENERGY_FACTOR, CONF_CURRENT_FACTOR, CONF_VOLTAGE_FACTOR, CONF_CORRECT_HISTORY)
)


def options_of_heir(left: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a meter with its own factors, and all else from the one before it."""
    return {
        **{key: value for key, value in own.items() if key in _OF_THE_METER},
        **{key: value for key, value in left.items() if key not in _OF_THE_METER},
    }


async def inherit(hass: HomeAssistant, entry_id: str, kept: Kept, save: Callable[[], Awaitable[None]]) -> None:
    """Take over the hours and corrections of the meter before, once: then its entry may go.

    Args:
        hass: Home Assistant.
        entry_id: of the meter that may have come in the place of another.
        kept: what is kept of it; this is added to.
        save: has that written.

    """
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or (old := entry.data.get(CONF_REPLACES)) is None:
        return
    try:
        if (content := await BookFile(hass, old).load()) is None:
            _LOGGER.warning("%s: nothing is left of the meter before; its hours do not count", entry.title)
        else:
            take_over(kept, Kept.from_stored(content, ""), dt_util.utcnow())
            await save()
    except (BadFileError, DamagedBookError, HomeAssistantError) as err:
        _LOGGER.warning("%s: the hours of the meter before cannot be read (%s), and do not count", entry.title, err)
    data = {key: value for key, value in entry.data.items() if key != CONF_REPLACES}
    hass.config_entries.async_update_entry(entry, data=data)


def take_over(kept: Kept, left: Kept, now: datetime) -> None:
    """Add what a meter has left of this month and of the one before it: that may have ended before anybody adopted.

    Of these months its corrections are all that there are: what the other one, which was here before, still has of them
    is older.
    """
    first = (day_of(now).replace(day=1) - timedelta(days=1)).replace(day=1)
    since, _ = month_span(first)
    hours = (_bare(hour) for hour in (*left.before, *left.book.hours(since, now)) if hour.start >= since)
    known = (hour for hour in hours if hour.status is not Status.MISSING)
    kept.before = tuple(sorted({*kept.before, *known}, key=lambda hour: hour.start))
    corrections: dict[date, int | None] = {day: energy for day, energy in kept.corrections.items() if day < first}
    kept.corrections = corrections | {day: energy for day, energy in left.corrections.items() if day >= first}


def _bare(hour: Hour) -> Hour:
    """Return an hour without registers: they are another meter's."""
    return hour._replace(import_register=None, export_register=None)

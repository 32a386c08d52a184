"""The profile that the hours of an entry follow."""

import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import PROFILE_CSV, PROFILE_FLAT, PROFILE_OPEN_DATA
from ..ledger.profile import Profile
from ..ledger.profile_error import ProfileError
from .open_data import AREAS, Patience, household_profile
from .settings import Settings

_LOGGER = logging.getLogger(__name__)

PATIENCE: Final = Patience(answer=10, busy=5, tries=2)
"""Set-up waits no longer than this for a month that is not kept yet."""


async def profile_of(hass: HomeAssistant, entry: ConfigEntry, settings: Settings) -> Profile:
    """Return the profile that was chosen; where it cannot be had, the shares of months, and say so."""
    kind = settings.profile
    if kind == PROFILE_FLAT:
        return Profile.flat()
    if kind == PROFILE_CSV:
        text = settings.profile_csv.encode()
        try:
            return await hass.async_add_executor_job(Profile.from_csv, text)
        except ProfileError as err:
            _LOGGER.warning("%s: its profile cannot be used (%s); shares of months are", entry.title, err.key)
    if kind == PROFILE_OPEN_DATA and settings.area in AREAS:
        fetched = await household_profile(hass, settings.area, patience=PATIENCE)
        if fetched.error is not None and not fetched.months:
            _LOGGER.warning("%s: Elhub's open data cannot be had (%s)", entry.title, fetched.error.key)
        return fetched.profile
    return Profile.monthly()

"""The action `han_port.submit_reading`: a reading of a meter that is read by hand, new, corrected or taken back."""

from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..asked_meter import ATTR_CONFIG_ENTRY, asked_hand_read, refused
from .home import HandReadHome, Submitted
from .refusal import refusals

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


class What(StrEnum):
    """What to do with a reading."""

    ADD = "add"
    CORRECT = "correct"
    REMOVE = "remove"


_READING: Final = "reading"
_AT: Final = "at"
_WHAT: Final = "what"
_NEW_AT: Final = "new_at"
_CONFIRMED: Final = "confirmed"


def _number(value: object) -> float:
    number: float = vol.Coerce(float)(value)
    if not isfinite(number):
        msg = f"no meter shows {value}"
        raise vol.Invalid(msg)
    return number


def _instant(value: object) -> datetime:
    """Return an instant in UTC; without a zone it is by Home Assistant's clock."""
    try:
        return dt_util.as_utc(cv.datetime(value))
    except OverflowError as err:
        msg = f"there is no such time: {value}"
        raise vol.Invalid(msg) from err


SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY): cv.string,
        vol.Optional(_WHAT, default=What.ADD.value): vol.Coerce(What),
        vol.Optional(_READING): _number,
        vol.Optional(_AT): _instant,
        vol.Optional(_NEW_AT): _instant,
        vol.Optional(_CONFIRMED, default=False): cv.boolean,
    }
)


async def submit_reading(call: ServiceCall) -> ServiceResponse:
    """Take a reading (kWh), now or of a time that may be past; or correct or remove one. Return what comes of it.

    Energies are in kWh, times local. Raises ServiceValidationError if it cannot be done: then nothing has changed.
    """
    home = asked_hand_read(call.hass, call.data.get(ATTR_CONFIG_ENTRY)).runtime_data
    with refusals():
        done = await _do(home, call)
    return {
        "use": _kwh(done.use),
        "expected": _kwh(done.expected),
        "expected_a_year": home.meter.annual / 1000,
        "next_reading_due": dt_util.as_local(home.due).isoformat(),
        "hours_rewritten": done.hours,
    }


async def _do(home: HandReadHome, call: ServiceCall) -> Submitted:
    what: What = call.data[_WHAT]
    at: datetime | None = call.data.get(_AT)
    if what is not What.ADD and at is None:
        raise refused("reading_time_missing")
    if what is What.REMOVE and at is not None:
        return await home.remove(at)
    kwh: float | None = call.data.get(_READING)
    if kwh is None:
        raise refused("reading_missing")
    confirmed: bool = call.data[_CONFIRMED]
    if what is What.CORRECT and at is not None:
        return await home.correct(at, kwh, confirmed, new_at=call.data.get(_NEW_AT))
    return await home.submit(at or dt_util.utcnow(), kwh, confirmed)


def _kwh(energy: int | None) -> float | None:
    return None if energy is None else energy / 1000

"""The action `han_port.correct_peak`: a day's peak set by hand, dropped, or left to the meter again."""

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import ServiceCall, ServiceResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .asked_meter import ATTR_CONFIG_ENTRY, asked_meter, refused
from .capacity_keeper import CapacityKeeper
from .ledger.capacity import Peak
from .ledger.hours import MOST_HOURS
from .ledger.integral import MOST_POWER

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


class Correction(StrEnum):
    """What to do with a day."""

    SET = "set"
    DROP = "drop"
    TAKE_BACK = "take_back"


MOST: Final = MOST_POWER / 1000
"""kWh. No hour has more."""
KNOWN: Final = timedelta(hours=MOST_HOURS)
"""For how long the hours of a day are kept."""
_DAY: Final = "day"
_CORRECTION: Final = "correction"
_ENERGY: Final = "energy"

SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY): cv.string,
        vol.Required(_DAY): cv.date,
        vol.Optional(_CORRECTION, default=Correction.SET.value): vol.Coerce(Correction),
        vol.Optional(_ENERGY): vol.Coerce(float),
    }
)


@callback
def correct_peak(call: ServiceCall) -> ServiceResponse:
    """Correct the peak of a day, and return what has become of it and of its month.

    Energies are in kWh, the mean in kW, the price a month. Raises ServiceValidationError if that cannot be done.
    """
    entry = asked_meter(call.hass, call.data.get(ATTR_CONFIG_ENTRY), "peak_of_estimates")
    if (keeper := entry.runtime_data.capacity) is None:
        raise refused("capacity_off", name=entry.title)
    day: date = call.data[_DAY]
    if day > keeper.today:
        raise refused("day_in_future", day=day.isoformat())
    if keeper.today - day > KNOWN:
        raise refused("day_too_old", day=day.isoformat(), days=str(KNOWN.days))
    before = keeper.month_at(day).peak_of(day)
    _correct(keeper, day, call.data[_CORRECTION], call.data.get(_ENERGY))
    month = keeper.month_at(day)
    step = month.step
    return {
        "day": day.isoformat(),
        "before": _shown(before),
        "after": _shown(month.peak_of(day)),
        "peaks": [_shown(peak) for peak in month.counting],
        "mean": None if month.mean is None else round(float(month.mean) / 1000, 3),
        "step": None if step is None else keeper.tariff.steps.label(step),
        "price": month.price,
    }


def _correct(keeper: CapacityKeeper, day: date, correction: Correction, energy: float | None) -> None:
    match correction:
        case Correction.DROP:
            keeper.correct(day, None)
        case Correction.TAKE_BACK:
            if day not in keeper.corrections:
                raise refused("nothing_to_take_back", day=day.isoformat())
            keeper.uncorrect(day)
        case Correction.SET:
            if energy is None:
                raise refused("energy_missing")
            if not 0 <= energy <= MOST:
                raise refused("energy_out_of_range", most=f"{MOST:g}")
            keeper.correct(day, round(energy * 1000))


def _shown(peak: Peak | None) -> dict[str, Any] | None:
    """Return a peak for a response: when it began is local time, None where it was set by hand."""
    if peak is None:
        return None
    return {
        "day": peak.day.isoformat(),
        "start": None if peak.start is None else dt_util.as_local(peak.start).isoformat(),
        "energy": peak.energy / 1000,
        "status": peak.origin.value,
    }

"""The action `han_port.get_hours`: the settled hours between two times, with how each of them is known."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import ServiceCall, ServiceResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .asked_meter import ATTR_CONFIG_ENTRY, asked_any, refused
from .coordinator import HanPortConfigEntry
from .hand_read.home import HandReadConfigEntry, is_hand_read
from .hour_attributes import hour_attributes
from .ledger import Hour, Status
from .ledger.hours import MOST_HOURS

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

LONGEST: Final = timedelta(hours=MOST_HOURS)
"""Of a span: as long as hours are kept, which is 13 months and some days. As JSON they come to 1.3 MB."""
_START: Final = "start"
_END: Final = "end"


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
        vol.Required(_START): _instant,
        vol.Required(_END): _instant,
    }
)


@callback
def get_hours(call: ServiceCall) -> ServiceResponse:
    """Return the hours from the one in which `start` lies to the last one that begins before `end` and is over.

    Energies are in kWh, times local. Raises ServiceValidationError if there is no such meter or no such span.
    """
    entry = asked_any(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    start: datetime = call.data[_START]
    end: datetime = call.data[_END]
    if end <= start:
        raise refused("end_not_after_start")
    if end - start > LONGEST:
        raise refused("span_too_long", days=str(LONGEST.days))
    over = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    hours = _hours(entry, start, min(end, over)) if start < over else ()
    statuses = Counter(hour.status for hour in hours)
    zone = dt_util.get_default_time_zone()
    return {
        "hours": [hour_attributes(hour, zone) for hour in hours],
        "import": sum(hour.imported or 0 for hour in hours) / 1000,
        "export": sum(hour.exported or 0 for hour in hours) / 1000,
        **{status.value: statuses[status] for status in Status},
    }


def _hours(entry: HanPortConfigEntry | HandReadConfigEntry, start: datetime, end: datetime) -> Sequence[Hour]:
    if is_hand_read(entry):
        return entry.runtime_data.hours(start, end)
    return entry.runtime_data.bookkeeper.book.hours(start, end)

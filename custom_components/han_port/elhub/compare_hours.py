"""The action `han_port.compare_hours`: the settled hours of a month held against what Elhub has, as the bill has it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..asked_meter import ATTR_CONFIG_ENTRY, asked_meter, refused
from ..const import DOMAIN
from ..get_hours import LONGEST
from ..ledger import ElhubFile, month_span
from ..ledger.elhub.compare import as_response, compare
from .import_file import read_path

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

LARGEST: Final = 10
"""How many of the largest differences are told."""
_PATH: Final = "path"
_MONTH: Final = "month"
_START: Final = "start"
_END: Final = "end"
_LAST: Final[HassKey[dict[str, dict[str, Any]]]] = HassKey(f"{DOMAIN}_comparisons")
"""The last comparison of each entry."""


def _month(value: object) -> date:
    """Return the first day of a month that is told as 2026-11."""
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError as err:
        msg = f"a month is told as 2026-11: {value}"
        raise vol.Invalid(msg) from err


def _instant(value: object) -> datetime:
    return dt_util.as_utc(cv.datetime(value))


SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY): cv.string,
        vol.Required(_PATH): cv.string,
        vol.Exclusive(_MONTH, "span"): _month,
        vol.Exclusive(_START, "span"): _instant,
        vol.Optional(_END): _instant,
    }
)


async def compare_hours(call: ServiceCall) -> ServiceResponse:
    """Return how our hours differ from a file's: of a month, of a span, or of all that is in the file.

    Energies are in kWh, times local. Raises ServiceValidationError if that cannot be told.
    """
    entry = asked_meter(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    file = await read_path(call.hass, entry, call.data[_PATH])
    start, end = _span(call.data, file)
    over = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    own = entry.runtime_data.bookkeeper.book.hours(start, min(end, over)) if start < over else ()
    told = await call.hass.async_add_executor_job(
        lambda: as_response(
            compare((volume for volume in file.hours if start <= volume.start < end), own, file.direction),
            LARGEST,
            dt_util.get_default_time_zone(),
        )
    )
    call.hass.data.setdefault(_LAST, {})[entry.entry_id] = {key: told[key] for key in told if key != "hours"}
    return told


@callback
def last_comparison(hass: HomeAssistant, entry_id: str) -> dict[str, Any] | None:
    """Return the last comparison of an entry, without its hours."""
    return hass.data.get(_LAST, {}).get(entry_id)


def _span(data: Mapping[str, Any], file: ElhubFile) -> tuple[datetime, datetime]:
    if _MONTH in data:
        return month_span(data[_MONTH])
    start: datetime = data.get(_START, file.start)
    end: datetime = data.get(_END, file.end)
    if end <= start:
        raise refused("end_not_after_start")
    if (_START in data or _END in data) and end - start > LONGEST:
        raise refused("span_too_long", days=str(LONGEST // timedelta(days=1)))
    return start, end

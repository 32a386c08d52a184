"""Elhub's open data: what a household of a price area uses by the hour, on average. Asked for only if a user wants it.

Source: Elhub's Energy Data API, dataset CONSUMPTION_PER_GROUP_MBA_HOUR, licence CC BY 4.0. It takes no key, but wants
to know who asks; a call is for a month at most and both dates are included; a few calls a second are allowed. Values
come, and are corrected, for a week or two.

A month is fetched once, when it is old enough to stay as it is, and kept in Home Assistant's storage for all meters of
its price area.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite
from typing import Any, Final, NamedTuple

from aiohttp import ClientError, ClientResponse, ClientTimeout
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import json_loads_object
from yarl import URL

from ..const import DOCUMENTATION, DOMAIN
from ..ledger.capacity import OSLO, day_of, month_span
from ..ledger.profile import Profile
from ..ledger.profile_error import ProfileError

ELHUB: Final = URL("https://api.elhub.no/energy-data/v0")
SOURCE: Final = "Elhub"
SOURCE_URL: Final = "https://api.elhub.no"
LICENCE: Final = "CC BY 4.0"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by/4.0/"
AREAS: Final = ("NO1", "NO2", "NO3", "NO4", "NO5")

MONTHS: Final = 12
"""How many months a profile is made of: each of a year once."""
LAG: Final = timedelta(days=16)
"""How long after its end a month may still change."""
_MOST_KEPT: Final = 36
"""Months."""
_DATASET: Final = "CONSUMPTION_PER_GROUP_MBA_HOUR"
_ROWS: Final = "consumptionPerGroupMbaHour"
_GROUP: Final = "household"
_HEADERS: Final = {"Accept": "application/json", "User-Agent": f"HAN Port for Home Assistant (+{DOCUMENTATION})"}
_MOST_BYTES: Final = 8_000_000
_LEAST_PART: Final = 0.9
"""The part of a month's hours without which it does not count."""
_HOUR: Final = timedelta(hours=1)
_DIGITS: Final = 6
"""Decimals of a kWh that are kept."""
_STORAGE_VERSION: Final = 1
_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_open_data_lock")


class OpenDataError(Exception):
    """The data cannot be had now.

    `key` says why: open_data_unreachable (no connection, or no answer in time), open_data_refused (403 and the like),
    open_data_busy (too many calls), open_data_unreadable (an answer of another kind) or open_data_empty (there is
    nothing yet).
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key: Final = key


class Patience(NamedTuple):
    """How long is waited, in s."""

    answer: float = 30
    """For the whole answer to one call."""
    pause: float = 0.25
    """Between two calls."""
    busy: float = 30
    """The most that is waited when Elhub asks to."""
    tries: int = 3
    """Calls for one month, where Elhub asks to wait."""


USUAL: Final = Patience()


class Fetched(NamedTuple):
    """A profile, and why it is not all that was asked for."""

    profile: Profile
    """Of the months that are known; of the built-in monthly shares where none is."""
    months: int
    """How many of the twelve are known."""
    error: OpenDataError | None


async def household_profile(
    hass: HomeAssistant, area: str, *, base: URL = ELHUB, patience: Patience = USUAL
) -> Fetched:
    """Return what a household of a price area (NO1 to NO5) uses by the hour, of the last twelve months that are final.

    Fetches the months that are not kept yet. Whatever goes wrong is told in what is returned.
    """
    async with hass.data.setdefault(_LOCK, asyncio.Lock()):
        store = _store(hass, area)
        kept = _from_stored(await store.async_load())
        missing = [month for month in final_months(dt_util.utcnow()) if month not in kept]
        error: OpenDataError | None = None
        new = False
        try:
            async for month, hours in _fetch(hass, area, missing, base, patience):
                kept[month] = hours
                new = True
        except OpenDataError as err:
            error = err
        if new:
            kept = {month: kept[month] for month in sorted(kept)[-_MOST_KEPT:]}
            await store.async_save({month.isoformat(): hours for month, hours in kept.items()})
    return _profile(kept, error)


async def kept_profile(hass: HomeAssistant, area: str) -> Fetched:
    """Return the profile of what has been fetched of a price area before, without asking anybody."""
    return _profile(_from_stored(await _store(hass, area).async_load()), None)


def _store(hass: HomeAssistant, area: str) -> Store[dict[str, Any]]:
    return Store(hass, _STORAGE_VERSION, f"{DOMAIN}.open_data.{area}")


def _profile(kept: Mapping[date, Sequence[float | None]], error: OpenDataError | None) -> Fetched:
    months = sum(month in kept for month in final_months(dt_util.utcnow()))
    try:
        return Fetched(Profile.from_hours(_by_hour(kept)), months, error)
    except ProfileError:  # there is nothing, or nothing but zeros
        return Fetched(Profile.monthly(), 0, error or OpenDataError("open_data_empty"))


def final_months(now: datetime) -> list[date]:
    """Return the first days of the last twelve months, in order, that do not change any more."""
    month = day_of(now - LAG).replace(day=1)
    months = []
    for _ in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    return months[::-1]


async def _fetch(
    hass: HomeAssistant, area: str, months: Sequence[date], base: URL, patience: Patience
) -> AsyncIterator[tuple[date, list[float | None]]]:
    """Yield months, each with what a household used in each of its hours, in kWh. Raises OpenDataError."""
    for number, month in enumerate(months):
        if number:
            await asyncio.sleep(patience.pause)
        content = await _ask(hass, _url(base, area, month), patience)
        if content is not None and (hours := _hours(content, area, month)) is not None:
            yield month, hours


def _url(base: URL, area: str, month: date) -> URL:
    start, end = (time.astimezone(OSLO) for time in month_span(month))
    return (base / "price-areas" / area).with_query(
        dataset=_DATASET,
        startDate=start.isoformat(),
        endDate=(end - timedelta(seconds=1)).isoformat(),
        consumptionGroup=_GROUP,
    )


async def _ask(hass: HomeAssistant, url: URL, patience: Patience) -> bytes | None:
    """Return what Elhub answers, None if that is that there is nothing. Raises OpenDataError."""
    session = async_get_clientsession(hass)
    tried = 0
    while True:
        try:
            async with (
                asyncio.timeout(patience.answer),
                session.get(
                    url, headers=_HEADERS, timeout=ClientTimeout(total=patience.answer), allow_redirects=False
                ) as response,
            ):
                if response.status == HTTPStatus.OK:
                    return await _content(response)
                if response.status == HTTPStatus.NO_CONTENT:
                    return None
                if response.status != HTTPStatus.TOO_MANY_REQUESTS:
                    raise OpenDataError("open_data_unreachable" if response.status >= 500 else "open_data_refused")
                wait = _wait(response.headers.get("Retry-After"))
        except (ClientError, TimeoutError) as err:
            raise OpenDataError("open_data_unreachable") from err
        tried += 1
        if tried >= patience.tries or wait > patience.busy:
            raise OpenDataError("open_data_busy")
        await asyncio.sleep(wait)


async def _content(response: ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise OpenDataError("open_data_unreadable")
    return bytes(content)


def _wait(asked: str | None) -> float:
    """Return how many seconds Elhub asks to wait: a number, or a date (RFC 9110, 10.2.3). One, if it does not say."""
    if asked is None:
        return 1.0
    if asked.strip().isdecimal():
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return 1.0
    return max(0.0, (until - datetime.now(until.tzinfo)).total_seconds())


def _hours(content: bytes, area: str, month: date) -> list[float | None] | None:
    """Return what a household used in each hour of a month, in kWh; None if too little is known of it."""
    start, end = month_span(month)
    used: list[float | None] = [None] * round((end - start) / _HOUR)
    try:
        for row in _rows(content):
            if row["consumptionGroup"] != _GROUP or row["priceArea"] != area:
                continue
            place, part = divmod(datetime.fromisoformat(row["startTime"]).astimezone(UTC) - start, _HOUR)
            points, energy = row["meteringPointCount"], row["quantityKwh"]
            if part or not 0 <= place < len(used) or not points:
                continue
            use = round(energy / points, _DIGITS)
            if use < 0 or not isfinite(use):
                raise OpenDataError("open_data_unreadable")
            used[place] = use
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as err:
        raise OpenDataError("open_data_unreadable") from err
    known = sum(use is not None for use in used)
    return used if known >= _LEAST_PART * len(used) else None


def _rows(content: bytes) -> Iterator[dict[str, Any]]:
    answer: dict[str, Any] = json_loads_object(content)
    for one in answer["data"]:
        yield from one["attributes"].get(_ROWS, ())


def _by_hour(kept: Mapping[date, Sequence[float | None]]) -> dict[datetime, float]:
    return {
        month_span(month)[0] + place * _HOUR: use
        for month, hours in kept.items()
        for place, use in enumerate(hours)
        if use is not None
    }


def _from_stored(stored: object) -> dict[date, list[float | None]]:
    """Return the months that are kept; what is damaged is fetched again."""
    kept = {}
    for key, hours in (stored if isinstance(stored, dict) else {}).items():
        try:
            month = date.fromisoformat(key)
        except ValueError:
            continue
        start, end = month_span(month)
        if month.day == 1 and isinstance(hours, list) and len(hours) == round((end - start) / _HOUR):
            kept[month] = [use if _is_use(use) else None for use in hours]
    return {month: hours for month, hours in kept.items() if any(use is not None for use in hours)}


def _is_use(use: object) -> bool:
    return isinstance(use, int | float) and not isinstance(use, bool) and isfinite(use) and use >= 0

"""Elhub's open data are fetched politely, a month at a time and once; whatever goes wrong, there is a profile.

The server is a real one on this machine.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.han_port.hand_read.open_data import (
    Fetched,
    Patience,
    final_months,
    household_profile,
    kept_profile,
)
from custom_components.han_port.ledger.capacity import month_span
from custom_components.han_port.ledger.profile import Profile

from .open_data_server import HOUR, OpenData, document, hours_between, row, sound, use

pytestmark = pytest.mark.usefixtures("socket_enabled")

QUICK = Patience(answer=5, pause=0, busy=0.05, tries=3)
KEY = "han_port.open_data.NO1"


@pytest.fixture
async def elhub() -> AsyncGenerator[OpenData]:
    """Return the server."""
    async with OpenData() as server:
        yield server


@pytest.fixture
def november(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Stop the clock on a day in November, for tests in which nobody waits."""
    freezer.move_to("2026-11-20T10:00:00+00:00")
    return freezer


async def fetch(hass: HomeAssistant, elhub: OpenData, patience: Patience = QUICK) -> Fetched:
    """Fetch what there is of NO1."""
    return await household_profile(hass, "NO1", base=elhub.base, patience=patience)


def is_flat_by_month(profile: Profile) -> bool:
    """Tell whether a profile is that of the built-in shares."""
    start, end = month_span(date(2026, 2, 1))
    return profile.shares(start, end) == Profile.monthly().shares(start, end)


def test_months_that_are_final() -> None:
    months = final_months(datetime(2026, 11, 20, tzinfo=UTC))
    assert (months[0], months[-1], len(months)) == (date(2025, 11, 1), date(2026, 10, 1), 12)
    assert final_months(datetime(2026, 11, 15, tzinfo=UTC))[-1] == date(2026, 9, 1)


@pytest.mark.usefixtures("november")
async def test_a_year_hour_by_hour(hass: HomeAssistant, elhub: OpenData) -> None:
    fetched = await fetch(hass, elhub)
    assert (fetched.months, fetched.error) == (12, None)
    start, end = datetime(2025, 10, 31, 23, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)
    shares = fetched.profile.shares(start, end)
    assert len(shares) == 8760  # with March's short day and October's long one
    assert shares == [pytest.approx(use(start + number * HOUR), abs=1e-6) for number in range(8760)]
    assert elhub.asked == [month.isoformat() for month in final_months(datetime(2026, 11, 20, tzinfo=UTC))]


async def test_each_month_is_fetched_once(
    hass: HomeAssistant, elhub: OpenData, november: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    first = await fetch(hass, elhub)
    elhub.asked.clear()
    again = await fetch(hass, elhub)
    assert (elhub.asked, again.months) == ([], 12)
    start, end = month_span(date(2026, 2, 1))
    assert again.profile.shares(start, end) == first.profile.shares(start, end)
    assert (await kept_profile(hass, "NO1")).profile.shares(start, end) == first.profile.shares(start, end)
    november.move_to("2026-12-20T10:00:00+00:00")
    assert (await fetch(hass, elhub)).months == 12
    assert elhub.asked == ["2026-11-01"]
    assert len(hass_storage[KEY]["data"]) == 13


async def test_two_at_once_fetch_once(hass: HomeAssistant, elhub: OpenData) -> None:
    await asyncio.gather(fetch(hass, elhub), fetch(hass, elhub))
    assert len(elhub.asked) == 12


async def test_nothing_is_asked_for_what_is_kept(hass: HomeAssistant, elhub: OpenData) -> None:
    kept = await kept_profile(hass, "NO1")
    assert (kept.months, elhub.asked) == (0, [])
    assert is_flat_by_month(kept.profile)


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (403, "open_data_refused"),
        (404, "open_data_refused"),
        (302, "open_data_refused"),
        (500, "open_data_unreachable"),
    ],
)
async def test_a_refusal(hass: HomeAssistant, elhub: OpenData, status: int, key: str) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"})

    elhub.answer = refuse
    fetched = await fetch(hass, elhub)
    assert fetched.error is not None
    assert (fetched.error.key, fetched.months, len(elhub.asked)) == (key, 0, 1)
    assert is_flat_by_month(fetched.profile)


async def test_nobody_there(hass: HomeAssistant, elhub: OpenData) -> None:
    base = elhub.base
    await elhub.__aexit__()
    fetched = await household_profile(hass, "NO1", base=base, patience=QUICK)
    assert fetched.error is not None
    assert fetched.error.key == "open_data_unreachable"
    assert is_flat_by_month(fetched.profile)


async def test_no_answer_in_time(hass: HomeAssistant, elhub: OpenData) -> None:
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    elhub.answer = hang
    fetched = await fetch(hass, elhub, QUICK._replace(answer=0.1))
    over.set()
    assert fetched.error is not None
    assert fetched.error.key == "open_data_unreachable"


@pytest.mark.parametrize("asked", ["0", "a while", "date", None])
async def test_waiting_as_long_as_asked(hass: HomeAssistant, elhub: OpenData, asked: str | None) -> None:
    busy = 2

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal busy
        if busy:
            busy -= 1
            if asked is None:
                return web.Response(status=429)
            now = format_datetime(datetime.now(UTC), usegmt=True)
            return web.Response(status=429, headers={"Retry-After": now if asked == "date" else asked})
        return await sound(request)

    elhub.answer = answer
    fetched = await fetch(hass, elhub, QUICK._replace(busy=2))
    assert (fetched.months, fetched.error, len(elhub.asked)) == (12, None, 14)


@pytest.mark.parametrize(("asked", "calls"), [("0", 3), ("3600", 1)])
async def test_not_waiting_for_ever(hass: HomeAssistant, elhub: OpenData, asked: str, calls: int) -> None:
    async def busy(_: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": asked})

    elhub.answer = busy
    fetched = await fetch(hass, elhub)
    assert fetched.error is not None
    assert (fetched.error.key, len(elhub.asked)) == ("open_data_busy", calls)


async def test_what_was_fetched_before_it_failed_is_kept(hass: HomeAssistant, elhub: OpenData) -> None:
    async def five_months(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503) if len(elhub.asked) > 5 else await sound(request)

    elhub.answer = five_months
    fetched = await fetch(hass, elhub)
    assert fetched.error is not None
    assert (fetched.error.key, fetched.months) == ("open_data_unreachable", 5)
    assert not is_flat_by_month(fetched.profile)
    elhub.answer = sound
    elhub.asked.clear()
    assert (await fetch(hass, elhub)).months == 12
    assert len(elhub.asked) == 7


async def test_nothing_yet(hass: HomeAssistant, elhub: OpenData) -> None:
    async def nothing(_: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    elhub.answer = nothing
    fetched = await fetch(hass, elhub)
    assert fetched.error is not None
    assert (fetched.error.key, fetched.months, len(elhub.asked)) == ("open_data_empty", 0, 12)


@pytest.mark.usefixtures("november")
async def test_a_month_with_gaps(hass: HomeAssistant, elhub: OpenData) -> None:
    """A few hours are guessed from the others; a month without a tenth of its hours waits until it has them."""

    async def gaps(request: web.Request) -> web.StreamResponse:
        hours = hours_between(request)
        hours = hours[100:] if request.query["startDate"].startswith("2026-01") else hours[5:]
        other = [row(hours[0], "NO2"), row(hours[0], "NO1", "cabin", 7), row(hours[0] - HOUR, "NO1", points=0)]
        beside = [{**row(hours[0], "NO1"), "startTime": (hours[0] + timedelta(minutes=15)).isoformat()}]
        return web.json_response(document([*(row(start, "NO1") for start in hours), *other, *beside], "NO1"))

    elhub.answer = gaps
    fetched = await fetch(hass, elhub)
    assert (fetched.months, fetched.error) == (11, None)
    start, _ = month_span(date(2026, 3, 1))
    known, guessed = (
        fetched.profile.shares(start + 5 * HOUR, start + 6 * HOUR),
        fetched.profile.shares(start, start + HOUR),
    )
    assert known == [pytest.approx(use(start + 5 * HOUR), abs=1e-6)]
    assert guessed == [pytest.approx(use(start), rel=0.3)]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>we are moving</html>",
        b"[]",
        b"{}",
        b'{"data": [{}]}',
        b'{"data": [{"attributes": {"consumptionPerGroupMbaHour": [{"consumptionGroup": "household"}]}}]}',
        b'{"data": [{"attributes": {"consumptionPerGroupMbaHour": [7]}}]}',
        b'{"data": 7}',
        b"\xff\xfe",
        b" " * 8_100_000,
    ],
    ids=["page", "list", "empty", "bare", "row", "number", "data", "noise", "huge"],
)
async def test_an_answer_of_another_kind(hass: HomeAssistant, elhub: OpenData, body: bytes) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    elhub.answer = answer
    fetched = await fetch(hass, elhub)
    assert fetched.error is not None
    assert fetched.error.key == "open_data_unreadable"
    assert is_flat_by_month(fetched.profile)


@pytest.mark.parametrize("wrong", [{"quantityKwh": -1}, {"startTime": "soon"}, {"quantityKwh": "7"}])
async def test_a_number_that_is_none(hass: HomeAssistant, elhub: OpenData, wrong: dict[str, Any]) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        rows = [{**row(start, "NO1"), **wrong} for start in hours_between(request)]
        return web.json_response(document(rows, "NO1"))

    elhub.answer = answer
    fetched = await fetch(hass, elhub)
    assert fetched.error is not None
    assert fetched.error.key == "open_data_unreadable"


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize(
    "data",
    [[], {"2026-01-01": [1.0]}, {"soon": []}, {"2026-01-02": []}, {"2026-01-01": [None] * 744}, {"2026-01-01": 7}],
)
async def test_what_is_kept_and_damaged_is_fetched_again(
    hass: HomeAssistant, elhub: OpenData, hass_storage: dict[str, Any], data: Any
) -> None:
    hass_storage[KEY] = {"version": 1, "minor_version": 1, "key": KEY, "data": data}
    assert (await fetch(hass, elhub)).months == 12
    assert len(elhub.asked) == 12


async def test_a_profile_of_nothing_but_zeros(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    hass_storage[KEY] = {"version": 1, "minor_version": 1, "key": KEY, "data": {"2026-01-01": [0.0] * 744}}
    assert is_flat_by_month((await kept_profile(hass, "NO1")).profile)

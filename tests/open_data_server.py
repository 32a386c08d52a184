"""Elhub's open data as a real HTTP server on this machine: the hours of households, made up, or what a test says."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import cos, pi
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from custom_components.han_port.ledger.capacity import OSLO

HOUR = timedelta(hours=1)
ROWS = "consumptionPerGroupMbaHour"

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def use(start: datetime) -> float:
    """Return the kWh that a household uses in an hour: more in winter, and in the evening."""
    local = start.astimezone(OSLO)
    return 1.5 + cos(2 * pi * local.timetuple().tm_yday / 365) + (0.5 if 17 <= local.hour < 22 else 0.0)


def row(start: datetime, area: str, group: str = "household", points: int = 400_000) -> dict[str, Any]:
    """Return one hour as Elhub tells it, with the fields that it has."""
    return {
        "consumptionGroup": group,
        "startTime": start.astimezone(OSLO).isoformat(),
        "endTime": (start + HOUR).astimezone(OSLO).isoformat(),
        "priceArea": area,
        "quantityKwh": use(start) * points,
        "meteringPointCount": points,
        "lastUpdatedTime": "2026-01-01T00:00:00+01:00",
    }


def document(rows: list[dict[str, Any]], area: str) -> dict[str, Any]:
    """Return rows in the envelope that they come in."""
    return {"data": [{"id": area, "type": "price-areas", "attributes": {"name": area, ROWS: rows}}]}


def hours_between(request: web.Request) -> list[datetime]:
    """Return the hours that were asked for, both dates included."""
    start, end = (datetime.fromisoformat(request.query[key]) for key in ("startDate", "endDate"))
    assert start.tzinfo is not None
    assert end.tzinfo is not None
    assert end - start < timedelta(days=31, hours=1)
    return [start + number * HOUR for number in range(int((end - start) / HOUR) + 1)]


async def sound(request: web.Request) -> web.StreamResponse:
    """Answer as Elhub does: refuse who does not say who it is, and tell of the group that was asked for."""
    if "HAN Port" not in request.headers.get("User-Agent", "") or "json" not in request.headers.get("Accept", ""):
        return web.Response(status=403)
    assert request.query["dataset"] == "CONSUMPTION_PER_GROUP_MBA_HOUR"
    area = request.match_info["area"]
    group = request.query["consumptionGroup"]
    return web.json_response(document([row(start, area, group) for start in hours_between(request)], area))


class OpenData:
    """The server. `asked` has the first day of every month that it was asked for."""

    def __init__(self) -> None:
        self.answer: Answer = sound
        self.asked: list[str] = []
        app = web.Application()
        app.router.add_get("/energy-data/v0/price-areas/{area}", self._get)
        self._server = TestServer(app)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.query["startDate"][:10])
        return await self.answer(request)

    @property
    def base(self) -> URL:
        """What stands in the place of Elhub's address."""
        return self._server.make_url("/energy-data/v0")

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

"""A real Home Assistant inside this process, from the bootstrap that a user's runs too, with HAN Port in it.

Its configuration folder is a temporary one. The recorder runs in it if asked for; nothing else is left out.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
import logging
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Self
from unittest.mock import patch

from homeassistant import bootstrap, loader
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.han_port.bookkeeper import Bookkeeper
from custom_components.han_port.const import DOMAIN
from custom_components.han_port.coordinator import HanPortCoordinator
from custom_components.han_port.wire.reading import Reading
from scripts.home_assistant.process import free_port
from tests.meters import Maker


@asynccontextmanager
async def home(*, recorder: bool = False) -> AsyncGenerator[HomeAssistant]:
    """Return a Home Assistant that has started."""
    with TemporaryDirectory(prefix="han_port_benchmark_") as folder:
        async with home_in(folder, {"recorder": {}} if recorder else {}) as hass:
            yield hass


@asynccontextmanager
async def home_in(folder: str, more: Mapping[str, Any]) -> AsyncGenerator[HomeAssistant]:
    """Return a Home Assistant that has started in a folder, with more in its configuration."""
    logging.basicConfig(level=logging.CRITICAL)
    hass = HomeAssistant(folder)
    loader.async_setup(hass)
    hass.config.skip_pip = True
    config: dict[str, Any] = {
        "homeassistant": {"time_zone": "Europe/Oslo", "country": "NO", "currency": "NOK", "unit_system": "metric"},
        "http": {"server_host": "127.0.0.1", "server_port": free_port()},
        **more,
    }
    if await bootstrap.async_from_config_dict(config, hass) is None:
        raise SystemExit("Home Assistant does not start")
    await hass.async_start()
    await hass.async_block_till_done()
    try:
        yield hass
    finally:
        await hass.async_stop(force=True)


async def keep_address(hass: HomeAssistant) -> None:
    """Confirm where Home Assistant's web server listens, as its owner does: else it starts anew after five minutes."""
    with suppress(ImportError):  # versions before 2026.10 ask for nothing
        from homeassistant.components.http.config import async_get_and_load_store  # noqa: PLC0415 - see above

        await (await async_get_and_load_store(hass)).async_promote_pending()


def entry_of(maker: Maker, url: str, options: Mapping[str, Any] | None = None) -> ConfigEntry[HanPortCoordinator]:
    """Return the entry that the config flow makes of a meter."""
    return ConfigEntry(
        version=1,
        minor_version=1,
        domain=DOMAIN,
        title=f"{maker.name} {maker.model}",
        data={
            "port": url,
            "baudrate": 2400,
            "parity": "E",
            "meter": {
                "maker": maker.name,
                "model": maker.model,
                "id": maker.id,
                "list_id": maker.list_id,
                "grid": str(maker.grid),
            },
            "quantities": sorted(maker.quantities("full")),
        },
        options=options or {},
        source=SOURCE_USER,
        unique_id=maker.id,
        discovery_keys=MappingProxyType({}),
        subentries_data=None,
    )


async def add(hass: HomeAssistant, entry: ConfigEntry[HanPortCoordinator]) -> HanPortCoordinator:
    """Add an entry; return its coordinator once all its entities are there."""
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    return entry.runtime_data


async def keep_hours(
    hass: HomeAssistant, entry: ConfigEntry[HanPortCoordinator], readings: Iterable[tuple[Reading, datetime]]
) -> None:
    """Have the book of an entry hold what these readings say (each with its arrival), before the entry is added."""
    bookkeeper = Bookkeeper(hass, entry.entry_id, entry.title, entry.data["meter"]["id"], entry.options)
    for reading, arrival in readings:
        bookkeeper.book.take(reading, arrival)
    await bookkeeper.close()


def enable_all(hass: HomeAssistant, maker: Maker) -> None:
    """Have those entities of a meter on that are off by default, before its entry is added."""
    more = ("meter_clock", "lists_received", "damaged_frames", "reconnects", "last_list")
    for key in (*maker.quantities("hourly"), *more):
        er.async_get(hass).async_get_or_create("sensor", DOMAIN, f"{maker.id}_{key}", disabled_by=None)


class QuietBridge:
    """A TCP bridge on this machine that accepts every connection and stays silent."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"socket://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


@contextmanager
def utc_time(now: Callable[[], datetime]) -> Iterator[None]:
    """Have Home Assistant's integrations ask this for the time."""
    with patch.object(dt_util, "utcnow", now):
        yield


@contextmanager
def virtual_time(hass: HomeAssistant, now: datetime) -> Iterator[Callable[[datetime], None]]:
    """Have the time by which the integration paces its entities and times lists stand still; yield what sets it.

    Home Assistant's own times, those of states and events, stay real.
    """
    loop, begin, first = hass.loop, hass.loop.time(), now

    def put(at: datetime) -> None:
        nonlocal now
        now = at

    loop.time = lambda: begin + (now - first).total_seconds()  # type: ignore[method-assign]
    with utc_time(lambda: now):
        try:
            yield put
        finally:
            del loop.time

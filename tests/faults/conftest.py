"""The home in which every fault is measured."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
import logging

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from ..conftest import AIDON
from ..serving import open_files
from .clock import Clock
from .harness import LIVE, Home, as_property, lets_go
from .peers import Bridge, Counting

NOW = datetime(2026, 11, 24, 11, 59, 30, tzinfo=UTC)
"""Less than a minute before the meter sends its hourly list."""
SETTLES = timedelta(seconds=20)
"""How long Home Assistant has been running by then."""


@pytest.fixture
async def home(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, record_property: Callable[[str, object], None]
) -> AsyncGenerator[Home]:
    """Return a home whose time passes fast; after the test nothing may be left of it."""
    assert await async_setup_component(hass, "usb", {})  # it is there anyhow, and keeps a task of its own
    with (
        quiet(hass.loop),
        caplog.at_level(logging.INFO, "custom_components.han_port"),
        Clock(LIVE, NOW - SETTLES) as clock,
    ):
        home = Home(hass, clock, AIDON)
        await asyncio.sleep(SETTLES.total_seconds())  # until it has opened what it watches
        tasks, files = len(asyncio.all_tasks()), open_files()
        async with home.watched():
            yield home
        await home.moves_out()
        await lets_go(tasks, files)
    if home.row is not None:
        record_property(*as_property(home.row))


@contextmanager
def quiet(loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """Have nobody keep what happens: pytest every line of the log, asyncio where each callback comes from."""
    debug = loop.get_debug()
    logging.disable(logging.DEBUG)
    loop.set_debug(False)
    try:
        yield
    finally:
        loop.set_debug(debug)
        logging.disable(logging.NOTSET)


@pytest.fixture
async def bridge(home: Home) -> AsyncGenerator[Bridge]:
    """Return a bridge with a meter that sends as Aidon's do: power every 2.5 s, everything every 10 s."""
    async with Bridge(Counting(home.maker, NOW), start=NOW) as bridge:
        yield bridge

"""Meters that tell their registers at full hours, while the calendar goes on."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import AIDON, ENOUGH, VALUES, Bridge, hourly
from .meters import Aidon

HOUR: Final = timedelta(hours=1)
BEGIN: Final = datetime(2026, 11, 10, 8, tzinfo=UTC)
CAPACITY: Final[Mapping[str, Any]] = {
    "rule": "three_days",
    "steps": [{"above": 0, "price": 120}, {"above": 2, "price": 200}, {"above": 5, "price": 336}],
    "price_per": "month",
    "vat": 25,
}
"""A capacity tariff, as options have it."""


class Hours:
    """Lets meters use energy, an hour at a time, and tell of it."""

    def __init__(self, hass: HomeAssistant, bridge: Bridge, calendar: FrozenDateTimeFactory) -> None:
        self._hass = hass
        self._bridge = bridge
        self._calendar = calendar
        self.registers: dict[str, int] = {}

    def go_to(self, at: datetime) -> None:
        """Put the calendar forward to an instant."""
        self._calendar.move_to(at)

    async def use(self, entry: MockConfigEntry, start: datetime, energy: int, maker: Aidon = AIDON) -> None:
        """Let this energy (Wh) be used in the hour from `start`: the meter tells its register before and after."""
        await self.tell(entry, start, maker)
        self.registers[maker.id] += energy
        await self.tell(entry, start + HOUR, maker)

    async def tell(self, entry: MockConfigEntry, at: datetime, maker: Aidon = AIDON) -> None:
        """Have the meter tell its register at a full hour, as it does shortly after it."""
        self._calendar.move_to(at + timedelta(seconds=10))
        register = self.registers.setdefault(maker.id, round(VALUES["energy_import"]))
        decoder = entry.runtime_data.decoder
        before = decoder.counters.readings
        on_the_wall = (at.astimezone(UTC) + HOUR).replace(tzinfo=None)  # an Aidon knows no summer
        self._bridge.send(hourly(maker, on_the_wall, energy_import=register))
        async with asyncio.timeout(ENOUGH):
            while decoder.counters.readings == before:
                await self._hass.async_block_till_done()
        await self._hass.async_block_till_done()


@pytest.fixture
def hours(hass: HomeAssistant, bridge: Bridge, hass_storage: dict[str, Any]) -> Iterator[Hours]:
    """Return what lets meters use energy; what is kept of them stays in memory.

    The calendar stands still but for what a test does to it. Timers do not: a day that has passed is no silence.
    """
    del hass_storage
    with freeze_time(BEGIN, real_asyncio=True) as calendar:
        assert isinstance(calendar, FrozenDateTimeFactory)
        yield Hours(hass, bridge, calendar)

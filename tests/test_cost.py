"""The cost sensor that Home Assistant makes of an energy sensor and a price that changes each full hour.

It books what the energy sensor rises by at the price of the moment at which that rises. What the energy dashboard shows
of an hour is what the cost rose by from one full hour to the next.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
import math
from typing import Any, Final, NamedTuple

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.han_port.wire.decoder import Decoder

from .conftest import Bridge, entity, entry_for, set_up
from .meters import Meter, make_meter
from .meters.make import MakerName

HOUR: Final = timedelta(hours=1)
WINTER: Final = datetime(2026, 11, 23, 23, tzinfo=UTC)
"""A midnight, as the next. No hour of this day has less than 1 kWh."""
SUMMER: Final = datetime(2026, 7, 6, 22, tzinfo=UTC)
"""Most hours of this day have less than 1 kWh."""
READ_BEFORE: Final = 2 * HOUR
"""For so long the meter has been read when the day begins."""
OCTETS_PER_SECOND: Final = 2400 / 11
"""2400 baud, 8E1."""
PRICE: Final = "sensor.price"
PRICES: Final = (
    *(0.45, 0.41, 0.38, 0.36, 0.37, 0.52, 0.84, 1.42, 1.61, 1.33, 1.12, 1.02),
    *(0.97, 0.95, 0.99, 1.08, 1.45, 2.12, 1.96, 1.50, 1.10, 0.82, 0.64, 0.50),
)
"""NOK/kWh in each hour of a day."""

pytestmark = pytest.mark.usefixtures("recorder_mock", "enable_custom_integrations")


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Have the recorder that the energy integration asks for record nothing."""
    return {"exclude": {"entity_globs": ["*"]}}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Spare what is logged of every list."""
    for name in ("", "homeassistant", "custom_components", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)


class Paid(NamedTuple):
    """An hour as the dashboard shows it, beside the truth."""

    start: datetime
    price: float
    energy: float
    """kWh that the house used."""
    cost: float
    """What the cost sensor rose by."""


def write_price(hass: HomeAssistant, price: float) -> None:
    """Have a price hold from now on."""
    hass.states.async_set(PRICE, str(price), {"unit_of_measurement": "NOK/kWh"})


async def cost_of(hass: HomeAssistant, energy: str) -> str:
    """Have the energy dashboard buy an energy at the price; return the id of the cost sensor that it makes."""
    assert await async_setup_component(hass, "energy", {})
    source = {
        "type": "grid",
        "cost_adjustment_day": 0.0,
        "stat_energy_from": energy,
        "stat_energy_to": None,
        "stat_cost": None,
        "entity_energy_price": PRICE,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
    }
    preferences: Any = {"energy_sources": [source]}
    await (await async_get_manager(hass)).async_update(preferences)
    await hass.async_block_till_done()
    return f"{energy}_cost"


async def paid(hass: HomeAssistant, bridge: Bridge, meter: Meter, midnight: datetime) -> list[Paid]:
    """Have a meter read, from before a day to its end; return the hours of the day.

    A list takes the time that it takes on the line, so the one that is sent at the full hour comes after the price has
    changed.
    """
    # Virtual time makes every step look slow.
    asyncio.get_running_loop().slow_callback_duration = math.inf
    begin, end = midnight - READ_BEFORE, midnight + 24 * HOUR
    costs: dict[datetime, float] = {}
    with freeze_time(begin, real_asyncio=True) as clock:
        assert isinstance(clock, FrozenDateTimeFactory)
        write_price(hass, 1)
        entry = await set_up(hass, entry_for(bridge.url, meter.maker))
        cost = await cost_of(hass, entity(hass, "energy_import", meter.maker))
        decoder = Decoder()
        hour = begin
        for sent in meter.lists(begin, end + timedelta(seconds=10)):
            arrival = sent.at + timedelta(seconds=len(sent.frame) / OCTETS_PER_SECOND)
            if arrival >= hour:
                clock.move_to(hour)
                if hour >= midnight:
                    state = hass.states.get(cost)
                    assert state
                    costs[hour] = float(state.state)
                write_price(hass, PRICES[(hour - midnight) // HOUR % 24])
                hour += HOUR
            clock.move_to(arrival)
            for reading in decoder.feed(sent.frame):
                entry.runtime_data.take(reading)
            await asyncio.sleep(0)  # Home Assistant 2026.5 tells of new states in the loop's next turn
        await hass.config_entries.async_unload(entry.entry_id)
    assert len(costs) == 25
    used = {at: meter.household.energy(at).imported / 1000 for at in costs}
    return [
        Paid(at, price, used[at + HOUR] - used[at], costs[at + HOUR] - costs[at])
        for at, price in zip(costs, PRICES, strict=False)
    ]


def wrong(hours: Iterable[Paid], least: float = 0) -> list[str]:
    """Return the hours whose cost is wrong by more than 1 %, and by more than that of so many kWh."""
    return [
        f"{hour.start:%H:%M}: {hour.cost:.4f} for {hour.energy:.4f} kWh at {hour.price}"
        for hour in hours
        if abs(hour.cost - hour.energy * hour.price) > max(0.01 * hour.energy, least) * hour.price
    ]


@pytest.mark.parametrize("maker", ["aidon", "kaifa"])
async def test_each_hour_costs_what_was_used_in_it(hass: HomeAssistant, bridge: Bridge, maker: MakerName) -> None:
    meter = make_meter(maker, start=WINTER - READ_BEFORE, seed=1)
    hours = await paid(hass, bridge, meter, WINTER)
    assert min(hour.energy for hour in hours) > 1
    assert wrong(hours) == []


@pytest.mark.parametrize(("maker", "least"), [("aidon", 0.015), ("kaifa", 0.006)])
async def test_hours_in_which_little_is_used(
    hass: HomeAssistant, bridge: Bridge, maker: MakerName, least: float
) -> None:
    """What is wrong is as little as the meter does not tell, and evens out over the day.

    Aidon's registers are cut to 10 Wh, which is more than 1 % of less than 1 kWh; and a cooker's plate comes and goes
    between two lists.
    """
    meter = make_meter(maker, start=SUMMER - READ_BEFORE, seed=1)
    hours = await paid(hass, bridge, meter, SUMMER)
    assert sorted(hour.energy for hour in hours)[12] < 1
    assert wrong(hours, least) == []
    bill = sum(hour.energy * hour.price for hour in hours)
    assert sum(hour.cost for hour in hours) == pytest.approx(bill, rel=0.001)

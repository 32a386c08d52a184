"""The running hour under a capacity tariff: its forecast, the power that is left, and the warning."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from .capacity_home import SECOND, Home, capacity, oslo
from .conftest import Bridge, entity, full, power, until

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

EIGHT = oslo(23, 8)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> AsyncGenerator[Home]:
    """Return a house whose meter has told its register at eight, with a target of 5 kW."""
    del hass_storage  # what is kept stays in memory
    home = Home(hass, bridge, freezer)
    await home.begin(EIGHT, **capacity(target=5))
    yield home
    await hass.config_entries.async_unload(home.entry.entry_id)


async def draw(house: Home, watts: float, since: datetime, upto: datetime) -> None:
    """Have so much be drawn: a full list every ten seconds, after one time up to another."""
    at = since
    while (at := at + 10 * SECOND) <= upto:
        await house.hear(at, full(power_import=watts, energy_import=house.register))


def number(house: Home, key: str) -> float:
    """Return what a sensor shows."""
    return float(house.state(key).state)


async def test_what_the_hour_comes_to(house: Home) -> None:
    """3 kW all the time make 3 kWh, and leave 2 kW for all that is left."""
    at = EIGHT + 20 * MINUTE
    await draw(house, 3000, EIGHT + 10 * SECOND, at)
    assert number(house, "capacity_forecast") == pytest.approx(3, abs=0.05)
    attributes = house.state("capacity_forecast").attributes
    assert attributes["so_far"] == pytest.approx(1, abs=0.05)
    assert attributes["power"] == pytest.approx(3000, abs=1)
    assert "state_class" not in attributes
    assert number(house, "available_power") == pytest.approx(3000, abs=100)
    assert house.state("available_power").attributes["room"] == pytest.approx(6000, abs=100)
    assert house.state("available_power").attributes["limit"] == 4.999
    assert house.shown("over_target") == ("off",)


async def test_a_car_takes_the_hour_over_its_target(house: Home) -> None:
    """It is told before the target is exceeded, while what must be left out is little; and taken back with the car."""
    await draw(house, 2000, EIGHT + 10 * SECOND, EIGHT + 15 * MINUTE)
    assert house.shown("over_target") == ("off",)
    changes = async_capture_events(house.hass, EVENT_STATE_CHANGED)
    await draw(house, 9000, EIGHT + 15 * MINUTE, EIGHT + 20 * MINUTE)
    assert house.shown("over_target") == ("on",)
    warning = house.state("over_target").attributes
    assert warning["forecast"] > warning["limit"] == 4.999
    assert -4500 < number(house, "available_power") < -3000
    await draw(house, 2000, EIGHT + 20 * MINUTE, EIGHT + 27 * MINUTE)
    assert house.shown("over_target") == ("off",)
    assert number(house, "available_power") > 1000
    written = [event for event in changes if event.data["entity_id"] == house.entity_id("over_target")]
    assert len(written) == 2  # whatever lists there were


async def test_each_is_written_once_for_a_full_list(house: Home) -> None:
    """With the hourly list too, which settles an hour; lists of power cost nothing."""
    await draw(house, 3000, EIGHT + 10 * SECOND, EIGHT + 5 * MINUTE)
    changes = async_capture_events(house.hass, EVENT_STATE_CHANGED)

    def written() -> dict[str, int]:
        ids = [event.data["entity_id"] for event in changes]
        changes.clear()
        return {key: ids.count(house.entity_id(key)) for key in ("capacity_forecast", "available_power", "over_target")}

    for second in (2, 4, 6, 8):
        await house.hear(EIGHT + 5 * MINUTE + second * SECOND, power(watts=9000))
    assert written() == {"capacity_forecast": 0, "available_power": 0, "over_target": 0}
    await house.hear(EIGHT + 5 * MINUTE + 10 * SECOND, full(power_import=9000, energy_import=house.register))
    assert written() == {"capacity_forecast": 1, "available_power": 1, "over_target": 0}
    await draw(house, 3000, EIGHT + 59 * MINUTE, EIGHT + 60 * MINUTE)
    changes.clear()
    house.register += 3000
    await house.tell_register(EIGHT + 60 * MINUTE, power=4000)
    counts = written()
    assert (counts["capacity_forecast"], counts["available_power"]) == (1, 1)
    assert house.shown("month_peak_1") == ("3.0",)


async def test_a_number_and_its_attributes_belong_together(house: Home) -> None:
    """What is written list by list is what Home Assistant's ordinary write makes of it; that is not recorded."""
    keys = ("capacity_forecast", "available_power")
    await draw(house, 3000, EIGHT + 10 * SECOND, EIGHT + 10 * MINUTE)
    await draw(house, 3500, EIGHT + 10 * MINUTE, EIGHT + 12 * MINUTE)
    before = [(one.state, one.attributes) for one in map(house.state, keys)]
    house.coordinator.async_update_listeners()
    await house.hass.async_block_till_done()
    assert [(one.state, one.attributes) for one in map(house.state, keys)] == before
    for key, changing in zip(keys, ({"so_far", "power"}, {"room", "limit"}), strict=True):
        info = house.state(key).state_info
        assert info is not None
        assert changing <= info["unrecorded_attributes"]


async def test_what_other_days_have_come_to_lowers_the_limit(house: Home) -> None:
    """Two days above the target have to be made up for; a third one changes what counts."""
    await house.hours([(oslo(24, 7), 6000), (oslo(25, 7), 5500)])
    await draw(house, 1000, oslo(26, 8), oslo(26, 8, 1))
    assert house.state("available_power").attributes["limit"] == pytest.approx(3.5, abs=0.002)


async def test_a_restart_in_the_middle_of_an_hour(house: Home) -> None:
    """The first list tells what the hour comes to; nothing is guessed before it."""
    await draw(house, 3000, EIGHT + 10 * SECOND, EIGHT + 25 * MINUTE)
    before = number(house, "capacity_forecast")
    house.freezer.move_to(EIGHT + 26 * MINUTE)
    await house.restart()
    assert house.shown("capacity_forecast", "available_power", "over_target") == ("unknown",) * 3
    await draw(house, 3000, EIGHT + 26 * MINUTE, EIGHT + 26 * MINUTE + 30 * SECOND)
    assert number(house, "capacity_forecast") == pytest.approx(before, abs=0.1)
    assert number(house, "available_power") == pytest.approx(3500, abs=250)


async def test_a_silent_meter(house: Home) -> None:
    """Nobody knows what the hour comes to, and an old warning is no warning; the next list tells."""
    await draw(house, 9000, EIGHT + 10 * SECOND, EIGHT + 10 * MINUTE)
    assert house.shown("over_target") == ("on",)
    house.freezer.move_to(EIGHT + 11 * MINUTE)
    await until(house.hass, entity(house.hass, "power_import"), "unavailable")
    keys = ("capacity_forecast", "available_power", "over_target")
    assert house.shown(*keys) == ("unavailable",) * 3
    assert house.shown("capacity_target") == ("5.0",)
    await house.hear(EIGHT + 12 * MINUTE, full(power_import=9000))
    assert not {"unavailable", "unknown"} & set(house.shown(*keys))


async def test_the_forecast_needs_no_tariff(house: Home) -> None:
    """Nor does it need a target; what does is not there, or cannot be told, until there is one."""
    await house.set_options()
    await draw(house, 3000, EIGHT + MINUTE, EIGHT + 2 * MINUTE)
    assert number(house, "capacity_forecast") == pytest.approx(3, abs=0.1)
    assert house.entity_id("available_power") is None
    await house.set_options(**capacity())
    await draw(house, 3000, EIGHT + 2 * MINUTE, EIGHT + 3 * MINUTE)
    assert house.shown("available_power", "over_target") == ("unavailable", "unavailable")
    assert house.shown("capacity_target") == ("unknown",)


async def set_target(house: Home, kilowatts: float) -> None:
    """Do what an automation does."""
    await house.hass.services.async_call(
        "number", "set_value", {"entity_id": house.entity_id("capacity_target"), "value": kilowatts}, blocking=True
    )
    await house.hass.async_block_till_done()


async def test_a_target_is_moved(house: Home) -> None:
    """What depends on it follows at once; nothing is set up anew, and the options and the next start have it."""
    await draw(house, 3000, EIGHT + 10 * SECOND, EIGHT + 20 * MINUTE)
    coordinator = house.coordinator
    options = dict(house.entry.options)
    await set_target(house, 2.5)
    assert house.shown("capacity_target") == ("2.5",)
    assert house.state("available_power").attributes["limit"] == 2.5
    assert number(house, "available_power") == pytest.approx(-750, abs=100)
    assert house.shown("over_target") == ("on",)
    await set_target(house, 7.3)
    assert house.shown("over_target") == ("off",)
    assert house.coordinator is coordinator
    assert house.entry.options == {**options, "capacity": {**options["capacity"], "target": 7.3}}
    await house.restart()
    assert house.shown("capacity_target") == ("7.3",)


async def test_a_target_is_made_by_setting_it(house: Home) -> None:
    await house.set_options(**capacity(), power_interval=5)
    await draw(house, 3000, EIGHT + 10 * SECOND, EIGHT + 20 * MINUTE)
    await set_target(house, 4)
    assert house.state("available_power").attributes["limit"] == 4.0
    assert house.shown("over_target") == ("off",)
    assert house.entry.options["power_interval"] == 5


async def test_midnight_gives_the_hour_another_limit(house: Home) -> None:
    """A day that was high may go on as it has come; the next one has to make up for it. No hour is judged by both."""
    await house.hour(EIGHT, 6500)
    await house.hours([(oslo(24, 7), 5000)])
    await draw(house, 4500, oslo(24, 23), oslo(24, 23, 59))
    assert house.state("available_power").attributes["limit"] == 5.0
    assert house.shown("over_target") == ("off",)
    changes = async_capture_events(house.hass, EVENT_STATE_CHANGED)
    await house.hear(oslo(25) - SECOND, full(power_import=4500))
    await house.until(oslo(25))
    await house.hear(oslo(25) + SECOND, full(power_import=4500))
    assert house.state("available_power").attributes["limit"] == 3.499
    assert house.shown("over_target") == ("off",)
    assert "on" not in [event.data["new_state"].state for event in changes]


async def test_a_target_that_is_lost_is_not_kept(house: Home) -> None:
    """Two days have used up all that three may have: from then on the next step's boundary is kept."""
    house.keeper.correct(oslo(2).date(), 9000)
    house.keeper.correct(oslo(3).date(), 5900)
    assert house.state("capacity_target").attributes["kept_target"] == 5
    await house.hass.async_block_till_done()
    house.keeper.correct(oslo(3).date(), 6000)
    assert house.shown("capacity_target") == ("5.0",)
    assert house.state("capacity_target").attributes["kept_target"] == 10
    await draw(house, 8000, EIGHT + 10 * SECOND, EIGHT + 10 * MINUTE)
    assert house.state("available_power").attributes["limit"] == 9.999
    assert house.shown("over_target") == ("off",)


async def test_nothing_is_kept_where_nothing_can_cost_more(house: Home) -> None:
    await draw(house, 8000, EIGHT + 10 * SECOND, EIGHT + 10 * MINUTE)
    assert house.shown("over_target") == ("on",)
    for day in (2, 3, 4):
        house.keeper.correct(oslo(day).date(), 30_000)
    await house.hass.async_block_till_done()
    assert house.state("capacity_target").attributes["kept_target"] is None
    assert house.shown("available_power", "over_target") == ("unavailable", "off")

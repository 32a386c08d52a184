"""What a person sees of the capacity tariff's month: peaks, mean, step and cost, whatever happens to the house."""

from collections.abc import AsyncGenerator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.ledger import Hour, Status

from .capacity_home import Home, capacity, oslo
from .conftest import Bridge, entity, full, until

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

UNKNOWN = ("unknown",) * 5
THREE_DAYS = ((oslo(23, 17), 5940), (oslo(24, 7), 4260), (oslo(25, 18), 4780))
KNOWN = ("5.94", "4.78", "4.26", "4.993", "2–5 kW")


@pytest.fixture
async def house(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> AsyncGenerator[Home]:
    """Return a house whose meter has told its register at noon, under a tariff."""
    del hass_storage  # what is kept stays in memory
    home = Home(hass, bridge, freezer)
    await home.begin(oslo(23, 12), **capacity())
    yield home
    await hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_month_that_begins(house: Home) -> None:
    """Nothing is known before the first hour, and then each day has its peak, of which the three highest count."""
    assert house.month == UNKNOWN
    assert house.shown("day_peak", "capacity_cost") == ("unknown", "unknown")
    await house.hour(oslo(23, 12), 1500)
    assert house.month == ("1.5", "unknown", "unknown", "1.5", "0–2 kW")
    assert house.shown("day_peak", "capacity_cost") == ("1.5", "125.0")
    await house.hour(oslo(23, 13), 1400)
    assert house.month == ("1.5", "unknown", "unknown", "1.5", "0–2 kW")
    await house.hours([(oslo(24, 7), 2500)])
    assert house.month == ("2.5", "1.5", "unknown", "2.0", "2–5 kW")
    assert house.shown("day_peak", "capacity_cost") == ("2.5", "200.0")


async def test_three_days_and_not_three_hours(house: Home) -> None:
    """The second-highest hour of all lies on the day of the highest: it does not count."""
    await house.hours([*THREE_DAYS[:1], (oslo(23, 20), 5200), *THREE_DAYS[1:]])
    assert house.month == KNOWN
    assert house.shown("capacity_cost", "day_peak") == ("200.0", "4.78")
    assert (
        dict(house.state("month_peak_2").attributes).items()
        >= {
            "when": "2026-11-25T18:00:00+01:00",
            "day": "2026-11-25",
            "status": "measured",
        }.items()
    )
    step = house.state("capacity_step").attributes
    assert step["number"] == 2
    assert step["options"] == ["0–2 kW", "2–5 kW", "5–10 kW", "10–15 kW", "15–20 kW", "20 kW +"]
    cost = house.state("capacity_cost").attributes
    assert cost["last_reset"] == "2026-10-31T23:00:00+00:00"
    assert (cost["unit_of_measurement"], cost["state_class"]) == ("NOK", "total")


async def test_a_price_that_is_not_known(house: Home) -> None:
    await house.hour(oslo(23, 12), 20_010)
    assert house.shown("capacity_step", "capacity_cost") == ("20 kW +", "unknown")


async def test_a_restart_in_the_middle_of_an_hour(house: Home) -> None:
    """All is there before a list has come; and the hour that was begun before counts when it is settled."""
    await house.hours(THREE_DAYS)
    assert house.month == KNOWN
    house.freezer.move_to(oslo(25, 19, 30))
    house.bridge.greeting = b""
    await house.restart()
    assert house.month == KNOWN
    assert house.shown("day_peak") == ("4.78",)
    await house.hour(oslo(25, 19), 6000)
    assert house.month[:3] == ("6.0", "5.94", "4.26")
    assert house.shown("day_peak") == ("6.0",)


async def test_midnight_without_a_list(house: Home) -> None:
    """The day is over by the Norwegian clock, whatever clock Home Assistant has, and the month with its last day."""
    await house.hours(THREE_DAYS)
    await house.until(oslo(26) - timedelta(seconds=1))
    assert house.shown("day_peak") == ("4.78",)
    await house.until(oslo(26))
    assert house.shown("day_peak") == ("unknown",)
    assert house.month == KNOWN
    for day in range(27, 31):
        await house.until(oslo(day))
    assert house.month == KNOWN
    await house.until(oslo(1, month=12) - timedelta(seconds=1))
    assert house.month == KNOWN
    await house.until(oslo(1, month=12))
    assert house.month == UNKNOWN
    cost = house.state("capacity_cost")
    assert (cost.state, cost.attributes["last_reset"]) == ("unknown", "2026-11-30T23:00:00+00:00")
    assert "when" not in house.state("month_peak_1").attributes


async def test_the_last_hour_of_a_month_counts_in_it(house: Home) -> None:
    """It is settled when the next month has begun already."""
    await house.tell_register(oslo(30, 23))
    await house.until(oslo(1, month=12))
    await house.hour(oslo(30, 23), 9000)
    assert house.month == UNKNOWN
    november = house.keeper.month_at(date(2026, 11, 30))
    assert november.counting[0].energy == 9000
    await house.hour(oslo(1, month=12), 700)
    assert house.month[0] == "0.7"


async def test_a_day_begins_with_a_list_where_the_timer_is_late(house: Home) -> None:
    """A computer that was asleep: its timer still waits when lists come again."""
    await house.hours(THREE_DAYS)
    await house.hear(oslo(27, 4), full())
    assert house.shown("day_peak") == ("unknown",)
    assert house.month == KNOWN


async def test_silence_takes_nothing_from_the_month(house: Home) -> None:
    await house.hours(THREE_DAYS)
    house.freezer.move_to(oslo(25, 19, 1))
    await until(house.hass, entity(house.hass, "energy_import"), "unavailable")
    assert house.shown("capacity_forecast", "available_power", "over_target") == ("unavailable",) * 3
    assert house.month == KNOWN
    assert house.shown("day_peak", "capacity_cost") == ("4.78", "200.0")


async def test_estimated_hours_count_only_when_asked_for(house: Home) -> None:
    """After an outage, energy that was shared out makes no peak, unless the user says so; then it is marked."""
    await house.hour(oslo(23, 12), 1500)
    await house.hour(oslo(23, 13), 40_000, hours=4)
    assert house.month[0] == "1.5"
    await house.set_options(**capacity(count_estimated=True))
    assert house.month[:2] == ("10.0", "unknown")
    assert house.state("month_peak_1").attributes["status"] == "estimated"
    assert house.state("day_peak").attributes["when"] == "2026-11-23T13:00:00+01:00"


async def test_the_highest_hour_of_the_month(house: Home) -> None:
    """Where that is the rule, there is one peak, and the others leave."""
    await house.hours(THREE_DAYS)
    await house.set_options(**capacity(rule="month_maximum"))
    assert house.shown("month_peak_1", "capacity_mean", "capacity_step") == ("5.94", "5.94", "5–10 kW")
    assert house.entity_id("month_peak_2") is None
    assert house.entity_id("month_peak_3") is None
    await house.set_options(**capacity())
    assert house.month == KNOWN


async def test_entities_that_nobody_asks_for_leave_and_come_back(house: Home) -> None:
    """A tariff off and on again; the forecast needs none. Names that the user has given are there again."""
    keys = ("day_peak", "month_peak_1", "capacity_mean", "capacity_step", "capacity_cost", "available_power")
    others = house.unique_ids()
    er.async_get(house.hass).async_update_entity(house.entity_id("day_peak") or "", new_entity_id="sensor.my_peak")
    await house.hours(THREE_DAYS)

    await house.set_options(power_interval=0)
    for key in (*keys, "over_target", "capacity_target"):
        assert house.entity_id(key) is None, key
    assert house.hass.states.get("sensor.my_peak") is None
    assert house.entity_id("capacity_forecast") is not None
    await house.set_options(**capacity(rule="off"))
    assert house.entity_id("day_peak") is None

    await house.set_options(**capacity(steps=[{"above": 0, "price": None}, {"above": 5, "price": None}]))
    assert house.month == ("5.94", "4.78", "4.26", "4.993", "0–5 kW")
    assert house.entity_id("day_peak") == "sensor.my_peak"
    assert house.entity_id("capacity_cost") is None
    await house.set_options(**capacity())
    assert house.unique_ids() == others


async def test_a_fuse_that_is_no_longer_given(house: Home) -> None:
    """What the meter is known to send stays, even where that is forgotten: it comes again with the next list."""
    await house.set_options(fuse={"amperes": 63, "delay": 0})
    assert house.entity_id("fuse_load") is not None
    data = house.entry.data
    house.hass.config_entries.async_update_entry(house.entry, data={**data, "quantities": ["power_import"]})
    await house.restart()
    assert house.entity_id("fuse_load") is not None
    assert house.entity_id("overload") is not None
    assert house.entity_id("voltage_l1") is not None
    await house.set_options()
    assert house.entity_id("fuse_load") is None
    assert house.entity_id("overload") is None
    assert house.entity_id("voltage_l1") is not None


async def test_a_correction_by_hand(house: Home) -> None:
    """It replaces what was measured until it is taken back, and outlives a restart."""
    await house.hours(THREE_DAYS)
    house.keeper.correct(date(2026, 11, 23), 2000)
    house.keeper.correct(date(2026, 11, 25), None)
    await house.hass.async_block_till_done()
    corrected = ("4.26", "2.0", "unknown", "3.13", "2–5 kW")
    assert house.month == corrected
    assert house.shown("day_peak") == ("unknown",)
    peak = house.state("month_peak_2").attributes
    assert (peak["when"], peak["day"], peak["status"]) == (None, "2026-11-23", "corrected")
    await house.restart()
    assert house.month == corrected
    house.keeper.uncorrect(date(2026, 11, 25))
    house.keeper.uncorrect(date(2026, 11, 24))
    house.keeper.uncorrect(date(2026, 11, 23))
    await house.restart()
    assert house.month == KNOWN


async def test_hours_of_the_meter_before_count(house: Home) -> None:
    """A meter that was replaced in the middle of a month; its hours are kept with those of the new one."""
    await house.hours(THREE_DAYS[:1])
    house.coordinator.bookkeeper._kept.before = (
        Hour(oslo(2, 8), 7000, 0, Status.MEASURED),
        Hour(oslo(3, 8), 9000, 0, Status.ESTIMATED),
        Hour(oslo(23, 17), 100, 0, Status.MEASURED),
    )
    await house.restart()
    assert house.month[:3] == ("7.0", "5.94", "unknown")
    assert house.state("month_peak_1").attributes["day"] == "2026-11-02"


async def test_another_factor_moves_the_peaks_with_their_hours(house: Home) -> None:
    """Those of the meter before are on its own scale, and corrections are what a person says: both stay."""
    await house.hours(THREE_DAYS[:1])
    house.coordinator.bookkeeper._kept.before = (Hour(oslo(2, 8), 700, 0, Status.MEASURED),)
    house.keeper.correct(date(2026, 11, 3), 500)
    house.freezer.tick(1)
    await house.set_options(**capacity(), energy_factor=0.1, correct_history=True)
    assert house.month[:3] == ("0.7", "0.594", "0.5")


async def test_nothing_is_known_of_an_hour_that_is_not_over(house: Home) -> None:
    """And nothing changes with lists within it."""
    await house.hour(oslo(23, 12), 1500)
    before = house.state("month_peak_1").last_reported
    await house.hear(oslo(23, 13, 30), full(power_import=9000))
    assert house.state("month_peak_1").last_reported == before


async def test_a_backup_that_is_put_back(house: Home, hass_storage: dict[str, Any]) -> None:
    """The peaks are those of the backup until a register comes; what was used since is shared out, and makes none."""
    await house.hours(THREE_DAYS[:2])
    await house.hass.async_block_till_done()
    key = f"{DOMAIN}.{house.entry.entry_id}"
    backup = deepcopy(hass_storage[key])
    before = house.month
    await house.hours(THREE_DAYS[2:])
    assert house.month == KNOWN
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    hass_storage[key] = backup
    await house.restart()
    assert house.month == before
    await house.hour(oslo(25, 19), 100)
    assert house.month == before
    await house.hour(oslo(25, 20), 6000)
    assert house.month[0] == "6.0"

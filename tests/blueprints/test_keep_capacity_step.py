"""The blueprint that keeps the step: the hours it keeps, and what it leaves alone."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from homeassistant.core import Event, callback
from homeassistant.helpers import entity_registry as er
import pytest

from scripts.months.living import NOTE, keep_step
from tests.meters.appliances import Base, Cooker

from .evening import Evening, Steady, capacity, clock_time, spend

LOADS = {"car": 7400.0, "water_heater": 2000.0}

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_without_it_hours_are_above_the_target_and_with_it_none_is(tmp_path: Path) -> None:
    rest = [Steady(2400), Base(), Cooker()]

    async def careless(evening: Evening) -> None:
        async with evening.started():
            await evening.passes_until(19, 1)
            assert max(evening.hours(17, 18)) > 9000

    async def careful(evening: Evening) -> None:
        async with evening.started():
            await evening.automate(keep_step(evening, LOADS))
            await evening.passes_until(24, 1)
            hours = evening.hours(17, 23)
            assert max(hours) <= 6000
            assert max(hours) > 5500  # what may be used is used
            # All came in the end, and nothing is left behind.
            assert (evening.car.missing, evening.tank.missing) == (0, 0)
            assert evening.shown(NOTE) == ""
            assert evening.shown("switch.car") == evening.shown("switch.water_heater") == "on"
        # No flapping: not on again within ten minutes, and off at most twice an hour.
        car = [(at, on) for at, entity_id, on in evening.switched if entity_id == "switch.car"]
        for (since, _), (until, on) in pairwise(car):
            assert not on or until - since >= timedelta(minutes=10)
        for hour in range(17, 24):
            assert sum(not on and clock_time(hour) <= at < clock_time(hour + 1) for at, on in car) <= 2

    spend(tmp_path / "careless", careless, rest=rest, options=capacity(6))
    spend(tmp_path / "careful", careful, rest=rest, options=capacity(6))


def test_after_a_restart_it_turns_on_again_what_it_turned_off_and_nothing_else(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with evening.started():
            automation = keep_step(evening, LOADS)
            await evening.automate(automation)
            await evening.call("switch", "turn_off", "switch.water_heater")
            await evening.passes_until(17, 12)
            assert evening.shown("switch.car") == "off"
            assert evening.shown(NOTE) == "switch.car"
        async with evening.started([automation]):
            assert evening.shown(NOTE) == "switch.car"
            await evening.passes_until(18)
            assert evening.shown("switch.car") == "on"
            assert evening.shown(NOTE) == ""
            await evening.passes_until(20)
            assert evening.shown("switch.water_heater") == "off"

    spend(tmp_path / "home", scenario)


def test_what_somebody_else_turns_on_is_theirs_again(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with evening.started():
            await evening.automate(keep_step(evening, {"car": 7400}))
            await evening.passes_until(17, 9)
            assert evening.shown(NOTE) == "switch.car"
            await evening.call("switch", "turn_on", "switch.car")
            await evening.passes_until(17, 10, 30)
            assert evening.shown(NOTE) == ""
            await evening.call("switch", "turn_off", "switch.car")
            await evening.passes_until(18)
            # There was room at the end of the hour, but it was not the automation that turned it off.
            assert evening.shown("switch.car") == "off"

    spend(tmp_path / "home", scenario)


def test_what_it_turned_off_comes_back_although_it_has_left_the_list(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with evening.started():
            await evening.automate(keep_step(evening, LOADS))
            await evening.passes_until(17, 6)
            assert evening.shown(NOTE) == "switch.car"
            await evening.automate(keep_step(evening, {"water_heater": 2000}))
            await evening.passes_until(17, 20)
            assert evening.shown("switch.car") == "on"

    spend(tmp_path / "home", scenario)


def test_in_silence_loads_stay_as_they_are_and_then_come_back(tmp_path: Path) -> None:
    async def scenario(evening: Evening) -> None:
        async with evening.started():
            await evening.automate(keep_step(evening, LOADS, silent_for=30))
            await evening.passes_until(17, 12)
            assert evening.shown(NOTE) == "switch.car,switch.water_heater"
            evening.bridge.silent = True
            await evening.passes_until(17, 42)
            assert evening.shown(evening.entity("sensor", "available_power")) == "unavailable"
            assert evening.shown("switch.car") == evening.shown("switch.water_heater") == "off"
            await evening.passes_until(17, 45)  # one after the other, the last one first
            assert (evening.shown("switch.car"), evening.shown("switch.water_heater")) == ("off", "on")
            await evening.passes_until(17, 55)
            assert evening.shown("switch.car") == "on"
            assert evening.shown(NOTE) == ""

    spend(tmp_path / "home", scenario)


def test_own_actions_are_the_first_in_the_order_and_power_may_be_shown_in_kilowatts(tmp_path: Path) -> None:
    done: list[str] = []

    @callback
    def note(event: Event) -> None:
        done.append(str(event.event_type))

    async def scenario(evening: Evening) -> None:
        async with evening.started() as hass:
            available = evening.entity("sensor", "available_power")
            er.async_get(hass).async_update_entity_options(available, "sensor", {"unit_of_measurement": "kW"})
            for event_type in ("charger_reduced", "charger_resumed"):
                hass.bus.async_listen(event_type, note)
            own = {
                "own_power": 4000,
                "reduce": [{"event": "charger_reduced"}],
                "resume": [{"event": "charger_resumed"}],
            }
            await evening.automate(keep_step(evening, LOADS, **own))
            await evening.passes_until(17, 7)
            assert done == ["charger_reduced"]
            assert evening.shown("switch.car") == "on"
            await evening.passes_until(17, 9)  # it did not help: this charger does not obey
            assert evening.shown("switch.car") == "off"
            assert evening.shown(NOTE) == "own,switch.car"
            await evening.passes_until(18)
            assert done == ["charger_reduced", "charger_resumed"]
            assert abs(float(evening.shown(available))) < 100

    spend(tmp_path / "home", scenario)


def test_nothing_is_turned_off_that_cannot_be_written_down(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(evening: Evening) -> None:
        evening.note_length = 5
        async with evening.started():
            await evening.automate(keep_step(evening, LOADS))
            await evening.passes_until(17, 30)
            assert evening.shown("switch.car") == "on"

    spend(tmp_path / "home", scenario)
    assert "Set its maximum length to 255" in caplog.text

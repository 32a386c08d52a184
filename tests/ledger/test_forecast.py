"""The forecast of the running hour, as a meter's owner meets it: restarts, lost links, new meters, wrong clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
import json

import pytest

from custom_components.han_port.ledger import Book, Forecast
from custom_components.han_port.wire.reading import ListKind, Quantity, Reading

from .scenario import HOUR, METER, MINUTE, SECOND, START, Scenario

TEN = START.replace(minute=0) + HOUR


@pytest.fixture
def house() -> Scenario:
    """Return a house with 1 800 W, at ten o'clock, whose book has been kept for half an hour."""
    scenario = Scenario()
    scenario.run(30 * MINUTE)
    return scenario


def forecast(scenario: Scenario) -> Forecast:
    """Return the forecast of now."""
    found = scenario.book.forecast(scenario.now + scenario.system)
    assert found is not None
    return found


def used(scenario: Scenario) -> float:
    """Return what the house has used since the full hour, in Wh."""
    hour = scenario.now.replace(minute=0, second=0)
    return scenario.true()[0] - scenario.true(hour)[0]


def test_steady_power_is_forecast_exactly(house: Scenario) -> None:
    for minute in range(1, 60):
        house.run(MINUTE)
        found = forecast(house)
        assert found.start == TEN
        assert found.passed == 60 * minute
        assert found.left == 3600 - 60 * minute
        assert found.so_far == pytest.approx(used(house), abs=1.5)
        assert found.expected == pytest.approx(1800, abs=1.5)
        assert found.power == pytest.approx(1800)
        assert found.complete


def test_what_is_expected_is_right_once_power_is_steady_and_so_far_always(house: Scenario) -> None:
    house.run(10 * MINUTE, 600)
    house.run(10 * MINUTE, 9000)
    house.run(20 * MINUTE, 1200)
    found = forecast(house)
    assert found.so_far == pytest.approx(100 + 1500 + 400, abs=30)
    assert found.power == pytest.approx(1200)
    assert found.expected == pytest.approx(2000 + 400, abs=30)


@pytest.mark.parametrize("since", [2, 8, 14, 20])
def test_a_restart_forgets_nothing_of_the_power_of_late(house: Scenario, since: int) -> None:
    """A car that went on some minutes before counts as it did, and what was before it does not."""
    house.run(15 * MINUTE, 1200)
    for _ in range(since):
        house.run(MINUTE, 8600)
        before = forecast(house)
    house.restart()
    house.run(30 * SECOND, 8600)
    after = forecast(house)
    assert before.power == pytest.approx(8600, rel=0.02)
    assert after.power == pytest.approx(before.power, rel=0.02)
    assert after.expected == pytest.approx(before.expected, abs=60)


@pytest.mark.parametrize("seconds", range(0, 60, 10))
def test_it_is_right_on_both_sides_of_a_full_hour(house: Scenario, seconds: int) -> None:
    house.run(HOUR - 10 * SECOND)
    found = forecast(house)
    assert found.start == TEN
    assert found.so_far == pytest.approx(1795, abs=2)
    assert found.expected == pytest.approx(1800, abs=2)
    house.run(10 * SECOND + seconds * SECOND)
    found = forecast(house)
    assert (found.start, found.passed) == (TEN + HOUR, seconds)
    assert found.so_far == pytest.approx(seconds / 2, abs=1)
    assert found.expected == pytest.approx(1800, abs=2)
    assert found.complete


def test_a_car_is_in_it_within_a_minute_and_stays(house: Scenario) -> None:
    house.run(20 * MINUTE)
    for power in (1800 + 6900, 1800):
        house.run(MINUTE, power)
        for _ in range(120):
            house.run(10 * SECOND)
            assert forecast(house).power == pytest.approx(power, rel=0.01)


def test_a_thermostat_moves_it_little_by_little(house: Scenario) -> None:
    house.run(20 * MINUTE)
    house.run(MINUTE, 1800 + 1500)
    assert forecast(house).power == pytest.approx(1800 + 100, abs=20)
    house.run(14 * MINUTE + 10 * SECOND)
    assert forecast(house).power == pytest.approx(1800 + 1500, abs=20)


def test_what_is_given_back_takes_nothing_away(house: Scenario) -> None:
    house.run(30 * MINUTE, 2000)
    house.run(20 * MINUTE, -4000)
    found = forecast(house)
    assert found.so_far == pytest.approx(1000, abs=10)
    assert found.power == 0
    assert found.expected == pytest.approx(1000, abs=10)


def test_power_that_there_is_room_for(house: Scenario) -> None:
    house.run(30 * MINUTE, 2000)
    found = forecast(house)
    assert found.expected == pytest.approx(2000, abs=15)
    assert found.available(5000) == pytest.approx(6000, abs=30)
    assert found.room(5000) == pytest.approx(8000, abs=30)
    house.run(20 * MINUTE, 2000 + 7000)
    found = forecast(house)
    assert found.so_far == pytest.approx(4000, abs=40)
    assert found.available(5000) == pytest.approx(-3000, abs=250)
    assert found.room(5000) == pytest.approx(6000, abs=250)
    house.run(9 * MINUTE + 50 * SECOND)  # ten seconds are left: no more is asked for than a minute can give
    assert forecast(house).expected == pytest.approx(5500, abs=50)
    assert forecast(house).available(5000) == pytest.approx(-500 * 60, rel=0.1)


@pytest.mark.parametrize("step", [-2000, -900, 900, 2000, 7000])
def test_who_takes_the_power_that_is_available_is_not_told_to_take_it_again(house: Scenario, step: int) -> None:
    house.run(20 * MINUTE, 2500)
    before = forecast(house).available(5000)
    house.run(MINUTE, 2500 + step)
    assert forecast(house).available(5000) == pytest.approx(before - step, abs=600)


# What was not seen.


@pytest.mark.parametrize("saved", [True, False], ids=["stopped", "killed"])
@pytest.mark.parametrize("minute", [10, 25, 50])
def test_right_in_the_first_minute_after_a_restart(house: Scenario, saved: bool, minute: int) -> None:
    """Killed, the book is that of the full hour: all since then is unseen, and what the house draws now is a guess."""
    house.run(minute * MINUTE)
    house.restart(saved=saved)
    house.run(MINUTE, power=False)
    assert house.book.forecast(house.now) is None
    house.run(10 * SECOND)
    found = forecast(house)
    assert found.so_far == pytest.approx(used(house), abs=5)
    assert found.expected == pytest.approx(1800, abs=5)
    assert not found.complete


def test_what_the_recorder_has_seen_counts_after_a_kill(house: Scenario) -> None:
    house.run(MINUTE)
    shown: list[tuple[datetime, int]] = []
    for watts in (500, 6000, 1000):
        for _ in range(10):
            house.run(MINUTE, watts)
            assert house.book.imported is not None
            shown.append((house.now, house.book.imported))
    truth = used(house)
    house.book = Book.from_stored(json.loads(house.snapshot))
    house.book.recall(Quantity.ENERGY_IMPORT, shown)
    house.run(20 * SECOND)
    found = forecast(house)
    assert found.so_far == pytest.approx(truth + 5, abs=15)
    assert found.drawn == pytest.approx(1000, rel=0.1)


def test_a_pause_has_the_power_of_before_and_after(house: Scenario) -> None:
    house.run(20 * MINUTE, 1000)
    house.run(20 * MINUTE, 5000, power=False)
    for _ in range(18):
        house.run(MINUTE, 5000)
        found = forecast(house)
        assert found.so_far == pytest.approx(used(house) - 2000 * 20 / 60, rel=0.05)
        assert not found.complete


def test_a_pause_in_a_restart_has_the_power_of_before_and_after(house: Scenario) -> None:
    house.run(20 * MINUTE, 1000)
    house.restart()
    house.run(20 * MINUTE, 5000, power=False)
    house.run(10 * MINUTE, 5000)
    assert forecast(house).so_far == pytest.approx(333 + 1000 + 833, rel=0.03)


def test_a_pause_over_the_full_hour_counts_from_there(house: Scenario) -> None:
    house.run(45 * MINUTE, 2000)
    house.run(30 * MINUTE, power=False, registers=False)
    house.run(15 * MINUTE)
    found = forecast(house)
    assert found.start == TEN + HOUR
    assert found.so_far == pytest.approx(1000, abs=15)
    assert found.expected == pytest.approx(2000, abs=15)
    assert not found.complete


def test_of_a_pause_that_a_register_tells_of_nothing_is_guessed(house: Scenario) -> None:
    """Where lists have registers every ten seconds, as Swedish ones do, the first one after a pause tells all."""
    house.run(20 * MINUTE, 1000)
    house.run(20 * MINUTE, 7000, power=False)
    registers = dict(zip((Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT), house.true(), strict=True))
    house.take(
        house.hourly(house.now)._replace(
            values={**house.powers(), **registers}, clock=house.now.replace(tzinfo=None) + HOUR
        )
    )
    found = forecast(house)
    assert found.so_far == pytest.approx(used(house), abs=2)
    assert found.complete


def test_lists_that_are_lost_one_by_one_are_no_time_without_power(house: Scenario) -> None:
    for _ in range(10):
        house.run(2 * MINUTE)
        house.run(50 * SECOND, power=False)
    found = forecast(house)
    assert found.so_far == pytest.approx(used(house), rel=0.02)
    assert not found.complete


def test_while_no_list_comes_the_hour_goes_on(house: Scenario) -> None:
    house.run(20 * MINUTE)
    house.run(5 * MINUTE, power=False)
    found = forecast(house)
    assert found.passed == 25 * 60
    assert found.so_far == pytest.approx(used(house), abs=2)
    assert not found.complete
    house.run(6 * MINUTE, power=False)
    assert house.book.forecast(house.now) is None


def test_nothing_is_forecast_without_power() -> None:
    house = Scenario()
    assert house.book.forecast(house.now) is None
    house.run(3 * HOUR, power=False)
    assert house.hours
    assert house.book.forecast(house.now) is None


def test_a_new_installation_in_the_middle_of_an_hour() -> None:
    """Nobody saw how the hour began: it is taken to have begun as it goes on, and that is said."""
    house = Scenario(now=START + 5 * MINUTE, watts=3000)
    house.run(10 * SECOND)
    found = forecast(house)
    assert found.so_far == pytest.approx(3000 * found.passed / 3600)
    assert found.expected == pytest.approx(3000)
    assert not found.complete
    house.run(25 * MINUTE)
    assert house.now.hour == START.hour + 1
    assert forecast(house).complete
    assert forecast(house).so_far == pytest.approx(used(house), abs=2)


def test_the_hour_list_is_lost(house: Scenario) -> None:
    house.run(59 * MINUTE)
    house.run(20 * MINUTE, 4000, registers=False)
    found = forecast(house)
    assert found.so_far == pytest.approx(used(house), abs=20)
    assert found.complete


def test_a_new_count_begins_in_the_middle_of_an_hour(house: Scenario) -> None:
    """A meter's register that falls is no energy: what was seen of the hour stays."""
    house.run(HOUR)
    house.register -= 1_000_000
    house.run(HOUR + 30 * MINUTE)
    assert house.events
    assert forecast(house).expected == pytest.approx(1800, abs=5)


# Clocks.


@pytest.mark.parametrize("step", [-20 * MINUTE, -3 * HOUR, 20 * MINUTE, 3 * HOUR, -400 * 24 * HOUR])
def test_whatever_a_clock_does_it_stays_sane(house: Scenario, step: timedelta) -> None:
    house.run(40 * MINUTE)
    house.system = step
    for _ in range(120):
        house.run(MINUTE)
        found = forecast(house)
        assert 0 <= found.so_far <= 1800 * 1.5
        assert 1000 <= found.expected <= 1800 * 1.5
        assert found.power == pytest.approx(1800, rel=0.01)


def test_a_clock_that_was_set_right_is_forgotten_with_the_next_hour(house: Scenario) -> None:
    house.system = -3 * HOUR
    house.run(40 * MINUTE)
    house.system = timedelta(0)
    house.run(HOUR)
    found = forecast(house)
    assert found.so_far == pytest.approx(used(house), abs=2)
    assert found.complete


# Meters with power lists.


def paced(start: datetime, end: datetime, seconds: int) -> Iterator[datetime]:
    """Yield instants."""
    while start < end:
        yield start
        start += seconds * SECOND


def test_a_list_each_two_seconds() -> None:
    """A car that stops is out of it, and does not come back while it is among the last lists."""
    book = Book()
    energy = 0
    start = TEN - 30 * MINUTE
    for at in paced(start, TEN + 25 * MINUTE, 2):
        watts = 9000 if at < TEN + 10 * MINUTE else 1000
        energy += watts * 2 if at >= TEN else 0
        kind = ListKind.FULL if at.second % 10 == 0 else ListKind.POWER
        values = {Quantity.POWER_IMPORT: watts}
        book.take(Reading(kind, values, METER if kind is ListKind.FULL else None), at)
        if at >= TEN + 11 * MINUTE and kind is ListKind.FULL:
            found = book.forecast(at)
            assert found is not None
            assert found.so_far == pytest.approx(energy / 3600, abs=10)
            assert found.power == pytest.approx(1000, abs=10)
            assert found.complete

"""Clocks that are wrong: the meter's, and the computer's."""

from datetime import datetime, timedelta

import pytest

from custom_components.han_port.ledger import Status
from custom_components.han_port.ledger.instant import MeterClock
from custom_components.han_port.wire.reading import ListKind, Reading
from tests.meters import make_meter
from tests.meters.faults import UnsetClock, apply, spans

from .scenario import HOUR, METER, MINUTE, NORMAL_TIME, SECOND, START, Change, Scenario, list_of, wall
from .simulation import Arrival, Run, arrivals, read

TEN = START + 30 * MINUTE
SUMMER_TIME = timedelta(hours=2)
DAY = 24 * HOUR


def at_wall(change: timedelta) -> Change:
    """Return what changes the clock of a list."""

    def changed(reading: Reading) -> list[Reading]:
        assert reading.clock is not None
        return [reading._replace(clock=reading.clock + change)]

    return changed


def known(scenario: Scenario) -> str:
    """Return the statuses of all hours since the first one, a letter each."""
    hours = scenario.book.hours(TEN, max(scenario.hours) + HOUR)
    return "".join({"measured": "m", "estimated": "e", "missing": "-"}[hour.status] for hour in hours)


def test_a_clock_that_was_never_set_leaves_its_hours_estimated_and_right() -> None:
    meter = make_meter("kaifa", start=TEN - HOUR)
    run = Run(meter, TEN, TEN + 12 * HOUR)
    unset = UnsetClock(meter, spans((TEN + 3 * HOUR, TEN + 6 * HOUR + MINUTE)))
    for arrival in arrivals(meter, run.start, run.end):
        if arrival.reading.clock is None:
            run.take(arrival)
        else:
            sent = meter.send("hourly", arrival.at)
            run.take(Arrival(arrival.at, read(next(apply([sent], unset)))))
    run._judge()
    hours = run.book.hours(run.start, run.end - HOUR)
    assert [hour.status for hour in hours].count(Status.ESTIMATED) == 5
    assert run.outcome.worst_measured < 3
    assert run.outcome.worst_estimated < 3
    assert run.outcome.sum_error == 0
    assert run.outcome.live_beyond == 0


def test_an_unset_clock_that_counts_other_hours_than_ours() -> None:
    """Its lists come at 17 minutes past: full hours lie in between."""
    scenario = Scenario(now=TEN, meter_clock=-17 * MINUTE)
    unset = at_wall(datetime(2000, 1, 1) - wall(TEN))  # noqa: DTZ001 - a meter's clock
    scenario.run(2 * HOUR, 3600, change=unset)
    scenario.run(2 * HOUR, 1200, change=unset)
    assert known(scenario) == "-eee"[: len(known(scenario))]
    for hour in scenario.hours.values():
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=20)


@pytest.mark.parametrize("offset", [1, 2])
def test_clocks_that_flap_by_an_hour_are_told_by_arrival(offset: int) -> None:
    clock = MeterClock()
    offsets = (NORMAL_TIME, SUMMER_TIME)
    for number in range(20):
        at = TEN + number * 10 * SECOND
        shown = wall(at, (1 + (number + offset) % 2) * HOUR)
        instant = clock.judge(shown, offsets, at.timestamp() + 1)
        assert instant is not None
        assert instant == (at.timestamp(), True, 0)


@pytest.mark.parametrize(
    ("arrival", "offset"),
    [(datetime.fromisoformat("2026-10-25T00:00:11Z"), 2), (datetime.fromisoformat("2026-10-25T01:00:11Z"), 1)],
)
def test_the_hour_that_october_repeats_is_told_by_arrival(arrival: datetime, offset: int) -> None:
    shown = datetime(2026, 10, 25, 2, 0, 10)  # noqa: DTZ001 - a meter's clock
    instant = MeterClock().judge(shown, (SUMMER_TIME, NORMAL_TIME), arrival.timestamp())
    assert instant is not None
    assert instant.at == arrival.timestamp() - 1
    assert arrival - offset * HOUR < arrival


@pytest.mark.parametrize("hours", [-9, -1, 1, 2])
def test_a_clock_in_another_zone_is_believed_after_two_hours(hours: int) -> None:
    scenario = Scenario()
    scenario.run(3 * HOUR)
    measured = dict(scenario.hours)
    scenario.run(3 * HOUR, 2400, change=at_wall(hours * HOUR))
    assert len(scenario.hours) == len(measured) + 3
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=2)
    scenario.run(3 * HOUR, 3600, change=at_wall(hours * HOUR))
    scenario.restart()
    scenario.run(2 * HOUR, 1200, change=at_wall(hours * HOUR))
    scenario.run(2 * HOUR, 1200)
    assert known(scenario) == "mm" + "eee" + "m" * 7
    for hour in scenario.hours.values():
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=2)
    assert scenario.shown == sorted(scenario.shown)


@pytest.mark.parametrize("change", [-3 * DAY - 17 * MINUTE, 17 * MINUTE, 400 * DAY])
def test_a_clock_that_is_wrong_for_good_leaves_estimates(change: timedelta) -> None:
    scenario = Scenario()
    scenario.run(HOUR)
    scenario.run(9 * HOUR, 3600, change=at_wall(change))
    assert set(known(scenario)) == {"e"}
    assert len(scenario.hours) >= 8
    for hour in scenario.hours.values():
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=15)


@pytest.mark.parametrize("seconds", [-250, -40, 35, 100, 600])
@pytest.mark.parametrize("register_at", [0, 10])
def test_clocks_that_are_a_little_apart(seconds: int, register_at: int) -> None:
    """The meter's clock rules the hours; what power is drawn since its instant is timed by ours."""
    scenario = Scenario(register_at=register_at, system=seconds * SECOND)
    for number in range(30):
        scenario.run(20 * MINUTE, 1000 + 900 * (number % 7))
    assert set(known(scenario)) == {"m"}
    for hour in scenario.hours.values():
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=3)
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=30)


@pytest.mark.parametrize("error", [-90 * SECOND, 45 * SECOND, 150 * SECOND])
@pytest.mark.parametrize("maker", ["aidon", "kaifa", "kamstrup"])
def test_the_live_register_is_right_though_the_meters_clock_is_off(error: timedelta, maker: object) -> None:
    meter = make_meter(maker, start=TEN - 3 * HOUR, clock_error=error)  # type: ignore[arg-type]
    first = Run(meter, TEN, TEN + 4 * HOUR)  # it takes three lists to know a clock that is behind
    assert first.go().worst_live < 100
    then = Run(meter, TEN + 4 * HOUR, TEN + 12 * HOUR, book=first.book)
    assert then.go().live_excess <= (15 if maker == "kamstrup" else 0), "power that comes every 10 s tells less"
    assert then.outcome.live_checks > 1000


def test_a_computer_that_starts_in_the_past_and_is_set_right_later() -> None:
    """Without a battery, its clock goes on where it stopped: three days ago. So says no list of the meter."""
    scenario = Scenario(register_at=10)
    scenario.run(5 * HOUR)
    before = scenario.book.hours(TEN, TEN + 4 * HOUR)
    scenario.run(70 * HOUR, power=False, registers=False)
    scenario.restart()
    scenario.system = -70 * HOUR
    scenario.run(80 * MINUTE)
    assert scenario.book.hours(TEN, TEN + 4 * HOUR) == before
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=2000)
    scenario.system = timedelta(0)
    scenario.run(3 * HOUR)
    assert scenario.book.hours(TEN, TEN + 4 * HOUR) == before
    hours = scenario.book.hours(TEN, TEN + 78 * HOUR)
    assert {hour.imported for hour in hours} <= {1799, 1800, 1801}
    assert known(scenario) == "m" * 4 + "e" * 72 + "m" * 2
    assert scenario.shown == sorted(scenario.shown)


@pytest.mark.parametrize("hours", [1, 5, 12, 30])
def test_a_computer_that_goes_on_where_it_stopped_for_half_a_day(hours: int) -> None:
    """It was off for some hours, and finds no network: those are not taken for the zone of the meter's clock."""
    scenario = Scenario(register_at=10)
    scenario.run(5 * HOUR)
    scenario.run(hours * HOUR, power=False, registers=False)
    scenario.restart()
    scenario.system = -hours * HOUR
    settled = dict(scenario.hours)
    scenario.run(11 * HOUR)
    assert scenario.hours == settled
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=1800)
    scenario.system = timedelta(0)
    scenario.run(3 * HOUR)
    assert {hour.imported for hour in scenario.book.hours(TEN, scenario.now - HOUR)} <= {1799, 1800, 1801}
    assert scenario.shown == sorted(scenario.shown)


def test_a_clock_that_was_put_into_another_zone_while_nobody_looked() -> None:
    """Both clocks were right before a start: it takes a day until the meter's is believed to be in another zone."""
    scenario = Scenario()
    scenario.run(3 * HOUR)
    scenario.restart()
    scenario.run(26 * HOUR, 3600, change=at_wall(HOUR))
    scenario.run(2 * HOUR, 1200, change=at_wall(HOUR))
    assert known(scenario).endswith("mmm")
    for hour in scenario.hours.values():
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=2)


def test_a_computer_that_starts_in_1970() -> None:
    scenario = Scenario()
    scenario.run(3 * HOUR)
    scenario.restart()
    scenario.system = datetime.fromisoformat("1970-01-01T00:00:05Z") - scenario.now
    scenario.run(HOUR, change=at_wall(datetime(2000, 1, 1) - wall(scenario.now)))  # noqa: DTZ001
    scenario.run(HOUR)
    scenario.system = timedelta(0)
    scenario.run(2 * HOUR)
    assert known(scenario) == "mmeeem"
    assert {hour.imported for hour in scenario.hours.values()} == {1800}
    assert scenario.shown == sorted(scenario.shown)


@pytest.mark.parametrize("step", [HOUR, -HOUR, 3 * MINUTE, -3 * MINUTE, 20 * SECOND, -20 * SECOND, -SECOND])
def test_a_system_clock_that_steps_changes_no_hour(step: timedelta) -> None:
    scenario = Scenario()
    scenario.run(2 * HOUR)
    scenario.system = step
    scenario.run(25 * MINUTE)
    scenario.system = timedelta(0)
    scenario.run(3 * HOUR)
    assert known(scenario) == "mmmm"
    assert {hour.imported for hour in scenario.hours.values()} == {1800}
    assert scenario.shown == sorted(scenario.shown)
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=2)


def test_a_computer_that_was_far_ahead_for_long_is_set_right() -> None:
    """For hours the meter's clock seemed useless, and its hours went into a time that is yet to come."""
    scenario = Scenario()
    scenario.run(3 * HOUR)
    scenario.system = 5 * DAY + 13 * MINUTE
    scenario.run(5 * HOUR)
    assert max(scenario.hours) > scenario.now
    scenario.system = timedelta(0)
    scenario.hours.clear()
    scenario.run(5 * HOUR)
    hours = scenario.book.hours(TEN, TEN + 12 * HOUR)
    assert [hour.status for hour in hours[:2]] == [Status.MEASURED] * 2
    assert all(hour.imported == pytest.approx(1800, abs=30) for hour in hours)
    assert sum(hour.imported or 0 for hour in hours) == 12 * 1800
    assert scenario.book.hours(scenario.now + 2 * HOUR, scenario.now + 3 * HOUR)[0].status is Status.MISSING


def test_lists_from_before_what_is_settled_are_not_taken() -> None:
    scenario = Scenario()
    scenario.run(5 * HOUR)
    before = scenario.book.hours(TEN, TEN + 4 * HOUR)
    imported = scenario.true(TEN + 4 * HOUR)[0]
    again = list_of(TEN + 4 * HOUR - 3 * SECOND, imported)
    earlier = list_of(TEN + HOUR, scenario.true(TEN + HOUR)[0])
    unset = list_of(TEN, imported + 100)._replace(clock=datetime(2000, 1, 1))  # noqa: DTZ001 - a meter's clock
    for reading, at in ((again, scenario.now), (earlier, scenario.now), (unset, TEN + 2 * HOUR)):
        assert scenario.take(reading, at) is None
        assert scenario.book.hours(TEN, TEN + 4 * HOUR) == before
    scenario.run(HOUR)
    assert scenario.book.hours(TEN, TEN + 4 * HOUR) == before
    assert {hour.imported for hour in scenario.hours.values()} == {1800}


def test_guesses_of_a_wrong_computer_clock_give_way_to_better_ones() -> None:
    """Neither clock is right for a while, then the computer's is, and the meter's is still unset."""
    scenario = Scenario()
    unset = at_wall(datetime(2000, 1, 1) - wall(scenario.now))  # noqa: DTZ001 - a meter's clock
    scenario.system = 100 * HOUR
    scenario.run(3 * HOUR, change=unset)
    scenario.system = timedelta(0)
    scenario.hours.clear()
    scenario.run(4 * HOUR, change=unset)
    assert {hour.status for hour in scenario.hours.values()} == {Status.ESTIMATED}
    assert scenario.book.last_hour is not None
    assert scenario.book.last_hour.start < scenario.now
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=20)


def test_a_computer_in_1970_and_a_meter_in_2000_settle_nothing() -> None:
    scenario = Scenario()
    unset = at_wall(datetime(2000, 1, 1) - wall(scenario.now))  # noqa: DTZ001 - a meter's clock
    scenario.system = datetime.fromisoformat("1970-01-01T00:00:05Z") - scenario.now
    scenario.run(5 * HOUR, change=unset)
    assert not scenario.hours
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=20)


def test_registers_out_of_the_question_are_not_shown_while_clocks_disagree() -> None:
    scenario = Scenario()
    scenario.run(2 * HOUR)
    before = scenario.book.imported
    scenario.take(list_of(scenario.now - 5 * DAY, 4_000_000_000))
    assert scenario.book.imported == before


def test_one_late_list_says_nothing_about_the_clocks_and_three_do() -> None:
    clock = MeterClock()
    shifts = []
    for number in range(4):
        at = TEN + number * HOUR
        instant = clock.judge(wall(at), (NORMAL_TIME,), at.timestamp() + 190)
        assert instant is not None
        assert instant.at == at.timestamp()
        shifts.append(instant.shift)
    assert shifts == [0, 0, 180, 180]


def test_a_late_list_after_a_restart_is_not_taken_for_a_clock_that_is_behind() -> None:
    scenario = Scenario(register_at=10)
    scenario.run(6 * HOUR + 25 * MINUTE, 1000)
    scenario.restart()
    scenario.run(5 * MINUTE, 6000)
    scenario.run(MINUTE, registers=False)
    hourly = scenario.hourly(scenario.now - 50 * SECOND)
    scenario.run(2 * MINUTE, 1000)
    scenario.take(hourly)
    assert scenario.book.last_hour is not None
    assert scenario.book.last_hour.status is Status.MEASURED
    assert scenario.book.last_hour.imported == pytest.approx(scenario.volume(scenario.book.last_hour.start)[0], abs=1)
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=10)


def test_a_clock_that_is_set_back_by_a_moment_does_not_matter() -> None:
    scenario = Scenario()
    scenario.run(31 * MINUTE, 1000)
    scenario.run(29 * MINUTE, 1000)
    scenario.take(Reading(ListKind.FULL, scenario.powers(), METER), scenario.now - SECOND)
    scenario.run(30 * MINUTE, 1000)
    scenario.run(HOUR, 3000, registers=False)
    scenario.run(HOUR, 5000)
    for hour in scenario.book.hours(TEN, TEN + 2 * HOUR):
        assert hour.status is Status.ESTIMATED
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=20)


def test_how_far_clocks_are_apart_is_known_after_a_restart() -> None:
    scenario = Scenario(system=130 * SECOND)
    scenario.run(6 * HOUR, 3600)
    scenario.restart()
    scenario.run(40 * MINUTE)
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=20)

"""Hours: what is settled, how it is known, and what lists that are lost, doubled, late or wrong do to it."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.han_port.ledger import Book, EventKind, Hour, Status
from custom_components.han_port.ledger.hours import MOST_HOURS, Registers
from custom_components.han_port.wire.reading import ListKind, Meter, Quantity, Reading
from tests.meters import make_meter
from tests.meters.faults import OtherMeter, StaleHours, apply

from .scenario import HOUR, METER, MINUTE, SECOND, START, Change, Scenario, list_of
from .simulation import Run, Trouble, arrivals, read, simulate

OSLO = ZoneInfo("Europe/Oslo")
TEN = START + 30 * MINUTE
"""The first full hour."""


def statuses(scenario: Scenario, count: int) -> str:
    """Return the first letters of the first hours' statuses."""
    return "".join(hour.status[1] for hour in scenario.book.hours(TEN, TEN + count * HOUR))


MEASURED, ESTIMATED, MISSING = "e", "s", "i"


def registering(*registers: int) -> Change:
    """Return what makes lists with these registers of import of one."""

    def changed(reading: Reading) -> list[Reading]:
        return [reading._replace(values={**reading.values, Quantity.ENERGY_IMPORT: register}) for register in registers]

    return changed


@pytest.mark.parametrize("register_at", [0, 10])
def test_an_hour_is_the_difference_of_the_registers_at_its_ends(register_at: int) -> None:
    scenario = Scenario(register_at=register_at)
    scenario.run(31 * MINUTE, 3600)
    assert not scenario.hours
    scenario.run(HOUR, 7200)
    assert list(scenario.hours) == [TEN]
    scenario.run(HOUR, -3600)
    first, second = (scenario.hours[TEN + number * HOUR] for number in (0, 1))
    assert first.imported == scenario.volume(TEN)[0] == 7200 - 60
    assert (first.exported, first.status) == (0, Status.MEASURED)
    assert (second.imported, second.exported) == scenario.volume(TEN + HOUR) == (120, 3600 - 60)
    assert (second.import_register, second.export_register) == scenario.true(TEN + 2 * HOUR)
    assert scenario.book.register_at(TEN + HOUR) == scenario.true(TEN + HOUR)
    assert scenario.book.last_hour == second
    assert scenario.book.since == TEN


def test_nothing_is_known_before_the_first_register() -> None:
    scenario = Scenario()
    scenario.run(20 * MINUTE)
    book = scenario.book
    assert [book.imported, book.exported, book.last_hour, book.since] == [None] * 4
    assert scenario.book.register_at(TEN) is None
    (hour,) = scenario.book.hours(TEN, TEN + HOUR)
    assert hour == (TEN, None, None, Status.MISSING, None, None)


@pytest.mark.parametrize("register_at", [0, 10])
@pytest.mark.parametrize("hours", [1, 3, 72])
def test_after_an_outage_the_energy_is_spread_over_its_hours(register_at: int, hours: int) -> None:
    scenario = Scenario(register_at=register_at)
    scenario.run(HOUR, 1000)
    scenario.run(hours * HOUR, 2000, power=False, registers=False)
    scenario.run(HOUR, 1000)
    found = scenario.book.hours(TEN, TEN + (hours + 1) * HOUR)
    assert {hour.status for hour in found} == {Status.ESTIMATED}
    assert sum(hour.imported or 0 for hour in found) == pytest.approx(1000 * hours + hours * 1000 + 1000, abs=500)
    registers = [scenario.book.register_at(at) for at in (found[0].start, found[-1].start + HOUR)]
    for at, register in zip((found[0].start, found[-1].start + HOUR), registers, strict=True):
        assert register is not None
        assert register.imported == pytest.approx(scenario.true(at)[0], abs=register_at / 10)
    # The first and last half hours were seen, at 1 kW.
    for hour in found[1:-1]:
        assert hour.imported == pytest.approx(2000, abs=20)
    assert found[0].imported == pytest.approx(1500, abs=20)
    assert found[-1].imported == pytest.approx(1500, abs=20)


def test_hours_whose_list_is_lost_are_estimated_as_power_was_seen() -> None:
    scenario = Scenario()
    scenario.run(HOUR, 1000)
    scenario.run(HOUR, 6000, registers=False)
    scenario.run(HOUR, 500)
    assert statuses(scenario, 3) == ESTIMATED + ESTIMATED + MISSING
    for hour in scenario.hours.values():
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=10)


def test_without_any_power_aidons_hours_are_measured_all_the_same() -> None:
    scenario = Scenario(register_at=0)
    scenario.run(5 * HOUR, power=False)
    assert statuses(scenario, 4) == 4 * MEASURED


def test_without_any_power_hours_are_estimated_where_the_register_is_for_later() -> None:
    scenario = Scenario(register_at=10)
    scenario.run(5 * HOUR, 3600, power=False)
    assert statuses(scenario, 5) == MISSING + 3 * ESTIMATED + MISSING
    assert {hour.imported for hour in scenario.hours.values()} == {3600}


def test_a_repeated_list_makes_no_empty_hour_and_no_double_one() -> None:
    meter = make_meter("aidon", start=TEN - 3 * HOUR)
    stale = {TEN + 2 * HOUR, TEN + 5 * HOUR}
    run = Run(meter, TEN, TEN + 9 * HOUR, Trouble(stale=stale))
    run.go()
    for hour in run.book.hours(TEN, TEN + 8 * HOUR):
        touched = {hour.start, hour.start + HOUR} & stale
        assert hour.status is (Status.ESTIMATED if touched else Status.MEASURED)
        assert hour.imported == pytest.approx(run.true_hour(hour.start)[0], abs=30 if touched else 10)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_repeated_list_is_known_even_if_the_hour_between_was_lost(restarted: bool) -> None:
    meter = make_meter("aidon", start=TEN - 3 * HOUR)
    stale, lost = {TEN + 2 * HOUR}, {TEN + HOUR}
    run = Run(meter, TEN, TEN + 5 * HOUR, Trouble(stale=stale, lost=lost))
    if restarted:
        run.go()
        run.restart("stop")
    assert run.go().worst_estimated < 50
    assert run.outcome.sum_error == 0


def test_stale_lists_through_their_frames() -> None:
    meter = make_meter("aidon", start=TEN - 3 * HOUR)
    scenario = Scenario()
    lists = meter.lists(TEN - 10 * SECOND, TEN + 4 * HOUR, kinds=["hourly"])
    for sent in apply(lists, StaleHours(meter, hours=[TEN + HOUR])):
        scenario.take(read(sent), sent.at)
    assert statuses(scenario, 4) == ESTIMATED + ESTIMATED + MEASURED + MISSING


@pytest.mark.parametrize("late", [40 * SECOND, 3 * MINUTE, 9 * MINUTE, 25 * MINUTE, 45 * MINUTE])
@pytest.mark.parametrize("maker", ["aidon", "kaifa"])
def test_a_late_list_counts_for_its_hour(maker: Any, late: timedelta) -> None:
    meter = make_meter(maker, start=TEN - HOUR)
    trouble = Trouble(late={TEN + number * HOUR for number in (3, 5)}, late_by=late)
    run = Run(meter, TEN, TEN + 7 * HOUR, trouble)
    outcome = run.go()
    near = late <= 9 * MINUTE or (late < 30 * MINUTE and maker == "aidon")
    assert outcome.hours[Status.MEASURED] == (6 if near else 2)
    assert outcome.worst_measured < 10
    assert outcome.worst_estimated < (10 if late < 30 * MINUTE else 40)
    assert outcome.worst_live < 30


def test_doubled_lists_change_nothing() -> None:
    meter = make_meter("kaifa", start=TEN - HOUR)
    plain, doubled = (
        Run(meter, TEN, TEN + 5 * HOUR, Trouble(doubled=hours))
        for hours in (set[datetime](), {TEN + number * HOUR for number in range(5)})
    )
    plain.go()
    doubled.go()
    assert doubled.book.hours(TEN, TEN + 5 * HOUR) == plain.book.hours(TEN, TEN + 5 * HOUR)


@pytest.mark.parametrize(
    ("day", "count"), [(datetime(2026, 3, 29, tzinfo=OSLO), 23), (datetime(2026, 10, 25, tzinfo=OSLO), 25)]
)
@pytest.mark.parametrize("maker", ["aidon", "kaifa", "kamstrup", "embriq"])
def test_days_of_23_and_25_hours(maker: Any, day: datetime, count: int) -> None:
    run = simulate(maker, day.astimezone(UTC) - HOUR, 28, trouble=False)
    hours = run.book.hours(day, day.replace(day=day.day + 1))
    assert len(hours) == count
    assert {hour.status for hour in hours} == {Status.MEASURED}
    assert run.outcome.worst_measured < 11
    assert len({hour.start for hour in hours}) == count


@pytest.mark.parametrize("second", [5, 25, 35, 55])
def test_kamstrups_that_send_later_in_the_minute(second: int) -> None:
    run = simulate("kamstrup", TEN, 24, trouble=False, second=second)
    assert run.outcome.hours == {Status.MEASURED: 23, Status.MISSING: 1}
    assert run.outcome.worst_measured < 10 + second / 5


def test_a_kamstrup_that_only_imports() -> None:
    run = simulate("kamstrup", TEN, 6, trouble=False, model="6861111BN242101040", compact=True, solar=0)
    assert run.outcome.hours[Status.MEASURED] == 4
    assert run.book.exported is None
    assert {hour.exported for hour in run.settled.values()} == {0}


def test_a_register_that_falls_begins_a_new_count() -> None:
    scenario = Scenario(register=50_000_000)
    scenario.run(3 * HOUR)
    before = scenario.book.hours(TEN, TEN + 2 * HOUR)
    scenario.register = 0
    scenario.run(HOUR)
    assert not scenario.events, "one list may be wrong"
    scenario.run(3 * HOUR)
    (event,) = scenario.events
    assert event.kind is EventKind.FELL
    assert event.before > event.after
    assert scenario.book.hours(TEN, TEN + 2 * HOUR) == before
    assert statuses(scenario, 6) == MEASURED * 2 + MISSING + MEASURED * 3
    assert all(hour.imported == 1800 for hour in scenario.hours.values())
    assert scenario.book.imported == scenario.true()[0]


def test_a_register_that_leaps_begins_a_new_count() -> None:
    scenario = Scenario(register=3_000_000)
    scenario.run(2 * HOUR)
    scenario.register = 30_000_000
    scenario.run(3 * HOUR)
    (event,) = scenario.events
    assert event.kind is EventKind.LEAPT
    assert statuses(scenario, 4) == MEASURED + MISSING + MEASURED * 2
    assert scenario.book.imported == scenario.true()[0]


@pytest.mark.parametrize("glitch", [0, 999_990, 4_000_000_000])
def test_one_register_that_is_wrong_does_nothing(glitch: int) -> None:
    scenario = Scenario()
    scenario.run(2 * HOUR)
    scenario.run(HOUR, change=registering(glitch))
    scenario.run(2 * HOUR)
    assert not scenario.events
    assert statuses(scenario, 4) == MEASURED + ESTIMATED * 2 + MEASURED
    assert {hour.imported for hour in scenario.hours.values()} == {1800}
    assert scenario.shown == sorted(scenario.shown)


def test_another_meters_lists_are_not_taken() -> None:
    meter, other = (make_meter("aidon", start=TEN - HOUR, seed=seed, number=f"{seed:016}") for seed in (1, 2))
    scenario = Scenario()
    scenario.book.meter_id = "1".zfill(16)
    for sent in apply(meter.lists(TEN, TEN + 3 * HOUR), OtherMeter(other)):
        scenario.take(read(sent), sent.at)
    run = Run(meter, TEN, TEN + 3 * HOUR)
    run.go()
    assert scenario.book.hours(TEN, TEN + 2 * HOUR) == run.book.hours(TEN, TEN + 2 * HOUR)
    assert scenario.book.imported == pytest.approx(run.book.imported, abs=30)


def test_the_first_number_that_a_list_tells_is_the_meters() -> None:
    scenario = Scenario()
    scenario.take(list_of(TEN, 1000), TEN)
    assert scenario.book.meter_id == METER.id
    stranger = Meter("Kaifa", "MA304H4", "6970631000000338", "KFM_001")
    assert scenario.take(list_of(TEN + HOUR, 5000)._replace(meter=stranger), TEN + HOUR) is None
    assert scenario.book.imported == 1000


def test_a_clock_that_was_set_back_has_its_hour_settled_anew() -> None:
    """A meter that was four minutes fast is set right after the hour: it tells of the same hour twice."""
    scenario = Scenario(meter_clock=4 * MINUTE)
    scenario.run(3 * HOUR + 28 * MINUTE)
    before = dict(scenario.hours)
    scenario.meter_clock = timedelta(0)
    scenario.run(10 * MINUTE)
    scenario.run(2 * HOUR)
    last = TEN + 3 * HOUR
    assert before[last - HOUR].imported == 1800
    assert scenario.hours[last - HOUR].imported == 1800 + 4 * 30
    assert scenario.hours[last].imported == 1800
    assert scenario.book.hours(TEN, TEN + 5 * HOUR) == tuple(scenario.hours[at] for at in sorted(scenario.hours))
    assert scenario.shown == sorted(scenario.shown)


def test_more_than_thirteen_months_are_not_kept() -> None:
    book = Book()
    for number in range(MOST_HOURS + 200):
        at = TEN + number * HOUR
        book.take(list_of(at, 1_000_000 + 2000 * number), at + 10 * SECOND)
    last = TEN + (MOST_HOURS + 199) * HOUR
    assert book.register_at(last) == Registers(1_000_000 + 2000 * (MOST_HOURS + 199), 0)
    assert book.register_at(last - 396 * 24 * HOUR) is not None
    assert book.since is not None
    assert last - book.since <= 401 * 24 * HOUR
    assert len(json.dumps(book.to_stored())) < 150_000


def test_after_more_than_thirteen_months_without_a_list_hours_begin_anew() -> None:
    scenario = Scenario()
    for at in (TEN, TEN + HOUR, TEN + 500 * 24 * HOUR, TEN + 500 * 24 * HOUR + HOUR):
        scenario.take(list_of(at, int(at.timestamp())), at + 10 * SECOND)
    assert len(scenario.hours) == 2
    assert {hour.status for hour in scenario.hours.values()} == {Status.MEASURED}


def test_lists_lost_around_the_full_hour_make_it_estimated_only_where_it_matters() -> None:
    """A Kaifa's boundary needs the power of ten seconds. One list that is lost matters only if power has changed."""
    meter = make_meter("kaifa", start=TEN - HOUR)
    run = Run(meter, TEN, TEN + 40 * HOUR)
    for arrival in arrivals(meter, run.start, run.end):
        second = (arrival.at - TEN) % HOUR / SECOND
        if second not in {4.0, 6.0}:
            run.take(arrival)
    run._judge()
    assert run.outcome.worst_measured < 3
    assert run.outcome.hours[Status.MEASURED] > 30
    for arrival in arrivals(meter, run.end, run.end + 4 * HOUR):
        if not 0 <= (arrival.at - TEN) % HOUR / SECOND < 9:
            run.take(arrival)
    late = run.book.hours(run.end, run.end + 3 * HOUR)
    assert {hour.status for hour in late} == {Status.ESTIMATED}
    for hour in late:
        assert hour.imported == pytest.approx(run.true_hour(hour.start)[0], abs=15)


def test_where_power_was_nought_what_the_register_rose_by_is_spread_evenly() -> None:
    scenario = Scenario()
    scenario.run(HOUR, 0)
    scenario.register += 30
    scenario.run(HOUR, registers=False)
    scenario.run(HOUR)
    assert [(hour.imported, hour.status) for hour in scenario.hours.values()] == [(15, Status.ESTIMATED)] * 2


def test_a_register_shortly_before_the_full_hour_serves_too() -> None:
    """Registers come every ten seconds, and stop at the hour; power goes on."""
    book = Book()
    hours: list[Hour] = []
    powers = {Quantity.POWER_IMPORT: 7200, Quantity.POWER_EXPORT: 0}
    for second in range(-3610, 3601, 10):
        at = TEN + second * SECOND
        reading = list_of(at, 1_000_000 + 2 * (second + 3610), 0, powers)
        if 0 <= second <= 300:
            reading = Reading(ListKind.FULL, powers, METER)
        if (changes := book.take(reading, at)) is not None:
            hours += changes.hours
    assert [(hour.imported, hour.status) for hour in hours] == [(7200, Status.MEASURED)] * 2


def test_power_without_registers_for_months() -> None:
    scenario = Scenario()
    scenario.run(HOUR)
    for number in range(1, 60 * 24):
        for second in (0, 20):
            scenario.take(
                Reading(ListKind.FULL, {Quantity.POWER_IMPORT: 3600}, METER), TEN + number * HOUR + second * SECOND
            )
    assert len(json.dumps(scenario.book.to_stored())) < 150_000
    last = TEN + 60 * 24 * HOUR
    scenario.take(list_of(last, 1_000_000 + 1440 * 500), last + 10 * SECOND)
    hours = scenario.book.hours(TEN, last)
    assert {hour.status for hour in hours} == {Status.ESTIMATED}
    assert all(hour.imported == pytest.approx(500, abs=40) for hour in hours[1:])
    assert sum(hour.imported or 0 for hour in hours) == 1440 * 500 - 900


def test_what_power_did_not_tell_is_not_all_put_into_one_minute_without_it() -> None:
    """Power was seen for two hours but for a minute, and tells half of what the register says."""
    scenario = Scenario()
    scenario.run(35 * MINUTE)
    scenario.run(MINUTE, power=False)
    scenario.run(2 * HOUR - 10 * MINUTE, registers=False)
    scenario.register += 3600
    scenario.run(10 * MINUTE)
    first, second = scenario.hours.values()
    assert (first.imported or 0) + (second.imported or 0) == 3600 + 3600
    assert first.imported == pytest.approx(3600, abs=100)


def test_power_before_a_long_outage_stays_in_its_hour() -> None:
    scenario = Scenario()
    scenario.run(HOUR, 1000)
    scenario.run(2 * HOUR + 35 * MINUTE, 0, power=False, registers=False)
    scenario.run(HOUR, 3000)
    assert [hour.imported for hour in scenario.hours.values()] == pytest.approx([500, 0, 0, 2750], abs=40)


def test_an_unset_clock_does_not_hide_that_a_list_is_repeated() -> None:
    scenario = Scenario()
    lists: list[Reading] = []

    def unset(reading: Reading) -> list[Reading]:
        lists.append(reading._replace(clock=datetime(2000, 1, 1, len(lists), 0, 10)))  # noqa: DTZ001 - a meter's clock
        return lists[-1:]

    scenario.run(HOUR, change=unset)
    scenario.run(HOUR, change=lambda _: lists)
    scenario.run(2 * HOUR, change=unset)
    assert [hour.imported for hour in scenario.hours.values()] == pytest.approx([1800] * 2, abs=10)


def test_two_wrong_registers_far_apart_do_not_confirm_each_other() -> None:
    scenario = Scenario()
    scenario.run(2 * HOUR)
    for low in (500, 900):
        scenario.run(HOUR, change=registering(low))
        scenario.run(3 * HOUR)
    scenario.run(HOUR, change=registering(910, 920))
    scenario.run(2 * HOUR)
    assert not scenario.events
    assert {hour.imported for hour in scenario.hours.values()} == {1800}


def test_another_meter_that_comes_later_leaves_us_the_lists_with_a_number() -> None:
    meter, other = (make_meter("aidon", start=TEN - HOUR, seed=seed, number=f"{seed:016}") for seed in (1, 2))
    scenario = Scenario()
    for sent in meter.lists(TEN, TEN + HOUR):
        scenario.take(read(sent), sent.at)
    for sent in apply(meter.lists(TEN + HOUR, TEN + 2 * HOUR), OtherMeter(other)):
        scenario.take(read(sent), sent.at)
    true = meter.register(TEN + 2 * HOUR)["energy_import"]
    assert scenario.book.imported == pytest.approx(true, abs=30)


def test_once_another_meter_is_gone_all_lists_are_ours_again() -> None:
    """A cable was on the wrong meter for an hour: what power lists say counts again a minute after it was put back."""
    scenario = Scenario()
    scenario.run(2 * HOUR)
    stranger = Meter("Kaifa", "MA304H4", "6970631000000338", "KFM_001")
    for number in range(3):
        at = scenario.now + number * 10 * SECOND
        scenario.take(list_of(at, 5_000_000)._replace(meter=stranger), at)
    unnamed = Reading(ListKind.POWER, {Quantity.POWER_IMPORT: 1800})
    before = scenario.book.imported
    assert before is not None
    start = scenario.now + 20 * SECOND
    for second in range(2, 60, 2):
        scenario.take(unnamed, start + second * SECOND)
    assert scenario.book.imported == before  # they may be about either
    for second in range(62, 662, 2):
        scenario.take(unnamed, start + second * SECOND)
    assert scenario.book.imported == pytest.approx(before + 300, abs=3)


def test_a_very_late_list_of_a_clock_that_is_behind() -> None:
    """What was drawn since the full hour is not known any more as well as it should be."""
    meter = make_meter("kaifa", start=TEN - HOUR, clock_error=-100 * SECOND)
    run = Run(meter, TEN, TEN + 9 * HOUR, Trouble(late={TEN + 6 * HOUR}, late_by=20 * MINUTE))
    run.go()
    statuses = [hour.status for hour in run.book.hours(TEN, TEN + 8 * HOUR)]
    assert statuses[3:8] == [Status.MEASURED] * 2 + [Status.ESTIMATED] * 2 + [Status.MEASURED]

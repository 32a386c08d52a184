"""What the energy sensors show between two registers: near the truth, at once after a start, and never falling."""

from datetime import timedelta
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import Book, Hour, Status
from custom_components.han_port.wire.reading import ListKind, Quantity, Reading

from .scenario import HOUR, METER, MINUTE, SECOND, START, Scenario, list_of

TEN = START + 30 * MINUTE


def power(watts: float) -> Reading:
    return Reading(ListKind.POWER, {Quantity.POWER_IMPORT: watts})


def full(imported: float, exported: float = 0) -> Reading:
    return Reading(ListKind.FULL, {Quantity.POWER_IMPORT: imported, Quantity.POWER_EXPORT: exported}, METER)


def test_it_rises_with_the_power() -> None:
    scenario = Scenario()
    scenario.run(HOUR, 3600)
    for watts in (7200, 0, 360, -3600, 5000):
        scenario.run(7 * MINUTE, watts)
        imported, exported = scenario.true()
        assert scenario.book.imported == pytest.approx(imported, abs=25)
        assert scenario.book.exported == pytest.approx(exported, abs=25)
    assert scenario.shown == sorted(scenario.shown)


def test_a_register_that_is_higher_lifts_it_at_once_and_a_lower_one_lets_it_stand_still() -> None:
    book = Book()
    book.take(list_of(TEN, 1_000_000), TEN)
    for second in range(0, 3600, 10):
        book.take(full(3600), TEN + second * SECOND)
    assert book.imported == 1_003_590
    book.take(list_of(TEN + HOUR, 1_003_700), TEN + HOUR + SECOND)
    assert book.imported == 1_003_700
    for second in range(0, 3600, 10):
        book.take(full(3600), TEN + HOUR + second * SECOND)
    shown = book.imported
    assert shown == 1_007_300
    book.take(list_of(TEN + 2 * HOUR, 1_007_200), TEN + 2 * HOUR + SECOND)
    seen = []
    for second in range(10, 240, 10):
        book.take(full(3600), TEN + 2 * HOUR + second * SECOND)
        seen.append(book.imported)
    assert seen[0] == shown
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1_007_200 + 240, abs=10)


def test_what_was_drawn_between_a_registers_instant_and_its_list_is_added() -> None:
    scenario = Scenario(register_at=0)
    scenario.run(30 * MINUTE + 10 * SECOND, 7200)
    assert scenario.book.imported == scenario.true(TEN)[0] + 20


def test_after_a_start_it_shows_the_last_value_and_goes_on() -> None:
    scenario = Scenario()
    scenario.run(2 * HOUR + 10 * MINUTE, 3600)
    shown = scenario.book.imported
    assert shown is not None
    scenario.restart()
    assert scenario.book.imported == shown
    scenario.run(5 * MINUTE, power=False)
    scenario.run(5 * MINUTE)
    assert scenario.book.imported == pytest.approx(shown + 300, abs=11), (
        "the five minutes without power are not guessed"
    )
    scenario.run(20 * MINUTE)
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=2), "the register has filled them in"


def test_a_new_book_goes_on_from_what_the_sensors_showed() -> None:
    book = Book()
    book.restore(5000, None)
    assert (book.imported, book.exported) == (5000, None)
    for second in range(0, 3601, 10):
        book.take(full(3600, 3600), TEN + second * SECOND)
    assert (book.imported, book.exported) == (8600, None)
    book.take(list_of(TEN + HOUR, 8650, 70), TEN + HOUR + SECOND)
    assert (book.imported, book.exported) == (8650, 70)


def test_what_was_shown_on_another_scale_is_not_held_for_ever() -> None:
    book = Book()
    book.restore(50_000_000, 0)
    book.take(list_of(TEN, 5_000_000), TEN)
    assert book.imported == 5_000_000


@pytest.mark.parametrize(
    ("cadence", "gap", "bridged"), [(2.5, 5, True), (2.5, 10, False), (10, 30, True), (10, 40, False)]
)
def test_a_pause_longer_than_the_cadence_allows_is_not_guessed(cadence: float, gap: float, bridged: bool) -> None:
    book = Book()
    book.take(list_of(TEN, 1_000_000), TEN)
    reading = power(36_000) if cadence < 10 else full(36_000)
    at = TEN
    for _ in range(100):
        at += cadence * SECOND
        book.take(reading, at)
    before = book.imported
    assert before is not None
    book.take(reading, at + gap * SECOND)
    assert book.imported == before + (10 * gap if bridged else 0)


def test_lists_of_one_burst_add_what_they_should() -> None:
    """A bridge that was stuck hands on all at once."""
    book = Book()
    book.take(list_of(TEN, 1_000_000), TEN)
    at = TEN
    for number in range(1000):
        at = TEN + timedelta(seconds=2.5 * (number - number % 3))
        book.take(power(3600), at)
    assert book.imported == pytest.approx(1_000_000 + (at - TEN) / SECOND, abs=3)


def test_power_that_is_out_of_the_question_is_not_counted() -> None:
    book = Book()
    book.take(list_of(TEN, 1_000_000), TEN)
    for second in range(0, 600, 10):
        book.take(full({100: 4e9, 200: -5000}.get(second, 3600)), TEN + second * SECOND)
    assert book.imported == pytest.approx(1_000_590, abs=25)


def test_registers_that_come_every_ten_seconds_are_shown_themselves() -> None:
    """As Swedish meters send them."""
    book = Book()
    settled: list[Hour] = []
    for second in range(0, 3 * 3600, 10):
        at = TEN + second * SECOND
        changes = book.take(list_of(at, 1_000_000 + second // 2, 0, full(1800).values), at + SECOND)
        assert book.imported == 1_000_000 + second // 2
        settled += changes.hours if changes else []
    assert [(hour.imported, hour.status) for hour in settled] == [(1800, Status.MEASURED)] * 2


def test_where_power_lists_have_import_alone_export_is_known_within_seconds() -> None:
    """Each minute a heater of 6 kW runs for 8 s of a sunny hour: 4 kW come from the roof."""
    book = Book()
    book.take(list_of(TEN, 0), TEN)
    at = 0.0
    while at < 3600:
        heats = 3 <= at % 60 < 11
        imported, exported = (2000, 0) if heats else (0, 4000)
        book.take(power(imported) if at % 10 else full(imported, exported), TEN + at * SECOND)
        at += 2.5
    assert book.exported == pytest.approx(4000 * 52 / 60, abs=30)
    assert book.imported == pytest.approx(2000 * 8 / 60, abs=20)


def test_power_lists_may_have_both_directions() -> None:
    book = Book()
    book.take(list_of(TEN, 0), TEN)
    both = Reading(ListKind.POWER, {Quantity.POWER_IMPORT: 0, Quantity.POWER_EXPORT: 3600})
    for second in range(0, 3602, 2):
        if not 1000 <= second < 1020:
            book.take(both, TEN + second * SECOND)
    assert book.exported == pytest.approx(3600 - 22, abs=1), "a pause of 22 s is long for them"
    assert book.imported == 0


def test_a_meter_that_does_not_net_its_phases_has_both() -> None:
    book = Book()
    book.take(list_of(TEN, 0), TEN)
    book.take(full(0, 1800), TEN)
    for second in range(10, 3600, 10):
        book.take(full(3600, 1800), TEN + second * SECOND)
        book.take(power(3600), TEN + (second + 5) * SECOND)
    assert book.exported == pytest.approx(1800, abs=10)


def test_the_hour_so_far() -> None:
    scenario = Scenario()
    scenario.run(10 * MINUTE)
    assert scenario.book.this_hour(scenario.now)[1:3] == (None, None)
    scenario.run(2 * HOUR, 3600)
    for minutes in (1, 5, 20):
        scenario.run(minutes * MINUTE, 7200 if minutes > 1 else -3600)
        hour = scenario.book.this_hour(scenario.now)
        (a, b), (c, d) = scenario.true(hour.start), scenario.true()
        assert hour.imported == pytest.approx(c - a, abs=25)
        assert hour.exported == pytest.approx(d - b, abs=25)
        assert hour.complete


def test_the_hour_so_far_begins_before_its_register_comes() -> None:
    scenario = Scenario()
    scenario.run(90 * MINUTE, 3600)
    at = scenario.now
    assert (at.minute, at.second) == (0, 0)
    for second in range(0, 10, 2):
        scenario.book.take(power(3600), at + second * SECOND)
        hour = scenario.book.this_hour(at + second * SECOND)
        assert hour.imported == pytest.approx(second, abs=1)
        assert hour.start == at


def test_the_hour_so_far_says_when_it_has_missed_something() -> None:
    scenario = Scenario()
    scenario.run(90 * MINUTE, 3600)
    scenario.run(30 * MINUTE, power=False, registers=False)
    scenario.run(10 * MINUTE)
    hour = scenario.book.this_hour(scenario.now)
    assert hour.imported == pytest.approx(600, abs=11)
    assert not hour.complete
    scenario.restart()
    assert scenario.book.this_hour(scenario.now).imported == hour.imported
    later = scenario.book.this_hour(scenario.now + 2 * HOUR)
    assert (later.imported, later.complete) == (0, False)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["power", "full", "hourly", "restart", "kill", "stale", "unset", "step"]),
        st.floats(0, 9000),
        st.integers(-20_000, 20_000),
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_whatever_comes_nothing_falls_and_hours_sum_up(steps: list[tuple[str, float, int]]) -> None:
    """Lists at any time, of any power, with registers that rise as they will, and clocks that step."""
    book, at, ahead = Book(), TEN, timedelta(0)
    imported = exported = 1000
    shown = (0, 0)
    snapshot, hourly = json.dumps(book.to_stored()), list_of(TEN, imported, exported)
    for what, seconds, watts in steps:
        at += seconds * SECOND
        arrival = at + ahead
        lists = {"power": power(abs(watts)), "full": full(max(watts, 0), max(-watts, 0))}
        if what in lists:
            book.take(lists[what], arrival)
        elif what == "step":
            ahead = timedelta(seconds=10 * watts) if watts % 2 else timedelta(0)
        elif what in {"restart", "kill"}:
            if what == "restart":
                snapshot = json.dumps(book.to_stored())
            book = Book.from_stored(json.loads(snapshot))
            book.restore(*shown)
        else:
            if what != "stale":
                imported, exported = imported + max(watts, 0), exported + max(-watts, 0)
                hourly = list_of(at - 10 * SECOND, imported, exported)
            if what == "unset":
                hourly = hourly._replace(clock=hourly.clock and hourly.clock.replace(year=2000))
            if book.take(hourly, arrival) is not None:
                snapshot = json.dumps(book.to_stored())
        now = (book.imported or 0, book.exported or 0)
        assert now >= shown
        assert now[1] >= shown[1]
        shown = now
    hours = [hour for hour in book.hours(TEN - 60 * HOUR, at + 60 * HOUR) if hour.status is not Status.MISSING]
    if hours:
        first, last = book.register_at(hours[0].start), book.register_at(hours[-1].start + HOUR)
        assert first is not None
        assert last is not None
        assert all((hour.imported or 0) >= 0 and (hour.exported or 0) >= 0 for hour in hours)
        assert sum(hour.imported or 0 for hour in hours) == last.imported - first.imported
        assert sum(hour.exported or 0 for hour in hours) == last.exported - first.exported
        assert 1000 <= first.imported <= last.imported <= imported

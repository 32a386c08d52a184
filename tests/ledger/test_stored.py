"""The book as it is kept: what is read again is what was written, and what is damaged is said to be."""

from datetime import datetime
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import Book, DamagedBookError, Status, stored as kept
from custom_components.han_port.wire.reading import Quantity

from .scenario import HOUR, MINUTE, START, Scenario

TEN = START + 30 * MINUTE


def eventful(register_at: int = 10) -> Scenario:
    """Return a meter with measured, estimated and missing hours, and some of all else."""
    scenario = Scenario(register_at=register_at, register=40_000_000)
    scenario.run(4 * HOUR)
    scenario.run(3 * HOUR, -2500, registers=False)
    scenario.run(3 * HOUR, 4000)
    scenario.register = -1_000
    scenario.run(3 * HOUR)
    scenario.run(20 * MINUTE, -700)
    return scenario


def answers(book: Book, scenario: Scenario) -> list[Any]:
    """Return all that a book tells."""
    return [
        book.hours(TEN, scenario.now),
        [book.register_at(TEN + number * HOUR) for number in range(15)],
        (book.imported, book.exported, book.last_hour, book.since, book.meter_id),
        book.this_hour(scenario.now)[:3],
        list(book.comparisons),
    ]


@pytest.mark.parametrize("register_at", [0, 10])
def test_what_was_kept_is_read_again(register_at: int) -> None:
    scenario = eventful(register_at)
    assert {hour.status for hour in scenario.book.hours(TEN, scenario.now)} == set(Status)
    again = Book.from_stored(json.loads(json.dumps(scenario.book.to_stored())))
    assert answers(again, scenario) == answers(scenario.book, scenario)
    assert again.to_stored() == scenario.book.to_stored()


def test_it_goes_on_as_if_nothing_had_been() -> None:
    first, second = eventful(), eventful()
    second.restart()
    for scenario in (first, second):
        scenario.run(70 * MINUTE, registers=False)
        scenario.run(3 * HOUR)
    ours, theirs = (scenario.book.hours(TEN, first.now) for scenario in (first, second))
    assert [hour.status for hour in ours] == [hour.status for hour in theirs]
    for our, their in zip(ours, theirs, strict=True):
        if our.imported is not None:
            assert (our.imported, our.exported) == pytest.approx((their.imported, their.exported), abs=8)


def test_an_empty_book_can_be_kept() -> None:
    book = Book.from_stored(json.loads(json.dumps(Book("7").to_stored())))
    assert (book.meter_id, book.imported, book.last_hour) == ("7", None, None)


@pytest.mark.parametrize(
    "content", [None, [], "book", {}, {"version": "1"}, {"version": 0}, {"version": 2}, {"version": 1}]
)
def test_what_is_no_book_is_refused(content: object) -> None:
    with pytest.raises(DamagedBookError, match=r"version|damaged"):
        Book.from_stored(content)
    assert issubclass(DamagedBookError, ValueError)


CONTENT: dict[str, Any] = eventful().book.to_stored()


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all values in a stored book."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path, *(found for key, value in items for found in places(value, (*path, key)))]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([path for path in places(CONTENT) if path]),
    st.sampled_from([None, -1, 1.5, "x", [], {}, 10**30, float("nan"), True, [[1, 2]], "delete"]),
)
def test_a_damaged_book_is_refused_or_does_no_harm(path: tuple[Any, ...], value: Any) -> None:
    content = json.loads(json.dumps(CONTENT))
    place = content
    for key in path[:-1]:
        place = place[key]
    if value == "delete":
        del place[path[-1]]
    else:
        place[path[-1]] = value
    try:
        book = Book.from_stored(content)
    except DamagedBookError:
        return
    scenario = eventful()
    scenario.book = book
    scenario.run(2 * HOUR)
    for hour in book.hours(TEN, scenario.now):
        assert (hour.imported or 0) >= 0
    answers(book, scenario)
    Book.from_stored(json.loads(json.dumps(book.to_stored())))


def test_an_older_form_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(stored: dict[str, Any]) -> dict[str, Any]:
        return {**stored, "meter": stored["number"], "version": 1}

    monkeypatch.setattr(kept, "MIGRATIONS", {0: rename})
    old = {**Book().to_stored(), "number": "42", "version": 0}
    del old["meter"]
    assert Book.from_stored(old).meter_id == "42"


@pytest.mark.parametrize("history", [True, False])
def test_another_factor_can_be_applied(history: bool) -> None:
    """To all that is known, or to what comes. No hour is lost, and what power has promised is not multiplied."""
    scenario = Scenario()
    scenario.run(4 * HOUR)
    before = scenario.book.hours(TEN, TEN + 3 * HOUR)
    last = scenario.true(TEN + 3 * HOUR)[0]
    promised = scenario.true()[0] - last
    assert scenario.book.rescale(10, history=history) == (last, 0)
    after = scenario.book.hours(TEN, TEN + 3 * HOUR)
    assert [hour.imported for hour in after] == [(hour.imported or 0) * (10 if history else 1) for hour in before]
    assert scenario.book.imported == pytest.approx(10 * last + promised, abs=20)
    scenario.restart()
    scenario.register = 10 * scenario.register + 9 * scenario._energy[0] // 3600
    scenario.run(3 * HOUR)
    assert scenario.events == []
    assert scenario.book.imported == pytest.approx(scenario.true()[0], abs=20)
    hours = scenario.book.hours(TEN, TEN + 6 * HOUR)
    assert hours[:3] == after
    assert {hour.status for hour in hours} == {Status.MEASURED}
    assert hours[3].imported == scenario.true(TEN + 4 * HOUR)[0] - 10 * last


def test_another_factor_before_anything_is_known() -> None:
    """There is nothing to multiply, but what a sensor has shown before."""
    book = Book()
    assert book.rescale(10, history=False) is None
    book.restore(77, None)
    assert book.rescale(0.1) is None
    assert (book.imported, book.exported) == (8, None)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("anchor", 0), 0.0),
        (("anchor", 1), 0),
        (("chains", 0, "exact"), "1"),
        (("chains", 1, "start"), 0),
        (("chains", 1, "start"), 10**15),
        (("chains", 0, "import", 1), -5),
        (("seen", 0, 0, 0), 9e9),
    ],
)
def test_what_does_not_fit_together_is_refused(place: tuple[Any, ...], value: Any) -> None:
    content = part = json.loads(json.dumps(CONTENT))
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(DamagedBookError):
        Book.from_stored(content)


def old_book() -> tuple[Scenario, list[tuple[datetime, int]]]:
    """Return a meter whose book is some hours old, and what its sensor has shown since then."""
    scenario = Scenario()
    scenario.run(3 * HOUR)
    scenario.snapshot = json.dumps(scenario.book.to_stored())
    shown = []
    for watts in (600, 0, 3000, 1200):
        scenario.run(HOUR, watts, power=False, registers=False)
        shown.append((scenario.now, scenario.true()[0]))
    scenario.book = Book.from_stored(json.loads(scenario.snapshot))
    return scenario, shown


def test_an_old_book_goes_on_from_what_was_shown_since() -> None:
    """No hour of what others have seen is lost, and nothing falls."""
    scenario, shown = old_book()
    scenario.book.recall(Quantity.ENERGY_IMPORT, shown)
    scenario.book.recall(Quantity.ENERGY_EXPORT, [(at, 0) for at, _ in shown])
    assert (scenario.book.imported, scenario.book.exported) == (shown[-1][1], 0)
    assert Book.from_stored(json.loads(json.dumps(scenario.book.to_stored()))).imported == shown[-1][1]
    scenario.run(2 * HOUR)
    hours = scenario.book.hours(TEN, scenario.now - HOUR)
    assert {hour.status for hour in hours[3:6]} == {Status.ESTIMATED}
    for hour in hours:
        assert hour.imported == pytest.approx(scenario.volume(hour.start)[0], abs=5)
    assert scenario.shown == sorted(scenario.shown)


def test_what_cannot_have_been_shown_is_not_believed() -> None:
    scenario, shown = old_book()
    book = scenario.book
    before = book.imported
    assert before is not None
    at, _ = shown[-1]
    for energies in ([], [before - 1], [before + 10**8], [before + 10**8, before + 5]):
        book.recall(Quantity.ENERGY_IMPORT, [(at, energy) for energy in energies])
        assert book.imported == before
    book.recall(Quantity.ENERGY_IMPORT, [(TEN, before + 5)])  # known already
    assert book.imported == before
    empty = Book()
    empty.recall(Quantity.ENERGY_IMPORT, shown)
    assert empty.imported is None

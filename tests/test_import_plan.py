"""What becomes of each hour of a file, and of the rows: without a recorder."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.han_port.elhub.history_rows import NO_ROW, Edit, Row, rewrite, volumes
from custom_components.han_port.elhub.import_plan import Fate, Known, Plan, first_own, plan
from custom_components.han_port.ledger import Direction, ElhubFile, Hour, Status, Volume
from custom_components.han_port.ledger.hours import MOST_HOURS

BEGIN = 470_000
"""Hours since 1970: the first one of the file."""


def at(number: int) -> datetime:
    """Return when an hour begins."""
    return datetime.fromtimestamp(0, UTC) + timedelta(hours=number)


def a_file(*energies: int, direction: Direction = Direction.CONSUMPTION) -> ElhubFile:
    """Return a file whose first hour is `BEGIN`."""
    return ElhubFile(direction, tuple(Volume(at(BEGIN + n), energy, True) for n, energy in enumerate(energies)), None)


def rows(*of: tuple[int, float | None, float]) -> list[Row]:
    """Return rows: the hour after `BEGIN`, state, volume."""
    found: list[Row] = []
    for number, state, volume in of:
        found.append(Row(BEGIN + number, state, (found[-1].sum if found else 0.0) + volume))
    return found


def known(*of: Hour | None, since: int = 0) -> Known:
    """Return what a book knows of the hours from `BEGIN` on; None: nothing of that hour."""
    hours = [hour or Hour(at(BEGIN + n), None, None, Status.MISSING) for n, hour in enumerate(of)]
    last = max((hour.start for hour in of if hour is not None), default=None)
    return Known.of(hours, at(BEGIN + since) if last else None, last)


def an_hour(number: int, energy: int, register: int, status: Status = Status.MEASURED) -> Hour:
    """Return an hour of a book, with the register at its end."""
    return Hour(at(BEGIN + number), energy, 2 * energy, status, register, register + 5)


def planned(file: ElhubFile, found: list[Row], about: Known, *, replace_measured: bool = False) -> Plan:
    """Return the plan."""
    first = first_own(found)
    assert first is not None
    return plan(file, found, first, about, replace_measured=replace_measured)


def fates(made: Plan) -> dict[Fate, int]:
    """Return how many hours have which fate."""
    return dict(made.fates)


def after(made: Plan, found: list[Row]) -> dict[int, float]:
    """Return the volumes after the import, by the hours after `BEGIN`."""
    return {hour - BEGIN: volume for hour, volume in volumes(applied(found, made.edits)).items()}


def applied(found: list[Row], edits: dict[int, Edit]) -> list[Row]:
    """Return the rows after edits, as the database would have them."""
    rewritten = rewrite(found, edits)
    kept = {
        row.hour: row._replace(sum=row.sum + (rewritten.shift if row.hour > rewritten.last else 0)) for row in found
    }
    new = kept | rewritten.rows
    return [row for _, row in sorted(new.items()) if row is not None]


def test_sensor_that_began_in_the_middle_of_an_hour() -> None:
    found = rows((0, 1000, 70), (1, 1200, 200))
    made = planned(a_file(150, 210), found, known(an_hour(0, 140, 1000), an_hour(1, 200, 1200)))
    assert fates(made) == {Fate.REPLACED: 1, Fate.KEPT: 1}
    assert after(made, found) == {0: 150, 1: 200}
    assert (made.disagreeing, made.difference, made.largest) == (1, -10, 10)


def test_hours_older_than_the_book_count_as_measured() -> None:
    found = rows((0, 1000, 70), (1, 1200, 200), (2, 1300, 100), (3, 1500, 200))
    made = planned(a_file(150, 210, 110, 220), found, known(None, None, None, an_hour(3, 200, 1500), since=3))
    assert fates(made) == {Fate.REPLACED: 2, Fate.KEPT: 2}  # the one before the first register is not whole
    old = Known({}, BEGIN + 3, BEGIN + 3 + MOST_HOURS)
    assert fates(planned(a_file(150, 210, 110), found, old)) == {Fate.REPLACED: 1, Fate.KEPT: 2}


def test_rows_are_given_the_register_so_that_nobody_finds_them_wrong_later() -> None:
    found = rows((0, 1000, 100), (1, 1250, 250), (2, 1400, 150))
    estimate = an_hour(1, 240, 1240, Status.ESTIMATED)
    about = known(an_hour(0, 100, 1000), estimate, an_hour(2, 160, 1400))
    made = planned(a_file(100, 333, 160), found, about)
    assert made.edits == {BEGIN + 1: Edit(1240, 333)}
    found = rows((0, 1005, 200), (1, 1255, 250), (2, 1405, 320))
    production = planned(a_file(200, 333, 320, direction=Direction.PRODUCTION), found, about)
    assert production.edits == {BEGIN + 1: Edit(1245, 333)}


def test_what_is_not_settled_yet_is_left_for_another_day() -> None:
    found = rows((0, 1000, 100), (1, 1250, 250), (2, 1400, 150))
    made = planned(a_file(100, 333, 160, 170), found, known(an_hour(0, 100, 1000), None, None, None))
    assert fates(made) == {Fate.UNCHANGED: 1, Fate.LATER: 3}
    made = planned(a_file(111, 333, 160, 170), found, known(None, None, None, None))
    assert fates(made) == {Fate.LATER: 4}


def test_rows_from_elsewhere_are_replaced() -> None:
    found = rows((0, None, 50), (1, None, 60), (2, 1000, 70), (3, 1200, 200))
    made = planned(a_file(50, 61, 70, 200), found, known(None, None, an_hour(2, 70, 1000), an_hour(3, 200, 1200)))
    assert fates(made) == {Fate.UNCHANGED: 3, Fate.REPLACED: 1}
    assert made.edits == {BEGIN + 1: Edit(None, 61)}
    assert after(made, found) == {0: 50, 1: 61, 2: 70, 3: 200}


def test_energy_that_the_recorder_put_into_one_hour_is_not_there_twice() -> None:
    found = rows((0, 1000, 100), (3, 1900, 900), (4, 2000, 100))
    about = known(None, None, None, None, None, an_hour(5, 100, 2100), since=5)
    made = planned(a_file(100, 300, 310, 290, 100), found, about)
    assert fates(made) == {Fate.UNCHANGED: 2, Fate.NEW: 2, Fate.KEPT: 1}
    assert after(made, found) == {0: 100, 1: 300, 2: 310, 3: 290, 4: 100}
    assert made.edits[BEGIN + 1].state == made.edits[BEGIN + 2].state == 1000  # it went on showing that
    back = applied(applied(found, made.edits), made.before)
    assert back == found


@pytest.mark.parametrize(("hour", "left"), [(an_hour(2, 280, 1900), 280), (None, 0)])
def test_sums_that_began_anew_go_on(hour: Hour | None, left: int) -> None:
    found = [*rows((0, 1000, 5000)), Row(BEGIN + 2, 1900, 30), Row(BEGIN + 3, 2000, 130)]
    made = planned(a_file(5000, 300), found, known(None, None, hour, an_hour(3, 100, 2000)))
    assert after(made, found) == {0: 5000, 1: 300, 2: left, 3: 100}


def test_edits_that_are_taken_back() -> None:
    found = rows((0, 1000, 100), (1, 1250, 250), (2, 1400, 150), (3, 1400, 0))
    edits = {BEGIN - 1: Edit(None, 70), BEGIN + 1: Edit(1250, 0), BEGIN + 2: NO_ROW}
    new = applied(found, edits)
    assert [row.hour - BEGIN for row in new] == [-1, 0, 1, 3]
    assert list(volumes(new).values()) == [70, 100, 0, 0]
    assert rewrite(new, edits).rows == {}
    assert rewrite(new, edits).shift == 0
    before = {BEGIN - 1: NO_ROW, BEGIN + 1: Edit(1250, 250), BEGIN + 2: Edit(1400, 150)}
    later = Row(BEGIN + 4, 1500, new[-1].sum + 100)
    assert applied([*new, later], before) == [*found, Row(BEGIN + 4, 1500, 600)]


def test_sums_within_an_hour_rise_as_they_did() -> None:
    found = rows((0, 1000, 100), (1, 1250, 250), (2, 1400, 150))
    edits = {BEGIN: Edit(1000, 40), BEGIN + 1: Edit(1250, 500), BEGIN + 4: Edit(1400, 30)}
    new = rewrite(found, edits)
    assert [new.moved(BEGIN - 1, total) for total in (0, 50)] == [0, 50]
    assert [new.moved(BEGIN, total) for total in (0, 50, 100)] == [0, 20, 40]
    assert [new.moved(BEGIN + 1, total) for total in (100, 225, 350)] == [40, 290, 540]
    assert new.moved(BEGIN + 2, 400) == 590
    assert new.moved(BEGIN + 3, 500) == 690  # an hour without a row, then one that gets it, and all that comes later
    assert new.moved(BEGIN + 4, 510) == 700
    assert new.moved(BEGIN + 5, 520) == 740
    assert rewrite(rows((0, 1000, 0)), {BEGIN: Edit(1000, 40)}).moved(BEGIN, 0) == 40

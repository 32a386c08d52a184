"""What is kept of a month beside the hours: corrections by hand, and the hours of the meter before."""

from datetime import UTC, date, datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.han_port.kept_book import Kept
from custom_components.han_port.ledger import Book, DamagedBookError, Hour, Status

from .conftest import AIDON

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

ENERGIES = st.integers(0, 1_000_000)
HOURS = st.builds(
    Hour,
    st.integers(0, 700).map(lambda number: START + number * HOUR),
    st.none() | ENERGIES,
    st.none() | ENERGIES,
    st.sampled_from(Status),
    st.none(),
    st.none(),
)


def stored(**changes: Any) -> dict[str, Any]:
    """Return what is kept of a meter that nothing is known of yet, with changes, as it comes from a disk."""
    kept: dict[str, Any] = json.loads(json.dumps({**Kept(Book(AIDON.id), 1.0).to_stored(), **changes}))
    return kept


@given(
    corrections=st.dictionaries(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.none() | ENERGIES),
    before=st.lists(HOURS, unique_by=lambda hour: hour.start),
)
def test_what_is_kept_is_read_again(corrections: dict[date, int | None], before: list[Hour]) -> None:
    kept = Kept(Book(AIDON.id), 1.0, corrections=corrections, before=tuple(sorted(before, key=lambda one: one.start)))
    again = Kept.from_stored(json.loads(json.dumps(kept.to_stored())), AIDON.id)
    assert again.corrections == kept.corrections
    assert again.before == kept.before


def test_a_file_of_before_there_were_corrections() -> None:
    old = stored()
    del old["corrections"], old["before"]
    kept = Kept.from_stored(old, AIDON.id)
    assert (kept.corrections, kept.before) == ({}, ())


@pytest.mark.parametrize(
    "damage",
    [
        {"corrections": [1, 2]},
        {"corrections": {"2026-11-31": 5}},
        {"corrections": {"2026-11-30": -5}},
        {"corrections": {"2026-11-30": 5.5}},
        {"corrections": {"2026-11-30": "5"}},
        {"corrections": None},
        {"before": None},
        {"before": {"a": 1}},
        {"before": [5]},
        {"before": [[494_000, 1, 1]]},
        {"before": [[494_000, 1, 1, "guessed"]]},
        {"before": [[-1, 1, 1, "measured"]]},
        {"before": [[1 << 60, 1, 1, "measured"]]},
        {"before": [[494_000, "1", 1, "measured"]]},
    ],
    ids=str,
)
def test_what_is_damaged_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(DamagedBookError):
        Kept.from_stored(stored(**damage), AIDON.id)


def test_what_nobody_asks_for_any_more_is_dropped() -> None:
    """After 13 months: then a bill of that month is long paid, and its hours are gone too."""
    before = tuple(Hour(START + number * 24 * HOUR, 1000, 0, Status.MEASURED) for number in range(31))
    kept = Kept(Book(AIDON.id), 1.0, corrections={date(2026, 11, 2): 5, date(2026, 11, 28): None}, before=before)
    kept.forget(START + timedelta(days=395))
    assert len(kept.corrections) == 2
    assert kept.before == before
    kept.forget(START + timedelta(days=410))
    assert kept.corrections == {date(2026, 11, 28): None}
    assert kept.before == before[10:]

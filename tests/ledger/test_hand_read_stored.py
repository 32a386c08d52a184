"""The readings as they are kept: what is read again is what was written, and what is damaged is said to be."""

import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import DamagedReadingsError, HandRead, LaterReadingsError, Profile

from .hand_home import KWH, home, monthly_readings, oslo

ALL = (oslo(2025, 12, 1), oslo(2027, 4, 1))
CONTENT: dict[str, Any] = home(monthly_readings(months=4)).to_stored()


@pytest.mark.parametrize("months", [1, 3, 14])
def test_what_was_kept_is_read_again(months: int) -> None:
    meter = home(monthly_readings(months=months, first=98_000 * KWH))
    again = HandRead.from_stored(json.loads(json.dumps(meter.to_stored())), Profile.monthly())
    assert again.readings == meter.readings
    assert (again.digits, again.expected, again.learned) == (meter.digits, meter.expected, meter.learned)
    assert again.hours(*ALL) == meter.hours(*ALL)
    assert again.to_stored() == meter.to_stored()


@pytest.mark.parametrize("content", [None, [], "x", {}, {"version": "1"}, {"version": 0}, {"version": 1}])
def test_what_are_no_readings_is_refused(content: object) -> None:
    with pytest.raises(DamagedReadingsError, match=r"version|damaged"):
        HandRead.from_stored(content, Profile.flat())
    assert issubclass(DamagedReadingsError, ValueError)


def test_readings_of_a_later_version_are_left_alone() -> None:
    with pytest.raises(LaterReadingsError, match="version 2"):
        HandRead.from_stored({**CONTENT, "version": 2}, Profile.flat())


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all values in stored readings."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path, *(found for key, value in items for found in places(value, (*path, key)))]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([path for path in places(CONTENT) if path]),
    st.sampled_from([None, -1, 0, 1.5, "x", [], {}, 10**11, 10**30, float("nan"), True, [[1, 2]], "delete"]),
)
def test_damaged_readings_are_refused_or_do_no_harm(path: tuple[Any, ...], value: Any) -> None:
    content = json.loads(json.dumps(CONTENT))
    place = content
    for key in path[:-1]:
        place = place[key]
    if value == "delete":
        del place[path[-1]]
    else:
        place[path[-1]] = value
    try:
        meter = HandRead.from_stored(content, Profile.monthly())
    except DamagedReadingsError:
        return
    assert all((hour.imported or 0) >= 0 for hour in meter.hours(oslo(2026, 1, 1), oslo(2026, 2, 1)))
    assert HandRead.from_stored(json.loads(json.dumps(meter.to_stored())), Profile.monthly()).readings == meter.readings

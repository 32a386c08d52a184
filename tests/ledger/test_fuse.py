"""The load of the main fuse, and the overload that is one: too much, for too long."""

from hypothesis import given, strategies as st
import pytest

from custom_components.han_port.ledger.fuse import Load, Overload, load
from custom_components.han_port.wire.reading import Grid, Number, Quantity

L1, L2, L3 = Quantity.CURRENT_L1, Quantity.CURRENT_L2, Quantity.CURRENT_L3


@pytest.mark.parametrize(
    ("currents", "grid", "expected"),
    [
        ({L1: 5, L2: 20, L3: 7}, Grid.TN, Load(80, "L2", ())),
        ({L1: -25, L2: 20, L3: 7}, Grid.TN, Load(100, "L1", ())),
        ({L1: 30, L3: 30}, Grid.IT, Load(120, "L1", ("L2",))),
        ({L1: 5, L2: 10, L3: 6}, Grid.IT, Load(40, "L2", ())),
        ({L1: 0, L2: 0, L3: 0}, Grid.TN, Load(0, "L1", ())),
        ({L1: 10}, Grid.SINGLE_PHASE, Load(40, "L1", ())),
        ({L1: 10}, None, Load(40, "L1", ())),
        ({L1: 10, L3: 15}, None, Load(60, "L3", ("L2",))),
        ({L3: 15}, Grid.TN, Load(60, "L3", ("L1", "L2"))),
        ({Quantity.VOLTAGE_L1: 230}, Grid.TN, None),
        ({}, None, None),
    ],
)
def test_the_most_loaded_phase(currents: dict[Quantity, Number], grid: Grid | None, expected: Load | None) -> None:
    assert load(currents, 25, grid) == expected


def turns(percents: dict[float, float], delay: float) -> dict[float, bool]:
    """Return when an overload comes and goes, if these loads come at these times (s)."""
    overload, seen, on = Overload(delay), {}, False
    for at, percent in percents.items():
        if overload.update(percent, at) != on:
            on = seen[at] = overload.on
    return seen


def every_10_s(*runs: tuple[float, float]) -> dict[float, float]:
    """Return the loads of lists that come every 10 s; a run is a load and until when it stays so."""
    loads: dict[float, float] = {}
    at = 0.0
    for percent, until in runs:
        while at < until:
            loads[at] = percent
            at += 10
    return loads


@pytest.mark.parametrize(
    ("loads", "delay", "expected"),
    [
        (every_10_s((120, 200)), 60, {60: True}),
        (every_10_s((120, 60), (100, 70), (120, 200)), 60, {130: True}),
        (every_10_s((100, 1000)), 0, {}),
        (every_10_s((50, 10), (101, 20), (50, 100)), 0, {10: True, 40: False}),
        (every_10_s((50, 10), (101, 20), (50, 100)), 10, {}),
        (every_10_s((120, 100), (96, 1000)), 30, {30: True}),
        (every_10_s((120, 100), (94, 110), (97, 120), (94, 130), (120, 200), (94, 400)), 30, {30: True, 220: False}),
        (every_10_s((120, 50), (0, 200), (120, 300)), 30, {30: True, 70: False, 230: True}),
    ],
    ids=[
        "after its delay",
        "a list at the limit begins it anew",
        "the limit itself is allowed",
        "without delay",
        "the start of a motor",
        "it stays until the load is clearly lower",
        "and until it stays so",
        "and comes again",
    ],
)
def test_an_overload(loads: dict[float, float], delay: float, expected: dict[float, bool]) -> None:
    assert turns(loads, delay) == expected


def test_lists_do_not_come_to_the_millisecond() -> None:
    assert turns({0: 120, 10.2: 120, 19.9: 120, 29.8: 120, 40.1: 120}, 30) == {29.8: True}


def test_a_lost_list_does_not_hide_it_and_a_long_gap_begins_anew() -> None:
    assert turns({0: 120, 10: 120, 40: 120}, 40) == {40: True}
    assert turns({0: 120, 10: 120, 60: 120, 70: 120, 100: 120}, 40) == {100: True}
    assert turns({0: 120, 10: 120, 60: 50, 70: 120}, 10) == {10: True, 60: False}


@given(
    st.lists(st.tuples(st.floats(0.1, 90), st.floats(0, 300)), max_size=60),
    st.floats(0, 120),
)
def test_it_is_never_on_unless_the_load_was_too_high_for_all_of_the_delay(
    lists: list[tuple[float, float]], delay: float
) -> None:
    overload, at, since = Overload(delay), 0.0, None
    for pause, percent in lists:
        at += pause
        before, on = overload.on, overload.update(percent, at)
        if pause > 40:
            since = None
        since = None if percent <= 100 else at if since is None else since
        if on and not before:
            assert since is not None
            assert at - since >= delay - 1
        if before and not on:
            assert percent < 95 or pause > 40

"""What is kept of tariff and fuse, and what the rest reads in it."""

from typing import Any

import pytest

from custom_components.han_port.capacity_options import (
    Fuse,
    fuse_of,
    target_of,
    tariff_of,
    usable_capacity,
    usable_fuse,
    with_target,
)
from custom_components.han_port.const import DEFAULT_OVERLOAD_DELAY
from custom_components.han_port.ledger.capacity import Rule

KEPT: dict[str, Any] = {
    "rule": "three_days",
    "steps": [{"above": 0, "price": 1440}, {"above": 2, "price": 2400}, {"above": 5.5, "price": None}],
    "price_per": "year",
    "vat": 25,
    "boundary": "lower",
    "count_estimated": True,
    "target": 5.5,
}


def test_a_tariff_is_read_in_watts_and_kroner_a_month() -> None:
    tariff = tariff_of({"capacity": KEPT})
    assert tariff is not None
    assert tariff.rule is Rule.THREE_DAYS
    assert tariff.count_estimated
    assert [tuple(step) for step in tariff.steps] == [(0, 150), (2000, 250), (5500, None)]
    assert [tariff.steps.of(mean) for mean in (2000, 2001, 5500, 5501)] == [0, 1, 1, 2]
    assert target_of({"capacity": KEPT}) == 5500


def test_prices_a_month_with_vat_stay_as_they_are() -> None:
    kept = {**KEPT, "price_per": "month", "vat": 0, "boundary": "higher"}
    tariff = tariff_of({"capacity": kept})
    assert tariff is not None
    assert [step.price for step in tariff.steps] == [1440, 2400, None]
    assert tariff.steps.of(2000) == 1


def test_what_is_not_said_is_as_most_have_it() -> None:
    tariff = tariff_of({"capacity": {"rule": "month_maximum", "steps": [{"above": 0}]}})
    assert tariff is not None
    assert tariff.rule is Rule.MONTH_MAXIMUM
    assert not tariff.count_estimated
    assert tariff.steps.boundary_to_higher
    assert tariff.steps[0].price is None


@pytest.mark.parametrize("options", [{}, {"capacity": {"rule": "off"}}, {"capacity": {**KEPT, "rule": "off"}}])
def test_off(options: dict[str, Any]) -> None:
    assert tariff_of(options) is None
    assert target_of(options) is None


def test_another_target_changes_nothing_else() -> None:
    options = {"interval": 30, "capacity": KEPT}
    moved = with_target(options, 10)
    assert moved == {"interval": 30, "capacity": {**KEPT, "target": 10}}
    assert target_of(moved) == 10_000
    assert target_of(with_target(moved, None)) is None
    assert target_of(options) == 5500


def test_the_fuse() -> None:
    assert fuse_of({"fuse": {"amperes": 63, "delay": 10}}) == Fuse(63, 10)
    assert fuse_of({"fuse": {"amperes": 40}}) == Fuse(40, DEFAULT_OVERLOAD_DELAY)
    assert fuse_of({"fuse": {"amperes": 0, "delay": 10}}) is None
    assert fuse_of({}) is None


@pytest.mark.parametrize(
    "kept",
    [
        KEPT,
        {"rule": "off"},
        {"rule": "three_days", "steps": [{"above": 0}]},
        {**KEPT, "target": None},
        {**KEPT, "of_later_version": 5},
    ],
)
def test_what_can_be_read(kept: Any) -> None:
    assert usable_capacity(kept)


WRONG_NUMBERS: list[Any] = [None, "30", -1, True, 1e9, float("nan")]
NONSENSE: list[Any] = [None, "abc", 5, [], True, float("nan")]
NO_CHOICE: list[Any] = [None, "week", 1, [], {}]
NO_TABLE: list[Any] = [*NONSENSE, {}, [5], [{}], [{"above": "0"}], [{"above": True}]]


@pytest.mark.parametrize(
    "kept",
    [
        *NONSENSE,
        {},
        {"rule": "three_days"},
        *({**KEPT, "rule": wrong} for wrong in NO_CHOICE),
        *({**KEPT, "steps": wrong} for wrong in NO_TABLE),
        {**KEPT, "steps": [{"above": 0}] * 31},
        {**KEPT, "steps": [{"above": 1}, {"above": 2}]},
        {**KEPT, "steps": [{"above": 0}, {"above": 5}, {"above": 2}]},
        {**KEPT, "steps": [{"above": 0}, {"above": 2}, {"above": 2.0001}]},
        {**KEPT, "steps": [{"above": 0, "price": -1}]},
        {**KEPT, "steps": [{"above": 0, "price": "free"}]},
        *({**KEPT, "price_per": wrong} for wrong in NO_CHOICE),
        *({**KEPT, "vat": wrong} for wrong in (None, -1, 101, "25", True)),
        *({**KEPT, "boundary": wrong} for wrong in NO_CHOICE),
        *({**KEPT, "count_estimated": wrong} for wrong in NO_CHOICE),
        *({**KEPT, "target": wrong} for wrong in (0, -1, "5", True, float("inf"))),
    ],
)
def test_what_cannot_be_read(kept: Any) -> None:
    assert not usable_capacity(kept)


@pytest.mark.parametrize(
    "kept", [{"amperes": 63}, {"amperes": 0, "delay": 0}, {"amperes": 25.5, "delay": 60, "new": 1}]
)
def test_a_fuse_that_can_be_read(kept: Any) -> None:
    assert usable_fuse(kept)


@pytest.mark.parametrize(
    "kept",
    [
        *NONSENSE,
        {},
        *({"amperes": wrong, "delay": 30} for wrong in WRONG_NUMBERS),
        *({"amperes": 63, "delay": wrong} for wrong in WRONG_NUMBERS),
    ],
)
def test_a_fuse_that_cannot_be_read(kept: Any) -> None:
    assert not usable_fuse(kept)

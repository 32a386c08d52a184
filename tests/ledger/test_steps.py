"""The steps of a capacity tariff: what each is called, and on which one a mean lies."""

from fractions import Fraction
from typing import Any

import pytest

from custom_components.han_port.ledger import Step, Steps
from custom_components.han_port.ledger.steps import FIRST_NOT_ZERO, NO_STEPS, NOT_ASCENDING

USUAL = Steps([Step(kilowatts * 1000, None) for kilowatts in (0, 2, 5, 10, 15, 20, 25, 50, 75, 100)])


def steps(*above: int, boundary_to_higher: bool = True) -> Steps:
    return Steps([Step(watts, None) for watts in above], boundary_to_higher)


def test_labels_are_as_on_a_price_list() -> None:
    assert USUAL.labels == (
        *("0–2 kW", "2–5 kW", "5–10 kW", "10–15 kW", "15–20 kW", "20–25 kW", "25–50 kW", "50–75 kW", "75–100 kW"),
        "100 kW +",
    )
    assert [USUAL.label(number) for number in range(len(USUAL))] == list(USUAL.labels)


def test_boundaries_between_whole_kilowatts_are_told_apart() -> None:
    assert steps(0, 2500, 2501, 100_000).labels == ("0–2.5 kW", "2.5–2.501 kW", "2.501–100 kW", "100 kW +")


def test_one_step_has_all() -> None:
    alone = steps(0)
    assert alone.labels == ("0 kW +",)
    assert (alone.upper(0), alone.of(0), alone.of(1e6)) == (None, 0, 0)


def test_upper_boundaries() -> None:
    assert [USUAL.upper(number) for number in (0, 1, 8, 9)] == [2000, 5000, 100_000, None]


def test_steps_can_be_gone_through() -> None:
    assert [step.above for step in USUAL][:3] == [0, 2000, 5000]
    assert USUAL[1] == Step(2000, None)
    assert len(USUAL) == 10


@pytest.mark.parametrize(
    ("mean", "higher", "lower"),
    [
        pytest.param(0, 0, 0, id="nothing"),
        pytest.param(Fraction(1, 3), 0, 0, id="hardly anything"),
        pytest.param(Fraction(5999, 3), 0, 0, id="a third of a Wh below"),
        pytest.param(Fraction(6000, 3), 1, 0, id="on the boundary"),
        pytest.param(Fraction(6001, 3), 1, 1, id="a third of a Wh above"),
        pytest.param(2000.0, 1, 0, id="on the boundary, not a fraction"),
        pytest.param(5000, 2, 1, id="on the next boundary"),
        pytest.param(1e7, 2, 2, id="far above the last"),
    ],
)
def test_the_step_of_a_mean(mean: Fraction | float, higher: int, lower: int) -> None:
    assert steps(0, 2000, 5000).of(mean) == higher
    assert steps(0, 2000, 5000, boundary_to_higher=False).of(mean) == lower


@pytest.mark.parametrize(
    ("above", "problem"),
    [
        pytest.param((), NO_STEPS, id="none"),
        pytest.param((2000, 5000), FIRST_NOT_ZERO, id="nothing for a small mean"),
        pytest.param((-1, 5000), FIRST_NOT_ZERO, id="negative"),
        pytest.param((0, 5000, 2000), NOT_ASCENDING, id="out of order"),
        pytest.param((0, 2000, 2000), NOT_ASCENDING, id="twice the same"),
        pytest.param((0, 0), NOT_ASCENDING, id="twice nought"),
    ],
)
def test_steps_that_are_none(above: tuple[int, ...], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        steps(*above)


def test_they_cannot_be_changed_from_outside() -> None:
    given: list[Step] = [Step(0, 150.0), Step(2000, 250.0)]
    made = Steps(given)
    given.append(Step(1, None))
    assert (made.labels, hash(made)) == (("0–2 kW", "2 kW +"), hash(Steps(given[:2])))
    frozen: Any = made
    with pytest.raises(AttributeError):
        frozen.boundary_to_higher = False

"""The steps of a capacity tariff: their boundaries, their prices, and in which of them a mean lies."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

NO_STEPS: Final = "no_steps"
FIRST_NOT_ZERO: Final = "first_step_not_zero"
NOT_ASCENDING: Final = "steps_not_ascending"


class Step(NamedTuple):
    """One step."""

    above: int
    """Its lower boundary, W."""
    price: float | None
    """A month, as the user pays it (VAT included); None if it is not known."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps in ascending order, of which the first begins at 0.

    Raises ValueError, with NO_STEPS, FIRST_NOT_ZERO or NOT_ASCENDING as its first argument.
    """

    steps: Sequence[Step]
    boundary_to_higher: bool = True
    """Whether a mean that is exactly on a boundary belongs to the step above it, as most grid companies have it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if not self.steps:
            raise ValueError(NO_STEPS)
        if self.steps[0].above != 0:
            raise ValueError(FIRST_NOT_ZERO)
        if any(lower.above >= higher.above for lower, higher in pairwise(self.steps)):
            raise ValueError(NOT_ASCENDING)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Step:
        return self.steps[index]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def of(self, mean: Fraction | float) -> int:
        """Return the index of the step in which a mean (W) lies."""
        bisect = bisect_right if self.boundary_to_higher else bisect_left
        return max(0, bisect(self.steps, mean, key=_above) - 1)

    def upper(self, index: int) -> int | None:
        """Return the upper boundary of a step, W; None for the last."""
        return self.steps[index + 1].above if index + 1 < len(self.steps) else None

    def label(self, index: int) -> str:
        """Return how grid companies write a step: "2–5 kW"; the last one "100 kW +"."""
        lower, upper = _kilowatts(self.steps[index].above), self.upper(index)
        return f"{lower} kW +" if upper is None else f"{lower}–{_kilowatts(upper)} kW"

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, in order. No two are alike."""
        return tuple(map(self.label, range(len(self))))


def _above(step: Step) -> int:
    return step.above


def _kilowatts(watts: int) -> str:
    return f"{watts / 1000:.12g}"

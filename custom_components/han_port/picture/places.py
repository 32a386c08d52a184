"""Finding a place for a label where it covers nothing."""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Final

from .measure import box_of
from .scene import Box, Text

_COVERED: Final = 0.02
"""What a unit of area of something covered costs, in units of distance from the best place."""
_ON_TEXT: Final = 100.0
"""How much worse it is to cover another label."""
_OUTSIDE: Final = 1e6

type Candidate = tuple[float, Text]
"""A place that a label may have, and its distance from where it should be."""


class Places:
    """What is already there."""

    def __init__(self, obstacles: Iterable[Box], within: Box) -> None:
        self._obstacles = list(obstacles)
        self._labels: list[Box] = []
        self._within = within

    def take(self, text: Text) -> Text:
        """Put a label where it is."""
        self._labels.append(box_of(text))
        return text

    def is_free(self, text: Text) -> bool:
        """Return whether a label would cover no other."""
        box = box_of(text)
        return not any(box.overlap(label) for label in self._labels)

    def best(self, candidates: Iterable[Candidate]) -> Text:
        """Put a label at the best of its places."""
        return self.take(min(candidates, key=self._cost)[1])

    def best_together(self, rows: Sequence[Sequence[Candidate]]) -> list[Text]:
        """Put a few labels where they are best together: one of each row."""
        costs = [[self._cost(candidate) for candidate in row] for row in rows]
        boxes = [[box_of(text) for _, text in row] for row in rows]
        pairs = {
            (first, second): [
                [_COVERED * _ON_TEXT * box.overlap(other) for other in boxes[second]] for box in boxes[first]
            ]
            for first, second in combinations(range(len(rows)), 2)
        }
        chosen = min(
            product(*(range(len(row)) for row in rows)),
            key=lambda choice: (
                sum(cost[at] for cost, at in zip(costs, choice, strict=True))
                + sum(cost[choice[first]][choice[second]] for (first, second), cost in pairs.items())
            ),
        )
        return [self.take(row[at][1]) for row, at in zip(rows, chosen, strict=True)]

    def _cost(self, candidate: Candidate) -> float:
        distance, text = candidate
        box = box_of(text)
        covered = sum(box.overlap(obstacle) for obstacle in self._obstacles)
        texts = sum(box.overlap(label) for label in self._labels)
        return distance + _COVERED * (covered + _ON_TEXT * texts) + (0.0 if self._inside(box) else _OUTSIDE)

    def _inside(self, box: Box) -> bool:
        within = self._within
        return box.x >= within.x and box.right <= within.right and box.y >= within.y and box.bottom <= within.bottom

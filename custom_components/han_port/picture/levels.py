"""Lines across the days: the target, and the mean of the days that count."""

from collections.abc import Iterator
from typing import Final

from ..ledger.capacity import Rule
from .facts import Facts
from .frame import MARGIN, Frame
from .places import Places
from .scene import Line, Paint, Polygon, Shape, Text
from .words import Words

_SIZE: Final = 21.0
_ABOVE: Final = 7.0
_BELOW: Final = 21.0
_STEP: Final = 18.0
_WORSE: Final = 6.0
"""How much further away the other side of a line counts."""
_ARROW: Final = 16.0
_ROOM: Final = "MM"
"""What is wider than the arrow."""


def levels(facts: Facts, words: Words, frame: Frame) -> Iterator[Line]:
    """Yield the lines."""
    if (mean := facts.month.mean) is not None:
        yield _line(float(mean), frame, Paint.COUNTED, f"{_mean(facts, words)}: {words.kilo(float(mean))} kW")
    if (target := facts.target) is not None and target < frame.most:
        yield _line(target, frame, Paint.TARGET, _target(target, words), dashed=True)


def level_labels(facts: Facts, words: Words, frame: Frame, places: Places) -> Iterator[Shape]:
    """Yield the names of the lines, each where it covers least. Of a target off the scale an arrow says where it is."""
    mean, target = facts.month.mean, facts.target
    if target is not None and target < frame.most:
        is_above = mean is None or target >= mean
        yield _name(_target(target, words), frame.y(target), frame, Paint.TARGET, places, above=is_above)
    elif target is not None:
        name = _target(target, words)
        with_arrow = _name(f"{_ROOM}{name}", frame.plot.y, frame, Paint.TARGET, places, above=False)
        x, y = with_arrow.x, with_arrow.y
        yield Polygon(((x, y), (x + _ARROW / 2, y - _ARROW), (x + _ARROW, y)), Paint.TARGET)
        yield with_arrow._replace(x=x + _ARROW + 6, text=name)
    if mean is not None:
        is_above = target is not None and mean > target
        yield _name(_mean(facts, words), frame.y(float(mean)), frame, Paint.COUNTED, places, above=is_above)


def _mean(facts: Facts, words: Words) -> str:
    return words["highest_hour" if facts.tariff.rule is Rule.MONTH_MAXIMUM else "mean"]


def _target(target: int, words: Words) -> str:
    return f"{words['target']} " + words.label(f"{target / 1000:.12g} kW")


def _line(watts: float, frame: Frame, paint: Paint, about: str, *, dashed: bool = False) -> Line:
    y = frame.y(watts)
    return Line((MARGIN, y), (frame.end, y), paint, 3 if dashed else 2, dashed=dashed, about=about)


def _name(name: str, y: float, frame: Frame, paint: Paint, places: Places, *, above: bool) -> Text:
    sides = (y - _ABOVE, y + _BELOW) if above else (y + _BELOW, y - _ABOVE)
    text = Text(0, 0, name, _SIZE, paint, bold=True, halo=True)
    steps = int((frame.end - MARGIN) // _STEP)
    return places.best(
        (side * _WORSE + step * 0.2, text._replace(x=MARGIN + 4 + step * _STEP, y=height))
        for side, height in enumerate(sides)
        for step in range(steps)
    )

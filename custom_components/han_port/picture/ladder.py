"""The steps: a line at each boundary, and beside it the name and the price of the step between two of them.

Boundaries that lie close together on the scale of the picture are left out: what is drawn is readable.
"""

from collections.abc import Iterator
from typing import Final

from .facts import Facts
from .frame import GUTTER, MARGIN, WIDTH, Frame
from .measure import fitted
from .scene import Anchor, Box, Line, Paint, Rectangle, Shape, Text
from .words import Words

_NAME: Final = 22.0
_PRICE: Final = 20.0
_TWO_LINES: Final = 50.0
_ONE_LINE: Final = 25.0
_CLOSEST: Final = 14.0
"""Least distance of two lines."""
_ROOM: Final = GUTTER - 10.0


def ladder(facts: Facts, words: Words, frame: Frame) -> Iterator[Shape]:
    """Yield the steps that are within the scale."""
    steps, current = facts.tariff.steps, facts.month.step
    names: list[Text] = []
    last = frame.plot.bottom
    for index, step in enumerate(steps):
        if step.above >= frame.most:
            break
        upper = steps.upper(index)
        top = frame.plot.y if upper is None else max(frame.plot.y, frame.y(upper))
        bottom = frame.y(step.above)
        is_current = index == current
        if is_current:
            yield Rectangle(
                Box(MARGIN, top, WIDTH - 2 * MARGIN, bottom - top),
                Paint.STEP,
                about=f"{words['step']}: {words.label(steps.label(index))}",
            )
        if index and (last - bottom >= _CLOSEST or is_current):
            last = bottom
            yield Line((MARGIN, bottom), (WIDTH - MARGIN, bottom), Paint.GRID, 1.5, about=_kilowatts(step.above, words))
        names += _names(
            words.label(steps.label(index)),
            None if step.price is None else words.price(step.price),
            (top, bottom),
            bold=is_current,
        )
    yield Line((MARGIN, frame.plot.bottom), (WIDTH - MARGIN, frame.plot.bottom), Paint.MUTED, 2)
    yield from names


def _names(name: str, price: str | None, between: tuple[float, float], *, bold: bool) -> Iterator[Text]:
    """Yield a step's name and price, as far as there is room between its boundaries."""
    top, bottom = between
    middle, room = (top + bottom) / 2, bottom - top
    paint = Paint.TEXT if bold else Paint.MUTED
    if room < _ONE_LINE:
        return
    if price is not None and room >= _TWO_LINES:
        yield _line(middle - 4, name, _NAME, paint, bold=bold)
        yield _line(middle + 19, price, _PRICE, paint, bold=bold)
    else:
        text = name if price is None else f"{name.removesuffix(' kW')}: {price}"
        yield _line(middle + 7, text, _PRICE, paint, bold=bold)


def _line(y: float, text: str, size: float, paint: Paint, *, bold: bool) -> Text:
    return fitted(Text(WIDTH - MARGIN - 4, y, text, size, paint, bold=bold, anchor=Anchor.END), _ROOM)


def _kilowatts(watts: float, words: Words) -> str:
    return words.label(f"{watts / 1000:.12g} kW")

"""The hour that is running, in a column of its own: what has been used so far, and what it will come to."""

from collections.abc import Iterator
from typing import Final

from .facts import Facts
from .frame import NOW, Frame
from .measure import fitted
from .places import Places
from .scene import Anchor, Paint, Rectangle, Shape, Text
from .words import Words

_WIDTH: Final = 46.0
_VALUE: Final = 26.0
_LABEL: Final = 20.0
_LINE: Final = 22.0


def running_hour(facts: Facts, words: Words, frame: Frame) -> Iterator[Shape]:
    """Yield the bar so far, and the outline of what it will be."""
    if (hour := facts.running) is None:
        return
    outline = frame.column(frame.now, _WIDTH, hour.most)
    forecast = f"{words['this_hour']}, {words['forecast']}: {words.kilo(hour.expected)} kWh"
    yield Rectangle(outline, Paint.BACKGROUND, Paint.NOW, 3, dashed=True, about=forecast)
    so_far = f"{words['this_hour']}, {words['so_far']}: {words.kilo(hour.so_far)} kWh"
    yield Rectangle(frame.column(frame.now, _WIDTH + 1, hour.so_far), Paint.NOW, about=so_far)


def running_labels(facts: Facts, words: Words, frame: Frame, places: Places) -> Iterator[Text]:
    """Yield what it is, and what it will come to, kWh."""
    if (hour := facts.running) is None:
        return
    label = Text(frame.now, frame.plot.bottom + _LINE, words["this_hour"], _LABEL, Paint.NOW, anchor=Anchor.MIDDLE)
    yield places.take(fitted(label, NOW - 24))
    x, y = frame.now, frame.y(hour.most) - 8
    energy = words.kilo(hour.expected, 1)
    yield places.take(Text(x, y, energy, _VALUE, Paint.NOW, bold=True, anchor=Anchor.MIDDLE, halo=True))

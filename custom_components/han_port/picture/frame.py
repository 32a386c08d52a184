"""Where things are in the picture: its parts, the days from left to right, power from the bottom up.

A picture in a notification is about twice as wide as high, and 350 to 400 points wide on a phone: so is this one, and
its smallest text is a fortieth of its width.
"""

from calendar import monthrange
from datetime import date
from typing import Final, NamedTuple

from .facts import Facts
from .scene import Box

WIDTH: Final = 800.0
HEIGHT: Final = 400.0
MARGIN: Final = 16.0
HEADER: Final = 98.0
"""Where the header ends."""
GUTTER: Final = 136.0
"""Width of the names of the steps, on the right."""
NOW: Final = 120.0
"""Width of the running hour's column."""
AXIS: Final = 30.0
"""Height of the days' numbers."""
LEGEND: Final = 28.0
_BAR: Final = 0.7
"""Of a day's place."""
_LEAST_TOP: Final = 2_000.0
"""W. A scale that ends lower would make a mountain of a lamp."""
_NEAR_STEP: Final = 1.6
"""How much higher than the bars the next step may be to be in the picture."""
_NEAR_TARGET: Final = 2.5
_AIR: Final = 1.16
"""Room for a label above what is highest."""


class Frame(NamedTuple):
    """The measures of one picture."""

    plot: Box
    """Where the days are."""
    days: int
    most: float
    """The power at the top of the plot, W."""
    now: float
    """The middle of the running hour's column."""

    @property
    def slot(self) -> float:
        """Width of a day's place."""
        return self.plot.width / self.days

    @property
    def bar(self) -> float:
        """Width of a day's bar."""
        return self.slot * _BAR

    @property
    def end(self) -> float:
        """Where lines across the days and the running hour end."""
        return WIDTH - MARGIN - GUTTER

    def x(self, day: date) -> float:
        """Return the middle of a day's place."""
        return self.plot.x + (day.day - 0.5) * self.slot

    def y(self, watts: float) -> float:
        """Return the height of a power."""
        return self.plot.bottom - self.plot.height * watts / self.most

    def column(self, x: float, width: float, watts: float) -> Box:
        """Return the bar of a power, of an hour in W or Wh."""
        height = max(0.0, self.plot.bottom - self.y(watts))
        return Box(x - width / 2, self.plot.bottom - height, width, height)


def frame_of(facts: Facts, *, legend: bool) -> Frame:
    """Return the measures for what is to be shown."""
    right = WIDTH - MARGIN - GUTTER - (NOW if facts.running else 0.0)
    bottom = HEIGHT - AXIS - (LEGEND if legend else 6.0)
    plot = Box(MARGIN, HEADER, right - MARGIN, bottom - HEADER)
    first = facts.month.first
    return Frame(plot, monthrange(first.year, first.month)[1], _most(facts), right + NOW / 2 + 4.0)


def _most(facts: Facts) -> float:
    """Return the power at the top: enough for the bars, and for the next step and the target where they are near."""
    running = facts.running.most if facts.running else 0.0
    highest = max((*(float(peak.energy) for peak in facts.month.days), running))
    near = max(highest, _LEAST_TOP)
    tops = [near]
    above = min((step.above for step in facts.tariff.steps if step.above > highest), default=None)
    if above is not None and above <= near * _NEAR_STEP:
        tops.append(above)
    if facts.target is not None and facts.target <= near * _NEAR_TARGET:
        tops.append(facts.target)
    return max(tops) * _AIR

"""A bar for each day, the days that count marked, and what is not as it should be told apart.

A day that counts is darker and has its energy written over it. An estimated one is hollow, one set by hand has a
diamond at its foot, a day of which nothing is known a cross.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from ..ledger.capacity import Origin, Peak
from .facts import Facts
from .frame import Frame
from .places import Candidate, Places
from .scene import Anchor, Line, Paint, Polygon, Rectangle, Shape, Text
from .words import Words

_VALUE: Final = 22.0
_RIM: Final = 2.5
_RAISED: Final = (0.0, 13.0, 28.0)
_ASIDE: Final = (0.0, -11.0, 11.0, -22.0, 22.0)
"""How far from the middle over its bar an energy may be, where bars that count are neighbours."""
_FOOT: Final = 9.0
"""How far above the axis marks are."""
_DIAMOND: Final = 7.0
_CROSS: Final = 5.0


def bars(facts: Facts, words: Words, frame: Frame) -> Iterator[Shape]:
    """Yield the days' bars and marks."""
    counting = {peak.day for peak in facts.month.counting}
    for peak in facts.month.days:
        paint = Paint.COUNTED if peak.day in counting else Paint.BAR
        box = frame.column(frame.x(peak.day), frame.bar, peak.energy)
        about = _about(peak, words, counts=peak.day in counting)
        if peak.origin is Origin.ESTIMATED:
            yield Rectangle(box, Paint.BACKGROUND, paint, _RIM, about=about)
        else:
            yield Rectangle(box, paint, radius=1.5, about=about)
        if peak.origin is Origin.CORRECTED:
            yield diamond(frame.x(peak.day), frame.plot.bottom - _FOOT, about)
    for day in blank(facts):
        x, y = frame.x(day), frame.plot.bottom - _FOOT
        if day in facts.dropped:
            yield diamond(x, y, f"{_date(day, words)}: {words['corrected']}")
        else:
            yield from cross(x, y, f"{_date(day, words)}: {words['no_data']}")


def values(facts: Facts, words: Words, frame: Frame, places: Places) -> list[Text]:
    """Return the energies over the days that count, kWh."""
    rows: list[list[Candidate]] = []
    for peak in facts.month.counting:
        x, y = frame.x(peak.day), frame.y(peak.energy) - 7
        text = Text(x, y, words.kilo(peak.energy, 1), _VALUE, Paint.COUNTED, bold=True, anchor=Anchor.MIDDLE, halo=True)
        rows.append(
            [(abs(aside) * 0.5 + up, text._replace(x=x + aside, y=y - up)) for up in _RAISED for aside in _ASIDE]
        )
    return places.best_together(rows)


def blank(facts: Facts) -> Iterator[date]:
    """Yield the days before today that have no bar."""
    known = {peak.day for peak in facts.month.days}
    day = facts.month.first
    while day < facts.today and day.month == facts.month.first.month:
        if day not in known:
            yield day
        day += timedelta(days=1)


def diamond(x: float, y: float, about: str = "") -> Polygon:
    """Return the mark of what was set by hand."""
    return Polygon(((x, y - _DIAMOND), (x + _DIAMOND, y), (x, y + _DIAMOND), (x - _DIAMOND, y)), Paint.TEXT, about)


def cross(x: float, y: float, about: str = "") -> Iterator[Line]:
    """Yield the mark of a day of which nothing is known."""
    for slope in (-_CROSS, _CROSS):
        yield Line((x - _CROSS, y - slope), (x + _CROSS, y + slope), Paint.MUTED, 2.5, about=about)


def _date(day: date, words: Words) -> str:
    return f"{day.day}. {words.month(day)}"


def _about(peak: Peak, words: Words, *, counts: bool) -> str:
    text = f"{_date(peak.day, words)}: {words.kilo(peak.energy)} kWh"
    if counts:
        text += f", {words['counts']}"
    return text if peak.origin is Origin.MEASURED else f"{text}, {words[peak.origin]}"

"""Under the bars: the numbers of the days, and what the marks mean if there are any."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..ledger.capacity import Origin
from .bars import blank, cross, diamond
from .facts import Facts
from .frame import HEIGHT, MARGIN, Frame
from .measure import width_of
from .places import Places
from .scene import Anchor, Box, Paint, Rectangle, Shape, Text
from .words import Words

_SIZE: Final = 20.0
_LINE: Final = 22.0
"""From the axis to the base line of the numbers."""
_ROUND_DAYS: Final = (1, 15, 10, 20, 5, 25)
_LEGEND_LINE: Final = HEIGHT - 10.0


def axis(facts: Facts, frame: Frame, places: Places) -> Iterator[Shape]:
    """Yield the numbers of days: today's, of those that count, then round ones, as far as there is room."""
    first = facts.month.first
    y = frame.plot.bottom + _LINE
    is_now = facts.today.replace(day=1) == first
    counting = [peak.day.day for peak in facts.month.counting]
    wanted = [facts.today.day] if is_now else []
    wanted += [*counting, *_ROUND_DAYS, frame.days]
    for number in dict.fromkeys(wanted):
        today = is_now and number == facts.today.day
        text = Text(
            max(frame.x(first.replace(day=number)), MARGIN + width_of(str(number), _SIZE) / 2),
            y,
            str(number),
            _SIZE,
            Paint.BACKGROUND if today else Paint.COUNTED if number in counting else Paint.MUTED,
            bold=today or number in counting,
            anchor=Anchor.MIDDLE,
        )
        room = text._replace(text=f"{text.text}..")
        if not places.is_free(room):
            continue
        places.take(room)
        if today:
            width = width_of(text.text, _SIZE) + 8
            yield Rectangle(Box(text.x - width / 2, y - 18, width, 23), Paint.TEXT, radius=5)
        yield text


def has_legend(facts: Facts) -> bool:
    """Return whether there are marks to explain."""
    return any(peak.origin is not Origin.MEASURED for peak in facts.month.days) or any(blank(facts))


def legend(facts: Facts, words: Words) -> Iterator[Shape]:
    """Yield what the marks mean that are there."""
    origins = {peak.origin for peak in facts.month.days}
    blanks = set(blank(facts))
    shown = {
        "estimated": Origin.ESTIMATED in origins,
        "corrected": Origin.CORRECTED in origins or bool(blanks & facts.dropped),
        "no_data": bool(blanks - facts.dropped),
    }
    x, y = MARGIN + 8, _LEGEND_LINE - 7
    for key in (key for key, there in shown.items() if there):
        yield from _MARKS[key](x, y)
        yield Text(x + 14, _LEGEND_LINE, words[key], _SIZE, Paint.MUTED)
        x += 14 + width_of(words[key], _SIZE) + 28


_MARKS: Final[dict[str, Callable[[float, float], Iterable[Shape]]]] = {
    "estimated": lambda x, y: [Rectangle(Box(x - 7, y - 8, 14, 16), Paint.BACKGROUND, Paint.MUTED, 2.5)],
    "corrected": lambda x, y: [diamond(x, y)],
    "no_data": cross,
}

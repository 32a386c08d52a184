"""A picture of a profile, so that a person sees what it means: the year by month, and a winter's and a summer's day.

Pure: a profile and a number of kWh in, SVG out, for the form in which the profile is chosen.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Final, NamedTuple

from ..ledger.capacity import OSLO
from ..ledger.profile import Profile
from ..picture import Scene, Words, write_svg
from ..picture.measure import fitted
from ..picture.scene import Anchor, Box, Line, Paint, Rectangle, Shape, Text
from ..picture.words import MONTHS

KEYS: Final = ("year", "day", "winter", "summer")
"""The words that are in it, next to the names of months."""
_WINTER: Final = frozenset((12, 1, 2))
_SUMMER: Final = frozenset((6, 7, 8))
_HOUR: Final = timedelta(hours=1)

_WIDTH: Final = 720.0
_HEIGHT: Final = 300.0
_TOP: Final = 64.0
_BOTTOM: Final = _HEIGHT - 30.0
_YEAR: Final = Box(14.0, _TOP, 396.0, _BOTTOM - _TOP)
_DAY: Final = Box(456.0, _TOP, 250.0, _BOTTOM - _TOP)
_BAR: Final = 0.74
"""The part of a month's place that its bar has."""
_TITLE: Final = 17.0
_LABEL: Final = 13.0
_AIR: Final = 18.0
"""Above the highest bar, for its number."""
_STROKE: Final = 3.0
_LINES: Final = 4
"""No more lines across than this."""
_SHORT: Final = 3
"""Letters of a month's name."""


class _Use(NamedTuple):
    """What a profile makes of a year's use, in kWh."""

    months: Sequence[float]
    winter: Sequence[float]
    """By the hour of the Norwegian clock, on average."""
    summer: Sequence[float]


def profile_picture(profile: Profile, expected: float, year: int, words: Words) -> bytes:
    """Return the SVG of what a profile makes of so many kWh in a year.

    `words` has `KEYS` and the months' names.
    """
    return write_svg(profile_scene(profile, expected, year, words))


def profile_scene(profile: Profile, expected: float, year: int, words: Words) -> Scene:
    """Return the shapes of the picture."""
    use = _use(profile, expected, year)
    about = f"{words['year']}: " + ", ".join(
        f"{words[name]} {words.number(energy, 0)} kWh" for name, energy in zip(MONTHS, use.months, strict=True)
    )
    return Scene(_WIDTH, _HEIGHT, about, (*_year(use, words), *_day(use, words)))


def _use(profile: Profile, expected: float, year: int) -> _Use:
    start, end = (datetime(one, 1, 1, tzinfo=OSLO).astimezone(UTC) for one in (year, year + 1))
    shares = profile.shares(start, end)
    scale = expected / (sum(shares) or 1.0)
    months = [0.0] * len(MONTHS)
    seasons = ([0.0] * 24, [0.0] * 24)
    counts = ([0] * 24, [0] * 24)
    for number, share in enumerate(shares):
        local = (start + number * _HOUR).astimezone(OSLO)
        months[local.month - 1] += share * scale
        for season, count, in_it in zip(seasons, counts, (_WINTER, _SUMMER), strict=True):
            if local.month in in_it:
                season[local.hour] += share * scale
                count[local.hour] += 1
    winter, summer = (
        [total / times for total, times in zip(season, count, strict=True)]
        for season, count in zip(seasons, counts, strict=True)
    )
    return _Use(months, winter, summer)


def _year(use: _Use, words: Words) -> Iterator[Shape]:
    """Yield the months' bars, with their kWh over them."""
    box = _YEAR
    yield fitted(Text(box.x, 26.0, words["year"], _TITLE, bold=True), box.width)
    slot = box.width / len(MONTHS)
    most = max(use.months) or 1.0
    for place, (name, energy) in enumerate(zip(MONTHS, use.months, strict=True)):
        height = (box.height - _AIR) * energy / most
        middle = box.x + (place + 0.5) * slot
        bar = Box(middle - slot * _BAR / 2, box.bottom - height, slot * _BAR, height)
        about = f"{words[name]}: {words.number(energy, 0)} kWh"
        yield Rectangle(bar, Paint.BAR, radius=1.5, about=about)
        over = Text(middle, bar.y - 5, f"{energy:.0f}", _LABEL, anchor=Anchor.MIDDLE)
        yield fitted(over, slot - 2)
        under = Text(middle, box.bottom + 18, words[name][:_SHORT], _LABEL, Paint.MUTED, anchor=Anchor.MIDDLE)
        yield fitted(under, slot - 2)
    yield _floor(box)


def _day(use: _Use, words: Words) -> Iterator[Shape]:
    """Yield the two days' lines, and what tells them apart."""
    box = _DAY
    yield fitted(Text(box.x, 26.0, words["day"], _TITLE, bold=True), box.width)
    most = max(*use.winter, *use.summer) or 1.0
    step = _round_step(most)
    top = ceil(most / step) * step
    decimals = max(0, -floor(log10(step)))

    def y(energy: float) -> float:
        return box.bottom - box.height * energy / top

    for number in range(1, round(top / step) + 1):
        height = y(number * step)
        yield Line((box.x, height), (box.right, height), Paint.GRID)
        label = words.number(number * step, decimals)
        yield Text(box.x - 5, height + 4, label, _LABEL, Paint.MUTED, anchor=Anchor.END)
    slot = box.width / 24
    for hour in range(0, 25, 6):
        anchor = Anchor.END if hour == 24 else Anchor.MIDDLE
        yield Text(box.x + hour * slot, box.bottom + 18, f"{hour:02}", _LABEL, Paint.MUTED, anchor=anchor)
    yield _floor(box)
    for place, (word, hours, paint) in enumerate(
        (("winter", use.winter, Paint.COUNTED), ("summer", use.summer, Paint.NOW))
    ):
        yield from _steps(hours, y, box.x, slot, paint)
        x = box.x + place * box.width / 2
        yield Line((x, 45.0), (x + 16, 45.0), paint, _STROKE)
        text = f"{words[word]} {words.number(sum(hours), 0 if sum(hours) >= 10 else 1)} kWh"
        yield fitted(Text(x + 20, 49.5, text, _LABEL), box.width / 2 - 24)


def _steps(
    hours: Sequence[float], y: Callable[[float], float], left: float, slot: float, paint: Paint
) -> Iterator[Line]:
    """Yield a line that is level for an hour at a time."""
    for hour, energy in enumerate(hours):
        start, end = left + hour * slot, left + (hour + 1) * slot
        if hour and hours[hour - 1] != energy:
            yield Line((start, y(hours[hour - 1])), (start, y(energy)), paint, _STROKE)
        yield Line((start - _STROKE / 2, y(energy)), (end + _STROKE / 2, y(energy)), paint, _STROKE)  # without seams


def _floor(box: Box) -> Line:
    return Line((box.x, box.bottom), (box.right, box.bottom), Paint.MUTED, 1.5)


def _round_step(most: float) -> float:
    """Return 1, 2 or 5 of a power of ten, of which at most so many lines reach the top."""
    power = 10.0 ** floor(log10(most / _LINES))
    return next(power * times for times in (1, 2, 5, 10) if power * times * _LINES >= most)

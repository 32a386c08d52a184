"""The headline: what the month comes to, in figures that a phone shows large enough."""

from collections.abc import Iterator
from typing import Final

from ..ledger.capacity import Rule
from .facts import Facts
from .frame import MARGIN, WIDTH
from .measure import fitted, width_of
from .scene import Anchor, Paint, Text
from .words import UNKNOWN, Words

_LABEL: Final = 22.0
_VALUE: Final = 46.0
_LABEL_LINE: Final = 30.0
_VALUE_LINE: Final = 78.0
_COLUMNS: Final = (MARGIN, 262.0, 508.0)
_GAP: Final = 16.0
_DAYS: Final = 3


def header(facts: Facts, words: Words) -> Iterator[Text]:
    """Yield the mean, the step, and what it costs; and the month."""
    month = words.month(facts.month.first)
    yield Text(WIDTH - MARGIN, _LABEL_LINE, month, _LABEL, Paint.TEXT, bold=True, anchor=Anchor.END)
    ends = (*_COLUMNS[1:], WIDTH - MARGIN)
    for (label, value, paint), x, end in zip(headline(facts, words), _COLUMNS, ends, strict=False):
        room = end - x - _GAP
        yield fitted(Text(x, _VALUE_LINE, value, _VALUE, paint, bold=True), room)
        if end == ends[-1]:
            room -= width_of(month, _LABEL)
        yield fitted(Text(x, _LABEL_LINE, label, _LABEL, Paint.MUTED), room)


def headline(facts: Facts, words: Words) -> Iterator[tuple[str, str, Paint]]:
    """Yield what is said of the month: its label, its value."""
    month, steps = facts.month, facts.tariff.steps
    mean = UNKNOWN if month.mean is None else f"{words.kilo(float(month.mean))} kW"
    yield words[_label(facts)], mean, Paint.COUNTED
    yield words["step"], UNKNOWN if month.step is None else words.label(steps.label(month.step)), Paint.TEXT
    if any(step.price is not None for step in steps):
        yield words["cost"], words.price(month.price), Paint.TEXT


def _label(facts: Facts) -> str:
    """Return the key of what a month is billed by."""
    if facts.tariff.rule is Rule.MONTH_MAXIMUM:
        return "highest_hour"
    return "mean_of_days" if len(facts.month.counting) == _DAYS else "mean"

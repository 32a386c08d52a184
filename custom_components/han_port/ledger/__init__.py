"""The ledger: a meter's readings become energy that never falls, and hours that sum up to its registers.

Pure: time is an argument. `book.Book` is the face of it.
"""

from .book import Book, Changes, Event, EventKind, SoFar
from .capacity import (
    OSLO,
    Corrections,
    Month,
    Origin,
    Peak,
    Rule,
    Tariff,
    allowed,
    assess,
    day_of,
    month_span,
    next_midnight,
    within_reach,
)
from .forecast import Forecast
from .hours import Hour, Status
from .over_target import OverTarget
from .scale import Comparison, rescaled, suggested_factor
from .steps import Step, Steps
from .stored import DamagedBookError, LaterBookError

__all__ = [
    "OSLO",
    "Book",
    "Changes",
    "Comparison",
    "Corrections",
    "DamagedBookError",
    "Event",
    "EventKind",
    "Forecast",
    "Hour",
    "LaterBookError",
    "Month",
    "Origin",
    "OverTarget",
    "Peak",
    "Rule",
    "SoFar",
    "Status",
    "Step",
    "Steps",
    "Tariff",
    "allowed",
    "assess",
    "day_of",
    "month_span",
    "next_midnight",
    "rescaled",
    "suggested_factor",
    "within_reach",
]

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
from .elhub.file import Direction, ElhubError, ElhubFile, Volume, read_file
from .forecast import Forecast
from .hand_periods import HandReading, Span
from .hand_read import HandRead
from .hand_stored import DamagedReadingsError, LaterReadingsError
from .hours import Hour, Status
from .over_target import OverTarget
from .profile import Profile, ProfileKind
from .profile_error import ProfileError
from .profile_months import MONTHLY_SHARES
from .reading_due import next_due
from .reading_error import ReadingError
from .scale import Comparison, rescaled, suggested_factor
from .steps import Step, Steps
from .stored import DamagedBookError, LaterBookError

__all__ = [
    "MONTHLY_SHARES",
    "OSLO",
    "Book",
    "Changes",
    "Comparison",
    "Corrections",
    "DamagedBookError",
    "DamagedReadingsError",
    "Direction",
    "ElhubError",
    "ElhubFile",
    "Event",
    "EventKind",
    "Forecast",
    "HandRead",
    "HandReading",
    "Hour",
    "LaterBookError",
    "LaterReadingsError",
    "Month",
    "Origin",
    "OverTarget",
    "Peak",
    "Profile",
    "ProfileError",
    "ProfileKind",
    "ReadingError",
    "Rule",
    "SoFar",
    "Span",
    "Status",
    "Step",
    "Steps",
    "Tariff",
    "Volume",
    "allowed",
    "assess",
    "day_of",
    "month_span",
    "next_due",
    "next_midnight",
    "read_file",
    "rescaled",
    "suggested_factor",
    "within_reach",
]

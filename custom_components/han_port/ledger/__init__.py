"""The ledger: a meter's readings become energy that never falls, and hours that sum up to its registers.

Pure: time is an argument. `book.Book` is the face of it.
"""

from .book import Book, Changes, Event, EventKind, SoFar
from .hours import Hour, Status
from .scale import Comparison, rescaled, suggested_factor
from .stored import DamagedBookError, LaterBookError

__all__ = [
    "Book",
    "Changes",
    "Comparison",
    "DamagedBookError",
    "Event",
    "EventKind",
    "Hour",
    "LaterBookError",
    "SoFar",
    "Status",
    "rescaled",
    "suggested_factor",
]

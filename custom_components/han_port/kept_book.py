"""What is kept of a meter: its book, the factor that it was made with, and what is still to be mended. Pure.

And what a month needs that the book does not tell: what the user has said of days, and the hours of the meter before;
and the frame counters of ciphered lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Self

from .factor_change import Change, at_from_stored, factor_from_stored
from .frame_counters import FrameCounters
from .ledger import Book, DamagedBookError, Hour, Status
from .ledger.stored import hour as hour_number, maybe_whole, rows
from .wire.reading import Quantity

_KEPT_FOR: Final = timedelta(days=400)
"""13 months and some days, as long as the book keeps its hours."""
_HOUR: Final = 3600


@dataclass(slots=True)
class Kept:
    """All of it."""

    book: Book
    factor: float
    """What registers were multiplied by before the book got them."""
    changes: list[Change] = field(default_factory=list)
    """The last change of the factor, and those before it that were not done with yet."""
    waiting: dict[Quantity, datetime] = field(default_factory=dict)
    """The energies whose statistics are still to be put on one scale: from which change on."""
    corrections: dict[date, int | None] = field(default_factory=dict)
    """The maxima of days that were corrected by hand, in Wh; None: the day does not count. On the scale of the bill."""
    before: tuple[Hour, ...] = ()
    """The settled hours of a meter that this one has come in the place of. On that meter's own scale."""
    frame_counters: FrameCounters | None = None
    """Those of ciphered lists."""

    def forget(self, now: datetime) -> None:
        """Drop corrections and hours of before that are too old to be asked for."""
        oldest = now - _KEPT_FOR
        for day in [day for day in self.corrections if day < oldest.date()]:
            del self.corrections[day]
        if self.before and self.before[0].start < oldest:
            self.before = tuple(hour for hour in self.before if hour.start >= oldest)

    def to_stored(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        stored = {
            "factor": self.factor,
            "book": self.book.to_stored(),
            "changes": [change.to_stored() for change in self.changes],
            "waiting": {str(quantity): at.isoformat() for quantity, at in self.waiting.items()},
            "corrections": {day.isoformat(): energy for day, energy in self.corrections.items()},
            "before": [_hour_to_stored(hour) for hour in self.before],
        }
        if self.frame_counters is not None:
            stored["frame_counters"] = self.frame_counters.to_stored()
        return stored

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any], meter_id: str) -> Self:
        """Return what was stored. Raises DamagedBookError if it cannot be read, or is another meter's."""
        try:
            book = Book.from_stored(stored["book"])
            changes = [Change.from_stored(change) for change in stored.get("changes", ())]
            waiting = {Quantity(name): at_from_stored(at) for name, at in stored.get("waiting", {}).items()}
            corrections = {
                date.fromisoformat(day): maybe_whole(energy) for day, energy in stored.get("corrections", {}).items()
            }
            before = tuple(sorted(map(_hour_from_stored, rows(stored.get("before", []))), key=_start))
            sealed = stored.get("frame_counters")
            counters = None if sealed is None else FrameCounters.from_stored(sealed)
            kept = cls(book, factor_from_stored(stored["factor"]), changes, waiting, corrections, before, counters)
        except DamagedBookError:
            raise
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as err:
            msg = f"it is damaged: {err!r}"
            raise DamagedBookError(msg) from err
        if not all(any(change.at >= at for change in changes) for at in waiting.values()):
            msg = "a change of the factor is missing"
            raise DamagedBookError(msg)
        if meter_id and book.meter_id not in {"", meter_id}:
            msg = "it is of another meter"
            raise DamagedBookError(msg)
        return kept


def _hour_to_stored(hour: Hour) -> list[Any]:
    """Return an hour as it is kept, without registers: they are another meter's."""
    return [int(hour.start.timestamp() // _HOUR), hour.imported, hour.exported, hour.status.value]


def _hour_from_stored(stored: object) -> Hour:
    number, imported, exported, status = rows(stored)
    start = datetime.fromtimestamp(hour_number(number) * _HOUR, UTC)
    return Hour(start, maybe_whole(imported), maybe_whole(exported), Status(status))


def _start(hour: Hour) -> datetime:
    return hour.start

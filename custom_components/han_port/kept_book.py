"""What is kept of a meter: its book, the factor that it was made with, and what is still to be mended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from .factor_change import Change, at_from_stored, factor_from_stored
from .ledger import Book, DamagedBookError
from .wire.reading import Quantity


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

    def to_stored(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        return {
            "factor": self.factor,
            "book": self.book.to_stored(),
            "changes": [change.to_stored() for change in self.changes],
            "waiting": {str(quantity): at.isoformat() for quantity, at in self.waiting.items()},
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any], meter_id: str) -> Self:
        """Return what was stored. Raises DamagedBookError if it cannot be read, or is another meter's."""
        try:
            book = Book.from_stored(stored["book"])
            changes = [Change.from_stored(change) for change in stored.get("changes", ())]
            waiting = {Quantity(name): at_from_stored(at) for name, at in stored.get("waiting", {}).items()}
            kept = cls(book, factor_from_stored(stored["factor"]), changes, waiting)
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

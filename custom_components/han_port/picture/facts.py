"""What the picture of a month is drawn from."""

from dataclasses import dataclass, field
from datetime import date

from ..ledger.capacity import Month, Tariff


@dataclass(frozen=True, slots=True)
class Running:
    """The hour that is running, Wh."""

    so_far: float
    expected: float
    """At its end."""

    @property
    def most(self) -> float:
        """The larger of the two."""
        return max(self.so_far, self.expected)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is shown of a month. Two that are equal look the same."""

    month: Month
    tariff: Tariff
    today: date
    """By the Norwegian clock. Days after it are still to come."""
    target: int | None = None
    """W."""
    running: Running | None = None
    dropped: frozenset[date] = field(default_factory=frozenset)
    """Days that a person has said not to count."""

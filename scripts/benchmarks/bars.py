"""A bar: a figure, what it must not exceed or fall below, and how that is told."""

from dataclasses import dataclass
from typing import Any

TOLERANCE = 1.5
"""`--check` lets a figure miss its bar by this factor: a CI machine runs other things too, and is slower in places."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and its bar."""

    what: str
    value: float
    limit: float
    unit: str = ""
    least: bool = False
    """Whether the figure must be at least the limit; else at most."""
    known: float | None = None
    """Where the bar is known to be missed: the figure that `--check` takes for the bar meanwhile."""

    @property
    def met(self) -> bool:
        """Whether the bar is met."""
        return self.value >= self.limit if self.least else self.value <= self.limit

    @property
    def refused(self) -> bool:
        """Whether the bar, or what is known to be reached, is missed by more than a busy machine explains."""
        limit = self.limit if self.known is None else self.known
        return self.value * TOLERANCE < limit if self.least else self.value > limit * TOLERANCE

    def __str__(self) -> str:
        bound = "at least" if self.least else "at most"
        verdict = "met" if self.met else f"missed by {abs(self.value - self.limit):.3g}{self.unit}"
        return f"{self.what}: {self.value:.3g}{self.unit}, {bound} {self.limit:g}{self.unit}: {verdict}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "what": self.what,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit.strip(),
            "at": "least" if self.least else "most",
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What one measurement has found."""

    title: str
    rows: list[dict[str, Any]]
    """All with the same keys, which are the columns; numbers are rounded when shown."""
    bars: list[Bar]
    notes: str = ""

    def __str__(self) -> str:
        cells = [list(self.rows[0]), *([_shown(value) for value in row.values()] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if at == 0 else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        ]
        return "\n".join([f"\n{self.title}", *lines, *filter(None, [self.notes]), *(f"- {bar}" for bar in self.bars)])

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"rows": self.rows, "bars": [bar.as_json() for bar in self.bars], "notes": self.notes}


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return "-" if value is None else str(value)

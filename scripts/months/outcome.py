"""What came of a month: what is billed for it, and what it cost in comfort. Plain values, fit for JSON."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Peak(NamedTuple):
    """The highest hour of a day."""

    day: str
    hour: str
    """Its start by the Norwegian clock, HH:MM."""
    energy: int
    """Wh."""
    counts: bool
    """Whether it is one of those that make the mean."""


@dataclass(slots=True)
class Outcome:
    """One month, with the blueprint or without."""

    blueprint: bool
    days: list[Peak] = field(default_factory=list)
    mean: float = 0.0
    """W."""
    step: str = ""
    step_number: int = 0
    """The lowest is 0."""
    cost: float | None = None
    """NOK a month, with VAT."""
    energy: int = 0
    """Wh of all settled hours."""
    error: int = 0
    """Wh by which they differ from what the house has drawn."""
    measured: int = 0
    """Hours that are settled as measured."""
    over: int = 0
    """Hours above the target."""
    car: dict[str, Any] = field(default_factory=dict)
    water_heater: dict[str, Any] = field(default_factory=dict)
    turned_off: dict[str, int] = field(default_factory=dict)
    """How often each switch was turned off."""
    lists: int = 0
    complaints: list[str] = field(default_factory=list)
    """Warnings and errors in the log that name the integration or the automation."""
    wall: float = 0.0
    cpu: float = 0.0
    """Seconds."""

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Outcome:
        """Return what `dataclasses.asdict` made JSON of."""
        return cls(**{**found, "days": [Peak(*row) for row in found["days"]]})

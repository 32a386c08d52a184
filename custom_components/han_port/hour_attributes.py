"""A settled hour as automations and dashboards see it."""

from datetime import timedelta
from typing import Any, Final

from .ledger import Hour

_HOUR: Final = timedelta(hours=1)


def hour_attributes(hour: Hour) -> dict[str, Any]:
    """Return an hour as attributes: start and end (ISO 8601, UTC), import and export (kWh), status."""
    return {
        "start": hour.start.isoformat(),
        "end": (hour.start + _HOUR).isoformat(),
        "import": _kwh(hour.imported),
        "export": _kwh(hour.exported),
        "status": hour.status.value,
    }


def _kwh(energy: int | None) -> float | None:
    return None if energy is None else energy / 1000

"""A settled hour as automations and dashboards see it."""

from datetime import UTC, timedelta, tzinfo
from typing import Any, Final

from .ledger import Hour

_HOUR: Final = timedelta(hours=1)


def hour_attributes(hour: Hour, zone: tzinfo = UTC) -> dict[str, Any]:
    """Return an hour as attributes: start and end (ISO 8601, in a time zone), import and export (kWh), status."""
    return {
        "start": hour.start.astimezone(zone).isoformat(),
        "end": (hour.start + _HOUR).astimezone(zone).isoformat(),
        "import": _kwh(hour.imported),
        "export": _kwh(hour.exported),
        "status": hour.status.value,
    }


def _kwh(energy: int | None) -> float | None:
    return None if energy is None else energy / 1000

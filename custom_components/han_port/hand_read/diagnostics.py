"""The download for a bug report of a meter that is read by hand."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..hour_attributes import hour_attributes
from .home import HandReadConfigEntry

_REDACTED: Final = frozenset(("metering_point", "profile_csv"))
_SHOWN: Final = timedelta(hours=48)


@callback
def hand_read_diagnostics(entry: HandReadConfigEntry) -> dict[str, Any]:
    """Return what is known of an entry, without what tells whose meter it is. Energies are in Wh."""
    kept = {
        "entry": async_redact_data(dict(entry.data), _REDACTED),
        "options": dict(entry.options),
        "state": entry.state.value,
    }
    if entry.state is not ConfigEntryState.LOADED:
        return kept
    home = entry.runtime_data
    meter = home.meter
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    return {
        **kept,
        "readings": [{"at": reading.at.isoformat(), "register": reading.register} for reading in meter.readings],
        "digits": meter.digits,
        "profile": meter.profile.kind.value,
        "expected": meter.expected,
        "learned": meter.learned,
        "shown": home.shown,
        "register": meter.register_at(dt_util.utcnow()),
        "due": home.due.isoformat(),
        "written_since": home.since.isoformat(),
        "hours": [hour_attributes(hour) for hour in home.hours(now - _SHOWN, now)],
    }

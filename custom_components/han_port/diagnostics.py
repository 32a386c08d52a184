"""The download for a bug report: what came, what was made of it, and nothing that says whose meter it is."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
import re
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_METER, CONF_METERING_POINT
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .elhub.compare_hours import last_comparison
from .hand_read.diagnostics import hand_read_diagnostics
from .hand_read.home import HandReadConfigEntry, is_hand_read
from .hour_attributes import hour_attributes
from .ledger.capacity import Peak
from .ledger.forecast import Forecast
from .wire.reading import Raw, Reading

_DIGITS: Final = re.compile(rb"[0-9]{5,}")
"""What may be (part of) a meter's number in a frame: five, for damage may have cut the number anywhere."""
_IDENTITIES: Final = ("0", "96")
"""OBIS group C of codes that tell who the meter is."""
_SHOWN: Final = timedelta(hours=48)
"""The settled hours that are told."""
_SHORT: Final = 8
"""A text of so few characters is no meter's number."""


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: HanPortConfigEntry | HandReadConfigEntry
) -> dict[str, Any]:
    """Return what is known of an entry, without the meter's number and the address of its bridge."""
    if is_hand_read(entry):
        return hand_read_diagnostics(entry)
    kept = {
        "entry": {
            **async_redact_data(entry.data, {"id", CONF_METERING_POINT}),
            CONF_PORT: _port(str(entry.data.get(CONF_PORT, ""))),
        },
        "options": dict(entry.options),
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
    }
    if entry.state is not ConfigEntryState.LOADED:  # never more wanted than when it does not start
        return kept
    coordinator = entry.runtime_data
    return {
        **kept,
        CONF_METER: async_redact_data(asdict(coordinator.meter), {"id"}),
        "link": _link(coordinator),
        "decoder": asdict(coordinator.decoder.counters),
        "unknown_list": _unknown_list(coordinator),
        "readings": {str(kind): _reading(reading) for kind, reading in coordinator.raw.items()},
        "hours": [
            hour_attributes(hour)
            for hour in coordinator.bookkeeper.book.hours(dt_util.utcnow() - _SHOWN, dt_util.utcnow())
        ],
        "capacity": _capacity(coordinator),
        "comparison": last_comparison(hass, entry.entry_id),
        "damaged_frames": [_blanked(frame).hex() for frame in coordinator.decoder.damaged],
    }


def _link(coordinator: HanPortCoordinator) -> dict[str, Any]:
    link = coordinator.link
    return {
        "connected": link.connected,
        "reconnects": link.reconnects,
        "patience": link.patience,
        "last_error": link.error.cause.value if link.error is not None else None,
        "available": coordinator.last_update_success,
        "cadence": coordinator.silence.cadence,
        "last_list": coordinator.last_list.isoformat() if coordinator.last_list is not None else None,
        "another_meter": coordinator.whose.stranger_since is not None,
    }


def _capacity(coordinator: HanPortCoordinator) -> dict[str, Any]:
    """Return what the capacity tariff makes of the month: mean in W, energies in Wh."""
    forecast, keeper = coordinator.forecast, coordinator.capacity
    told: dict[str, Any] = {"forecast": None if forecast is None else _forecast(forecast), "tariff": None}
    if keeper is None:
        return told
    tariff, month = keeper.tariff, keeper.month
    return {
        **told,
        "tariff": {
            "rule": tariff.rule.value,
            "steps": [step._asdict() for step in tariff.steps],
            "boundary_to_higher": tariff.steps.boundary_to_higher,
            "count_estimated": tariff.count_estimated,
        },
        "month": {
            "first": month.first.isoformat(),
            "days": [_peak(peak) for peak in month.days],
            "counting": [peak.day.isoformat() for peak in month.counting],
            "mean": None if month.mean is None else round(float(month.mean), 1),
            "step": month.step,
            "price": month.price,
        },
        "corrections": {day.isoformat(): energy for day, energy in keeper.corrections.items()},
        "hours_before": len(coordinator.bookkeeper.before),
        "target": keeper.target,
        "limit": keeper.limit,
        "over_target": keeper.over.on,
    }


def _forecast(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast in whole Wh, W and s."""
    return {
        **{name: round(value) for name, value in forecast._asdict().items() if name != "start"},
        "start": forecast.start.isoformat(),
    }


def _peak(peak: Peak) -> dict[str, Any]:
    return {
        "day": peak.day.isoformat(),
        "start": None if peak.start is None else peak.start.isoformat(),
        "energy": peak.energy,
        "origin": peak.origin.value,
    }


def _unknown_list(coordinator: HanPortCoordinator) -> dict[str, Any] | None:
    if (unknown := coordinator.decoder.unknown_list) is None:
        return None
    return {"list_id": _short(unknown.list_id), "items": unknown.items}


def _reading(reading: Reading) -> dict[str, Any]:
    """Return a list as it was sent, before factors, with the sign of each current."""
    return {
        "values": {str(quantity): value for quantity, value in reading.values.items()},
        "meter_clock": reading.clock.isoformat() if reading.clock is not None else None,
        "clock_offsets": [str(offset) for offset in reading.clock_offsets],
        "unknown": _unknown(reading.unknown),
    }


def _unknown(codes: Mapping[str, Raw]) -> dict[str, Raw]:
    return {code: REDACTED if _is_identity(code) else _short(value) for code, value in codes.items()}


def _is_identity(code: str) -> bool:
    """Tell by the third group of A-B:C.D.E.F."""
    return code.partition(":")[2].partition(".")[0] in _IDENTITIES


def _short(value: Raw) -> Raw:
    return f"**{len(value)} characters**" if isinstance(value, str) and len(value) > _SHORT else value


def _port(port: str) -> str:
    """Keep the path of a device; of an address only what kind it is and the port number."""
    if "://" not in port:
        return port
    scheme, _, rest = port.partition("://")
    try:
        number = urlsplit(f"//{rest}").port
    except ValueError:
        number = None
    return f"{scheme}://{REDACTED}" + (f":{number}" if number is not None else "")


def _blanked(frame: bytes) -> bytes:
    """Put an x for each digit of what may be a meter's number; the rest stays, byte for byte."""
    return _DIGITS.sub(lambda digits: b"x" * len(digits[0]), frame)

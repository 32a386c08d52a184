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

from .const import CONF_KEYS, CONF_METER, CONF_METERING_POINT, ISSUES
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .elhub.compare_hours import last_comparison
from .hand_read.diagnostics import hand_read_diagnostics
from .hand_read.home import HandReadConfigEntry, is_hand_read
from .hour_attributes import hour_attributes
from .ledger.capacity import Peak
from .ledger.forecast import Forecast
from .wire.cosem import LLC
from .wire.reading import Raw, Reading

_DIGITS: Final = re.compile(rb"[0-9]{5,}|(?<=\()[0-9A-Fa-f]{8,}(?=\))")
"""What may be (part of) a meter's number in a frame: five digits, for damage may have cut the number anywhere; and in a
telegram, where texts are in hexadecimal, a whole value.
"""
_OWN: Final = re.compile(rb"(?s)\x09\x06[^\xff]{2}[\x00\x2a\x60](?!\x02\x81)[^\xff]{2}\xff")
"""An OBIS code that tells who the meter is, as it stands in a list; 0.2.129 is the list's own name."""
_SIZES: Final = {0x05: 4, 0x06: 4, 0x14: 8, 0x15: 8}
"""Octets of the numbers that are long enough for a meter's, by their type; then come the types of texts."""
_TEXTS: Final = (0x09, 0x0A)
_CIPHERED: Final = b"\xdb\x08"
"""How a ciphered message begins (DLMS Green Book, 9.2.7). What follows is the sender's title, and so its number."""
_FRAMING: Final = 9
"""Octets of a frame that come before its content, in every framing; or a part of them."""
_IDENTITIES: Final = ("0", "42", "96")
"""OBIS group C of codes that tell who the meter is."""
PLEASE_SEND: Final = (
    "The meter sends lists that HAN Port does not know: they are under unknown_lists, without numbers that could be the"
    f" meter's. Please send in this file, with the make and model of the meter, so that they can be read: {ISSUES}"
)
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
            **async_redact_data(entry.data, {"id", CONF_KEYS, CONF_METERING_POINT}),
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
        **_unknown_lists(coordinator),
        "readings": {str(kind): _reading(reading) for kind, reading in coordinator.raw.items()},
        "hours": [
            hour_attributes(hour)
            for hour in coordinator.bookkeeper.book.hours(dt_util.utcnow() - _SHOWN, dt_util.utcnow())
        ],
        "capacity": _capacity(coordinator),
        "comparison": last_comparison(hass, entry.entry_id),
        "damaged_frames": [_damaged(frame, coordinator).hex() for frame in coordinator.decoder.damaged],
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


def _unknown_lists(coordinator: HanPortCoordinator) -> dict[str, Any]:
    """Return the lists that no dialect knows, as they were sent but for numbers, and what to do with them."""
    lists = [_blanked(one).hex() for one in coordinator.decoder.unknown if not _is_ciphered(one)]
    return {"unknown_lists": lists, "please_send": PLEASE_SEND} if lists else {"unknown_lists": []}


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


def _damaged(frame: bytes, coordinator: HanPortCoordinator) -> bytes:
    """Return a damaged frame without a meter's number; of one that is ciphered, what comes before that."""
    head, ciphered, _ = frame.partition(_CIPHERED)
    if not ciphered and coordinator.decoder.cipher.title:  # a later part of a message, or its beginning is damaged
        return _blanked(frame[:_FRAMING])
    return _blanked(head)


def _is_ciphered(message: bytes) -> bool:
    return message.removeprefix(LLC).startswith(_CIPHERED)


def _blanked(frame: bytes) -> bytes:
    """Put an x for each digit of what may be a meter's number; the rest stays, byte for byte."""
    octets = bytearray(frame)
    for code in _OWN.finditer(frame):
        kind, length, *_ = *frame[code.end() : code.end() + 2], 0, 0
        begins = code.end() + 1 + (kind in _TEXTS)
        size = min(length if kind in _TEXTS else _SIZES.get(kind, 0), len(frame) - begins)
        octets[begins : begins + size] = b"x" * size
    return _DIGITS.sub(lambda digits: b"x" * len(digits[0]), octets)

"""What a reading may hold, whatever was sent."""

from math import isfinite
import re

from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Number, Quantity, Reading

MOST = 10**13
LONGEST_TEXT = 40
MOST_UNKNOWN = 64
LONGEST_STATE = 255
"""Characters that Home Assistant takes as a state."""
HARMLESS = re.compile(r"[A-Za-z0-9 _+/.\N{REPLACEMENT CHARACTER}-]*")
LINK = re.compile(r"www\.|[a-z]\.[a-z]", re.IGNORECASE)


def check_reading(reading: Reading) -> None:
    """Raise AssertionError where a reading holds what nothing above the wire could bear."""
    for quantity, value in reading.values.items():
        check_number(quantity, value)
    for shown in reading.unknown.values():
        if isinstance(shown, str):
            check_text(shown)
        else:
            assert isfinite(shown)
            assert -(2**63) <= shown < 2**64 or isinstance(shown, float)
    assert len(reading.unknown) <= MOST_UNKNOWN
    if (meter := reading.meter) is not None:
        for shown in (meter.id, meter.model, meter.list_id, meter.maker):
            check_text(shown)
    if (clock := reading.clock) is not None:
        assert clock.tzinfo is None
        assert 1 <= len(reading.clock_offsets) <= 2
        assert all((clock - offset).year for offset in reading.clock_offsets)


def check_number(quantity: Quantity, value: Number) -> None:
    """Raise AssertionError where a value is none, or too much."""
    assert type(value) in (int, float)
    assert -MOST <= value <= MOST
    assert len(str(value)) <= LONGEST_STATE
    if "energy" in quantity:
        assert type(value) is int
        assert value >= 0


def check_text(text: str) -> None:
    """Raise AssertionError where a text is too long, or more than letters, digits and a few signs."""
    assert len(text) <= LONGEST_TEXT
    assert HARMLESS.fullmatch(text)
    assert not LINK.search(text)


def check_counters(decoder: Decoder, fed: int) -> None:
    """Raise AssertionError where what was counted does not fit together."""
    counters = decoder.counters
    assert counters.bytes == fed
    assert counters.frames == counters.readings + counters.ciphered + counters.not_understood
    assert counters.translated <= counters.frames
    assert 0 <= counters.noise <= fed
    if (unknown := decoder.unknown_list) is not None:
        check_text(unknown.list_id)

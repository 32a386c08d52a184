"""What a reading may hold, whatever was sent."""

from datetime import timedelta
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
ANYWHERE = tuple(tuple(timedelta(hours=hours) for hours in some) for some in ((1, 2, 3), (1, 2, 3, 0)))
"""UTC offsets in Europe, the likeliest first; 0 where the meter says so, or was not told."""
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
        check_offsets(reading.clock_offsets)
        assert all((clock - offset).year for offset in reading.clock_offsets)


def check_offsets(offsets: tuple[timedelta, ...]) -> None:
    """Raise AssertionError where a clock may have more offsets than two, unless it may stand anywhere in Europe."""
    assert 1 <= len(offsets) <= 2 or offsets in ANYWHERE
    assert all(abs(offset) <= timedelta(hours=14) for offset in offsets)


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


def check_counters(decoder: Decoder, fed: int, *, in_parts: bool = False) -> None:
    """Raise AssertionError where what was counted does not fit together.

    A frame is a message, unless messages may have come in parts: then there are no more messages than frames.
    """
    counters = decoder.counters
    assert counters.bytes == fed
    refused = counters.ciphered + counters.wrong_key + counters.replayed
    messages = counters.readings + refused + counters.not_understood
    assert counters.frames == messages or (in_parts and counters.frames > messages)
    assert counters.incomplete <= counters.frames
    assert counters.translated <= counters.frames
    assert 0 <= counters.noise <= fed
    if (unknown := decoder.unknown_list) is not None:
        check_text(unknown.list_id)

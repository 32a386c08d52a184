"""Frames with unusual headers, and what is inside them."""

from itertools import batched

import pytest

from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.stream import FrameReader
from tests.meters import hdlc
from tests.meters.faults import flip

INFORMATION = bytes(range(0x60, 0x90)) + b"\x7e\xa0\x7d\x5e"
"""With flags, what looks like the beginning of a frame, and what elsewhere would be an escape."""


@pytest.mark.parametrize("destination", [b"\x41", b"\xce\xff", b"\x02\x04\x06\x09"])
@pytest.mark.parametrize("source", [b"\x21", b"\x08\x83", b"\x02\x04\x06\x09"])
def test_addresses_of_any_length(destination: bytes, source: bytes) -> None:
    (frame,) = FrameReader().feed(hdlc.frame(INFORMATION, destination=destination, source=source, control=0x13))
    assert frame.information == hdlc.LLC + INFORMATION
    assert not frame.more


def test_an_address_that_does_not_end() -> None:
    whole = hdlc.frame(INFORMATION, destination=b"\x02\x04\x06\x08\x0b", source=b"\x21", control=0x13)
    assert FrameReader().feed(whole) == []


def test_the_longest_frame() -> None:
    apdu = bytes(2047 - 12)
    (frame,) = FrameReader().feed(hdlc.frame(apdu, destination=b"\x41", source=b"\x21", control=0x13))
    assert len(frame.information) == len(hdlc.LLC) + len(apdu)


def test_a_false_beginning_that_cannot_be_waited_for() -> None:
    """A header that holds promises 2 000 bytes in which each LF is doubled; what comes instead is read all the same."""
    good = hdlc.frame(INFORMATION, destination=b"\x41", source=b"\x21", control=0x13)
    false = hdlc.frame(b"\n" * 2000, destination=b"\x41", source=b"\x21", control=0x13)[:12]
    reader = FrameReader()
    frames = []
    for chunk in batched(false + b"\r\n" * 1700 + good, 100, strict=False):
        frames += reader.feed(bytes(chunk))
    assert len(frames) == 1


def test_a_damaged_header_is_counted_once() -> None:
    reader = FrameReader()
    whole = hdlc.frame(bytes(60), destination=b"\x41", source=b"\x21", control=0x13)
    assert reader.feed(flip(whole, 2, 1)) == []
    assert reader.counters.damaged == 1


def test_segments_are_told_apart() -> None:
    """A frame that says that more follows is good, and waits; a whole message after it says that no more came."""
    whole = bytearray(hdlc.frame(INFORMATION, destination=b"\x41", source=b"\x21", control=0x13)[1:-3])
    whole[0] |= 0x08
    whole[5:7] = hdlc.checksum(bytes(whole[:5]))
    segment = hdlc.FLAG + whole + hdlc.checksum(bytes(whole)) + hdlc.FLAG
    (frame,) = FrameReader().feed(segment)
    assert frame.more
    decoder = Decoder()
    assert decoder.feed(segment) == []
    assert decoder.counters.incomplete == 0
    assert decoder.feed(hdlc.frame(INFORMATION, destination=b"\x41", source=b"\x21", control=0x13)) == []
    assert decoder.counters.incomplete == decoder.counters.not_understood == 1

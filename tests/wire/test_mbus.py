"""Long frames of M-Bus, one by one."""

import pytest

from custom_components.han_port.wire.frame import Frame, Framing
from custom_components.han_port.wire.stream import FrameReader
from tests.meters import mbus
from tests.meters.faults import flip

from .messages import apdu

PART = apdu(1, 200)


def read(octets: bytes) -> list[Frame]:
    return FrameReader().feed(octets)


def test_a_frame() -> None:
    (frame,) = read(mbus.frame(PART, 0x02))
    assert frame == Frame(Framing.MBUS, PART, len(PART) + 11, True, 2, b"\x53\xff")


def test_the_last_frame_of_a_message() -> None:
    (frame,) = read(mbus.frame(PART, 0x13))
    assert (frame.more, frame.sequence) == (False, 3)


@pytest.mark.parametrize("size", [1, 249, 250, 252, 253, 256])
def test_lengths_modulo_256(size: int) -> None:
    """252 octets of data make 257, which Sagemcom writes as 01; 256 are the most that this can tell."""
    frames = read(mbus.frame(apdu(size, size), 0x10) * 3 + bytes(600))
    assert [frame.information for frame in frames] == [apdu(size, size)] * 3


def test_what_is_longer_cannot_be_told() -> None:
    """A length that could be one is what it says: nothing else is waited for."""
    reader = FrameReader()
    assert reader.feed(mbus.frame(apdu(1, 300), 0x10) + mbus.frame(PART, 0x10))[0].information == PART
    assert reader.held == 0


def test_the_frame_count_bit_does_not_part_a_message() -> None:
    one = mbus.frame(PART, 0)
    other = bytearray(one)
    other[4] ^= 0x20
    other[-2] = (other[-2] + 0x20) & 0xFF
    assert [frame.origin for frame in read(one + bytes(other))] == [b"\x53\xff"] * 2


@pytest.mark.parametrize("position", [7, 100, -2, -1])
def test_a_damaged_frame_is_counted_and_kept(position: int) -> None:
    whole = mbus.frame(PART, 0x10)
    damaged = flip(whole, position % len(whole), 4)
    reader = FrameReader()
    assert reader.feed(damaged + bytes(600)) == []
    assert reader.counters.damaged == 1
    assert reader.counters.noise == len(damaged.translate(None, b"~\r\n")) + 600
    assert list(reader.damaged) == [damaged]


@pytest.mark.parametrize(
    "head", [b"h\x06\x07hS\xff\x10", b"h\x06\x06gS\xff\x10", b"h\x06\x06hT\xff\x10", b"h\x06\x06hS\xff\x20"]
)
def test_what_only_looks_like_a_head(head: bytes) -> None:
    """Lengths that differ, another start octet, another C or CI: not waited for, and not counted as damaged."""
    reader = FrameReader()
    assert reader.feed(head) == []
    assert (reader.held, reader.counters.damaged) == (0, 0)


def test_acknowledgements_and_short_frames_are_noise() -> None:
    reader = FrameReader()
    found = reader.feed(b"\xe5\x10\x40\xff\x3f\x16" + mbus.frame(PART, 0x10))
    assert len(found) == 1
    assert reader.counters.noise == 6

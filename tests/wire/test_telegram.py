"""Where telegrams end, and which of them hold."""

import pytest

from custom_components.han_port.wire.frame import LONGEST, Framing
from custom_components.han_port.wire.stream import FrameReader
from custom_components.han_port.wire.telegram import checks
from tests.meters import p1
from tests.meters.faults import flip
from tests.real_frames import Frame, real_frames

from .messages import Message, carried, in_hdlc, in_text, wire

AFTER = b"\r\n"


def read(octets: bytes) -> list[bytes]:
    return [frame.information for frame in FrameReader().feed(octets)]


@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17, 31, 700, LONGEST])
def test_the_checksum(size: int) -> None:
    octets = bytes(number * 7 % 251 for number in range(size))
    checksum = p1.crc(octets)
    assert checks(octets + checksum.to_bytes(2, "little"))
    for bit in range(16):
        assert not checks(octets + (checksum ^ 1 << bit).to_bytes(2, "little"))


@pytest.mark.parametrize("after", ["", "\r\n", "\n", "\0"])
def test_four_digits_complete_a_telegram(after: str) -> None:
    message = in_text(1, after=after)
    (frame,) = FrameReader().feed(message.wire)
    assert (frame.framing, frame.information) == (Framing.P1, message.carried)
    assert frame.wire_length == len(message.wire) - len(after)


def unpadded() -> Message:
    """Return a telegram whose checksum begins with a nought, which is not written."""
    return next(
        message for number in range(1000) if len((message := in_text(number, "{:X}")).wire.rpartition(b"!")[2]) == 5
    )


def test_a_checksum_without_its_leading_nought() -> None:
    message = unpadded()
    assert read(message.wire) == [message.carried]
    assert read(message.wire[:-2]) == []  # more digits may come
    assert read(flip(message.wire, 40, 1)) == []


def test_small_letters_in_a_checksum() -> None:
    assert read(wire([in_text(number, "{:04x}") for number in range(20)])) == carried(in_text(n) for n in range(20))


@pytest.mark.parametrize("after", ["\r\n", "\n", "\0"])
def test_a_telegram_without_a_checksum(after: str) -> None:
    telegrams = [in_text(number, "", after) for number in range(3)]
    assert read(wire(telegrams)) == carried(telegrams)


def test_telegrams_without_a_checksum_right_behind_each_other() -> None:
    telegrams = [in_text(number, "", "") for number in range(3)]
    assert read(wire(telegrams)) == carried(telegrams[:2])  # the third one may still get one
    assert read(wire(telegrams) + b"\n") == carried(telegrams)


def test_none_without_a_checksum_after_one_with() -> None:
    """A checksum that is lost does not make its telegram good; on another connection another meter may speak."""
    reader = FrameReader()
    assert len(reader.feed(in_text(1).wire)) == 1
    assert reader.feed(in_text(2, "").wire) == []
    assert reader.counters.damaged == 1
    reader.reset()
    assert len(reader.feed(in_text(2, "").wire)) == 1


@pytest.mark.parametrize("inside", [b"", b"1-0:1.7.0(00", b"x", b"(1)(", b"!1-0:1.7.0(1)", b"1-0:1.7.0 1"])
def test_a_telegram_without_a_checksum_that_is_not_whole(inside: bytes) -> None:
    """What is no line of data has lost something, or is a part of two telegrams."""
    one, other = in_text(1, "").wire, in_text(2, "").wire
    cut = one[: one.index(b"1-0:2.7.0")] + inside
    assert read(cut + other) == [in_text(2, "").carried]


def test_values_on_a_line_of_their_own() -> None:
    """As gas is told in DSMR 3."""
    text = b"/XYZ5old\r\n\r\n0-1:24.3.0(120517020000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00124.477)\r\n"
    assert read(text + b"!\r\n") == [text]


def test_line_feeds_alone() -> None:
    """Where something on the way has taken the CR out, the checksum is still that of what the meter sent."""
    message = in_text(1)
    bare = message.wire.replace(b"\r\n", b"\n")
    assert read(bare) == [message.carried.replace(b"\r\n", b"\n")]
    assert read(flip(bare, 40, 1)) == []
    text = message.carried.replace(b"\r\n", b"\n")
    assert read(text + f"!{p1.crc(text + b'!'):04X}\n".encode()) == [text]


@pytest.mark.parametrize("cut", range(1, 240, 7))
def test_a_telegram_cut_in_two(cut: int) -> None:
    """Its first part, then another one; or its last part."""
    one, other = in_text(1), in_text(2)
    assert read(one.wire[:cut] + other.wire) == [other.carried]
    assert read(one.wire[cut:] + other.wire) == [other.carried]


def test_a_frame_in_the_middle_of_a_telegram_is_not_waited_for() -> None:
    message = in_hdlc(1)
    assert read(in_text(1).wire[:200] + message.wire) == [message.carried]


@pytest.mark.parametrize("step", [1, 100, 5000])
def test_a_telegram_that_does_not_end(step: int) -> None:
    reader = FrameReader()
    stream = in_text(1).wire[:30] + b"0-0:96.13.0(30)\r\n" * 300 + in_text(2).wire
    found = []
    for at in range(0, len(stream), step):
        found += reader.feed(stream[at : at + step])
        assert reader.held <= LONGEST + 1024
    assert [frame.information for frame in found] == [in_text(2).carried]


@pytest.mark.parametrize("more", [0, 1])
def test_the_longest_telegram(more: int) -> None:
    text = b"/XYZ5\r\n\r\n0-0:96.13.0("
    text += b"3" * (LONGEST - len(text) - len(b")\r\n!0000") + more) + b")\r\n"
    stream = text + f"!{p1.crc(text + b'!'):04X}".encode()
    assert len(stream) == LONGEST + more
    assert read(stream) == ([] if more else [text])


def test_damage_is_counted_once() -> None:
    reader = FrameReader()
    assert reader.feed(flip(in_text(1).wire, 60, 1)) == []
    assert reader.counters.damaged == 1
    assert reader.damaged[-1].startswith(b"/XYZ5test")


@pytest.mark.parametrize(
    "text", [b"GET / HTTP/1.1\r\n\r\n", b"/usr/bin/esptool --port\nok\n!\n", b"http://x/abcd\n!12\n"]
)
def test_other_text_is_noise(text: bytes) -> None:
    reader = FrameReader()
    assert reader.feed(text + bytes(8)) == []
    assert reader.counters.damaged == 0


@real_frames(lambda frame: frame["transport"] == "p1")
def test_real_telegrams(frame: Frame) -> None:
    text = frame["text"].encode()
    assert read(text) == [text[text.index(b"/") : text.index(b"\n!") + 1]]
    if b"\n!\r" not in text:
        for position in range(text.index(b"/") + 4, text.index(b"\n!"), 17):
            assert read(flip(text, position, 1)) == []

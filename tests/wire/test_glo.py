"""Ciphered APDUs with nothing around them."""

import pytest

from custom_components.han_port.wire.frame import Framing
from custom_components.han_port.wire.stream import FrameReader
from tests.meters import cipher, hdlc, mbus
from tests.meters.faults import flip

from .messages import KEY, Message, apdu, carried, in_hdlc, in_mbus, in_nothing, in_text, wire

TITLE = b"XYZ\1\2\3\4\5"


def sealed(size: int, authentication: bytes | None = KEY, suite: int = 0) -> bytes:
    return cipher.general_glo(
        apdu(size, size), title=TITLE, counter=1, encryption=KEY, authentication=authentication, suite=suite
    )


def read(octets: bytes) -> list[bytes]:
    return [frame.information for frame in FrameReader().feed(octets)]


@pytest.mark.parametrize("size", [1, 90, 110, 111, 120, 250, 1000, 2000])
@pytest.mark.parametrize("authentication", [None, KEY], ids=["ciphered", "authenticated"])
def test_lengths_of_every_form(size: int, authentication: bytes | None) -> None:
    (frame,) = FrameReader().feed(sealed(size, authentication))
    assert (frame.framing, frame.information) == (Framing.GLO, sealed(size, authentication))


def test_a_longer_one_is_not_waited_for() -> None:
    reader = FrameReader()
    assert reader.feed(sealed(2100)[:20]) == []
    assert reader.held == 0


def test_security_suites() -> None:
    """The second one ciphers as the first does; the third one has other keys."""
    assert read(sealed(100, suite=1)) == [sealed(100, suite=1)]
    assert read(sealed(100, suite=2)) == []


@pytest.mark.parametrize("before", [in_hdlc(1), in_mbus(1)], ids=["hdlc", "mbus"])
def test_where_frames_have_come_an_apdu_is_theirs(before: Message) -> None:
    """A frame whose beginning is lost leaves its APDU bare, and maybe damaged."""
    bare = in_nothing(2)
    reader = FrameReader()
    reader.feed(before.wire)
    assert reader.feed(bare.wire + bytes(2048)) == []
    reader.reset()
    assert [frame.information for frame in reader.feed(bare.wire)] == [bare.carried]


def test_a_damaged_frame_does_not_give_up_its_apdu() -> None:
    frame = hdlc.frame(sealed(300), destination=b"\x41", source=b"\x03", control=0x13)
    for position in range(40, len(frame) - 3):
        assert read(flip(frame, position, 1) + bytes(2048)) == []


def test_a_false_beginning_does_not_swallow_frames() -> None:
    """Its length reaches over good frames: they are read."""
    false = sealed(2000)[:40]
    frames = [in_hdlc(number) for number in range(10)]
    assert read(false + wire(frames)) == carried(frames)
    parts = mbus.frames(apdu(1, 200)) * 12
    assert read(false + parts) == [apdu(1, 200)] * 12


def test_between_telegrams() -> None:
    mixture = [in_text(1), in_nothing(2), in_text(3), in_nothing(4)]
    assert read(wire(mixture)) == carried(mixture)


@pytest.mark.parametrize("lost", range(1, 60, 3))
def test_an_apdu_cut_short(lost: int) -> None:
    """It comes out with octets of the next one in it or not at all; the one after the next is not harmed."""
    one, two, three = (in_nothing(number) for number in range(3))
    assert read(one.wire[:-lost] + two.wire + three.wire + bytes(2048))[-1:] == [three.carried]

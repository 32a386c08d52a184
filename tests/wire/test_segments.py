"""Messages in parts: missing, doubled, out of order, of others, without an end."""

from itertools import permutations

import pytest

from custom_components.han_port.wire.frame import LIMIT, Frame, Framing
from custom_components.han_port.wire.segments import Segments
from custom_components.han_port.wire.stream import FrameReader
from tests.meters import hdlc

from .messages import carried, in_hdlc, in_mbus, in_segments, wire

PARTS = [FrameReader().feed(in_segments(number).wire) for number in range(3)]
NUMBERED = [FrameReader().feed(in_mbus(number, 700).wire) for number in range(3)]
WHOLE = [in_segments(number).carried for number in range(3)]
WHOLE_NUMBERED = [in_mbus(number, 700).carried for number in range(3)]
MORE = Frame(Framing.HDLC, hdlc.LLC + bytes(997), 1010, more=True, origin=b"\xcf\x23\x03")


def take(segments: Segments, *frames: Frame) -> list[bytes]:
    return [message for frame in frames if (message := segments.take(frame)) is not None]


@pytest.mark.parametrize("missing", range(3))
def test_a_numbered_part_is_missing(missing: int) -> None:
    one, two, three = NUMBERED
    segments = Segments()
    left = [part for number, part in enumerate(two) if number != missing]
    assert take(segments, *one, *left, *three) == [WHOLE_NUMBERED[0], WHOLE_NUMBERED[2]]
    assert segments.incomplete == 1
    assert segments.held == 0


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:], ids=lambda order: "".join(map(str, order)))
def test_numbered_parts_out_of_order(order: tuple[int, ...]) -> None:
    one, two, three = NUMBERED
    segments = Segments()
    assert take(segments, *one, *(two[number] for number in order), *three) == [WHOLE_NUMBERED[0], WHOLE_NUMBERED[2]]
    assert segments.incomplete >= 1


@pytest.mark.parametrize("doubled", [0, 1])
def test_a_numbered_part_comes_twice(doubled: int) -> None:
    one, two, three = NUMBERED
    segments = Segments()
    expected = WHOLE_NUMBERED if doubled == 0 else [WHOLE_NUMBERED[0], WHOLE_NUMBERED[2]]
    assert take(segments, *one, *two[: doubled + 1], *two[doubled:], *three) == expected
    assert segments.incomplete == 1


@pytest.mark.parametrize("missing", [(0,), (2,), (0, 1), (0, 2), (1, 2)], ids=str)
def test_a_segment_is_missing(missing: tuple[int, ...]) -> None:
    """The first ones, the last ones: the LLC header tells."""
    one, two, three = PARTS
    segments = Segments()
    left = [part for number, part in enumerate(two) if number not in missing]
    assert take(segments, *one, *left, *three) == [WHOLE[0], WHOLE[2]]
    assert segments.incomplete == 1


def test_a_segment_in_the_middle_is_damaged() -> None:
    """Nothing in the others tells that one is missing, but what is left of it does."""
    message = bytearray(in_segments(1).wire)
    message[message.index(b"~~", 100) + 30] ^= 4
    stream = in_segments(0).wire + bytes(message) + in_segments(2).wire
    segments = Segments()
    assert take(segments, *FrameReader().feed(stream)) == [WHOLE[0], WHOLE[2]]
    assert segments.incomplete == 1


def test_line_ends_between_segments() -> None:
    """As readers add them that write text."""
    stream = in_segments(0).wire.replace(b"~~", b"~\r\n~")
    assert take(Segments(), *FrameReader().feed(stream)) == [WHOLE[0]]


def test_whole_messages_of_others_in_between() -> None:
    other = in_hdlc(7)
    (whole,) = FrameReader().feed(other.wire)
    segments = Segments()
    for parts, message in ((PARTS[0], WHOLE[0]), (NUMBERED[0], WHOLE_NUMBERED[0])):
        assert take(segments, parts[0], whole, *parts[1:]) == [other.carried, message]
    assert segments.incomplete == 0


def test_a_meter_that_does_not_always_segment() -> None:
    short = [in_segments(number, 40) for number in range(3)]
    stream = in_segments(0).wire + wire(short) + in_segments(1).wire
    assert take(Segments(), *FrameReader().feed(stream)) == [WHOLE[0], *carried(short), WHOLE[1]]


def test_two_meters_that_segment_at_once_spoil_each_other_alone() -> None:
    other = MORE._replace(origin=b"other", information=hdlc.LLC)
    segments = Segments()
    assert take(segments, PARTS[0][0], other, *PARTS[0][1:], *PARTS[1]) == [WHOLE[1]]
    assert segments.incomplete >= 2


@pytest.mark.parametrize("numbered", [False, True])
def test_a_message_without_an_end(numbered: bool) -> None:
    segments = Segments()
    follows = MORE._replace(information=bytes(1000))
    if numbered:
        frames = [MORE._replace(framing=Framing.MBUS, sequence=number) for number in range(16)]
    else:
        frames = [MORE, *[follows] * 100]
    for frame in frames:
        assert segments.take(frame) is None
        assert segments.held <= LIMIT
    assert segments.incomplete == 1
    good, whole = (NUMBERED[0], WHOLE_NUMBERED[0]) if numbered else (PARTS[0], WHOLE[0])
    assert take(segments, *good) == [whole]
    assert segments.incomplete == 1


def test_forgotten() -> None:
    segments = Segments()
    assert take(segments, *PARTS[0][:2]) == []
    assert segments.held > 0
    segments.reset()
    assert segments.held == 0
    assert take(segments, *PARTS[1]) == [WHOLE[1]]
    assert segments.incomplete == 0

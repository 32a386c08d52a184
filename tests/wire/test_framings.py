"""What a line can do to messages in any framing, and to framings in turns."""

from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.wire.frame import Framing
from tests.meters import hdlc
from tests.meters.faults import double, flip, lose

from .messages import CHECKED, FRAMINGS, Line, Message, carried, in_hdlc, in_mbus, in_nothing, in_text, wire

STREAMS = {name: [make(number) for number in range(6)] for name, make in FRAMINGS.items()}
AFTER = bytes(4096)
"""What is longer than any frame: what is waited for has come."""
TURNS = [make(number) for number in range(6) for make in CHECKED.values()]


@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_message_is_put_together(framing: str) -> None:
    line = Line()
    assert line.feed(wire(STREAMS[framing])) == carried(STREAMS[framing])
    assert line.frames.counters.damaged == 0
    assert line.segments.incomplete == line.blocks.incomplete == 0


def test_framings_in_turns() -> None:
    line = Line()
    assert line.feed(wire(TURNS)) == carried(TURNS)
    assert line.frames.counters.damaged == 0


@given(
    order=st.lists(st.sampled_from(TURNS), max_size=12),
    noise=st.lists(st.binary(max_size=20), min_size=12, max_size=12),
    cuts=st.sets(st.integers(min_value=0, max_value=6000), max_size=40),
)
def test_any_split_of_any_mixture_comes_out_the_same(order: list[Message], noise: list[bytes], cuts: set[int]) -> None:
    stream = b"".join(octets + message.wire for octets, message in zip(noise, order, strict=False))
    whole, cut = Line(), Line()
    edges = [0, *sorted(at for at in cuts if at < len(stream)), len(stream)]
    assert cut.feed(*(stream[a:b] for a, b in pairwise(edges))) == whole.feed(stream)
    assert cut.state == whole.state


@pytest.mark.parametrize("framing", FRAMINGS)
def test_octet_by_octet(framing: str) -> None:
    stream = wire(STREAMS[framing])
    whole, cut = Line(), Line()
    assert cut.feed(*(stream[at : at + 1] for at in range(len(stream)))) == whole.feed(stream)
    assert cut.state == whole.state


@pytest.mark.parametrize("framing", CHECKED)
@pytest.mark.parametrize("change", ["lost", "doubled", "flipped"])
def test_one_byte_costs_at_most_the_message_it_hits(framing: str, change: str) -> None:
    window = STREAMS[framing][:4]
    whole = wire(window)
    at = len(window[0].wire)
    left = carried(window)
    for position in range(at, at + len(window[1].wire)):
        for damaged in changes(whole, position, change):
            assert Line().feed(damaged, AFTER) in (left, [left[0], *left[2:]])


@pytest.mark.parametrize("change", ["lost", "doubled", "flipped"])
def test_one_byte_costs_at_most_the_first_message(change: str) -> None:
    """Before any frame was good."""
    for make in CHECKED.values():
        window = [make(number) for number in (10, 11, 12)]
        left = carried(window)
        for position in range(len(window[0].wire)):
            for damaged in changes(wire(window), position, change):
                assert Line().feed(damaged, AFTER) in (left, left[1:])


@pytest.mark.parametrize("change", ["lost", "doubled", "flipped"])
def test_one_byte_of_what_nothing_checks(change: str) -> None:
    """A bare APDU comes out damaged, for its tag to tell; the others are not harmed."""
    window = STREAMS["glo"][:4]
    at = len(window[0].wire)
    untouched = carried(window)
    for position in range(at, at + len(window[1].wire)):
        for damaged in changes(wire(window), position, change):
            found = Line().feed(damaged, AFTER)
            assert found[0] == untouched[0]
            assert found[-2:] == untouched[2:]


def changes(stream: bytes, position: int, change: str) -> list[bytes]:
    """Return a stream with one byte lost, doubled, or with one of its bits or all of them flipped."""
    match change:
        case "lost":
            return [lose(stream, position)]
        case "doubled":
            return [double(stream, position)]
        case _:
            return [flip(stream, position, mask) for mask in (1, 2, 4, 8, 16, 32, 64, 128, 255)]


@given(data=st.data())
def test_damage_anywhere_in_a_mixture(data: st.DataObject) -> None:
    hit = data.draw(st.sets(st.integers(min_value=0, max_value=len(TURNS) - 1), max_size=5))
    parts = [message.wire for message in TURNS]
    for number in hit:
        position = data.draw(st.integers(min_value=0, max_value=len(parts[number]) - 1))
        parts[number] = data.draw(st.sampled_from((lose, double, flip)))(parts[number], position)
    found = iter(Line().feed(b"".join(parts), AFTER))
    assert all(message.carried in found for number, message in enumerate(TURNS) if number not in hit)


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=300), max_size=40))
def test_noise_is_never_held_beyond_the_limit(parts: list[bytes]) -> None:
    line = Line()
    line.feed(*parts)
    line.feed(AFTER)
    good = [in_hdlc(1), in_text(1), in_mbus(1)]
    assert line.feed(wire(good)) == carried(good)


@given(st.lists(st.sampled_from(TURNS), min_size=1, max_size=20), st.data())
def test_beginnings_and_ends_of_messages(messages: list[Message], data: st.DataObject) -> None:
    """Each cut somewhere: neither raises nor piles up, and what is whole after them is read."""
    line = Line()
    for message in messages:
        cut = data.draw(st.integers(min_value=0, max_value=len(message.wire)))
        line.feed(message.wire[:cut] if data.draw(st.booleans()) else message.wire[cut:])
    good = [make(20 + number) for number in range(2) for make in (in_hdlc, in_mbus, in_text)]
    line.feed(wire(good), AFTER)
    assert line.feed(wire(good)) == carried(good)


def test_a_new_connection_forgets_half_a_message() -> None:
    for framing, messages in STREAMS.items():
        line = Line()
        line.feed(messages[0].wire[:-20])
        line.frames.reset()
        line.segments.reset()
        line.blocks.reset()
        assert line.frames.held == line.segments.held == line.blocks.held == 0
        assert line.feed(messages[1].wire) == [messages[1].carried], framing


def test_frames_say_what_they_are() -> None:
    expected = {"hdlc": Framing.HDLC, "mbus": Framing.MBUS, "p1": Framing.P1, "glo": Framing.GLO}
    for name, framing in expected.items():
        frames = Line().frames.feed(wire(STREAMS[name]))
        assert {frame.framing for frame in frames} == {framing}
        noise = Line().frames
        noise.feed(wire(STREAMS[name]))
        assert noise.counters.damaged == 0


def test_a_bare_apdu_in_a_damaged_frame_is_not_read() -> None:
    """The content of an HDLC frame whose checksum fails looks like a ciphered APDU that stands alone."""
    inside = in_nothing(1).carried
    frame = hdlc.frame(inside, destination=b"\x41", source=b"\x03", control=0x13)
    for position in range(40, len(frame) - 3):
        line = Line()
        assert line.feed(flip(frame, position, 1), AFTER) == []
    assert line.frames.counters.damaged >= 1

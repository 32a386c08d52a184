"""What a line can do to a stream of lists: cut it anywhere, lose, double or flip bytes, add noise."""

from itertools import pairwise
import os
import tracemalloc

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Reading
from tests.meters.faults import double, flip, lose
from tests.meters.make import MakerName
from tests.wire.lists import MAKERS, frames

LIMIT = 4096
STREAMS = {maker: b"".join(frames(maker)) for maker in MAKERS}


def decode(*chunks: bytes) -> list[Reading]:
    decoder = Decoder()
    readings = []
    for chunk in chunks:
        readings += decoder.feed(chunk)
        assert decoder.held <= LIMIT
    return readings


def is_part_of(part: list[Reading], whole: list[Reading]) -> bool:
    """Tell whether all of one list is in the other, in the same order."""
    rest = iter(whole)
    return all(reading in rest for reading in part)


WHOLE = {maker: decode(stream) for maker, stream in STREAMS.items()}


@pytest.mark.parametrize("maker", MAKERS)
def test_every_list_is_read(maker: MakerName) -> None:
    assert len(WHOLE[maker]) == len(list(frames(maker)))


@given(maker=st.sampled_from(MAKERS), cuts=st.sets(st.integers(min_value=0, max_value=10_000), max_size=60))
def test_any_split_gives_the_same_readings(maker: MakerName, cuts: set[int]) -> None:
    stream = STREAMS[maker]
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    assert decode(*(stream[a:b] for a, b in pairwise(edges))) == WHOLE[maker]


@pytest.mark.parametrize("maker", MAKERS)
def test_byte_by_byte(maker: MakerName) -> None:
    assert decode(*(bytes((octet,)) for octet in STREAMS[maker])) == WHOLE[maker]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("change", ["lost", "doubled", "flipped"])
def test_one_byte_costs_at_most_the_frame_it_hits(maker: MakerName, change: str) -> None:
    """Every byte of three frames in a row, the hourly list among them, each with frames before and after."""
    kinds = list(frames(maker))
    longest = max(range(len(kinds)), key=lambda number: len(kinds[number]))
    window = kinds[longest - 2 : longest + 4]
    readings = decode(b"".join(window))
    at = 0
    for number, frame in enumerate(window):
        for position in range(len(frame)):
            stream = b"".join(window)
            match change:
                case "lost":
                    changed = [lose(stream, at + position)]
                case "doubled":
                    changed = [double(stream, at + position)]
                case _:
                    changed = [flip(stream, at + position, 1 << bit) for bit in range(8)]
            for damaged in changed:
                left = decode(damaged)
                assert left in (readings, readings[:number] + readings[number + 1 :])
        at += len(frame)


@given(maker=st.sampled_from(MAKERS), data=st.data())
def test_a_damaged_stream_of_any_length(maker: MakerName, data: st.DataObject) -> None:
    """Damage in several frames costs those frames at most."""
    parts = list(frames(maker))
    hit = data.draw(st.sets(st.integers(min_value=0, max_value=len(parts) - 1), max_size=5))
    for number in hit:
        position = data.draw(st.integers(min_value=0, max_value=len(parts[number]) - 1))
        damage = data.draw(st.sampled_from((lose, double, flip)))
        parts[number] = damage(parts[number], position)
    left = decode(b"".join(parts))
    untouched = [reading for number, reading in enumerate(WHOLE[maker]) if number not in hit]
    assert is_part_of(untouched, left)
    assert is_part_of(left, WHOLE[maker])


@given(st.binary(max_size=20_000))
@settings(max_examples=200)
def test_random_bytes(noise: bytes) -> None:
    """Noise never raises, is never held beyond the limit, and a list after it is read."""
    frame = next(frames("kaifa"))
    decoder = Decoder()
    decoder.feed(noise)
    assert decoder.held <= LIMIT
    decoder.feed(frame * 60)
    assert decoder.feed(frame)


@given(
    st.lists(st.sampled_from([b"\x7e", b"\x7e\xa0", b"\x7e\xa7\xff\x41\x08\x83\x13", b"\r\n", b"\x00"]), max_size=900)
)
@settings(max_examples=100)
def test_almost_frames(parts: list[bytes]) -> None:
    """Bytes that look like the beginning of a frame neither raise nor pile up."""
    decoder = Decoder()
    decoder.feed(b"".join(parts))
    assert decoder.held <= LIMIT


def test_noise_takes_no_memory() -> None:
    """A peer that sends noise for ever: nothing grows."""
    decoder = Decoder()
    decoder.feed(os.urandom(100_000))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            decoder.feed(os.urandom(100_000))
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 3 * LIMIT


@pytest.mark.parametrize("maker", MAKERS)
def test_frames_may_share_a_flag(maker: MakerName) -> None:
    shared = b"".join(frame[:-1] for frame in frames(maker)) + b"\x7e"
    assert decode(shared) == WHOLE[maker]


@pytest.mark.parametrize("maker", MAKERS)
def test_translated_newlines_are_undone(maker: MakerName) -> None:
    """OSS Norge's readers send CR LF for LF, and put CR LF between frames."""
    translated = b"\r\n".join(frame.replace(b"\n", b"\r\n") for frame in frames(maker))
    decoder = Decoder()
    readings = []
    for octet in translated:
        readings += decoder.feed(bytes((octet,)))
    assert readings == WHOLE[maker]
    assert decoder.counters.translated == sum(b"\n" in frame for frame in frames(maker))
    assert decoder.counters.damaged == 0


def test_a_new_connection_forgets_half_a_frame() -> None:
    first, second = list(frames("aidon"))[:2]
    decoder = Decoder()
    assert decoder.feed(first[:20]) == []
    decoder.reset()
    assert decoder.held == 0
    assert len(decoder.feed(second)) == 1


def test_counters_tell_what_became_of_the_bytes() -> None:
    one, two, three = list(frames("kaifa"))[:3]
    decoder = Decoder()
    decoder.feed(b"noise" + one + flip(two, 30) + three)
    counters = decoder.counters
    assert (counters.frames, counters.readings, counters.damaged) == (2, 2, 1)
    assert counters.bytes == 5 + len(one) + len(two) + len(three)
    assert counters.noise >= 5
    assert decoder.damaged[-1].startswith(two[:20])

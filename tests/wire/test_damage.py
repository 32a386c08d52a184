"""A damaged octet costs the message that it hits and no other, in every framing, ciphered or not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.wire.cipher import Keys
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Reading
from tests.meters.make import MakerName, make_meter
from tests.meters.meter import Sent
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION

START = datetime(2026, 7, 12, 10, tzinfo=UTC)
MAKERS: tuple[MakerName, ...] = ("aidon-se", "p1", "kamstrup-dk", "kaifa-at", "landis-ch", "iskra-si")
KEYS = Keys(ENCRYPTION, AUTHENTICATION)
STEP = 5
"""Every fifth octet of a message is damaged, always another one of its parts."""
DAMAGES: dict[str, Callable[[bytes, int], bytes]] = {
    "lost": lambda stream, at: stream[:at] + stream[at + 1 :],
    "doubled": lambda stream, at: stream[: at + 1] + stream[at:],
    "flipped": lambda stream, at: stream[:at] + bytes((stream[at] ^ 1 << at % 8,)) + stream[at + 1 :],
    "made a flag": lambda stream, at: stream[:at] + b"~" + stream[at + 1 :],
}


@cache
def sent(maker: MakerName) -> tuple[Sent, ...]:
    """Return a meter's first lists. Each ends where the next one begins."""
    meter = make_meter(maker, start=START - timedelta(days=1))
    return tuple(islice(meter.lists(START), 4))


def stream_of(maker: MakerName) -> bytes:
    return b"".join(one.frame for one in sent(maker))


def decode(*chunks: bytes) -> list[Reading]:
    decoder = Decoder(KEYS)
    return [reading for chunk in chunks for reading in decoder.feed(chunk)]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("maker", MAKERS)
def test_an_octet_costs_at_most_the_message_that_it_hits(maker: MakerName, damage: str) -> None:
    stream = stream_of(maker)
    readings = decode(stream)
    assert len(readings) == len(sent(maker))
    size = len(sent(maker)[0].frame)
    for at in range(size, 2 * size, STEP):
        assert decode(DAMAGES[damage](stream, at)) in (readings, readings[:1] + readings[2:])


@pytest.mark.parametrize("maker", MAKERS)
def test_a_message_of_which_any_piece_is_lost_costs_no_other(maker: MakerName) -> None:
    stream = stream_of(maker)
    readings = decode(stream)
    size = len(sent(maker)[0].frame)
    for begins in range(size, 2 * size, 11):
        for ends in range(begins + 1, 2 * size, 97):
            # The flag that closes a frame may be the one that opens the next.
            assert decode(stream[:begins] + stream[ends:]) in (readings, readings[:1] + readings[2:])


@settings(max_examples=30, deadline=None)
@given(maker=st.sampled_from(MAKERS), cuts=st.sets(st.integers(min_value=0, max_value=2800), max_size=12))
def test_any_split_gives_the_same_readings(maker: MakerName, cuts: set[int]) -> None:
    stream = stream_of(maker)
    places = [0, *sorted(cuts), len(stream)]
    assert decode(*(stream[begin:end] for begin, end in pairwise(places))) == decode(stream)


@pytest.mark.parametrize("maker", ["kamstrup-dk", "kaifa-at", "landis-ch"])
def test_lists_that_come_again_are_refused_and_cost_no_later_one(maker: MakerName) -> None:
    first, second, third, fourth = (one.frame for one in sent(maker))
    decoder = Decoder(KEYS)
    assert [len(decoder.feed(frame)) for frame in (first, second, first, second, third, second, fourth)] == [
        *(1, 1, 0, 0, 1, 0, 1)
    ]
    assert decoder.counters.replayed == 3

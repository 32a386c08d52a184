"""The parsers of what comes from outside, as functions of a fuzzer's bytes. Each raises where a law is broken.

A law is more than "it does not raise": what is held is bounded, numbers are finite, texts are fit to be shown, the
counters fit together, chunks make no difference, a good list after any garbage is read, and nothing takes long.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import thread_time
from typing import Final

from custom_components.han_port.wire import clock as laws, cosem
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.hdlc import CHECKS, LIMIT, FrameReader
from custom_components.han_port.wire.items import text
from custom_components.han_port.wire.reading import Reading
from tests.meters.kaifa import Kaifa

from .books import restored, taken
from .files import read_anything
from .lists import DIALECTS
from .sane import check_counters, check_reading, check_text
from .stream import Step, chunks, step, take_apart

type Target = Callable[[bytes], None]

MOST_SECONDS: Final = 0.005
"""That 4 KiB of any input may take."""
DEEPEST: Final = 9
PROBES: Final = 12


class Patience:
    """How many times as long as it should things may take, where something slows them down (a fuzzer's probes)."""

    times: float = 1


def _probe() -> bytes:
    values = dict.fromkeys(Kaifa("MA304H3E", "1").quantities("full"), 230.0)
    return Kaifa("MA304H3E", "6970631409999999").encode("full", values, datetime(2026, 1, 12))  # noqa: DTZ001


PROBE: Final = _probe()
(PROBED,) = Decoder().feed(PROBE)


def decoder(data: bytes) -> None:
    """Any stream, in one piece and in others."""
    stream = b"".join(take_apart(data))
    whole = Decoder()
    began = thread_time()
    readings = whole.feed(stream)
    took = thread_time() - began
    assert whole.held <= LIMIT
    for reading in readings:
        check_reading(reading)
    check_counters(whole, len(stream))
    check_time(stream, took)
    cut = Decoder()
    others: list[Reading] = []
    for chunk in chunks(stream):
        others += cut.feed(chunk)
        assert cut.held <= LIMIT
    assert others == readings
    assert cut.counters == whole.counters
    assert cut.held == whole.held
    # A good list after it is read once the garbage has passed. Only one that follows right upon an input that makes
    # for more checks than are allowed may be lost.
    found = whole.feed(PROBE * PROBES + bytes(LIMIT)).count(PROBED)
    assert found >= PROBES - 1
    if whole._frames._checked <= CHECKS * len(stream):
        assert found >= PROBES


def check_time(stream: bytes, took: float) -> None:
    """Raise AssertionError where each of several rounds takes too long."""
    most = Patience.times * MOST_SECONDS * max(1.0, len(stream) / LIMIT)
    for _ in range(5):
        if took <= most:
            return
        again = Decoder()
        began = thread_time()
        again.feed(stream)
        took = thread_time() - began
    assert took <= most


def reader(data: bytes) -> None:
    """Any octets just as they are: what is said to be a frame is one."""
    whole, cut = FrameReader(), FrameReader()
    frames = whole.feed(data)
    for frame in frames:
        assert frame.wire_length >= len(frame.information)
        assert frame.information in data or frame.information in data.replace(b"\r\n", b"\n")
    assert [frame for chunk in chunks(data) for frame in cut.feed(chunk)] == frames
    assert cut.counters == whole.counters
    assert cut.held == whole.held <= LIMIT
    assert sum(frame.wire_length for frame in frames) + whole.counters.noise <= len(data)
    assert all(damaged.startswith(b"~") for damaged in whole.damaged)
    whole.reset()
    assert whole.held == 0
    assert len(whole.feed(PROBE)) == 1


def notification(data: bytes) -> None:
    """Any APDU: refused, or taken apart into what lies within it."""
    apdu = b"\x0f" + data
    with suppress(cosem.CosemError):
        read = cosem.notification(apdu)
        assert _octets(read.body, len(apdu), 0) <= len(apdu)
        assert all(0 <= place.start <= place.stop <= len(apdu) for place in read.varying)


def _octets(data: cosem.Data, end: int, depth: int) -> int:
    """Return how many octets a value has at least, its tag included, and check where it stands."""
    assert depth <= DEEPEST
    if not isinstance(data, cosem.Leaf):
        return 2 + sum(_octets(element, end, depth + 1) for element in data)
    assert 0 < data.at <= data.at + data.size <= end
    return 1 + data.size


def dialect(make: Callable[[bytes], bytes], data: bytes) -> None:
    """Read lists of one shape with other numbers in them: what one has taught of that shape makes no difference."""
    body = make(data)
    changed = make(data[:-1] + bytes((data[-1] ^ 0xFF,))) if data else body
    knowing = Decoder()
    for one in (body, changed, body, changed):
        stream = b"".join(take_apart(step(Step.LIST, one)))
        new = Decoder()
        readings = new.feed(stream)
        again = knowing.feed(stream)
        assert [told(reading) for reading in again] == [told(reading) for reading in readings]
        for reading in readings:
            check_reading(reading)
        check_counters(new, len(stream))


def told(reading: Reading) -> tuple[object, ...]:
    """Return what a list says; but for the connection, which is what the first list of its shape told."""
    meter = reading.meter and replace(reading.meter, grid=None)
    return (*reading[:2], meter, *reading[3:])


def clock(data: bytes) -> None:
    """Any date-time: none, or one that can be reckoned with under every law."""
    octets = data[:12].ljust(12, b"\0")
    moment = cosem.date_time(octets)
    if moment is None:
        return
    for law in (laws.normal_time, laws.doubtful_time, laws.civil_time):
        offsets = law(moment)
        assert 1 <= len(offsets) <= 2
        for offset in offsets:
            assert abs(offset) <= timedelta(hours=14)
            assert (moment.local - offset).year > 0


def texts(data: bytes) -> None:
    """Any octets and any characters as a text that is shown."""
    check_text(text(data))
    check_text(text(data.decode("utf-8", "replace")))
    check_text(text(data.decode("utf-16", "surrogatepass") if _is_utf16(data) else data.decode("latin-1")))


def _is_utf16(data: bytes) -> bool:
    try:
        data.decode("utf-16", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


TARGETS: Final[Mapping[str, Target]] = {
    "decoder": decoder,
    "reader": reader,
    "notification": notification,
    **{name: partial(dialect, make) for name, make in DIALECTS.items()},
    "clock": clock,
    "text": texts,
    "book-stored": restored,
    "book-lists": taken,
    "elhub": read_anything,
}
"""All of them by name."""

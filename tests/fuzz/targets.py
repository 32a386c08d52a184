"""The parsers of what comes from outside, as functions of a fuzzer's bytes. Each raises where a law is broken.

A law is more than "it does not raise": what is held is bounded, numbers are finite, texts are fit to be shown, the
counters fit together, chunks make no difference, a good list after any garbage is read, and nothing takes long.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import thread_time
from typing import Final

from custom_components.han_port.wire import clock as laws, cosem
from custom_components.han_port.wire.cipher import Keys
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.frame import LIMIT, Framing
from custom_components.han_port.wire.items import text
from custom_components.han_port.wire.reading import Reading
from custom_components.han_port.wire.record import CHECKS
from custom_components.han_port.wire.stream import FrameReader
from tests.meters.kaifa import Kaifa
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION

from .books import restored, taken
from .files import read_anything
from .lists import DIALECTS
from .messages import blocks, cipher, envelope, segments, telegram
from .patience import MOST_SECONDS, Patience
from .sane import check_counters, check_offsets, check_reading, check_text
from .stream import Step, chunks, step, take_apart

type Target = Callable[[bytes], None]

DEEPEST: Final = 9
PROBES: Final = 12


def _probe() -> bytes:
    values = dict.fromkeys(Kaifa("MA304H3E", "1").quantities("full"), 230.0)
    return Kaifa("MA304H3E", "6970631409999999").encode("full", values, datetime(2026, 1, 12))  # noqa: DTZ001


KEYS: Final = Keys(ENCRYPTION, AUTHENTICATION)
PROBE: Final = _probe()
(PROBED,) = Decoder().feed(PROBE)


def decoder(data: bytes) -> None:
    """Any stream, in one piece and in others, of a meter whose keys are known."""
    stream = b"".join(take_apart(data))
    whole = Decoder(KEYS)
    began = thread_time()
    readings = whole.feed(stream)
    took = thread_time() - began
    check_held(whole)
    for reading in readings:
        check_reading(reading)
    check_counters(whole, len(stream), in_parts=True)
    check_time(stream, took)
    cut = Decoder(KEYS)
    others: list[Reading] = []
    for chunk in chunks(stream):
        others += cut.feed(chunk)
        check_held(cut)
    assert others == readings
    assert cut.counters == whole.counters
    assert cut.cipher.counters == whole.cipher.counters
    assert cut.held == whole.held
    # A good list after it is read once the garbage has passed. Only one that follows right upon an input that makes
    # for more checks than are allowed may be lost, or upon an APDU that nothing delimits and that was cut short.
    found = whole.feed(PROBE * PROBES + bytes(LIMIT)).count(PROBED)
    assert found >= PROBES - 1
    if whole._frames.checked_in_vain <= CHECKS * len(stream) and not reaches_over(stream):
        assert found >= PROBES


def reaches_over(stream: bytes) -> bool:
    """Whether the last APDU in a stream that nothing delimits takes something of what comes next for its end."""
    frames = FrameReader()
    frames.feed(stream)
    return any(frame.framing is Framing.GLO for frame in frames.feed(PROBE + bytes(LIMIT)))


def check_held(decoder: Decoder) -> None:
    """Raise AssertionError where more waits for its rest than a frame, a message in segments and one in blocks."""
    assert decoder._frames.held <= LIMIT
    assert decoder._segments.held <= LIMIT
    assert decoder._blocks.held <= LIMIT


def check_time(stream: bytes, took: float) -> None:
    """Raise AssertionError where each of several rounds takes too long."""
    most = Patience.times * MOST_SECONDS * max(1.0, len(stream) / LIMIT)
    for _ in range(5):
        if took <= most:
            return
        again = Decoder(KEYS)
        began = thread_time()
        again.feed(stream)
        took = thread_time() - began
    assert took <= most


def reader(data: bytes) -> None:
    """Any octets just as they are: what is said to be a frame is one."""
    whole, cut = FrameReader(), FrameReader()
    frames = whole.feed(data)
    for frame in frames:
        # An APDU that nothing delimits may leave its last octets to the next one.
        assert frame.wire_length >= len(frame.information) - 9 * (frame.framing is Framing.GLO)
        assert frame.information in data or frame.information in data.replace(b"\r\n", b"\n")
    assert [frame for chunk in chunks(data) for frame in cut.feed(chunk)] == frames
    assert cut.counters == whole.counters
    assert cut.held == whole.held <= LIMIT
    assert sum(frame.wire_length for frame in frames) + whole.counters.noise <= len(data)
    assert all(damaged.startswith((b"~", b"h", b"/", b"\xdb")) for damaged in whole.damaged)
    whole.reset()
    assert whole.held == 0
    assert len(whole.feed(PROBE)) == 1


def framings(data: bytes) -> None:
    """Frames of every framing whose checksums hold, and what is between them."""
    reader(b"".join(take_apart(data)))


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
    for law in (laws.normal_time, laws.doubtful_time, laws.civil_time, laws.stated_time):
        offsets = law(moment)
        check_offsets(offsets)
        for offset in offsets:
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
    "framings": framings,
    "notification": notification,
    **{name: partial(dialect, make) for name, make in DIALECTS.items()},
    "segments": segments,
    "blocks": blocks,
    "cipher": cipher,
    "telegram": telegram,
    "envelope": envelope,
    "clock": clock,
    "text": texts,
    "book-stored": restored,
    "book-lists": taken,
    "elhub": read_anything,
}
"""All of them by name."""

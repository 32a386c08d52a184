"""From bytes to readings, beside amshan on the same bytes in the same run."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from timeit import Timer

from han.autodecoder import AutoDecoder
from han.hdlc import HdlcFrameReader

from scripts.bare import without_home_assistant
from tests.meters.make import MakerName, make_meter
from tests.meters.maker import Kind

from .bars import Bar, Part

with without_home_assistant():
    from custom_components.han_port.wire.decoder import Decoder

CASES: tuple[tuple[MakerName, Kind], ...] = (
    ("aidon", "power"),
    ("aidon", "full"),
    ("aidon", "hourly"),
    ("kaifa", "power"),
    ("kaifa", "full"),
    ("kaifa", "hourly"),
    ("kamstrup", "full"),
    ("kamstrup", "hourly"),
    ("embriq", "power"),
    ("embriq", "full"),
    ("embriq", "hourly"),
)
AT = datetime(2026, 1, 12, 17, tzinfo=UTC)
LISTS = 50
"""Different lists of a case that are decoded in turn: no value is the same in all of them."""
ROUNDS = 7
"""The fastest counts: what is slower was disturbed by something else."""
LEAST_RATIO = 25.0


def measure(round_seconds: float = 0.1) -> Part:
    """Measure all cases."""
    rows = []
    bars = []
    for maker, kind in CASES:
        ours, theirs = decoding(maker, kind, round_seconds)
        ratio = theirs / ours if theirs else None
        rows.append({"list": f"{maker} {kind}", "ours, µs": ours, "amshan, µs": theirs, "ratio": ratio})
        if ratio:
            bars.append(Bar(f"{maker} {kind}, times as fast as amshan", ratio, LEAST_RATIO, least=True))
    return Part("Decode: bytes to reading", rows, bars)


def decoding(maker: MakerName, kind: Kind, round_seconds: float) -> tuple[float, float | None]:
    """Return the µs a list of ours and of amshan, None where that does not read it.

    Raises SystemExit where our decoder does not read every list.
    """
    meter = make_meter(maker, start=AT - timedelta(days=1))
    frames = [meter.send(kind, AT + number * timedelta(seconds=10)).frame for number in range(LISTS)]
    decoder = Decoder()
    if sum(len(decoder.feed(frame)) for frame in frames) != LISTS:
        raise SystemExit(f"{maker} {kind}: not every list was read")
    return per_list(frames, decoder.feed, round_seconds), amshan(frames, round_seconds)


def amshan(frames: list[bytes], round_seconds: float) -> float | None:
    """Measure amshan's frame reader and decoder, or return None where they do not read the lists."""
    reader = HdlcFrameReader(use_octet_stuffing=False)
    decoder = AutoDecoder()

    def feed(octets: bytes) -> list[object]:
        return [decoded for frame in reader.read(octets) if (decoded := decoder.decode_message(frame))]

    if not all(feed(frame) for frame in frames):
        return None
    return per_list(frames, feed, round_seconds)


def per_list(frames: list[bytes], feed: Callable[[bytes], object], round_seconds: float) -> float:
    """Return the µs that a list takes."""

    def run() -> None:
        for frame in frames:
            feed(frame)

    timer = Timer(run)
    once = max(timer.timeit(1), 1e-6)
    number = max(1, round(round_seconds / once))
    return min(timer.repeat(ROUNDS, number)) / number / len(frames) * 1e6

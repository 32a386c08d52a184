"""From bytes to readings, beside amshan on the same bytes in the same run.

What amshan does not read is measured alone: ciphered lists, and those by general block transfer or M-Bus.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from timeit import Timer

from han.autodecoder import AutoDecoder
from han.dlde import ModeDReader
from han.hdlc import HdlcFrameReader

from scripts.bare import without_home_assistant
from tests.meters.make import MakerName, make_meter
from tests.meters.maker import Kind
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION

from .bars import Bar, Part

with without_home_assistant():
    from custom_components.han_port.wire.cipher import Keys
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
    ("aidon-se", "hourly"),
    ("p1", "hourly"),
    ("kamstrup-dk", "hourly"),
    ("kaifa-at", "hourly"),
    ("landis-ch", "hourly"),
    ("iskra-si", "hourly"),
)
ONLY: dict[MakerName, str] = {
    "aidon-se": "all 27 items",
    "p1": "telegram",
    "kamstrup-dk": "ciphered, with a tag",
    "kaifa-at": "ciphered, by M-Bus",
    "landis-ch": "ciphered, with a tag, in blocks",
    "iskra-si": "in segments",
}
"""What is told of makers that send one kind of list."""
KEYS = Keys(ENCRYPTION, AUTHENTICATION)
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
        name = f"{maker} {ONLY.get(maker, kind)}"
        rows.append({"list": name, "ours, µs": ours, "amshan, µs": theirs, "ratio": ratio})
        if ratio:
            bars.append(Bar(f"{name}, times as fast as amshan", ratio, LEAST_RATIO, least=True))
    return Part("Decode: bytes to reading", rows, bars)


def decoding(maker: MakerName, kind: Kind, round_seconds: float) -> tuple[float, float | None]:
    """Return the µs a list of ours and of amshan, None where that does not read it.

    Raises SystemExit where our decoder does not read every list.
    """
    meter = make_meter(maker, start=AT - timedelta(days=1))
    frames = [meter.send(kind, AT + number * timedelta(seconds=10)).frame for number in range(LISTS)]
    decoder = Decoder(KEYS if hasattr(meter.maker, "encryption") else None)
    if sum(len(decoder.feed(frame)) for frame in frames) != LISTS:
        raise SystemExit(f"{maker} {kind}: not every list was read")
    ours = per_list(frames, decoder.feed, round_seconds, begin=decoder.cipher.forget)
    return ours, amshan(
        frames, ModeDReader() if maker == "p1" else HdlcFrameReader(use_octet_stuffing=False), round_seconds
    )


def amshan(frames: list[bytes], reader: HdlcFrameReader | ModeDReader, round_seconds: float) -> float | None:
    """Measure amshan's frame reader and decoder, or return None where they do not read the lists."""
    decoder = AutoDecoder()

    def feed(octets: bytes) -> list[object]:
        return [decoded for frame in reader.read(octets) if (decoded := decoder.decode_message(frame))]

    if not all(feed(frame) for frame in frames):
        return None
    return per_list(frames, feed, round_seconds)


def per_list(
    frames: list[bytes], feed: Callable[[bytes], object], round_seconds: float, begin: Callable[[], object] = int
) -> float:
    """Return the µs that a list takes. `begin` is called before the same lists come once more."""

    def run() -> None:
        begin()
        for frame in frames:
            feed(frame)

    timer = Timer(run)
    once = max(timer.timeit(1), 1e-6)
    number = max(1, round(round_seconds / once))
    return min(timer.repeat(ROUNDS, number)) / number / len(frames) * 1e6

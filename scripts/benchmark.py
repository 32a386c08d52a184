"""Measures what reading a meter costs: from bytes to a reading, beside amshan on the same bytes in the same run."""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
import json
import sys
from timeit import Timer

from han.autodecoder import AutoDecoder
from han.hdlc import HdlcFrameReader

from scripts.bare import without_home_assistant
from tests.meters.make import MakerName, make_meter
from tests.meters.maker import Kind

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
ROUND_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Decoding:
    """What a list of one case costs, in µs."""

    case: str
    ours_us: float
    amshan_us: float | None
    """None where amshan does not read the list."""
    ratio: float | None


def main() -> int:
    """Measure and show."""
    parser = ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    decode = [decoding(maker, kind) for maker, kind in CASES]
    if options.json:
        print(json.dumps({"decode": [asdict(row) for row in decode]}, indent=2))
        return 0
    print(f"{'decode, bytes to reading':26}{'ours':>10}{'amshan':>12}{'ratio':>9}")
    for row in decode:
        theirs = f"{row.amshan_us:9.1f} µs" if row.amshan_us else "cannot"
        ratio = f"{row.ratio:.1f}" if row.ratio else "-"
        print(f"{row.case:26}{row.ours_us:7.2f} µs{theirs:>12}{ratio:>9}")
    return 0


def decoding(maker: MakerName, kind: Kind) -> Decoding:
    """Measure one case. Raises SystemExit where our decoder does not read every list."""
    meter = make_meter(maker, start=AT - timedelta(days=1))
    frames = [meter.send(kind, AT + number * timedelta(seconds=10)).frame for number in range(LISTS)]
    decoder = Decoder()
    if sum(len(decoder.feed(frame)) for frame in frames) != LISTS:
        raise SystemExit(f"{maker} {kind}: not every list was read")
    ours = per_list(frames, decoder.feed)
    theirs = amshan(frames)
    return Decoding(f"{maker} {kind}", round(ours, 3), theirs and round(theirs, 3), theirs and round(theirs / ours, 2))


def amshan(frames: list[bytes]) -> float | None:
    """Measure amshan's frame reader and decoder, or return None where they do not read the lists."""
    reader = HdlcFrameReader(use_octet_stuffing=False)
    decoder = AutoDecoder()

    def feed(octets: bytes) -> list[object]:
        return [decoded for frame in reader.read(octets) if (decoded := decoder.decode_message(frame))]

    if not all(feed(frame) for frame in frames):
        return None
    return per_list(frames, feed)


def per_list(frames: list[bytes], feed: Callable[[bytes], object]) -> float:
    """Return the µs that a list takes."""

    def run() -> None:
        for frame in frames:
            feed(frame)

    timer = Timer(run)
    once = max(timer.timeit(1), 1e-6)
    number = max(1, round(ROUND_SECONDS / once))
    return min(timer.repeat(ROUNDS, number)) / number / len(frames) * 1e6


if __name__ == "__main__":
    sys.exit(main())

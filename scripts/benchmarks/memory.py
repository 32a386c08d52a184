"""Many frames through one decoder: what it holds must not grow.

A tenth of the frames are damaged, some come in pieces, and noise lies between them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import gc
from itertools import cycle, islice
from random import Random
import tracemalloc
from typing import Final

from scripts.bare import without_home_assistant
from tests.meters.make import make_meter

from .bars import Bar, Part
from .process import resident

with without_home_assistant():
    from custom_components.han_port.wire.decoder import Decoder

AT: Final = datetime(2026, 1, 12, 17, tzinfo=UTC)
FIRST: Final = 0.1
"""The share of the frames after which memory is looked at first."""
MOST_TRACED: Final = 16.0
"""KiB by which what Python holds may differ, for caches on their way to full: a fiftieth of a byte a frame is more."""
MOST_RESIDENT: Final = 1024.0
"""KiB by which the process may: its allocator's own ups and downs."""


def measure(frames: int = 1_000_000) -> Part:
    """Feed so many frames."""
    decoder = Decoder()
    pieces = cycle(stream())
    resident()  # what Python sets up for that, once, is not the decoder's
    tracemalloc.start()
    rows = []
    for share in (FIRST, 1.0):
        upto = round(frames * share)
        while (done := decoder.counters.frames + decoder.counters.damaged) < upto:
            for piece in islice(pieces, upto - done):
                decoder.feed(piece)
        gc.collect()
        rows.append(
            {
                "frames": decoder.counters.frames + decoder.counters.damaged,
                "of them damaged": decoder.counters.damaged,
                "traced, KiB": tracemalloc.get_traced_memory()[0] / 1024,
                "resident, KiB": resident() / 1024,
            }
        )
    tracemalloc.stop()
    traced = rows[1]["traced, KiB"] - rows[0]["traced, KiB"]
    kept = rows[1]["resident, KiB"] - rows[0]["resident, KiB"]
    bars = [
        Bar("what Python holds has grown by", traced, MOST_TRACED, " KiB"),
        Bar("the process has grown by", kept, MOST_RESIDENT, " KiB"),
    ]
    return Part("Memory of one decoder", list(rows), bars)


def stream() -> list[bytes]:
    """Return an hour of a meter's lists as they may come: whole, in two pieces, damaged, with noise before them."""
    random = Random(1)  # noqa: S311 - to be the same each time

    def pieces() -> Iterator[bytes]:
        for sent in make_meter("aidon", start=AT).lists(AT, AT + timedelta(hours=1)):
            frame = bytearray(sent.frame)
            if random.random() < 0.1:
                frame[random.randrange(1, len(frame) - 1)] ^= 1 << random.randrange(8)
            if random.random() < 0.1:
                yield random.randbytes(20)
            cut = random.randrange(len(frame)) if random.random() < 0.1 else 0
            yield from filter(None, (bytes(frame[:cut]), bytes(frame[cut:])))

    return list(pieces())

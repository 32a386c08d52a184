"""Lists of simulated meters, for tests of the decoder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice

from custom_components.han_port.wire import cosem, dialects
from custom_components.han_port.wire.reading import Reading
from tests.meters import axdr
from tests.meters.apdu import NO_TIME, notification
from tests.meters.make import MODELS, MakerName, make_meter
from tests.meters.meter import Meter, Sent

START = datetime(2026, 1, 12, 16, 59, 40, tzinfo=UTC)
"""Twenty seconds before an hour, so that the first lists are of every kind."""
MAKERS: tuple[MakerName, ...] = ("aidon", "kaifa", "kamstrup", "embriq")
METERS = [(maker, model) for maker in MAKERS for model in MODELS[maker]]


@cache
def meter(maker: MakerName, model: str | None = None) -> Meter:
    """Return a meter whose house began a day before START."""
    return make_meter(maker, model=model, start=START - timedelta(days=1))


@cache
def lists(maker: MakerName, model: str | None = None, count: int = 30) -> tuple[Sent, ...]:
    """Return a meter's first lists from START on."""
    return tuple(islice(meter(maker, model).lists(START), count))


def frames(maker: MakerName, count: int = 30) -> Iterator[bytes]:
    """Yield the same lists as bytes."""
    return (sent.frame for sent in lists(maker, count=count))


def read_list(body: bytes, *, time: bytes = NO_TIME, title: str = "") -> Reading | None:
    """Read a list given by its body, the APDU's time of sending and the system title that it came ciphered under.

    What was learned from it must say the same of it again.
    """
    apdu = notification(body, invoke=1, time=time)
    taken = cosem.notification(apdu)
    layout = dialects.layout(taken.body, title, taken.time)
    if layout is None:
        return None
    layout.fit(apdu, taken.varying)
    reading = layout.read(apdu)
    assert reading is not None
    assert layout.read(apdu) == reading
    return reading


def scaled(scaler: int, unit: int) -> bytes:
    """Return a power of ten and a unit, as they stand in a list."""
    return axdr.structure(axdr.i8(scaler), axdr.enum(unit))

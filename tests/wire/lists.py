"""Lists of simulated meters, for tests of the decoder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice

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

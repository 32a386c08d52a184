"""What goes wrong between a meter and its reader: transformations of a stream of lists, freely composed.

Each fault is a callable from a stream to a stream; `apply` chains them, first fault first. All are lazy, so they
work on an endless stream as on a simulated year, and seeded, so that the same stream is damaged alike each time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Literal

from .meter import HOUR, Meter, Sent

type Fault = Callable[[Iterable[Sent]], Iterator[Sent]]
type During = Callable[[datetime], bool]
"""Tells of an instant whether something is wrong then."""
LISTS = frozenset({"power", "full", "hourly"})


def apply(stream: Iterable[Sent], *faults: Fault) -> Iterator[Sent]:
    """Return the stream as it is after all faults."""
    for fault in faults:
        stream = fault(stream)
    return iter(stream)


def spans(*pairs: tuple[datetime, datetime]) -> During:
    """Return a test for being in one of these spans, start included, end not."""
    return lambda at: any(start <= at < end for start, end in pairs)


def every(period: timedelta, length: timedelta, since: datetime) -> During:
    """Return a test for being in the last `length` of each `period` that has run since an instant."""
    return lambda at: (at - since) % period >= period - length


def lose(frame: bytes, position: int) -> bytes:
    """Return the bytes without one."""
    return frame[:position] + frame[position + 1 :]


def double(frame: bytes, position: int) -> bytes:
    """Return the bytes with one of them twice."""
    return frame[: position + 1] + frame[position:]


def flip(frame: bytes, position: int, mask: int = 0xFF) -> bytes:
    """Return the bytes with bits of one of them turned."""
    return frame[:position] + bytes((frame[position] ^ mask,)) + frame[position + 1 :]


@dataclass(frozen=True, slots=True)
class DamagedBytes:
    """Bytes that are lost, doubled or flipped (one bit): each with a probability, or at positions by frame number."""

    how: Literal["lost", "doubled", "flipped"]
    probability: float = 0
    positions: Mapping[int, Sequence[int]] = field(default_factory=dict)
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Damage the stream."""
        random = Random(self.seed)
        for number, sent in enumerate(stream):
            hit = set(self.positions.get(number, ()))
            if self.probability:
                hit.update(at for at in range(len(sent.frame)) if random.random() < self.probability)
            frame = sent.frame
            for at in sorted(hit, reverse=True):
                match self.how:
                    case "lost":
                        frame = lose(frame, at)
                    case "doubled":
                        frame = double(frame, at)
                    case _:
                        frame = flip(frame, at, 1 << random.randrange(8))
            yield replace(sent, frame=frame) if hit else sent


@dataclass(frozen=True, slots=True)
class HalfFrames:
    """Lists of which only the first part arrives."""

    probability: float
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Cut frames."""
        random = Random(self.seed)
        for sent in stream:
            if sent.frame and random.random() < self.probability:
                yield replace(sent, frame=sent.frame[: random.randrange(1, len(sent.frame))])
            else:
                yield sent


@dataclass(frozen=True, slots=True)
class LostLists:
    """Lists that do not arrive at all: with a probability, or all while `during` says so."""

    probability: float = 0
    during: During = lambda _: False
    kinds: Collection[str] = LISTS
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Leave lists out."""
        random = Random(self.seed)
        for sent in stream:
            if sent.kind in self.kinds and (random.random() < self.probability or self.during(sent.at)):
                continue
            yield sent


@dataclass(frozen=True, slots=True)
class DoubledLists:
    """Lists that arrive twice, byte for byte."""

    probability: float
    kinds: Collection[str] = LISTS
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Double lists."""
        random = Random(self.seed)
        for sent in stream:
            yield sent
            if sent.kind in self.kinds and random.random() < self.probability:
                yield sent


@dataclass(frozen=True, slots=True)
class LateLists:
    """Lists that a slow bridge holds back; the others overtake them."""

    by: timedelta
    probability: float = 1
    kinds: Collection[str] = ("hourly",)
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Hold lists back."""
        random = Random(self.seed)
        held: list[tuple[datetime, int, Sent]] = []
        for number, sent in enumerate(stream):
            while held and held[0][0] <= sent.at:
                yield heappop(held)[2]
            if sent.kind in self.kinds and random.random() < self.probability:
                later = sent.at + self.by
                heappush(held, (later, number, replace(sent, at=later)))
            else:
                yield sent
        while held:
            yield heappop(held)[2]


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to no list, before a list."""

    probability: float
    size: int = 40
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Insert noise."""
        random = Random(self.seed)
        for sent in stream:
            if random.random() < self.probability:
                yield Sent(sent.at, random.randbytes(random.randint(1, self.size)), "noise")
            yield sent


@dataclass(frozen=True, slots=True)
class Silence:
    """A connection that stays open while nothing is sent."""

    during: During

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Leave everything out that is sent during the silence."""
        return (sent for sent in stream if not self.during(sent.at))


@dataclass(frozen=True, slots=True)
class Outage:
    """A connection that is closed and refused (or left half-open: it never carries anything again) for a while."""

    during: During
    how: Literal["closed", "half_open"] = "closed"

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Leave out what is sent meanwhile; say when it begins and ends."""
        out = False
        for sent in stream:
            now = self.during(sent.at)
            if now != out:
                yield Sent(sent.at, b"", self.how if now else "opened")
            out = now
            if not out:
                yield sent


@dataclass(frozen=True, slots=True)
class StaleHours:
    """Hourly lists that repeat the hour before, clock and registers, with live power, as some Aidon meters do.

    `hours` are the hours (their starts, UTC) whose list is stale, besides the probability.
    """

    meter: Meter
    probability: float = 0
    hours: Collection[datetime] = ()
    seed: int = 1

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Replace hourly lists."""
        random = Random(self.seed)
        for sent in stream:
            if sent.kind == "hourly":
                hour = self.meter.hour_of(sent.at)
                if random.random() < self.probability or hour in self.hours:
                    yield self.meter.send("hourly", sent.at, hour=hour - HOUR)
                    continue
            yield sent


@dataclass(frozen=True, slots=True)
class UnsetClock:
    """A meter whose clock was lost: for a while its lists count time from the year 2000 and say so in the status."""

    meter: Meter
    during: During

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Change the clock of lists."""
        began: datetime | None = None
        for sent in stream:
            if sent.kind not in LISTS or not self.during(sent.at):
                began = None
                yield sent
                continue
            began = began or sent.at
            clock = datetime(2000, 1, 1) + (sent.at - began)  # noqa: DTZ001 -- a meter's clock has no time zone
            match sent.kind:
                case "power":
                    yield self.meter.send("power", sent.at, clock=clock, status=3)
                case "full":
                    yield self.meter.send("full", sent.at, clock=clock, status=3)
                case _:
                    yield self.meter.send("hourly", sent.at, clock=clock, status=3)


@dataclass(frozen=True, slots=True)
class OtherMeter:
    """Another meter whose lists come on the same line."""

    meter: Meter

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Mix the other meter's lists in, by time, as long as the stream lasts."""
        others: Iterator[Sent] | None = None
        other: Sent | None = None
        for sent in stream:
            if others is None:
                others = self.meter.lists(sent.at)
                other = next(others)
            while other is not None and other.at < sent.at:
                yield other
                other = next(others)
            yield sent


@dataclass(frozen=True, slots=True)
class Translated:
    """A reader that writes lines as text: each 0A becomes 0D 0A, and frames are parted by a CRLF."""

    def __call__(self, stream: Iterable[Sent]) -> Iterator[Sent]:
        """Translate frames."""
        for sent in stream:
            yield replace(sent, frame=translate(sent.frame)) if sent.frame else sent


def translate(frame: bytes) -> bytes:
    """Return a frame as such a reader hands it on, with the CRLF after it."""
    return frame.replace(b"\n", b"\r\n") + b"\r\n"

"""One list through Home Assistant, from bytes to states written, beside bare writes of the same states.

A simulated meter's own sequence of an hour goes through a meter of a real Home Assistant, in virtual time. First what
the integration writes is noted: entity, state, attributes. Then the meter is removed and added again, and the same
lists are timed one by one; at last the very same writes are, by `hass.states.async_set` alone. Before these each list
is decoded too, not timed, so that the processor's caches are in both cases as they are when a list arrives.

Medians count, for other programs disturb; an hour's lists are put together of the medians of their kinds.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import mean, median
from time import perf_counter_ns
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from homeassistant.core import HomeAssistant, StateMachine

from custom_components.han_port.const import CONF_INTERVAL
from custom_components.han_port.coordinator import HanPortCoordinator
from custom_components.han_port.wire.decoder import Decoder
from tests.meters import Maker, Meter, make_meter
from tests.meters.make import MakerName

from .bars import Bar, Part
from .home import QuietBridge, add, entry_of, home, virtual_time

BEGIN: Final = datetime(2026, 1, 12, 17, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
ON_THE_LINE: Final = timedelta(seconds=1)
"""From sending to arrival."""
MOST_RATIO: Final = 1.5
KNOWN: Final[Mapping[str, float]] = {" power": 5, " hourly": 9, "an hour, usual": 3.2, "an hour, every": 2.5}
"""Where the bar is known to be missed: a power list is one write beside which reading it weighs as much; a list that
settles an hour has that saved and told; and with the usual options most numbers of most lists are not written at all.
"""

type Write = tuple[str, str, Mapping[str, Any]]
"""Entity id, state, attributes."""


class Arrival(NamedTuple):
    """A list that arrives."""

    at: datetime
    frame: bytes
    kind: str


class Timed(NamedTuple):
    """What a list has cost, in ns."""

    arrival: Arrival
    ours: int
    bare: int
    writes: int


def measure(hours: int, makers: Iterable[MakerName]) -> Part:
    """Measure the sequences of some makers, of so many hours."""
    rows: list[dict[str, Any]] = []
    for maker in makers:
        meter = make_meter(maker, start=BEGIN - HOUR)
        arrivals = sequence(meter, hours)
        always = asyncio.run(timed(meter.maker, {CONF_INTERVAL: 0}, arrivals))
        rows += [row(maker, kind, [one for one in always if one.arrival.kind == kind]) for kind in kinds_of(always)]
        rows.append(hour_row(f"{maker}, an hour, every number of every list", always))
        usual = asyncio.run(timed(meter.maker, {}, arrivals))
        rows.append(hour_row(f"{maker}, an hour, usual options", usual))
    bars = [
        Bar(f"{one['list']}, times bare writes", one["ratio"], MOST_RATIO, known=known(one["list"])) for one in rows
    ]
    return Part("One list through Home Assistant: bytes to states written", rows, bars)


def known(name: str) -> float | None:
    """Return what is known to be reached where the bar is not."""
    return next((times for part, times in KNOWN.items() if part in name), None)


def kinds_of(lists: Iterable[Timed]) -> list[str]:
    """Return the kinds of list among these."""
    there = {one.arrival.kind for one in lists}
    return [kind for kind in ("power", "full", "hourly") if kind in there]


def row(maker: str, kind: str, lists: list[Timed]) -> dict[str, Any]:
    """Return the row of a kind of list."""
    ours = median(one.ours for one in lists) / 1000
    bare = median(one.bare for one in lists) / 1000
    writes = mean(one.writes for one in lists)
    return {"list": f"{maker} {kind}", "writes": writes, "ours, µs": ours, "bare, µs": bare, "ratio": ours / bare}


def hour_row(name: str, lists: list[Timed]) -> dict[str, Any]:
    """Return the row of a sequence: the mean of a list, each counted with the median of those like it."""
    alike: dict[tuple[str, int], list[Timed]] = {}
    for one in lists:
        alike.setdefault((one.arrival.kind, one.writes), []).append(one)
    ours = sum(len(some) * median(one.ours for one in some) for some in alike.values()) / len(lists) / 1000
    bare = sum(len(some) * median(one.bare for one in some) for some in alike.values()) / len(lists) / 1000
    writes = mean(one.writes for one in lists)
    return {"list": name, "writes": writes, "ours, µs": ours, "bare, µs": bare, "ratio": ours / bare}


def sequence(meter: Meter, hours: int) -> list[Arrival]:
    """Return a meter's lists of some hours from BEGIN on, and of one before: so all is as it is in daily use."""
    lists = meter.lists(BEGIN - HOUR, BEGIN + hours * HOUR)
    return [Arrival(sent.at + ON_THE_LINE, sent.frame, sent.kind) for sent in lists]


async def timed(maker: Maker, options: Mapping[str, Any], arrivals: list[Arrival]) -> list[Timed]:
    """Time the lists of a meter, those from BEGIN on."""
    async with home() as hass, QuietBridge() as bridge:
        entry = entry_of(maker, bridge.url, options)
        writes = await noted(hass, await add(hass, entry), arrivals)
        await hass.async_block_till_done()
        await hass.config_entries.async_remove(entry.entry_id)
        ours = await fed(hass, await add(hass, entry_of(maker, bridge.url, options)), arrivals)
        bare = await written(hass, arrivals, writes)
    return [
        Timed(arrival, our, each, len(made))
        for arrival, our, each, made in zip(arrivals, ours, bare, writes, strict=True)
        if arrival.at >= BEGIN
    ]


async def noted(hass: HomeAssistant, meter: HanPortCoordinator, arrivals: Iterable[Arrival]) -> list[list[Write]]:
    """Feed lists, and return what is written for each."""
    writes = []
    with virtual_time(hass, BEGIN - HOUR) as put, noting() as made:
        for arrival in arrivals:
            put(arrival.at)
            meter.feed(arrival.frame)
            writes.append(made.copy())
            made.clear()
            await breath(arrival)
    return writes


@contextmanager
def noting() -> Iterator[list[Write]]:
    """Yield the list to which whatever is written from now on is added."""
    made: list[Write] = []
    real = StateMachine.async_set_internal

    def noted_too(
        self: StateMachine,
        entity_id: str,
        state: str,
        attributes: Mapping[str, Any] | None,
        *more: Any,  # noqa: ANN401 - whatever else it is told
    ) -> None:
        made.append((entity_id, state, attributes or {}))
        real(self, entity_id, state, attributes, *more)

    with patch.object(StateMachine, "async_set_internal", noted_too):
        yield made


async def fed(hass: HomeAssistant, meter: HanPortCoordinator, arrivals: Iterable[Arrival]) -> list[int]:
    """Return the ns that each list takes."""
    times = []
    feed = meter.feed
    with virtual_time(hass, BEGIN - HOUR) as put:
        for arrival in arrivals:
            put(arrival.at)
            begin = perf_counter_ns()
            feed(arrival.frame)
            times.append(perf_counter_ns() - begin)
            await breath(arrival)
    return times


async def written(hass: HomeAssistant, arrivals: Iterable[Arrival], writes: Iterable[list[Write]]) -> list[int]:
    """Return the ns that the bare writes of each list take."""
    times = []
    async_set = hass.states.async_set
    decoder = Decoder()
    for arrival, made in zip(arrivals, writes, strict=True):
        decoder.feed(arrival.frame)
        begin = perf_counter_ns()
        for entity_id, state, attributes in made:
            async_set(entity_id, state, attributes)
        times.append(perf_counter_ns() - begin)
        await breath(arrival)
    return times


async def breath(arrival: Arrival) -> None:
    """Let the event loop go on after the lists that give it something to do, not timed."""
    if arrival.kind == "hourly":
        await asyncio.sleep(0)

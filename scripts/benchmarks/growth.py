"""What one list costs as a meter's entities, options and book of hours grow: it must not grow with them.

The blocking time is that of the hourly list that settles an hour: the event loop does nothing else meanwhile.
"""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from custom_components.han_port import const
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Quantity, Reading
from tests.meters import Meter, make_meter

from .bars import Bar, Part
from .home import QuietBridge, add, enable_all, entry_of, home, keep_hours
from .lists import BEGIN, HOUR, Arrival, fed, sequence

BOOKS: Final[Mapping[str, int]] = {"fresh": 0, "a day": 24, "a year": 400 * 24}
"""Hours in the book; as many as are kept, at last."""
OPTIONS: Final[Mapping[str, Any]] = {
    const.CONF_INTERVAL: 0,
    const.CONF_POWER_FACTOR: 2,
    const.CONF_CURRENT_FACTOR: 2,
    const.CONF_VOLTAGE_FACTOR: 1.1,
}
ENTITIES: Final[Mapping[str, tuple[bool, Mapping[str, Any]]]] = {
    "usual": (False, {const.CONF_INTERVAL: 0}),
    "usual, factors set": (False, OPTIONS),
    "all": (True, {const.CONF_INTERVAL: 0}),
}
MOST_TIMES: Final = 1.3
"""A list with a year in the book may cost so many times one with an empty book: what is measured differs so much."""
MOST_BLOCKING: Final = 5.0
"""ms. Nobody notices so short a pause."""


def measure(hours: int) -> Part:
    """Measure a few hours of each case."""
    rows: list[dict[str, Any]] = []
    meter = make_meter("aidon", start=BEGIN - HOUR)
    arrivals = sequence(meter, hours)
    for entities, (everything, options) in ENTITIES.items():
        for book, settled in BOOKS.items():
            costs = asyncio.run(_costs(meter, arrivals, settled, options, everything=everything))
            rows.append({"entities": entities, "hours in the book": book, **costs})
    bars = []
    for entities in ENTITIES:
        first, *_, last = [one for one in rows if one["entities"] == entities]
        for kind in ("power", "full"):
            times = last[f"{kind}, µs"] / first[f"{kind}, µs"]
            bars.append(Bar(f"{entities}: a {kind} list with a full book, times with none", times, MOST_TIMES))
        bars.append(Bar(f"{entities}: an hourly list with a full book", last["hourly, ms"], MOST_BLOCKING, " ms"))
    return Part("One meter's cost as it grows", rows, bars)


async def _costs(
    meter: Meter, arrivals: list[Arrival], settled: int, options: Mapping[str, Any], *, everything: bool
) -> dict[str, float]:
    async with home() as hass, QuietBridge() as bridge:
        entry = entry_of(meter.maker, bridge.url, options)
        if everything:
            enable_all(hass, meter.maker)
        await keep_hours(hass, entry, before(meter, settled))
        times = await fed(hass, await add(hass, entry), arrivals)

    def of(kind: str) -> float:
        kinds = zip(arrivals, times, strict=True)
        return median(time for arrival, time in kinds if arrival.kind == kind and arrival.at >= BEGIN) / 1000

    return {"power, µs": of("power"), "full, µs": of("full"), "hourly, ms": of("hourly") / 1000}


def before(meter: Meter, hours: int) -> Iterator[tuple[Reading, datetime]]:
    """Yield the hourly readings of so many hours before the simulation begins, and when they came."""
    begin = BEGIN - HOUR
    (last,) = Decoder().feed(meter.send("hourly", begin + timedelta(seconds=10)).frame)
    for back in range(hours, 0, -1):
        at = begin - back * HOUR
        used = 1000 * back + back * back % 700
        register = {Quantity.ENERGY_IMPORT: int(last.values[Quantity.ENERGY_IMPORT]) - used}
        clock = meter.maker.wall(at)
        yield last._replace(values={**last.values, **register}, clock=clock), at.astimezone(UTC) + timedelta(seconds=12)

"""Many meters in one Home Assistant on one core, in real time, through real sockets.

The meters are a process of their own (`senders`) on the other cores. The time is put so that a full hour passes in the
middle of the measurement: then all meters settle an hour and save it, in the ten seconds that they all take for their
hourly lists.
"""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
import gc
import json
import os
import resource
from statistics import quantiles
import sys
from time import process_time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.han_port.coordinator import HanPortCoordinator
from custom_components.han_port.wire.decoder import Decoder

from .bars import Bar, Part
from .home import entry_of, home, keep_hours, utc_time
from .process import resident
from .senders import SPARE_FILES, makers

MOST_SHARE: Final = 50.0
MOST_LAG: Final = 50.0
SAMPLE: Final = 0.01
"""Seconds between two looks at the event loop's lag."""
SET_UP: Final = 0.05
"""Seconds that the set-up of a meter takes, about."""
TOGETHER: Final = 50
"""Entries that are set up at the same time."""
PATIENCE: Final = 60.0
"""Seconds for the other process to answer, and for the last lists to arrive."""


def measure(meters: int = 1000, minutes: float = 10, warm_up: float = 20, *, recorder: bool = False) -> Part:
    """Measure for so many minutes, after so many seconds of lists."""
    return asyncio.run(_measure(meters, minutes * 60, warm_up, recorder=recorder))


async def _measure(meters: int, seconds: float, warm_up: float, *, recorder: bool) -> Part:
    one_core()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files[0], min(files[1], 2 * meters + SPARE_FILES)), files[1]))
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    ahead = hour - datetime.now(UTC) - timedelta(seconds=SET_UP * meters + warm_up + seconds / 2)
    async with senders(meters) as (process, ports), home(recorder=recorder) as hass:
        with utc_time(lambda: datetime.now(UTC) + ahead):
            since = asyncio.get_running_loop().time()
            coordinators = await set_up(hass, ports, hour - timedelta(hours=1))
            took = asyncio.get_running_loop().time() - since
            begin = datetime.now(UTC) + ahead + timedelta(seconds=10)
            begin -= timedelta(seconds=begin.second % 10, microseconds=begin.microsecond)
            wait = (begin - datetime.now(UTC) - ahead).total_seconds()
            await tell(process, f"{begin.isoformat()} {wait} {warm_up + seconds}")
            await asyncio.sleep(wait + warm_up)
            figures = await observed(seconds)
            sent = json.loads(await told(process))
            lost = await missed(coordinators, sent["sent before"] + sent["sent"]) + sent["nobody took"]
        await tell(process, "")
        hours = sum(one.bookkeeper.book.last_hour is not None for one in coordinators)
    rows: list[dict[str, Any]] = [
        {"figure": "meters", "value": meters},
        {"figure": "minutes", "value": seconds / 60},
        {"figure": "set-up of all, s", "value": took},
        {"figure": "lists a second", "value": sent["sent"] / (warm_up + seconds)},
        {"figure": "lists sent", "value": sent["sent"]},
        {"figure": "lists lost", "value": lost},
        {"figure": "sender late at most, ms", "value": sent["late"] * 1000},
        {"figure": "hours settled meanwhile", "value": hours},
        *({"figure": name, "value": value} for name, value in figures.items()),
    ]
    bars = [
        Bar("share of the core", figures["share of the core, %"], MOST_SHARE, " %"),
        Bar("event loop's lag, p99", figures["lag p99, ms"], MOST_LAG, " ms"),
        Bar("lists lost", lost, 0),
    ]
    title = f"{meters} meters in one process on one core, {'with the recorder' if recorder else 'without a recorder'}"
    return Part(title, rows, bars)


def one_core() -> None:
    """Stay on one core from now on."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@asynccontextmanager
async def senders(meters: int) -> AsyncGenerator[tuple[asyncio.subprocess.Process, list[int]]]:
    """Yield a process of so many meters, and their ports. It stays off the highest core, where there is another."""
    cores = set(range(os.cpu_count() or 1))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts.benchmarks.senders", str(meters)), stdin=PIPE, stdout=PIPE, limit=1 << 20
    )
    with suppress(OSError):
        os.sched_setaffinity(process.pid, cores - os.sched_getaffinity(0) or cores)
    try:
        yield process, json.loads(await told(process))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def tell(process: asyncio.subprocess.Process, line: str) -> None:
    """Give the other process a line."""
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(f"{line}\n".encode())
    await process.stdin.drain()


async def told(process: asyncio.subprocess.Process) -> bytes:
    """Return the next line of the other process."""
    assert process.stdout is not None  # noqa: S101
    async with asyncio.timeout(PATIENCE):
        return await process.stdout.readline()


async def set_up(hass: HomeAssistant, ports: Iterable[int], register_at: datetime) -> list[HanPortCoordinator]:
    """Add all meters, each with a book that has the register of an hour ago."""
    entries: list[ConfigEntry[HanPortCoordinator]] = []
    meters = list(zip(makers(len(list(ports))), ports, strict=True))
    for maker, port in meters:
        entry = entry_of(maker, f"socket://127.0.0.1:{port}")
        frame = maker.encode("hourly", REGISTERS, maker.wall(register_at))
        await keep_hours(hass, entry, [(reading, register_at) for reading in Decoder().feed(frame)])
        entries.append(entry)
    for at in range(0, len(entries), TOGETHER):
        await asyncio.gather(*map(hass.config_entries.async_add, entries[at : at + TOGETHER]))
    await hass.async_block_till_done()
    return [entry.runtime_data for entry in entries]


async def observed(seconds: float) -> dict[str, float]:
    """Watch this process and its event loop for so long."""
    loop = asyncio.get_running_loop()
    gc.collect()
    memory, used, begin = resident(), process_time(), loop.time()
    lags = []
    while (before := loop.time()) < begin + seconds:
        await asyncio.sleep(SAMPLE)
        lags.append(loop.time() - before - SAMPLE)
    share = (process_time() - used) / (loop.time() - begin)
    gc.collect()
    percentiles = quantiles(lags, n=1000)
    return {
        "share of the core, %": share * 100,
        "lag p50, ms": percentiles[499] * 1000,
        "lag p99, ms": percentiles[989] * 1000,
        "lag p99.9, ms": percentiles[998] * 1000,
        "lag at most, ms": max(lags) * 1000,
        "resident at first, MiB": memory / 1024**2,
        "resident at last, MiB": resident() / 1024**2,
    }


async def missed(coordinators: list[HanPortCoordinator], sent: int) -> int:
    """Return how many of the lists that were sent have not come, once all have or none comes any more."""
    for _look in range(round(PATIENCE / SAMPLE)):
        if lists(coordinators) >= sent:
            break
        await asyncio.sleep(SAMPLE)
    return sent - lists(coordinators)


def lists(coordinators: Iterable[HanPortCoordinator]) -> int:
    """Return how many lists these have taken."""
    return sum(one.decoder.counters.readings for one in coordinators)


REGISTERS: Final = {
    **dict.fromkeys(("power_import", "current_l1", "current_l2", "current_l3"), 1),
    **dict.fromkeys(("power_export", "reactive_power_import", "reactive_power_export"), 0),
    **dict.fromkeys(("voltage_l1", "voltage_l2", "voltage_l3"), 230),
    **dict.fromkeys(("energy_export", "reactive_energy_import", "reactive_energy_export"), 0),
    "energy_import": 31_410_000,
}
"""What a meter's list said an hour ago."""

"""Faults of what comes through a connection that is open: noise, too much, too little, or another's."""

from itertools import cycle
from random import Random

import pytest

from ..conftest import OTHER_AIDON
from .conftest import NOW
from .harness import STEADY, Home
from .peers import Bridge, Counting, Flood, Lag
from .test_connections import COMES_BACK, SHOWS

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled", "everything_on")

LAG = 0.05
"""Seconds that 99 of 100 callbacks in Home Assistant's event loop do not wait longer than."""


async def test_noise(home: Home, bridge: Bridge) -> None:
    random = Random(1)
    await home.moves_in(bridge.url)
    async with home.fault("noise for ever") as fault:
        bridge.pause()
        async with bridge.saying(lambda: random.randbytes(240), every=1):
            await fault.noticed(within=SHOWS)
            await fault.lasts()
        await bridge.resume()
        await fault.healed(within=COMES_BACK)


async def test_a_byte_a_second(home: Home, bridge: Bridge) -> None:
    frames = [bridge.meter.send(kind, NOW).frame for kind in ("power", "full")]
    octets = cycle(b"".join(frames))
    await home.moves_in(bridge.url)
    async with home.fault("one byte a second") as fault:
        bridge.pause()
        async with bridge.saying(lambda: bytes((next(octets),)), every=1):
            await fault.noticed(within=SHOWS)
            await fault.lasts()
        await bridge.resume()
        await fault.healed(within=COMES_BACK)


@pytest.mark.parametrize("what", ["noise", "lists"])
async def test_flood(home: Home, bridge: Bridge, what: str) -> None:
    lists = b"".join(bridge.meter.send("full", NOW).frame for _ in range(40))
    await home.moves_in(bridge.url)
    async with home.fault(f"a flood of {what}, 10 MB/s") as fault:
        bridge.refuse()
        with Flood(bridge.port, Random(1).randbytes(8192) if what == "noise" else lists) as flood:
            await fault.noticed(within=SHOWS)
            lags = []
            for _ in range(3):  # the best counts: others use this machine too
                with Lag() as lag:
                    await fault.lasts(240, 2 * STEADY)
                lags.append(lag)
        best = min(lags, key=lambda lag: lag.part(0.99))
        assert len(flood.sent) >= 5
        assert max(flood.sent) < 10_000_000  # it was cut off: what the system's buffers hold, and no more
        assert best.part(0.99) <= LAG
        fault.note = f"event loop's lag {best.part(0.99) * 1000:.1f} ms (p99), {best.part(1) * 1000:.0f} ms at most"
        await bridge.resume()
        await fault.healed(within=COMES_BACK)


async def test_another_meter_between(home: Home, bridge: Bridge) -> None:
    other = Counting(OTHER_AIDON, NOW, watts=20_000)
    await home.moves_in(bridge.url)
    async with home.fault("lists of another meter between ours") as fault:
        async with bridge.saying(lambda: other.send("full", home.clock.now()).frame, every=10):
            await fault.lasts(300, STEADY)
        await fault.healed(within=COMES_BACK)
        assert home.highest < 20_000
        assert "another_meter" in home.issues

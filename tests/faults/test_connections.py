"""Faults of connections: refused, lost, dead, or not to be had."""

import _socket
import socket

import pytest

from .conftest import NOW
from .harness import STEADY, Home
from .namespaces import METER, Cable, NotPermittedError, inside
from .peers import Bridge, Counting, Proxy, Resolver

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled", "everything_on")

SHOWS = 11.0
"""Seconds after which a meter that sends every 2.5 s is missed: four lists, and a moment."""
COMES_BACK = 75.0
"""Seconds within which a bridge that is back is found again: the longest wait of a minute, an attempt, two lists."""
UNKNOWN = "-bridge-.invalid"
"""A name that the system's resolver refuses without asking anybody."""


@pytest.fixture
async def resolver(home: Home, monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Return the resolver that everybody asks."""
    resolver = Resolver(home.hass.loop)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


async def test_connection_refused(home: Home, bridge: Bridge) -> None:
    await home.moves_in(bridge.url)
    async with home.fault("connection refused") as fault:
        bridge.refuse()
        await fault.noticed(within=SHOWS)
        await fault.lasts()
        await bridge.resume()
        await fault.healed(within=COMES_BACK)


async def test_host_unknown(home: Home, bridge: Bridge, resolver: Resolver) -> None:
    resolver.names["bridge.home.arpa"] = "localhost"
    await home.moves_in(f"socket://bridge.home.arpa:{bridge.port}")
    async with home.fault("host unknown (and the bridge restarted)") as fault:
        resolver.names["bridge.home.arpa"] = UNKNOWN
        bridge.drop()
        await fault.noticed(within=SHOWS)
        await fault.lasts()
        resolver.names["bridge.home.arpa"] = "localhost"
        await fault.healed(within=COMES_BACK)


async def test_host_unknown_at_start(home: Home, bridge: Bridge, resolver: Resolver) -> None:
    resolver.names["bridge.home.arpa"] = UNKNOWN
    async with home.fault("host unknown at start-up") as fault:
        reason = await fault.keeps_from_starting(f"socket://bridge.home.arpa:{bridge.port}")
        assert "not known" in reason
        await fault.lasts()
        resolver.names["bridge.home.arpa"] = "localhost"
        await fault.healed(within=95)  # Home Assistant tries again every 80 s


async def test_slow_names(home: Home, bridge: Bridge, resolver: Resolver) -> None:
    resolver.names["bridge.home.arpa"] = "localhost"
    await home.moves_in(f"socket://bridge.home.arpa:{bridge.port}")
    async with home.fault("names resolved only after 30 s (and the bridge restarted)") as fault:
        resolver.takes = 30
        bridge.drop()
        await fault.noticed(within=SHOWS)
        await fault.lasts()
        assert resolver.most <= 4  # nobody may wait in ever more threads
        resolver.is_quick_again()
        await fault.healed(within=COMES_BACK)


async def test_closed_in_the_middle_of_a_frame(home: Home, bridge: Bridge) -> None:
    await home.moves_in(bridge.url)
    async with home.fault("closed in the middle of a frame, once") as fault:
        bridge.cuts = 1
        await home.until(lambda: not bridge.cuts, 5, "cut")
        await fault.healed(within=SHOWS)
        assert home.unavailable_at is None


async def test_closed_in_the_middle_of_every_frame(home: Home, bridge: Bridge) -> None:
    await home.moves_in(bridge.url)
    async with home.fault("closed in the middle of every frame") as fault:
        bridge.cuts = 1_000_000
        await fault.noticed(within=SHOWS + 2.5)
        await fault.lasts()
        bridge.cuts = 0
        await fault.healed(within=COMES_BACK)


async def test_half_open_once(home: Home, bridge: Bridge) -> None:
    async with Proxy(bridge.port) as proxy:
        await home.moves_in(proxy.url)
        async with home.fault("half-open without FIN: a proxy forgets its connections") as fault:
            proxy.stops_forwarding()
            proxy.forwards_again()
            await fault.healed(within=25)
            assert home.unavailable_at is not None


async def test_half_open(home: Home, bridge: Bridge) -> None:
    async with Proxy(bridge.port) as proxy:
        await home.moves_in(proxy.url)
        async with home.fault("half-open without FIN: a proxy stops forwarding") as fault:
            proxy.stops_forwarding()
            await fault.noticed(within=SHOWS)
            await fault.lasts()
            proxy.forwards_again()
            await fault.healed(within=COMES_BACK + 15)  # the watchdog has to notice first


async def test_silent(home: Home, bridge: Bridge) -> None:
    await home.moves_in(bridge.url)
    async with home.fault("accepts, and stays silent") as fault:
        bridge.pause()
        await fault.noticed(within=SHOWS)
        await fault.lasts()
        await bridge.resume()
        await fault.healed(within=COMES_BACK)


async def test_cable_pulled(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _socket.socket.connect)  # not to this machine alone
    try:
        cable = Cable().__enter__()
    except NotPermittedError as error:
        pytest.skip(f"no network namespace: {error}")
    bridge = Bridge(Counting(home.maker, NOW), METER, start=NOW)
    try:
        with inside(cable.there):
            await bridge.start()
        with inside(cable.here):
            await home.moves_in(bridge.url)
            async with home.fault("the cable to the bridge is pulled (network namespaces)") as fault:
                cable.pull()
                await fault.noticed(within=SHOWS)
                await fault.lasts()
                cable.plug()
                await fault.healed(within=COMES_BACK + 15)  # an attempt may be under way that has to fail first
            await home.moves_out()
    finally:
        await bridge.stop()
        cable.__exit__()


async def test_a_thousand_restarts(home: Home, bridge: Bridge) -> None:
    bridge.greets = True
    await home.moves_in(bridge.url)
    async with home.fault("the bridge restarts 1500 times") as fault:
        async with fault.lasting(STEADY):
            for restart in range(1500):
                if restart == 500:  # by now the book remembers as many lists as it ever does
                    fault.warm()
                seen = home.numbers
                bridge.drop()
                await home.until(lambda seen=seen: home.numbers > seen, SHOWS, "number")  # type: ignore[misc]
        assert home.entry.runtime_data.link.reconnects >= 1500
        await fault.healed(within=SHOWS)
        assert home.unavailable_at is None
        assert home.issues == {}

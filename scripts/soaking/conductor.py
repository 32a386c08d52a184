"""Lets the faults of a plan happen, one after the other."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from tests.meters import Meter

from .bridge import Bridge
from .clock import Clock
from .plan import Fault, Kind


class Conductor:
    """Has everything at hand that can fail."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        bridge: Bridge,
        clock: Clock,
        meters: tuple[Meter, Meter],
    ) -> None:
        """Begin.

        Args:
            hass: Home Assistant.
            entry: of our meter.
            bridge: that sends its lists.
            clock: of the event loop.
            meters: ours, and another one.

        """
        self.fault: Fault | None = None
        """The last fault that has begun."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._bridge = bridge
        self._clock = clock
        self._meter, self._stranger = meters

    async def conduct(self, faults: Sequence[Fault]) -> None:
        """Let all faults happen."""
        for fault in faults:
            await self._bridge.until(self._clock.loop_time(fault.start))
            self.fault = fault
            await self._happen(fault)
            fault.ended = self._clock.time()

    async def _happen(self, fault: Fault) -> None:
        bridge, entries = self._bridge, self._hass.config_entries
        end = self._clock.loop_time(fault.end)
        match fault.kind:
            case Kind.CUT:
                await bridge.cut()
            case Kind.REFUSED | Kind.ABSENT:
                await bridge.refuse()
                if fault.kind is Kind.ABSENT:
                    await entries.async_reload(self._entry_id)
                await bridge.until(end)
                await bridge.admit()
            case Kind.HALF_OPEN:
                bridge.forget_clients()
            case Kind.FLIPPED:
                bridge.flipping = True
                await bridge.until(end)
                bridge.flipping = False
            case Kind.STRANGER:
                async with _meanwhile(bridge.stranger(self._stranger)):
                    await bridge.until(end)
            case Kind.RELOAD:
                await entries.async_reload(self._entry_id)
            case Kind.UNLOADED:
                await entries.async_unload(self._entry_id)
                await bridge.until(end)
                await entries.async_setup(self._entry_id)
            case _:
                bridge.mute = True
                async with _meanwhile(self._instead(fault.kind)):
                    await bridge.until(end)
                bridge.mute = False

    async def _instead(self, kind: Kind) -> None:
        """Send what comes instead of lists."""
        match kind:
            case Kind.NOISE:
                await self._bridge.noise()
            case Kind.FLOOD:
                await self._bridge.flood()
            case Kind.SLOW:
                await self._bridge.trickle(self._meter)


@asynccontextmanager
async def _meanwhile(coroutine: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Run a coroutine in the meantime."""
    task = asyncio.create_task(coroutine)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""How a fault is measured: what the owner sees, when it shows, when it is over, what it logs, and what it leaves.

What belongs here: the home in which a meter is read, and the stopwatch. All times are those of the event loop, in
seconds, and told from outside: by the states of entities, the state of the config entry, the issue registry, the log.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
import gc
import logging
from pathlib import Path
import re
import tracemalloc
from typing import override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN

from ..conftest import entry_for, set_up
from ..meters import Maker
from ..serving import open_files
from .clock import Clock

LIVE = 60.0
"""How much faster time passes while something is being measured."""
STEADY = 100.0
"""How much faster while lists come: a list that the system hands on late by a tenth of a second counts as in time."""
LONG = 600.0
"""How much faster while a fault lasts and no lists come."""
LASTS = 12 * 60.0
"""Seconds that a fault lasts, unless its test says otherwise: longer than anything waits before it tells the owner."""
START = 60.0
"""Seconds within which a meter's numbers are there, once its port is open."""
SETTLE = 30 * 60.0
"""Seconds after the end of a fault within which no issue of it is left."""
SOON = 600.0
"""Seconds (some on the wall) within which whoever was told to let go of something has done so."""
FEW_LINES = 2
MEMORY = 128 * 1024
"""Bytes by which memory may grow while a fault lasts: noise of the interpreter, and far less than anything kept a
second."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a fault."""

    fault: str
    sees: str
    """What the owner sees meanwhile."""
    noticed_s: float | None
    """Seconds from its beginning to numbers that are unavailable, or to the word that set-up has to wait; None: never,
    as the numbers went on."""
    lasted_s: float
    healed_s: float
    """Seconds from its end to new numbers: where a port is asked ever more seldom, a matter of chance..."""
    healed_limit_s: float
    """... up to this, else the test fails."""
    log_lines: int
    tasks: int
    """How many more tasks there were at the end than before."""
    files: int
    memory_kb: float | None
    """By how much memory grew while it lasted; None where it was too short to tell."""
    note: str = ""


class Ear(logging.Handler):
    """Hears what the log says to the owner about the integration."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.core = 0
        """How often Home Assistant itself said that set-up has to wait, at INFO."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        ours = record.name.startswith(f"custom_components.{DOMAIN}")
        if ours and "/homeassistant/" in record.pathname:  # Home Assistant speaks, in our name
            self.core += 1
            return
        named = record.levelno >= logging.WARNING and DOMAIN in f"{record.name} {message}"
        if not (ours or named) or "has not been tested by Home Assistant" in message:
            return
        if message.startswith("Executing "):  # asyncio, of a busy machine
            return
        self.lines.append(message)
        if record.levelno >= logging.ERROR or record.exc_info:
            self.errors.append(message)


class Home:
    """A Home Assistant that reads one meter."""

    def __init__(self, hass: HomeAssistant, clock: Clock, maker: Maker) -> None:
        self.hass = hass
        self.clock = clock
        self.maker = maker
        self.row: Row | None = None
        self.ear = Ear()
        self.unavailable_at: float | None = None
        """When power became unavailable first since a fault began."""
        self.number_at: float | None = None
        """When the last number of power was shown."""
        self.highest = 0.0
        """The highest power ever shown, W."""
        self.numbers = 0
        """How often a number of power was shown."""
        self.issues: dict[str, float] = {}
        """The issues that were raised since a fault began, by their translation key, and when."""
        self._entry: MockConfigEntry | None = None
        self._stir = asyncio.Event()

    @property
    def entry(self) -> MockConfigEntry:
        """The meter's config entry."""
        assert self._entry is not None
        return self._entry

    async def moves_in(self, url: str) -> None:
        """Have the meter's entry set up, and wait for its numbers."""
        await self.adds(url)
        assert self.entry.state is ConfigEntryState.LOADED, self.entry.reason
        self.clock.times = STEADY
        await self.until(lambda: "energy_import" in self.shown(), START, "energy")
        await self.until(self.has_all_numbers, START, "number of every kind")
        self.clock.times = LIVE

    async def adds(self, url: str) -> None:
        """Have the meter's entry set up, whatever comes of it."""
        self._entry = await set_up(self.hass, entry_for(url, self.maker))

    async def moves_out(self) -> None:
        """Have the entry unloaded."""
        if self._entry is not None:
            assert await self.hass.config_entries.async_unload(self._entry.entry_id)
            await self.hass.async_block_till_done()

    async def until(self, so: Callable[[], bool], within: float, what: str) -> None:
        """Wait until what is shown is as it should be; fail after so many seconds."""
        try:
            async with asyncio.timeout(within):
                while not so():
                    self._stir.clear()
                    await self._stir.wait()
        except TimeoutError:
            pytest.fail(f"no {what} within {within:g} s; shown: {self.shown()}; log: {self.ear.lines}")

    def shown(self) -> dict[str, str]:
        """Return the states of what the meter measures."""
        registry = er.async_get(self.hass)
        ids = {
            quantity: registry.async_get_entity_id("sensor", DOMAIN, f"{self.maker.id}_{quantity}")
            for quantity in self.entry.data["quantities"]
        }
        states = {quantity: self.hass.states.get(entity_id) for quantity, entity_id in ids.items() if entity_id}
        return {quantity: state.state for quantity, state in states.items() if state is not None}

    def has_all_numbers(self) -> bool:
        """Tell whether everything that the meter sends is shown; energy only if it was before, for it comes hourly."""
        shown = self.shown()
        return {"power_import", "voltage_l1"} <= shown.keys() and not {STATE_UNAVAILABLE, STATE_UNKNOWN} & set(
            shown.values()
        )

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """Watch states, issues and the log."""
        ends = [
            self.hass.bus.async_listen(EVENT_STATE_CHANGED, self._changed),
            self.hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, self._issue),
        ]
        logging.getLogger().addHandler(self.ear)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self.ear)
            for end in ends:
                end()

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        self._stir.set()
        power = er.async_get(self.hass).async_get_entity_id("sensor", DOMAIN, f"{self.maker.id}_power_import")
        state = event.data["new_state"]
        if event.data["entity_id"] != power or state is None:
            return
        now = self.hass.loop.time()
        if state.state == STATE_UNAVAILABLE:
            if self.unavailable_at is None:
                self.unavailable_at = now
        elif state.state != STATE_UNKNOWN:
            self.number_at = now
            self.numbers += 1
            self.highest = max(self.highest, float(state.state))

    @callback
    def _issue(self, event: Event[ir.EventIssueRegistryUpdatedData]) -> None:
        self._stir.set()
        if event.data["domain"] != DOMAIN or event.data["action"] != "create":
            return
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, event.data["issue_id"])
        if issue is not None and issue.translation_key is not None:
            self.issues.setdefault(issue.translation_key, self.hass.loop.time())

    def standing(self) -> list[str]:
        """Return the integration's issues that are there now."""
        issues = ir.async_get(self.hass).issues.values()
        return [issue.translation_key or issue.issue_id for issue in issues if issue.domain == DOMAIN and issue.active]

    @asynccontextmanager
    async def fault(self, name: str) -> AsyncGenerator[Fault]:
        """Begin to measure a fault; when it has healed, nothing may be left of it."""
        fault = Fault(self, name)
        yield fault
        self.row = await fault.measured()


class Fault:
    """One fault from its beginning, the moment when this is made, to its end, when `healed` is called."""

    def __init__(self, home: Home, name: str) -> None:
        self.note = ""
        self._home = home
        self._name = name
        self._loop = home.hass.loop
        self._tasks, self._files = len(asyncio.all_tasks()), open_files()
        self._at_start = ""
        self._noticed: float | None = None
        self._healed: float | None = None
        self._memory: int | None = None
        self._warm = 0
        self._limit = 0.0
        self._must_tell = False
        home.unavailable_at = home.number_at = None
        home.issues.clear()
        home.ear.lines.clear()
        home.ear.core = 0
        self._began = self._ended = self._loop.time()

    async def keeps_from_starting(self, url: str) -> str:
        """Have the entry set up while the fault is there: it has to wait. Returns the reason the owner is told."""
        home = self._home
        await home.adds(url)
        assert home.entry.state is ConfigEntryState.SETUP_RETRY
        self._noticed = self._loop.time() - self._began
        self._at_start = (home.entry.error_reason_translation_placeholders or {}).get("error", "")
        assert self._at_start
        return self._at_start

    async def noticed(self, within: float) -> None:
        """Wait until all numbers are unavailable: none of them is older than the fault and looks as if it were not."""
        await self._home.until(lambda: self._home.unavailable_at is not None, within, "notice")
        await self._home.hass.async_block_till_done()
        shown = self._home.shown()
        assert set(shown.values()) == {STATE_UNAVAILABLE}, shown

    async def lasts(self, seconds: float = LASTS, times: float = LONG) -> None:
        """Let it last so long, and see that memory does not grow meanwhile. Of a long one the owner has to be told."""
        self._must_tell = seconds >= LASTS
        async with self.lasting(times):
            await asyncio.sleep(seconds / 3)
            self.warm()
            await asyncio.sleep(seconds * 2 / 3)

    @asynccontextmanager
    async def lasting(self, times: float) -> AsyncGenerator[None]:
        """Let it last while something is done; memory does not grow after `warm` was called."""
        clock = self._home.clock
        clock.times = times
        tracemalloc.start()
        try:
            yield
            gc.collect()
            grown = max(0, tracemalloc.get_traced_memory()[0] - self._warm)
        finally:
            tracemalloc.stop()
            clock.times = LIVE
        self._memory = max(grown, self._memory or 0)
        assert grown < MEMORY, f"memory grew by {grown} bytes"

    def warm(self) -> None:
        """Say that what has to be remembered of the fault has been: from now on memory does not grow."""
        gc.collect()
        self._warm = tracemalloc.get_traced_memory()[0]

    async def healed(self, within: float) -> None:
        """Wait for new numbers, now that the fault is over, and for all that told of it to be gone."""
        home = self._home
        self._ended = self._loop.time()
        self._limit = within
        home.number_at = None
        await home.until(lambda: home.number_at is not None, within, "healing")
        self._healed = self._loop.time() - self._ended
        home.clock.times = STEADY
        await home.until(home.has_all_numbers, START, "number of every kind")
        await home.until(lambda: not home.standing(), SETTLE, f"end of {home.standing()}")
        numbers = home.numbers
        await asyncio.sleep(60)
        assert home.numbers > numbers, "it was not for long"
        assert home.has_all_numbers(), home.shown()
        home.clock.times = LIVE

    async def measured(self) -> Row:
        """Return what was measured, once nothing is left of it."""
        home = self._home
        assert self._healed is not None
        assert home.ear.errors == [], home.ear.errors
        lines = list(home.ear.lines)
        if home.ear.core:
            self.note = f"Home Assistant itself logs {home.ear.core} times (INFO) that it tries again"
        assert len(lines) <= FEW_LINES, lines
        if self._noticed is None and home.unavailable_at is not None:
            self._noticed = home.unavailable_at - self._began
        if self._must_tell:
            assert home.issues, "the owner was not told"
        if not self._at_start:  # else there was no open port before
            await lets_go(self._tasks, self._files)
        return Row(
            fault=self._name,
            sees=self._sees(lines),
            noticed_s=self._noticed and round(self._noticed, 1),
            lasted_s=round(self._ended - self._began, 1),
            healed_s=round(self._healed, 1),
            healed_limit_s=self._limit,
            log_lines=len(lines),
            tasks=0 if self._at_start else max(0, len(asyncio.all_tasks()) - self._tasks),
            files=0 if self._at_start else max(0, open_files() - self._files),
            memory_kb=None if self._memory is None else round(self._memory / 1024, 1),
            note=self.note,
        )

    def _sees(self, lines: list[str]) -> str:
        if self._at_start:
            seen = [f"set-up waits: “{plain(self._at_start)}”"]
        elif self._noticed is None:
            seen = ["the numbers go on"]
        else:
            reason = lines[0].partition(" s: ")[2] if lines else ""
            seen = ["unavailable" + (f": “{plain(reason)}”" if reason else "")]
        for key, at in self._home.issues.items():
            seen.append(f"after {(at - self._began) / 60:.1f} min the repair `{key}`")
        return "; ".join(seen)


def plain(reason: str) -> str:
    """Return a reason without the address of this test's own bridge or device."""
    return re.sub(r"(?<!\S)(/\S*/)", "/dev/", re.sub(r"://[^\s:]+(:\d+)?", "://bridge", reason))


def open_now() -> list[str]:
    """Return what this process has open."""
    found = []
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(file.readlink()))
    return found


async def lets_go(tasks: int, files: int) -> None:
    """Wait until there are no more tasks and open files than that: who closes is sometimes heard a moment later."""
    try:
        async with asyncio.timeout(SOON):
            while len(asyncio.all_tasks()) > tasks or open_files() > files:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(1)
    except TimeoutError:
        names = [str(task.get_coro()) for task in asyncio.all_tasks()]
        pytest.fail(f"left: {len(names) - tasks} tasks of {names}, {open_files() - files} files of {open_now()}")


def as_property(row: Row) -> tuple[str, dict[str, object]]:
    """Return a row as a test's report carries it."""
    return "fault", asdict(row)

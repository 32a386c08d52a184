"""The simulated meter as a process of its own, for whoever needs something to read."""

import asyncio
from asyncio.subprocess import PIPE, Process
import contextlib
from pathlib import Path
import sys
from types import TracebackType
from typing import Self, cast, get_args

from tests.meters.make import MakerName, make_maker

ROOT = Path(__file__).parent.parent
METERS: tuple[str, ...] = get_args(MakerName.__value__)
"""The names that --meter takes."""
READY = "listening on "
ANSWER_SECONDS = 30
STOP_SECONDS = 5


class MeterError(Exception):
    """The simulated meter did not come up. The text says why."""


def keys_of(meter: str) -> dict[str, str]:
    """Return the keys of a simulated meter that ciphers its lists, as HAN Port's form asks for them."""
    maker = make_maker(cast("MakerName", meter))
    keys = {name: getattr(maker, name, None) for name in ("encryption", "authentication")}
    return {name: key.hex() for name, key in keys.items() if key is not None}


def quantities_of(meter: str) -> set[str]:
    """Return the quantities that a simulated meter sends."""
    return set(make_maker(cast("MakerName", meter)).quantities("hourly"))


class SimulatedMeter:
    """`python -m tests.meters` with these arguments, from `async with` (or `start`) to its end (or `stop`)."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: Process | None = None
        self.address = ""
        """What to give to HAN Port: socket://… or the path of a pty."""

    async def start(self) -> None:
        """Start it and return once it listens."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.meters", "--control", *self._arguments),
            cwd=ROOT,
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for us to hand on
        )
        try:
            self.address = await self._told(READY)
        except MeterError:
            await self.stop()
            raise

    async def control(self, command: str) -> None:
        """Give it a command: pause, resume, drop, half-open, refuse (as unplugged)."""
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018
        self._process.stdin.write(f"{command}\n".encode())
        await self._told("done")

    async def _told(self, start: str) -> str:
        """Wait for a line that starts so, and return the rest of it."""
        assert self._process is not None and self._process.stdout is not None  # noqa: S101, PT018
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                while line := (await self._process.stdout.readline()).decode():
                    if line.startswith(start):
                        return line.removeprefix(start).strip()
        raise MeterError(f"the simulated meter ({' '.join(self._arguments)}) does not answer")

    async def stop(self) -> None:
        """End the process."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

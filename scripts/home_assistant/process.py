"""The process of a real Home Assistant: start it, wait until it answers, stop it, read its log."""

import asyncio
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
import contextlib
import os
from pathlib import Path
import signal
import socket
import sys
from types import TracebackType
from typing import Self

import aiohttp

from .configuration import Configuration

START_SECONDS = 150  # the very first start, on a slow machine, with requirements to install
STOP_SECONDS = 45  # Home Assistant gives its own shutdown stages about this long
POLL_SECONDS = 0.2


class ProcessError(Exception):
    """Home Assistant did not start, or stopped by itself. The text says why, with the end of its log."""


class PortTakenError(Exception):
    """Something already listens on the port that Home Assistant is to have."""


def free_port() -> int:
    """Return a TCP port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def assert_free(port: int) -> None:
    """Raise `PortTakenError` if something listens on this TCP port of the machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as err:
            raise PortTakenError(f"port {port} cannot be had: {err.strerror}") from err


class HomeAssistantProcess:
    """One Home Assistant in a process of its own, from `async with` to its end."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        asyncio_debug: bool = False,
        program: Sequence[str] = ("-m", "homeassistant"),
    ) -> None:
        self.configuration = configuration
        self._program = program
        self._debug = asyncio_debug
        self._process: Process | None = None

    @property
    def console(self) -> Path:
        """The file with all that the process printed, its log included."""
        return self.configuration.folder / "console.log"

    def log(self) -> str:
        """Return what the process has printed so far."""
        return self.console.read_text(encoding="utf-8", errors="replace") if self.console.exists() else ""

    async def start(self) -> None:
        """Start the process and return when it answers on its port."""
        assert_free(self.configuration.port)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if self._debug:
            environment["PYTHONASYNCIODEBUG"] = "1"
        with self.console.open("wb") as console:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self._program, "--log-no-color", "--config", str(self.configuration.folder)),
                cwd=self.configuration.folder,
                env=environment,
                stdin=DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,  # Ctrl-C is for us to hand on
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._answering()
        except TimeoutError:
            await self.stop()
            raise ProcessError(self._reason(f"did not answer within {START_SECONDS} s")) from None
        except BaseException:
            await self.stop()
            raise

    async def _answering(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                self.assert_running()
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.configuration.url}/manifest.json") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(POLL_SECONDS)

    def assert_running(self) -> None:
        """Raise `ProcessError` if the process has ended."""
        if self._process is None or self._process.returncode is not None:
            code = self._process.returncode if self._process else None
            raise ProcessError(self._reason(f"ended with exit code {code}"))

    def _reason(self, what: str) -> str:
        tail = "\n".join(self.log().splitlines()[-15:])
        return f"Home Assistant {what}. The end of {self.console}:\n{tail}"

    async def ended(self) -> int:
        """Wait until the process ends by itself and return its exit code."""
        assert self._process is not None  # noqa: S101
        return await self._process.wait()

    async def stop(self) -> None:
        """Let Home Assistant shut down in good order; leave none of its processes behind."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

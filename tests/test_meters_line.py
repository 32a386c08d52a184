"""The simulated meters in real time: on TCP, on a pseudo-terminal, and from the command line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import contextlib
from datetime import UTC, datetime, timedelta
import errno
import os
from pathlib import Path
import signal
import sys
import termios
from typing import Any

import pytest

from tests.meters import Line, PtyLine, TcpLine, make_meter
from tests.meters.faults import DamagedBytes, Outage, Translated, spans

START = datetime(2026, 5, 4, 5, 59, 56, tzinfo=UTC)
FAST = 20
"""Twenty seconds of the meter in one: a list every eighth of a second."""

pytestmark = pytest.mark.usefixtures("socket_enabled")


def make(maker: Any = "aidon") -> Any:
    return make_meter(maker, start=START.replace(hour=0, minute=0, second=0))


async def connect(line: Line) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    assert isinstance(line, TcpLine)
    return await asyncio.open_connection(line.host, line.port)


async def frame_from(reader: asyncio.StreamReader) -> bytes:
    """Read one frame by its length field."""
    async with asyncio.timeout(5):
        head = await reader.readexactly(3)
        assert head[:1] == b"\x7e"
        length = int.from_bytes(head[1:]) & 0x7FF
        return head + await reader.readexactly(length - 1)


async def falls_silent(read: Callable[[], Awaitable[object]]) -> None:
    """Wait until nothing has come for half a second, but not for ever."""
    async with asyncio.timeout(5):
        while True:
            try:
                await asyncio.wait_for(read(), 0.5)
            except TimeoutError:
                return


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that no event tells."""
    for _ in range(100):
        if condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen")


@contextlib.asynccontextmanager
async def client(line: Line) -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await connect(line)
    yield reader
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_every_client_hears_every_list() -> None:
    async with TcpLine(make(), speed=FAST, start=START) as line:
        async with client(line) as first, client(line) as second:
            heard = [(await frame_from(first), await frame_from(second)) for _ in range(8)]
            assert line.clients == 2
        assert all(one == other for one, other in heard)
        assert {len(frame) for frame, _ in heard} == {44, 269, 377}
        assert line.sent["hourly"].frame in {frame for frame, _ in heard}


async def test_real_time_is_real() -> None:
    async with TcpLine(make()) as line, client(line) as reader:
        await frame_from(reader)
        age = datetime.now(UTC) - next(iter(line.sent.values())).at
        assert 0 <= age.total_seconds() < 1


async def test_a_new_client_gets_the_last_hour_at_once_when_asked() -> None:
    async with TcpLine(make("kamstrup"), start=START, first_hourly=True) as line, client(line) as reader:
        frame = await frame_from(reader)
        assert frame == line.sent["hourly"].frame
        assert line.sent["hourly"].values["energy_import"] > 0


async def test_a_paused_line_is_silent_and_open() -> None:
    async with TcpLine(make(), speed=FAST, start=START) as line, client(line) as reader:
        await frame_from(reader)
        line.pause()
        await falls_silent(lambda: reader.readexactly(1))
        await line.resume()
        assert await frame_from(reader)


async def test_a_dropped_client_can_come_back() -> None:
    async with TcpLine(make(), speed=FAST, start=START) as line, client(line) as reader:
        await frame_from(reader)
        line.drop()
        assert await asyncio.wait_for(reader.read(), 2) == b""
        async with client(line) as again:
            assert await frame_from(again)


async def test_a_half_open_connection_is_dead_and_a_new_one_is_not() -> None:
    async with TcpLine(make(), speed=FAST, start=START) as line, client(line) as dead:
        await frame_from(dead)
        line.half_open()
        async with client(line) as alive:
            assert await frame_from(alive)
            assert await frame_from(alive)
        await falls_silent(lambda: dead.readexactly(1))


async def test_a_refusing_line_comes_back_on_the_same_port() -> None:
    async with TcpLine(make(), speed=FAST, start=START) as line, client(line) as reader:
        url = line.url
        await frame_from(reader)
        line.refuse()
        with pytest.raises(ConnectionRefusedError):
            await connect(line)
        await line.resume()
        assert line.url == url
        async with client(line) as again:
            assert await frame_from(again)


async def test_faults_in_the_stream_reach_the_connection() -> None:
    cut, mended = (START.replace(minute=0, hour=6, second=second) for second in (5, 15))
    # The lists are a power list before the hour, the full list at the hour, and a power list before the cut.
    faults = [Outage(spans((cut, mended))), DamagedBytes("flipped", positions={1: [3]})]
    async with TcpLine(make(), speed=10, start=START, faults=faults) as line:
        async with client(line) as reader:
            heard = await asyncio.wait_for(reader.read(), 5)
            full, power = heard[-44 - 269 : -44], heard[-44:]
            assert full == line.sent["full"].frame
            assert power == line.sent["power"].frame
            assert (full[3], power[3]) != (0x41, 0x41) == (power[3], power[3])
        with pytest.raises(ConnectionRefusedError):
            await connect(line)
        await eventually(lambda: line.now() > mended)
        async with client(line) as reader:
            assert await frame_from(reader)


async def test_a_translating_reader_translates_the_first_hour_too() -> None:
    options: dict[str, Any] = {"first_hourly": True, "faults": [Translated()]}
    async with TcpLine(make(), speed=FAST, start=START, **options) as line, client(line) as reader:
        async with asyncio.timeout(5):
            heard = await reader.readuntil(b"\x0d\x0a\x0bAIDON_V0001")
        assert heard.startswith(b"\x7e")


async def test_a_paced_line_takes_the_time_of_a_serial_line() -> None:
    start = START + timedelta(seconds=3.5)
    async with TcpLine(make("kamstrup"), start=start, baudrate=2400) as line, client(line) as reader:
        assert len(await reader.readexactly(16)) == 16
        begin = asyncio.get_running_loop().time()
        await asyncio.wait_for(reader.readexactly(302 - 16 - 74), 5)
        # 212 octets of 11 bits.
        assert asyncio.get_running_loop().time() - begin > 0.9


def open_pty(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


async def read_pty(device: int, size: int = 44) -> bytes:
    """Read that many bytes, or as many as come before the line hangs up."""
    loop = asyncio.get_running_loop()
    heard = b""
    ready = asyncio.Event()
    loop.add_reader(device, ready.set)
    try:
        async with asyncio.timeout(5):
            while len(heard) < size:
                await ready.wait()
                ready.clear()
                with contextlib.suppress(BlockingIOError):
                    piece = os.read(device, size - len(heard))
                    if not piece:
                        break
                    heard += piece
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    finally:
        loop.remove_reader(device)
    return heard


async def test_a_pseudo_terminal_carries_the_bytes_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "meter"
    async with PtyLine(make("kaifa"), path, speed=FAST, start=START) as line:
        assert line.url == str(path)
        await eventually(lambda: line.count > 3)
        device, opened = open_pty(path), line.now()
        # All of raw mode: neither echo nor lines nor translation, with the settings as they are found.
        attributes = termios.tcgetattr(device)
        assert not attributes[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
        assert not attributes[0] & (termios.ICRNL | termios.IXON)
        os.write(device, b"a reader does not speak\n")
        head = await read_pty(device, 3)
        frame = head + await read_pty(device, (int.from_bytes(head[1:]) & 0x7FF) - 1)
        os.close(device)
        assert frame in {sent.frame for sent in line.sent.values()}
        # Nothing of before it was opened, by the clock that each list of a Kaifa shows, in summer time.
        minute, second = frame[25:27]
        assert opened.replace(microsecond=0) <= opened.replace(minute=minute, second=second)
    assert not path.exists()
    assert not path.is_symlink()


async def test_a_reader_of_a_pseudo_terminal_gets_the_last_hour_each_time_it_opens(tmp_path: Path) -> None:
    path = tmp_path / "meter"
    async with PtyLine(make("kamstrup"), path, start=START, first_hourly=True) as line:
        for _ in range(3):
            device = open_pty(path)
            heard = await read_pty(device, 302)
            assert line.clients == 1
            os.close(device)
            assert heard == line.sent["hourly"].frame
        assert line.clients == 0


async def test_a_pulled_plug_hangs_up_and_comes_back_under_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "meter"
    async with PtyLine(make(), path, speed=FAST, start=START) as line:
        device = open_pty(path)
        assert len(await read_pty(device)) == 44
        line.refuse()
        await read_pty(device, 10_000)
        assert not path.is_symlink()
        assert line.clients == 0
        os.close(device)
        await line.resume()
        device = open_pty(path)
        assert len(await read_pty(device)) == 44
        line.drop()
        await read_pty(device, 10_000)
        os.close(device)
        assert path.exists()


async def test_a_half_open_pseudo_terminal_is_alive_again_when_reopened(tmp_path: Path) -> None:
    path = tmp_path / "meter"
    async with PtyLine(make(), path, speed=FAST, start=START) as line:
        device = open_pty(path)
        assert len(await read_pty(device)) == 44
        line.half_open()
        await falls_silent(lambda: read_pty(device, 1))
        os.close(device)
        device = open_pty(path)
        assert len(await read_pty(device)) == 44
        os.close(device)


@contextlib.asynccontextmanager
async def command(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the command line; yield the process and where it says that it listens."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.meters", *arguments),
        cwd=Path(__file__).parents[1],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(10):
            line = (await process.stdout.readline()).decode().strip()
        assert line.startswith("listening on ")
        yield process, line.removeprefix("listening on ")
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_the_command_serves_tcp_and_obeys() -> None:
    async with command("--meter", "kaifa", "--speed", "20", "--control", "--start", "2026-05-04T05:00Z") as (
        process,
        url,
    ):
        host, port = url.removeprefix("socket://").split(":")
        assert process.stdin is not None
        assert process.stdout is not None
        reader, writer = await asyncio.open_connection(host, int(port))
        assert len(await frame_from(reader)) in {41, 123, 157}
        for order, answer in (("pause", "done"), ("resume", "done"), ("fly", "no such command: fly"), ("drop", "done")):
            process.stdin.write(order.encode() + b"\n")
            assert (await asyncio.wait_for(process.stdout.readline(), 5)).decode().strip() == answer
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
        reader, writer = await asyncio.open_connection(host, int(port))
        assert await frame_from(reader)
        process.send_signal(signal.SIGUSR1)
        await falls_silent(lambda: reader.readexactly(1))
        process.send_signal(signal.SIGUSR2)
        assert await frame_from(reader)
        writer.close()


async def test_the_command_serves_a_pseudo_terminal(tmp_path: Path) -> None:
    path = tmp_path / "meter"
    options = ("--meter", "kamstrup", "--variant", "second=25", "--first-hourly", "--id", "5706567000000017")
    async with command("--pty", str(path), *options) as (_, where):
        assert where == str(path)
        device = open_pty(path)
        heard = await read_pty(device, 100)
        os.close(device)
        assert b"5706567000000017" in heard


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--meter", "aidon", "--model", "9999"], 2, "no such model: 9999"),
        (["--fault", "rain"], 2, "no such fault: rain"),
        (["--variant", "blue"], 2, "blue"),
        (["--tcp", "localhost"], 2, "not HOST:PORT"),
        (["--start", "noon"], 2, "noon"),
        (["--tcp", "127.0.0.1:1", "--meter", "gas"], 2, "invalid choice"),
        (["--pty", "/nowhere/meter"], 1, "No such file"),
    ],
)
async def test_the_command_says_what_is_wrong(arguments: list[str], code: int, message: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.meters", *arguments),
        cwd=Path(__file__).parents[1],
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == code
    assert message in errors.decode()
    assert "Traceback" not in errors.decode()

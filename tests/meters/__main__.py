"""Runs a simulated meter until it is told to stop: `python -m tests.meters --help`."""

from argparse import Namespace
import asyncio
import signal
import sys

from .options import build, parse
from .pty import PtyLine
from .serve import Line
from .tcp import TcpLine


def make_line(options: Namespace) -> Line:
    """Return the line that the options ask for. Raises ValueError for a wrong name or number."""
    meter, faults, start = build(options)
    common = {
        "faults": faults,
        "speed": options.speed,
        "start": start,
        "first_hourly": options.first_hourly,
        "baudrate": options.baud,
    }
    if options.pty is not None:
        return PtyLine(meter, options.pty, **common)
    host, port = options.tcp or ("127.0.0.1", 0)
    return TcpLine(meter, host, port, **common)


async def obey(line: Line) -> None:
    """Do what the lines of standard input say, until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while command := await reader.readline():
        match command.decode().strip():
            case "pause":
                line.pause()
            case "resume":
                await line.resume()
            case "drop":
                line.drop()
            case "half-open":
                line.half_open()
            case "refuse":
                line.refuse()
            case other:
                say(f"no such command: {other}")
                continue
        say("done")


def say(text: str) -> None:
    """Write a line to standard output at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def run(line: Line, *, control: bool) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    loop.add_signal_handler(signal.SIGUSR1, line.pause)
    loop.add_signal_handler(signal.SIGUSR2, lambda: tasks.add(loop.create_task(line.resume())))
    async with line:
        say(f"listening on {line.url}")
        if control:
            tasks.add(loop.create_task(obey(line)))
        await line.until(over)
    for task in tasks:
        task.cancel()


def main() -> int:
    """Run from the command line; 2 for a wrong argument, 1 for an address that cannot be had."""
    options = parse()
    try:
        line = make_line(options)
    except (ValueError, TypeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        asyncio.run(run(line, control=options.control))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

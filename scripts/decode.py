"""Shows what a meter says: one JSON object a reading, for people with a problem and for checks."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
import json
from pathlib import Path
import sys
from typing import Any, BinaryIO

from scripts.bare import without_home_assistant

with without_home_assistant():
    from custom_components.han_port.detect import DetectionError, detect
    from custom_components.han_port.link import Connection, LinkError
    from custom_components.han_port.wire.cipher import Keys
    from custom_components.han_port.wire.decoder import Decoder
    from custom_components.han_port.wire.reading import Reading

CHUNK = 4096
FLAG = b"\x7e"
KEY_DIGITS = 32


def main(arguments: list[str] | None = None) -> int:
    """Decode what the arguments name. Returns the exit code: 0 with at least one reading, 1 with none."""
    options = parse(arguments)
    keys = None if options.key is None else Keys(options.key, options.auth_key)
    decoder = Decoder(keys)
    count = 0
    try:
        if options.hex is not None:
            count = show_captures(decoder, options.hex)
        elif options.source == "-":
            count = show(read_stream(decoder, sys.stdin.buffer))
        elif Path(options.source).is_file():
            with Path(options.source).open("rb") as stream:
                count = show(read_stream(decoder, stream))
        else:
            count = asyncio.run(show_port(decoder, options.source, keys))
    except KeyboardInterrupt:
        count = decoder.counters.readings
    except (OSError, LinkError, DetectionError) as error:
        say(str(error) or f"{error.__doc__}")
    say(", ".join(f"{name} {value}" for name, value in asdict(decoder.counters).items()))
    if decoder.unknown_list:
        say("unknown list: id {!r}, {} items".format(*decoder.unknown_list))
    return 0 if count else 1


def parse(arguments: list[str] | None) -> Namespace:
    """Read the command line. Ends the process with 2 on wrong use."""
    parser = ArgumentParser(
        prog="scripts/decode",
        description="Shows what a meter says, one JSON object a reading. Counters go to stderr at the end. "
        "Exit code: 0 with at least one reading, 1 with none, 2 on wrong use.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "source", nargs="?", help="a file of raw bytes, - for stdin, a serial device, or a URL (socket://host:port …)"
    )
    source.add_argument(
        "--hex",
        metavar="FILE",
        help="a text file (- for stdin) with a capture in hexadecimal a line: frames as they came (HDLC also without "
        "its flags), a telegram, or from the LLC header e6e700 or the APDU on; prints the last reading of each line, "
        "or null",
    )
    parser.add_argument("--key", type=key, help="encryption key of a meter that ciphers, 32 hex digits")
    parser.add_argument("--auth-key", type=key, help="its authentication key, 32 hex digits")
    return parser.parse_args(arguments)


def key(text: str) -> bytes:
    """Read a key of 128 bits."""
    with suppress(ValueError):
        if len(octets := bytes.fromhex(text)) * 2 == KEY_DIGITS:
            return octets
    raise ArgumentTypeError(f"not {KEY_DIGITS} hex digits")


def describe(reading: Reading) -> dict[str, Any]:
    """Return what is printed of a reading. What its list does not have is left out."""
    told: dict[str, Any] = {}
    if reading.meter:
        told = {
            "maker": reading.meter.maker,
            "model": reading.meter.model,
            "meter_id": reading.meter.id,
            "list_id": reading.meter.list_id,
        }
    told["list"] = reading.kind
    if reading.clock:
        told["meter_clock"] = reading.clock.isoformat()
    told["values"] = dict(reading.values)
    if reading.unknown:
        told["unknown"] = dict(reading.unknown)
    return {name: value for name, value in told.items() if value != ""}


def show(readings: Iterable[Reading]) -> int:
    """Print readings as they come; return how many there were."""
    count = 0
    for count, reading in enumerate(readings, start=1):  # noqa: B007
        print(json.dumps(describe(reading)), flush=True)
    return count


def read_stream(decoder: Decoder, stream: BinaryIO) -> Iterator[Reading]:
    """Yield the readings of a file or pipe, as soon as they are complete."""
    while chunk := stream.read1(CHUNK) if hasattr(stream, "read1") else stream.read(CHUNK):
        yield from decoder.feed(chunk)


def show_captures(decoder: Decoder, name: str) -> int:
    """Print a line for each line of a text file; return how many of them had a reading."""
    count = 0
    lines = sys.stdin if name == "-" else Path(name).read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        reading = read_capture(decoder, line)
        print(json.dumps(reading and describe(reading)), flush=True)
        count += reading is not None
    return count


def read_capture(decoder: Decoder, line: str) -> Reading | None:
    """Return the last reading in a capture."""
    try:
        octets = bytes.fromhex(line)
    except ValueError:
        return None
    decoder.reset()
    decoder.cipher.forget()  # captures come in any order
    if readings := decoder.feed(FLAG + octets + FLAG):
        return readings[-1]
    return decoder.read(octets)


async def show_port(decoder: Decoder, url: str, keys: Keys | None) -> int:
    """Find the settings of a port, then print what comes until it is lost."""
    say(f"listening to {url}")
    found = await detect(url, lambda _share, line: say(f"trying {line}"), keys=keys)
    say(f"found {found.meter.maker} {found.meter.model} at {found.line}")
    count = 0

    def take(data: bytes) -> None:
        nonlocal count
        count += show(decoder.feed(data))

    lost = asyncio.get_running_loop().create_future()
    connection = await Connection.open(url, found.line, take, lost.set_result)
    try:
        say(str(await lost))
    finally:
        await connection.close()
    return count


def say(text: str) -> None:
    """Tell the person, not the program that reads the output."""
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

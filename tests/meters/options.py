"""The command line of the simulated meters."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .faults import (
    DamagedBytes,
    DoubledLists,
    During,
    Fault,
    Garbage,
    HalfFrames,
    LateLists,
    LostLists,
    OtherMeter,
    Outage,
    Silence,
    StaleHours,
    Translated,
    UnsetClock,
    every,
    spans,
)
from .make import MODELS, make_meter, meter_id
from .meter import Meter
from .sealed import AUTHENTICATION, ENCRYPTION

KEYS = f"""keys of the meters that cipher (kamstrup-dk, kaifa-at, landis-ch), invented, unless others are given:
  encryption key      {ENCRYPTION.hex().upper()}
  authentication key  {AUTHENTICATION.hex().upper()}  (kaifa-at has none)
"""
FAULTS = """faults, P a probability (0 to 1):
  lost=P, doubled=P, flipped=P          each byte
  half=P                                each list: only its first part comes
  lost-lists=P, doubled-lists=P, garbage=P    each list
  late=SECONDS                          hourly lists
  stale=P                               hourly lists that repeat the hour before
  silence=LENGTH/PERIOD                 seconds of silence at the end of each period of so many seconds
  closed=LENGTH/PERIOD, half-open=LENGTH/PERIOD    the same for the connection
  unset-clock=SECONDS                   the clock is unset for so long
  other=NUMBER                          another meter with this number on the same line
  translated                            each 0A becomes 0D 0A"""


def parse(arguments: Sequence[str] | None = None) -> Namespace:
    """Return the arguments; exits with 2 and a message where they are wrong."""
    parser = ArgumentParser(
        prog="python -m tests.meters",
        description="A simulated smart meter, until SIGTERM; SIGUSR1 silences it, SIGUSR2 lets it speak again.",
        epilog=f"{KEYS}\n{FAULTS}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--tcp", type=_address, metavar="HOST:PORT", help="default: 127.0.0.1 and a free port")
    where.add_argument("--pty", type=Path, metavar="PATH", help="a pseudo-terminal, linked from PATH")
    parser.add_argument("--meter", choices=tuple(MODELS), default="aidon")
    parser.add_argument("--model", help=f"one of {MODELS}")
    parser.add_argument("--id", help="the meter's number")
    parser.add_argument("--variant", action="append", default=[], metavar="NAME[=NUMBER]", help="newer, plain …")
    parser.add_argument("--encryption-key", type=_key, metavar="HEX", help="of a meter that ciphers")
    parser.add_argument("--authentication-key", type=_key, metavar="HEX", help="the same")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--solar", type=int, default=0, metavar="W", help="peak power of the panels")
    parser.add_argument("--speed", type=float, default=1, metavar="X", help="meter seconds in a real second")
    parser.add_argument("--start", type=_instant, metavar="TIME", help="the meter's time (ISO 8601); default: now")
    parser.add_argument("--baud", type=int, help="send at this pace")
    parser.add_argument("--first-hourly", action="store_true", help="send the last hourly list to each new client")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[=ARG]")
    parser.add_argument("--control", action="store_true", help="read pause, resume, drop, half-open, refuse on stdin")
    return parser.parse_args(arguments)


def build(options: Namespace) -> tuple[Meter, list[Fault], datetime]:
    """Return the meter, its faults and its time at the beginning. Raises ValueError for a wrong name or number."""
    start: datetime = options.start or datetime.now(UTC)
    # The house is a day older than the meter's first list, so that there is an hour to tell of.
    begin = (start - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    variant: dict[str, Any] = {}
    for text in options.variant:
        name, _, value = text.partition("=")
        variant[name.replace("-", "_")] = int(value) if value else True
    keys = {"encryption": options.encryption_key, "authentication": options.authentication_key}
    variant |= {name: key for name, key in keys.items() if key is not None}
    meter = make_meter(
        options.meter,
        model=options.model,
        number=options.id,
        start=begin,
        seed=options.seed,
        solar=options.solar,
        **variant,
    )
    return meter, [_fault(text, meter, start, options) for text in options.fault], start


def _fault(text: str, meter: Meter, start: datetime, options: Namespace) -> Fault:
    """Return the fault that NAME or NAME=ARG asks for. Raises ValueError where there is none such."""
    name, _, argument = text.partition("=")
    seed: int = options.seed

    def during() -> During:
        length, _, period = (argument or "30/300").partition("/")
        return every(timedelta(seconds=float(period)), timedelta(seconds=float(length)), start)

    def seconds(usual: float) -> timedelta:
        return timedelta(seconds=float(argument or usual))

    faults: dict[str, Callable[[], Fault]] = {
        "lost": lambda: DamagedBytes("lost", float(argument or 0.001), seed=seed),
        "doubled": lambda: DamagedBytes("doubled", float(argument or 0.001), seed=seed),
        "flipped": lambda: DamagedBytes("flipped", float(argument or 0.001), seed=seed),
        "half": lambda: HalfFrames(float(argument or 0.05), seed),
        "lost-lists": lambda: LostLists(float(argument or 0.05), seed=seed),
        "doubled-lists": lambda: DoubledLists(float(argument or 0.05), seed=seed),
        "garbage": lambda: Garbage(float(argument or 0.2), seed=seed),
        "late": lambda: LateLists(seconds(90), seed=seed),
        "stale": lambda: StaleHours(meter, float(argument or 0.2), seed=seed),
        "silence": lambda: Silence(during()),
        "closed": lambda: Outage(during()),
        "half-open": lambda: Outage(during(), "half_open"),
        "unset-clock": lambda: UnsetClock(meter, spans((start, start + seconds(60)))),
        "other": lambda: OtherMeter(
            make_meter(options.meter, number=argument or meter_id(options.meter, 2), household=meter.household)
        ),
        "translated": Translated,
    }
    if name not in faults:
        msg = f"no such fault: {name}"
        raise ValueError(msg)
    return faults[name]()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        msg = f"not HOST:PORT: {text}"
        raise ArgumentTypeError(msg)
    return host, int(port)


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if len(key) != len(ENCRYPTION):
        msg = f"{len(key)} octets are no key"
        raise ArgumentTypeError(msg)
    return key


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    return instant.astimezone(UTC)

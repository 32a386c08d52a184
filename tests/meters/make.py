"""Meters by name: a maker, a model and a house, with what is not given filled in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from . import aidon, embriq, kaifa
from .aidon import Aidon
from .embriq import Embriq
from .household import Household
from .kaifa import Kaifa
from .kamstrup import Kamstrup
from .maker import Maker
from .meter import Meter

type MakerName = Literal["aidon", "kaifa", "kamstrup", "embriq"]

MODELS: dict[MakerName, tuple[str, ...]] = {
    "aidon": ("6525", *(model for model in aidon.GRIDS if model != "6525")),
    "kaifa": ("MA304H3E", *(model for model in kaifa.GRIDS if model != "MA304H3E")),
    "kamstrup": ("6841131BN243101040", "6841121BN243101040", "6861111BN242101040"),
    "embriq": ("ZMF1", *(model for model in embriq.GRIDS if model != "ZMF1")),
}
"""The models of each maker, the usual one first."""
PREFIXES: dict[MakerName, str] = {"aidon": "7359992", "kaifa": "6970631", "kamstrup": "5706567", "embriq": ""}
REGISTERS = (31_415_926, 0, 271_828, 1_618_033)
"""What the registers of a meter that is not new stand at (Wh, varh)."""


def meter_id(maker: MakerName, serial: int = 1) -> str:
    """Return an invented meter number: 16 digits with a GS1 check digit, 8 digits for Embriq."""
    if maker == "embriq":
        return f"{90_000_000 + serial:08d}"
    body = f"{PREFIXES[maker]}{serial:08d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def make_maker(maker: MakerName, model: str | None = None, number: str | None = None, **options: Any) -> Maker:
    """Return a maker's encoder; `options` are the fields of its class (`newer`, `compact`, `second` …).

    Raises ValueError for a model that the maker does not have; Kamstrup's are many, so any is taken.
    """
    if model is not None and model not in MODELS[maker] and maker != "kamstrup":
        msg = f"no such model: {model} (there are {', '.join(MODELS[maker])})"
        raise ValueError(msg)
    kinds: dict[MakerName, Callable[..., Maker]] = {
        "aidon": Aidon,
        "kaifa": Kaifa,
        "kamstrup": Kamstrup,
        "embriq": Embriq,
    }
    return kinds[maker](model or MODELS[maker][0], number or meter_id(maker), **options)


def make_meter(
    maker: MakerName,
    *,
    model: str | None = None,
    number: str | None = None,
    household: Household | None = None,
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    seed: int = 1,
    solar: int = 0,
    registers: tuple[int, int, int, int] = REGISTERS,
    clock_error: timedelta = timedelta(0),
    transformer: int = 1,
    **options: Any,
) -> Meter:
    """Return a simulated meter: `start`, `seed` and `solar` are those of its household, unless one is given."""
    built = make_maker(maker, model, number, **options)
    if household is None:
        phases = 1 if built.grid == "single_phase" else 3
        household = Household(start=start, seed=seed, phases=phases, solar=solar)
    return Meter(built, household, registers=registers, clock_error=clock_error, transformer=transformer)

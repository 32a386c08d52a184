"""Meters by name: a maker, a model and a house, with what is not given filled in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from . import aidon, embriq, kaifa, landis_e450, p1
from .aidon import Aidon
from .aidon_sweden import AidonSweden
from .embriq import Embriq
from .household import Household
from .iskra import Iskra
from .kaifa import Kaifa
from .kaifa_austria import KaifaAustria
from .kamstrup import Kamstrup
from .kamstrup_push import KamstrupPush
from .landis_e450 import LandisE450
from .maker import Maker
from .meter import Meter
from .p1 import P1

type MakerName = Literal[
    "aidon", "kaifa", "kamstrup", "embriq", "aidon-se", "p1", "kamstrup-dk", "kaifa-at", "landis-ch", "iskra-si"
]

MODELS: dict[MakerName, tuple[str, ...]] = {
    "aidon": ("6525", *(model for model in aidon.GRIDS if model != "6525")),
    "kaifa": ("MA304H3E", *(model for model in kaifa.GRIDS if model != "MA304H3E")),
    "kamstrup": ("6841131BN243101040", "6841121BN243101040", "6861111BN242101040"),
    "embriq": ("ZMF1", *(model for model in embriq.GRIDS if model != "ZMF1")),
    "aidon-se": ("",),
    "p1": tuple(p1.NAMES),
    "kamstrup-dk": ("",),
    "kaifa-at": ("",),
    "landis-ch": ("",),
    "iskra-si": ("160456",),
}
"""The models of each maker, the usual one first, as its lists say them."""
NORWEGIAN: tuple[MakerName, ...] = ("aidon", "kaifa", "kamstrup", "embriq")
"""Those whose lists say which meter they are of, are not ciphered, and tell the registers once an hour."""
PREFIXES: dict[MakerName, str] = {"aidon": "7359992", "kaifa": "6970631", "kamstrup": "5706567"}
"""What the numbers of sixteen digits begin with."""
BASES: dict[MakerName, int] = {
    "embriq": 90_000_000,
    "kamstrup-dk": 29_000_000,
    "kaifa-at": 181_220_000_000,
    "iskra-si": 84_900_000,
}
"""What the serial is added to, in the numbers of other makers."""
REGISTERS = (31_415_926, 0, 271_828, 1_618_033)
"""What the registers of a meter that is not new stand at (Wh, varh)."""


def meter_id(maker: MakerName, serial: int = 1) -> str:
    """Return an invented meter number, of the form that the maker's have; empty where the lists carry none."""
    if maker in ("aidon-se", "p1"):
        return ""
    if maker == "landis-ch":
        return landis_e450.number_of(serial)
    if maker in BASES:
        return str(BASES[maker] + serial)
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
        "aidon-se": AidonSweden,
        "p1": P1,
        "kamstrup-dk": KamstrupPush,
        "kaifa-at": KaifaAustria,
        "landis-ch": LandisE450,
        "iskra-si": Iskra,
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

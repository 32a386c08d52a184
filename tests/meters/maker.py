"""What the makers' modules have in common: the names of lists and grids, and the face of a maker's encoder."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
import re
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

type Kind = Literal["power", "full", "hourly"]
type Grid = Literal["single_phase", "it", "tn"]
type Values = Mapping[str, float]
"""Quantity names (`power_import`, `current_l1` …) and values in W, var, A, V, Wh, varh."""

NORMAL_TIME = timezone(timedelta(hours=1))
"""UTC+1 all year."""
CIVIL_TIME = ZoneInfo("Europe/Oslo")

POWERS = ("power_import", "power_export", "reactive_power_import", "reactive_power_export")
CURRENTS = ("current_l1", "current_l2", "current_l3")
VOLTAGES = ("voltage_l1", "voltage_l2", "voltage_l3")
PHASED_POWERS = tuple(f"{name}_l{phase}" for phase in (1, 2, 3) for name in POWERS)
ENERGIES = ("energy_import", "energy_export", "reactive_energy_import", "reactive_energy_export")

FACTORS = ("power_factor_l1", "power_factor_l2", "power_factor_l3", "power_factor")
TARIFFS = tuple(f"{name}_t{tariff}" for name in ENERGIES[:2] for tariff in (1, 2))

CODES = {
    **{f"{name}_l{phase}": f"{code + 20 * phase}.7" for phase in (1, 2, 3) for code, name in enumerate(POWERS, 1)},
    **dict(zip(FACTORS, ("33.7", "53.7", "73.7", "13.7"), strict=True)),
    "power_import": "1.7",
    "power_export": "2.7",
    "reactive_power_import": "3.7",
    "reactive_power_export": "4.7",
    "current_l1": "31.7",
    "current_l2": "51.7",
    "current_l3": "71.7",
    "voltage_l1": "32.7",
    "voltage_l2": "52.7",
    "voltage_l3": "72.7",
    "energy_import": "1.8",
    "energy_export": "2.8",
    "reactive_energy_import": "3.8",
    "reactive_energy_export": "4.8",
}
"""Groups C and D of each quantity's OBIS code."""
TARIFF_CODES = {f"{name}_t{tariff}": f"{CODES[name]}.{tariff}" for name in ENERGIES[:2] for tariff in (1, 2)}
"""Groups C, D and E of the registers of tariffs."""
TENS = (1, 10, 100, 1000)


class Maker(Protocol):
    """One meter of one maker: how its lists look, and when it sends them."""

    @property
    def name(self) -> str:
        """The maker's name."""

    @property
    def model(self) -> str:
        """The model as the list says it."""

    @property
    def id(self) -> str:
        """The meter's number."""

    @property
    def list_id(self) -> str:
        """The identifier of the OBIS list version."""

    @property
    def grid(self) -> Grid:
        """How the house is connected."""

    @property
    def power_every(self) -> timedelta | None:
        """Time between power lists; None for a maker that has none."""

    @property
    def full_every(self) -> timedelta:
        """Time between full lists; a power list that falls on the same instant is not sent."""

    @property
    def registers_every(self) -> timedelta | None:
        """Time between lists with registers and clock, for a maker that sends no others; their kind is `hourly`.

        What such a list tells is of the instant at which it is sent, so that all other times are 0. None for a maker
        that has an hourly list.
        """

    @property
    def hourly_at(self) -> timedelta:
        """When the hourly list is sent, after the full hour; a full list that falls on the same instant is not."""

    @property
    def register_at(self) -> timedelta:
        """The instant after the full hour that the registers of the hourly list are for."""

    @property
    def clock_at(self) -> timedelta:
        """What the clock of the hourly list shows, after the full hour."""

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities that a list carries."""

    def scaler(self, name: str) -> int:
        """Return the power of ten, in base units, of one count of a quantity on the wire."""

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire for a value: energies are cut, others rounded."""

    def wall(self, utc: datetime) -> datetime:
        """Return what the meter's clock shows at an instant, without a time zone: the maker's clock law."""

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of one list.

        `values` must hold what `quantities` names. `clock` is what the meter's clock shows; `status` its status
        octet, if not the usual one.
        """


def only_registers(kind: Kind) -> None:
    """Raise ValueError for a list that a meter whose lists all have registers does not send."""
    if kind != "hourly":
        msg = f"this meter sends no {kind} list: all of its lists have registers"
        raise ValueError(msg)


@cache
def family(name: str) -> str:
    """Return a quantity's name without direction, phase and tariff, for instance `reactive_energy`."""
    return re.sub("(_import|_export)?(_[lt][0-9])?$", "", name, count=1)


def scale(value: float, scaler: int) -> int:
    """Return a value in counts of 10**scaler: cut where a count is more than one unit, else rounded."""
    return int(value) // TENS[scaler] if scaler > 0 else round(value * TENS[-scaler])


def unscale(count: int, scaler: int) -> float:
    """Return the value that a count stands for: an int, or a float where a count is less than one unit."""
    return count * TENS[scaler] if scaler >= 0 else count / TENS[-scaler]


def phased(grid: Grid) -> tuple[str, ...]:
    """Return the quantities of a full list: powers, and current and voltage of each phase."""
    single = grid == "single_phase"
    return (*POWERS, CURRENTS[0], VOLTAGES[0]) if single else (*POWERS, *CURRENTS, *VOLTAGES)

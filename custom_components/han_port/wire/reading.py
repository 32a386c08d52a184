"""The vocabulary of everything above the wire: what was measured, by which meter, when.

Every value is in its quantity's base unit: W, var, A, V, Wh, varh, or none (power factor). Energy registers are
whole numbers; a value that the meter sent with decimals is a float.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Quantity(StrEnum):
    """What a value measures. Import is from the grid to the house, export the other way."""

    POWER_IMPORT = "power_import"
    POWER_EXPORT = "power_export"
    REACTIVE_POWER_IMPORT = "reactive_power_import"
    REACTIVE_POWER_EXPORT = "reactive_power_export"
    POWER_IMPORT_L1 = "power_import_l1"
    POWER_IMPORT_L2 = "power_import_l2"
    POWER_IMPORT_L3 = "power_import_l3"
    POWER_EXPORT_L1 = "power_export_l1"
    POWER_EXPORT_L2 = "power_export_l2"
    POWER_EXPORT_L3 = "power_export_l3"
    REACTIVE_POWER_IMPORT_L1 = "reactive_power_import_l1"
    REACTIVE_POWER_IMPORT_L2 = "reactive_power_import_l2"
    REACTIVE_POWER_IMPORT_L3 = "reactive_power_import_l3"
    REACTIVE_POWER_EXPORT_L1 = "reactive_power_export_l1"
    REACTIVE_POWER_EXPORT_L2 = "reactive_power_export_l2"
    REACTIVE_POWER_EXPORT_L3 = "reactive_power_export_l3"
    CURRENT_L1 = "current_l1"
    CURRENT_L2 = "current_l2"
    CURRENT_L3 = "current_l3"
    VOLTAGE_L1 = "voltage_l1"
    VOLTAGE_L2 = "voltage_l2"
    VOLTAGE_L3 = "voltage_l3"
    POWER_FACTOR = "power_factor"
    POWER_FACTOR_L1 = "power_factor_l1"
    POWER_FACTOR_L2 = "power_factor_l2"
    POWER_FACTOR_L3 = "power_factor_l3"
    ENERGY_IMPORT = "energy_import"
    ENERGY_EXPORT = "energy_export"
    REACTIVE_ENERGY_IMPORT = "reactive_energy_import"
    REACTIVE_ENERGY_EXPORT = "reactive_energy_export"
    ENERGY_IMPORT_T1 = "energy_import_t1"
    ENERGY_IMPORT_T2 = "energy_import_t2"
    ENERGY_EXPORT_T1 = "energy_export_t1"
    ENERGY_EXPORT_T2 = "energy_export_t2"


class ListKind(StrEnum):
    """Which of the meter's lists a reading is (Nordic numbering: lists 1, 2 and 3)."""

    POWER = "power"
    """Active power alone, every 2-2.5 s."""
    FULL = "full"
    """Power, currents and voltages, every 10 s."""
    HOURLY = "hourly"
    """A list with energy registers, as a rule with the meter's clock and all of the full list.

    In Norway once an hour, elsewhere every list may be one.
    """


class Grid(StrEnum):
    """How the house is connected, where the list tells it."""

    SINGLE_PHASE = "single_phase"
    IT = "it"
    """Three phases without a neutral: voltages are between phases, and L2 has no current of its own."""
    TN = "tn"
    """Three phases and a neutral."""


@dataclass(frozen=True, slots=True)
class Meter:
    """The meter that a list names."""

    maker: str
    """Empty where nothing in the list tells."""
    model: str
    id: str
    """The meter's own number (målernummer), as a rule 16 digits. Empty where the list carries none (Sweden's Aidon)."""
    list_id: str
    grid: Grid | None = None


type Number = int | float
type Raw = Number | str
"""A value as it stood on the wire; octet strings in hexadecimal."""


class Reading(NamedTuple):
    """What one list said. A named tuple: a meter makes up to 1 900 of them an hour."""

    kind: ListKind
    values: Mapping[Quantity, Number]
    meter: Meter | None = None
    """None where the list does not carry it (power lists)."""
    clock: datetime | None = None
    """The meter's clock as sent, without a time zone."""
    clock_offsets: tuple[timedelta, ...] = ()
    """UTC offsets that the clock may have under its maker's law, the likeliest first.

    More than one where the list cannot tell (the hour that October repeats; meters that are known to disagree
    among themselves): the time of arrival decides.
    """
    unknown: Mapping[str, Raw] = MappingProxyType({})
    """OBIS codes that have no quantity, or whose value is on no known scale, and their values as sent."""

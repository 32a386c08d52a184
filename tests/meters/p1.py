"""P1 telegrams: Sweden's (Energiföretagen's branschrekommendation v2.0) and the Netherlands' (DSMR P1 5.0.2).

Text, every ten seconds, with all that the meter knows: registers in Wh, powers in W, voltages in 0.1 V, the clock.
Sweden's have no number of the meter, currents in 0.1 A and a clock that keeps normal time. The Netherlands' have the
meter's number in hexadecimal, currents in A, registers by tariff without their sum, a clock that follows summer time
and says so, counters of failures, and the gas meter beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from .maker import (
    CIVIL_TIME,
    CODES,
    CURRENTS,
    ENERGIES,
    NORMAL_TIME,
    PHASED_POWERS,
    POWERS,
    TARIFF_CODES,
    TARIFFS,
    VOLTAGES,
    Grid,
    Kind,
    Values,
    family,
    scale,
)
from .one_list import OneList

NAMES: Mapping[str, str] = {
    "LGF5E360": "Landis+Gyr",
    "KAM5": "Kamstrup",
    "ADN9 6534": "Aidon",
    "ISk5\\2MT382-1000": "Iskra",
    "KFM5KAIFA-METER": "Kaifa",
}
"""First lines, without the slash, and who writes them."""
WIDTHS = {"energy": 8, "reactive_energy": 8, "power": 4, "reactive_power": 4, "voltage": 3, "current": 3}
"""Digits before the point, Sweden; the Netherlands have two fewer of all but voltages and currents."""
UNITS = {"energy": "kWh", "reactive_energy": "kvarh", "power": "kW", "reactive_power": "kvar", "voltage": "V"}


@dataclass(frozen=True, slots=True)
class P1(OneList):
    """A meter with a P1 port; `model` is its first line without the slash.

    `dutch` sends what the Netherlands do; `single` has one phase. `unchecked` leaves the checksum out, `in_watts`
    writes W, var, Wh and varh without decimals, `follows_summer` lets a Swedish meter's clock follow summer time and
    say S, and `capital` writes kVAr and kVArh.
    """

    list_id: ClassVar[str] = "P1"

    model: str
    id: str
    dutch: bool = False
    single: bool = False
    unchecked: bool = False
    in_watts: bool = False
    follows_summer: bool = False
    capital: bool = False

    @property
    def name(self) -> str:
        """The maker's name."""
        return NAMES[self.model]

    @property
    def grid(self) -> Grid:
        """How the house is connected."""
        return "single_phase" if self.single else "tn"

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities of a telegram, in their order; there is one kind alone."""
        if kind != "hourly":
            msg = "a P1 telegram has registers"
            raise ValueError(msg)
        last = 1 if self.single else 3
        # Landis+Gyr's have the active powers first.
        phased = sorted(
            (name for name in PHASED_POWERS if int(name[-1]) <= last), key=lambda name: name.startswith("reactive")
        )
        if not self.dutch:
            return (*ENERGIES, *POWERS, *phased, *VOLTAGES[:last], *CURRENTS[:last])
        active = [name for name in phased if name.startswith("power")]
        return (*TARIFFS, *POWERS[:2], *VOLTAGES[:last], *CURRENTS[:last], *active)

    def scaler(self, name: str) -> int:
        """Return the power of ten that the decimals leave."""
        kind = family(name)
        return -1 if kind == "voltage" or (kind == "current" and not self.dutch) else 0

    def count(self, name: str, value: float) -> int:
        """Return the digits on the wire as a number: a current without its sign."""
        return scale(abs(value), self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return normal time, or civil time where the clock follows it; `fold` tells the hour that October repeats."""
        zone = CIVIL_TIME if self.dutch or self.follows_summer else NORMAL_TIME
        return utc.astimezone(zone).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return a telegram. Its clock has no status: an unset one only shows a wrong time."""
        del status
        shown = self.quantities(kind)
        summer = (self.dutch or self.follows_summer) and clock.replace(tzinfo=CIVIL_TIME).dst()
        lines = [f"0-0:1.0.0({clock:%y%m%d%H%M%S}{'S' if summer else 'W'})"]
        if self.dutch:
            number = self.id.encode("ascii").hex().upper()
            lines = ["1-3:0.2.8(50)", *lines, *([f"0-0:96.1.1({number})"] if number else [])]
        lines += [self._line(name, values[name]) for name in shown]
        if self.dutch:
            lines += ["0-0:96.14.0(0002)", "0-0:96.7.21(00013)", "1-0:99.97.0(0)(0-0:96.7.19)", "0-0:96.13.0()"]
            hour = clock.replace(minute=clock.minute // 5 * 5, second=0)
            gas = f"{clock.timetuple().tm_yday * 3 + clock.hour / 8:09.3f}"
            lines += ["0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031363532303530323136)"]
            lines += [f"0-1:24.2.1({hour:%y%m%d%H%M%S}{'S' if summer else 'W'})({gas}*m3)"]
        telegram = "".join(f"{line}\r\n" for line in (f"/{self.model}", "", *lines)).encode("ascii") + b"!"
        return telegram + (b"" if self.unchecked else f"{crc(telegram):04X}".encode("ascii")) + b"\r\n"

    def _line(self, name: str, value: float) -> str:
        """Write a quantity: fixed width, in the units of thousands that the documents ask for."""
        kind = family(name)
        code = f"1-0:{TARIFF_CODES.get(name) or f'{CODES[name]}.0'}"
        unit = UNITS.get(kind, "A")
        if self.capital:
            unit = unit.replace("kvar", "kVAr")
        width, decimals = WIDTHS[kind], 1
        if kind == "current" and self.dutch:
            decimals = 0
        elif unit.startswith("k"):
            decimals = 3
            if self.in_watts:
                return f"{code}({round(value):09d}*{unit[1:]})"
            value /= 1000
            width -= 2 if self.dutch else 0
        return f"{code}({value:0{width + decimals + bool(decimals)}.{decimals}f}*{unit})"


def crc(telegram: bytes) -> int:
    """Return CRC-16/ARC: x^16 + x^15 + x^2 + 1, least significant bit first, from 0 (DSMR P1, 6.2)."""
    rest = 0
    for octet in telegram:
        rest = rest >> 8 ^ _REMAINDERS[(rest ^ octet) & 0xFF]
    return rest


def _remainder(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (0xA001 if octet & 1 else 0)
    return octet


_REMAINDERS = [_remainder(octet) for octet in range(256)]

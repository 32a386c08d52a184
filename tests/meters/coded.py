"""The list form that Aidon and Embriq share: an array of structures {OBIS code, value, {scaler, unit}}."""

from functools import cache

from . import axdr
from .apdu import notification
from .hdlc import frame
from .maker import CODES, Kind, Maker, Values, family

UNITS = {"power": 27, "reactive_power": 29, "energy": 30, "reactive_energy": 32, "current": 33, "voltage": 35}
NUMBERS = {"current": axdr.i16, "voltage": axdr.u16}


@cache
def scaled(scaler: int, unit: int) -> bytes:
    """Return the structure of a power of ten and a unit (Blue Book, 4.3.2)."""
    return axdr.structure(axdr.i8(scaler), axdr.enum(unit))


def measured(maker: Maker, kind: Kind, values: Values, number: str) -> list[bytes]:
    """Return a list's elements up to the clock: who the meter is (`number` as on the wire), then what it measures."""
    shown = maker.quantities("power" if kind == "power" else "full")
    instants = [instant(name, maker.count(name, values[name]), maker.scaler(name)) for name in shown]
    if kind == "power":
        return instants
    names = (("1-1:0.2.129.255", maker.list_id), ("0-0:96.1.0.255", number), ("0-0:96.1.7.255", maker.model))
    return [*(text(code, value) for code, value in names), *instants]


def text(code: str, value: str) -> bytes:
    """Return an element that is a visible string."""
    return axdr.structure(axdr.obis(code), axdr.visible(value))


def instant(name: str, count: int, scaler: int) -> bytes:
    """Return a power, a current or a voltage, in counts of 10**scaler."""
    kind = family(name)
    return axdr.structure(
        axdr.obis(f"1-0:{CODES[name]}.0.255"), NUMBERS.get(kind, axdr.u32)(count), scaled(scaler, UNITS[kind])
    )


def register(name: str, count: int, scaler: int, *, medium: str = "1") -> bytes:
    """Return an energy register, in counts of 10**scaler Wh; `medium` is group A of its code."""
    code = f"{medium}-0:{CODES[name]}.0.255"
    return axdr.structure(axdr.obis(code), axdr.u32(count), scaled(scaler, UNITS[family(name)]))


def envelope(items: list[bytes]) -> bytes:
    """Return the frame around a list's elements."""
    apdu = notification(axdr.array(*items), invoke=0x40000000)
    return frame(apdu, destination=b"\x41", source=b"\x08\x83", control=0x13)

"""OBIS codes (IEC 62056-6-1) and the quantities that they name.

Meters write the same quantity with different A and B (Kamstrup 1-1:1.7.0, the others 1-0:1.7.0, Embriq even
0-0:1.8.0), so the groups C, D and E decide. Group A tells electricity (1, or 0 for what is of no medium) from gas, heat
and water, and group B other devices that hang on the meter (0-1, 0-2 …).
"""

from typing import Final

from .reading import Quantity

WATT: Final = 27
VAR: Final = 29
WATT_HOUR: Final = 30
VAR_HOUR: Final = 32
AMPERE: Final = 33
VOLT: Final = 35
COUNT: Final = 255
"""The units of DLMS (Blue Book, table 4) that quantities are in; 255 is "no unit"."""

CLOCK: Final = bytes((1, 0, 0))
LIST_ID: Final = bytes((0, 2, 129))
METER_IDS: Final = (bytes((96, 1, 0)), bytes((0, 0, 5)), bytes((0, 0, 1)))
"""0-0:96.1.0 (Aidon, Kaifa), 1-1:0.0.5 (Kamstrup), 1-1:0.0.1 (Kamstrup in Denmark)."""
MODELS: Final = (bytes((96, 1, 7)),)
"""0-0:96.1.7 (Aidon, Kaifa)."""
SECOND_ID: Final = bytes((96, 1, 1))
"""Device ID 2: the model to Kamstrup (1-1:96.1.1) and Iskra, the meter's number to others."""
DEVICE_NAME: Final = bytes((42, 0, 0))
"""0-0:42.0.0, the COSEM logical device name (Blue Book, 4.1.8.2): the maker's letters and a number."""
WHOLE_PERIOD: Final = 255
"""Group F of what is no register of a period that has passed."""


def _instant(c: int, quantity: Quantity, unit: int) -> tuple[bytes, tuple[Quantity, int]]:
    return bytes((c, 7, 0)), (quantity, unit)


def _register(c: int, e: int, quantity: Quantity, unit: int) -> tuple[bytes, tuple[Quantity, int]]:
    return bytes((c, 8, e)), (quantity, unit)


QUANTITIES: Final[dict[bytes, tuple[Quantity, int]]] = dict(
    (
        _instant(1, Quantity.POWER_IMPORT, WATT),
        _instant(2, Quantity.POWER_EXPORT, WATT),
        _instant(3, Quantity.REACTIVE_POWER_IMPORT, VAR),
        _instant(4, Quantity.REACTIVE_POWER_EXPORT, VAR),
        _instant(13, Quantity.POWER_FACTOR, COUNT),
        *(
            _instant(c + 20 * phase, Quantity(f"{name}_l{phase}"), unit)
            for phase in (1, 2, 3)
            for c, name, unit in (
                (1, "power_import", WATT),
                (2, "power_export", WATT),
                (3, "reactive_power_import", VAR),
                (4, "reactive_power_export", VAR),
                (11, "current", AMPERE),
                (12, "voltage", VOLT),
                (13, "power_factor", COUNT),
            )
        ),
        _register(1, 0, Quantity.ENERGY_IMPORT, WATT_HOUR),
        _register(2, 0, Quantity.ENERGY_EXPORT, WATT_HOUR),
        _register(3, 0, Quantity.REACTIVE_ENERGY_IMPORT, VAR_HOUR),
        _register(4, 0, Quantity.REACTIVE_ENERGY_EXPORT, VAR_HOUR),
        _register(1, 1, Quantity.ENERGY_IMPORT_T1, WATT_HOUR),
        _register(1, 2, Quantity.ENERGY_IMPORT_T2, WATT_HOUR),
        _register(2, 1, Quantity.ENERGY_EXPORT_T1, WATT_HOUR),
        _register(2, 2, Quantity.ENERGY_EXPORT_T2, WATT_HOUR),
    )
)
"""Groups C, D, E → the quantity and its DLMS unit."""

SELF_EVIDENT: Final = frozenset((WATT, VAR, WATT_HOUR, VAR_HOUR))
"""Units that a list without scales is in."""

REGISTERS: Final = frozenset(q for q, unit in QUANTITIES.values() if unit in (WATT_HOUR, VAR_HOUR))
"""Quantities that count energy: whole numbers."""


def is_own(code: bytes) -> bool:
    """Tell whether a code of six octets is of an electricity meter and of now."""
    return code[0] <= 1 and code[5] == WHOLE_PERIOD


def is_of_other_device(code: bytes) -> bool:
    """Tell whether a code of no medium is of another device, behind one of the meter's channels."""
    return code[0] == 0 and code[1] != 0


def text(code: bytes) -> str:
    """Write a code of six octets as people do: 1-0:1.7.0.255."""
    a, b, c, d, e, f = code
    return f"{a}-{b}:{c}.{d}.{e}.{f}"

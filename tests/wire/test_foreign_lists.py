"""Lists of other countries: read by codes in whatever form, by position where that is known, else not at all."""

from datetime import datetime, timedelta

import pytest

from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Grid, ListKind, Meter, Quantity
from tests.meters import apdu, axdr
from tests.meters.apdu import plain_time
from tests.wire.lists import START, read_list, scaled

UNITS = {"7": 27, "8": 30}
EVERY_10_S = datetime(2026, 7, 2, 18, 30, 10)  # noqa: DTZ001
SUMMER = axdr.date_time(EVERY_10_S, deviation=-120, status=0x80)
UNSTATED = axdr.date_time(EVERY_10_S)
KAIFA, LANDIS = "4B464D6750000009", "4C475A677370B177"


def described(*items: tuple[str, bytes] | tuple[str, bytes, int, int]) -> list[bytes]:
    """Return items of code and value, and the scale of those that have one."""
    return [
        axdr.structure(axdr.obis(f"{code}.255"), value, *([scaled(scale[0], scale[1])] if scale else []))
        for code, value, *scale in items
    ]


def flat(*items: tuple[str, bytes]) -> list[bytes]:
    """Return codes and values in turn."""
    return [part for code, value in items for part in (axdr.obis(f"{code}.255"), value)]


def object_of(kind: int, code: str, attribute: int = 2) -> bytes:
    """Return an element of a push object list."""
    return axdr.structure(axdr.u16(kind), axdr.obis(f"{code}.255"), axdr.i8(attribute), axdr.u16(0))


def test_aidon_sweden() -> None:
    """27 items, nobody's name among them."""
    powers = [(f"1-0:{c}.7.0", axdr.u32(100 + c), 0, 27 if c % 10 in (1, 2) else 29) for c in (1, 2, 3, 4)]
    phases = [
        (f"1-0:{c}.7.0", axdr.u32(c), 0, 27 if c % 20 in (1, 2) else 29)
        for phase in (20, 40, 60)
        for c in range(phase + 1, phase + 5)
    ]
    body = axdr.array(
        *described(
            ("0-0:1.0.0", axdr.octets(axdr.date_time(EVERY_10_S, status=0xFF))),
            *powers,
            *((f"1-0:{c}.7.0", axdr.i16(-10), -1, 33) for c in (31, 51, 71)),
            *((f"1-0:{c}.7.0", axdr.u16(2348), -1, 35) for c in (32, 52, 72)),
            *phases,
            *((f"1-0:{c}.8.0", axdr.u32(38_211_671), 0, 30 if c < 3 else 32) for c in (1, 2, 3, 4)),
        )
    )
    reading = read_list(body)
    assert reading is not None
    assert reading.kind is ListKind.HOURLY
    assert reading.meter == Meter("Aidon", "", "", "", Grid.TN)
    assert len(reading.values) == 26
    assert reading.values[Quantity.CURRENT_L1] == -1.0
    assert reading.values[Quantity.REACTIVE_POWER_EXPORT_L3] == 64
    assert reading.values[Quantity.ENERGY_EXPORT] == 38_211_671
    assert reading.clock == EVERY_10_S
    assert reading.clock_offsets == (timedelta(hours=1),)


def push_1(phases: int, *, current: int = 57, reactive: int = 1083) -> bytes:
    """Return Kamstrup's "DLMS push 1"."""
    each = range(phases)
    return axdr.structure(
        axdr.visible("Kamstrup_V0001"),
        *flat(
            *((f"1-1:{c}.8.0", axdr.u32(6_307_498)) for c in (1, 2, 3, 4)),
            ("1-1:0.0.1", axdr.u32(12_349_999)),
            *((f"1-1:{c}.7.0", axdr.u32(1083)) for c in (1, 2)),
            *((f"1-1:{c}.7.0", axdr.u32(number)) for c, number in ((3, reactive), (4, 0))),
            ("0-1:1.0.0", axdr.octets(UNSTATED)),
            *((f"1-1:{32 + 20 * n}.7.0", axdr.u16(222)) for n in each),
            *((f"1-1:{31 + 20 * n}.7.0", axdr.u32(current)) for n in each),
            *((f"1-1:{21 + 20 * n}.7.0", axdr.u32(36)) for n in each),
            *((f"1-1:{33 + 20 * n}.7.0", axdr.u16(87)) for n in each),
            ("1-1:13.7.0", axdr.u16(83)),
            *((f"1-1:{22 + 20 * n}.7.0", axdr.u32(0)) for n in each),
            *((f"1-1:{22 + 20 * n}.8.0", axdr.u32(0)) for n in each),
            *((f"1-1:{21 + 20 * n}.8.0", axdr.u32(1_211_644)) for n in each),
        ),
    )


@pytest.mark.parametrize(("phases", "elements", "grid"), [(3, 65, Grid.TN), (1, 37, Grid.SINGLE_PHASE)])
def test_kamstrup_push_1(phases: int, elements: int, grid: Grid) -> None:
    body = push_1(phases)
    assert body[1] == elements
    reading = read_list(body, time=plain_time(UNSTATED))
    assert reading is not None
    assert reading.meter == Meter("Kamstrup", "", "12349999", "Kamstrup_V0001", grid)
    assert reading.values[Quantity.ENERGY_IMPORT] == 63_074_980
    assert reading.values[Quantity.POWER_FACTOR] == 0.83
    assert reading.values[Quantity.POWER_FACTOR_L1] == 0.87
    assert reading.values[Quantity.CURRENT_L1] == 0.57
    assert reading.clock == EVERY_10_S
    assert reading.unknown["1-1:21.8.0.255"] == 1_211_644


@pytest.mark.parametrize("loads", [(90_999, 57), (57, 90_999)], ids=["heavy load first", "light load first"])
def test_kamstrup_push_1_behind_current_transformers(loads: tuple[int, int]) -> None:
    """It says neither model nor scale, but 222 V times 910 A three times over is no 63 kVA: it sends mA."""
    decoder = Decoder()
    shown = {}
    for current in (*loads, *loads):
        body = push_1(3, current=current, reactive=63_364 if current > 57 else 30)
        reading = decoder.read(apdu.notification(body, invoke=0, time=plain_time(UNSTATED)))
        assert reading is not None
        shown[current] = reading.values[Quantity.CURRENT_L1]
    assert shown == {90_999: 90.999, 57: 0.057}
    body = push_1(3, current=9_099, reactive=63_364)
    reading = decoder.read(apdu.notification(body, invoke=0, time=plain_time(UNSTATED)))
    assert reading is not None
    assert reading.values[Quantity.CURRENT_L1] == 90.99


@pytest.mark.parametrize("make", [axdr.array, axdr.structure], ids=["array", "structure"])
def test_items_that_describe_themselves(make: type) -> None:
    """Kaifa in Salzburg, Iskra: a number, a device name, scales; the APDU's time is the clock if there is no other."""
    reading = read_list(
        make(
            *described(
                ("0-0:96.1.0", axdr.octets(b"1KFM0200999999")),
                ("0-0:42.0.0", axdr.octets(b"KFM1200200999999")),
                ("1-0:32.7.0", axdr.u16(2292), -1, 35),
                ("1-0:52.7.0", axdr.u16(2316), -1, 35),
                ("1-0:72.7.0", axdr.u16(2314), -1, 35),
                ("1-0:31.7.0", axdr.u16(165), -2, 33),
                ("1-0:1.7.0", axdr.u32(714), 0, 27),
                ("1-0:1.8.0", axdr.u32(1_327_456), 0, 30),
            )
        ),
        time=plain_time(SUMMER),
    )
    assert reading is not None
    assert reading.meter == Meter("Kaifa", "", "1KFM0200999999", "", Grid.TN)
    assert reading.values[Quantity.CURRENT_L1] == 1.65
    assert reading.values[Quantity.ENERGY_IMPORT] == 1_327_456
    assert reading.clock == EVERY_10_S
    assert reading.clock_offsets == (timedelta(hours=2),)


@pytest.mark.parametrize(
    ("texts", "number", "model"),
    [
        ({"96.1.0": b"84999999", "96.1.1": b"160456"}, "84999999", "160456"),
        ({"96.1.1": b"5100009999"}, "5100009999", ""),
        ({"42.0.0": b"LGZ1030163999999"}, "LGZ1030163999999", ""),
        ({"42.0.0": b"LGZ1030163999999", "96.1.1": b"1999999"}, "1999999", ""),
        ({}, "", ""),
    ],
)
def test_what_a_meter_says_of_itself(texts: dict[str, bytes], number: str, model: str) -> None:
    names = [(f"0-0:{code}", axdr.octets(text)) for code, text in texts.items()]
    reading = read_list(axdr.structure(*described(*names, ("1-0:1.8.0", axdr.u32(5), 0, 30))))
    assert reading is not None
    assert reading.meter is not None
    assert (reading.meter.id, reading.meter.model) == (number, model)
    assert reading.meter.maker == ("Landis+Gyr" if "42.0.0" in texts else "")


@pytest.mark.parametrize(
    ("voltages", "grid"),
    [((2337, 0, 0), Grid.SINGLE_PHASE), ((2337, 2330, 2341), Grid.TN)],
    ids=["one phase", "three phases"],
)
def test_codes_values_and_scales_in_turn(voltages: tuple[int, ...], grid: Grid) -> None:
    """Kaifa in Lower Austria: a bare clock first, a bare number last."""
    items = [
        *flat(("1-0:1.8.0", axdr.u32(12_937))),
        scaled(0, 30),
        *flat(("1-0:1.7.0", axdr.u32(7))),
        scaled(0, 27),
    ]
    for code, voltage in zip((32, 52, 72), voltages, strict=True):
        items += [*flat((f"1-0:{code}.7.0", axdr.u16(voltage))), scaled(-1, 35)]
    items += [*flat(("1-0:13.7.0", axdr.i16(1000))), scaled(-3, 255)]
    reading = read_list(
        axdr.structure(axdr.octets(SUMMER), *items, axdr.octets(b"181220999999")),
        title=KAIFA,
        time=plain_time(UNSTATED),
    )
    assert reading is not None
    assert reading.meter == Meter("Kaifa", "", "181220999999", "", grid)
    assert reading.values[Quantity.VOLTAGE_L1] == 233.7
    assert reading.values[Quantity.POWER_FACTOR] == 1.0
    assert reading.clock == EVERY_10_S
    assert reading.clock_offsets == (timedelta(hours=2),)


def test_codes_and_values_without_scales() -> None:
    """Landis+Gyr E450 in Austria and Switzerland: W and Wh as a matter of course, and a current nobody can tell."""
    reading = read_list(
        axdr.structure(
            axdr.octets(UNSTATED),
            *flat(
                ("1-0:1.8.0", axdr.u32(4_408_736)),
                ("1-0:1.8.1", axdr.u32(3_593_919)),
                ("1-0:3.8.1", axdr.u32(1_358_750)),
                ("1-0:1.7.0", axdr.u32(2893)),
                ("1-0:31.7.0", axdr.u16(1234)),
                ("1-0:32.7.0", axdr.u16(2337)),
            ),
        ),
        title=LANDIS,
    )
    assert reading is not None
    assert reading.meter == Meter("Landis+Gyr", "", "", "")
    assert reading.values == {
        Quantity.ENERGY_IMPORT: 4_408_736,
        Quantity.ENERGY_IMPORT_T1: 3_593_919,
        Quantity.POWER_IMPORT: 2893,
    }
    assert reading.unknown == {"1-0:3.8.1.255": 1_358_750, "1-0:31.7.0.255": 1234, "1-0:32.7.0.255": 2337}
    assert reading.clock == EVERY_10_S
    assert timedelta(hours=1) in reading.clock_offsets
    assert timedelta(hours=2) in reading.clock_offsets


@pytest.mark.parametrize(("setup", "voltage"), [("0-8:25.9.0", 2357), ("0-9:25.9.0", 2357), ("0-6:25.9.0", 235.7)])
@pytest.mark.parametrize("sends_setup", [False, True])
def test_objects_then_their_values(setup: str, voltage: float, sends_setup: bool) -> None:
    """Switzerland and Cyprus: the push object list itself is the first of the objects."""
    objects = [object_of(40, setup), object_of(1, "0-0:42.0.0"), object_of(8, "0-0:1.0.0")]
    values = [axdr.octets(b"LGZ1030653999999"), axdr.octets(UNSTATED)]
    if sends_setup:
        objects.insert(1, object_of(40, setup, 1))
        values.insert(0, axdr.obis(f"{setup}.255"))
    for code, value in (
        ("1-1:1.8.0", axdr.u32(482_939)),
        ("1-1:5.8.0", axdr.u32(18)),
        ("1-0:1.7.0", axdr.u32(28)),
        ("1-0:32.7.0", axdr.u16(2357)),
        ("1-0:31.7.0", axdr.u16(9)),
    ):
        objects.append(object_of(3, code))
        values.append(value)
    reading = read_list(axdr.structure(axdr.array(*objects), *values))
    assert reading is not None
    assert reading.meter == Meter("Landis+Gyr", "", "LGZ1030653999999", "", Grid.SINGLE_PHASE)
    assert reading.values == {
        Quantity.ENERGY_IMPORT: 482_939,
        Quantity.POWER_IMPORT: 28,
        Quantity.VOLTAGE_L1: voltage,
        Quantity.CURRENT_L1: 0.09,
    }
    assert reading.clock == EVERY_10_S
    assert reading.unknown == {"1-1:5.8.0.255": 18}


def test_scales_among_the_objects() -> None:
    objects = [object_of(40, "0-0:25.9.0"), object_of(3, "1-0:32.7.0"), object_of(3, "1-0:32.7.0", 3)]
    reading = read_list(axdr.structure(axdr.array(*objects), axdr.u16(2357), scaled(-1, 35)))
    assert reading is not None
    assert reading.values == {Quantity.VOLTAGE_L1: 235.7}


def test_objects_without_enough_values() -> None:
    objects = [object_of(40, "0-0:25.9.0"), object_of(3, "1-0:1.7.0"), object_of(3, "1-0:2.7.0")]
    reading = read_list(axdr.structure(axdr.array(*objects), axdr.u32(5)))
    assert reading is None or reading.values.keys() <= {Quantity.POWER_IMPORT}


NAME = axdr.octets(b"ISK1030789999999")
NUMBER = axdr.octets(b"84999999")
CLOCK = axdr.octets(SUMMER)

POSITIONAL = [
    (
        "Iskra, Ljubljana",
        [
            NAME,
            axdr.octets(b"16820005"),
            *map(axdr.u32, (1393, 0, 0, 738)),
            *map(axdr.u16, (2379, 2378, 2296)),
            *map(axdr.u16, (103, 125, 597)),
            *map(axdr.u32, (16, 51, 1325, 0, 0, 0)),
        ],
        Meter("Iskra", "", "ISK1030789999999", "16820005", Grid.TN),
        {"reactive_power_export": 738, "voltage_l3": 229.6, "current_l3": 5.97, "power_import_l3": 1325},
    ),
    (
        "Iskra, Ljubljana, registers",
        [
            NAME,
            axdr.octets(b"16820006"),
            axdr.enum(1),
            axdr.octets(b"\0\1"),
            *map(axdr.u32, (52_837, 13_593, 39_244, 177_927, 78_615, 99_312, 107_882, 43_253)),
        ],
        Meter("Iskra", "", "ISK1030789999999", "16820006"),
        {"energy_import_t2": 39_244, "energy_export": 177_927, "reactive_energy_export": 43_253},
    ),
    (
        "Iskra, Celje",
        [
            NAME,
            axdr.octets(b"UP_3f"),
            *map(axdr.u16, (2314, 2303, 2348, 451, 525, 88)),
            *map(axdr.u32, (2399, 0, 4, 9)),
        ],
        Meter("Iskra", "", "ISK1030789999999", "UP_3f", Grid.TN),
        {"voltage_l1": 231.4, "current_l2": 5.25, "power_import": 2399, "reactive_power_export": 9},
    ),
    (
        "Iskra, one phase",
        [
            NAME,
            axdr.octets(b"ISK84999999"),
            *map(axdr.u32, (540, 0, 0, 282)),
            axdr.u16(2336),
            axdr.u16(278),
            axdr.u32(540),
            axdr.u32(0),
        ],
        Meter("Iskra", "", "84999999", "", Grid.SINGLE_PHASE),
        {"power_import": 540, "voltage_l1": 233.6, "current_l1": 2.78, "power_export_l1": 0},
    ),
    (
        "Iskra, tariffs",
        [NAME, *map(axdr.u32, (625, 0, 12_789_950, 5_732_902, 7_057_048, 250, 112, 138))],
        Meter("Iskra", "", "ISK1030789999999", ""),
        {"power_import": 625, "energy_import": 12_789_950, "energy_import_t1": 5_732_902, "energy_export_t2": 138},
    ),
    (
        "Iskra, two registers",
        [NUMBER, b"\x11\0", axdr.u32(7_924_641), axdr.u32(3)],
        Meter("Iskra", "", "84999999", ""),
        {"energy_import": 7_924_641, "energy_export": 3},
    ),
    (
        "Iskra, Carinthia",
        [
            axdr.obis("0-6:25.9.0.255"),
            NUMBER,
            axdr.octets(bytes.fromhex("150b1400")),
            axdr.octets(bytes.fromhex("07e8050702")),
            *map(axdr.u32, (14_370_048, 420_837, 1, 2, 0, 10)),
            axdr.octets(b""),
            axdr.octets(b""),
        ],
        Meter("Iskra", "", "84999999", ""),
        {"energy_import": 14_370_048, "energy_export": 420_837, "power_export": 10},
    ),
    (
        "Iskra, Croatia",
        [
            NUMBER,
            axdr.octets(bytes.fromhex("17372800")),
            axdr.octets(bytes.fromhex("07e90c1305")),
            *map(axdr.u32, (30, 10, 20, 7, 3, 4, 1, 2, 3, 4, 382, 0)),
            axdr.u16(889),
            *map(axdr.u32, (127, 189, 65, 0, 0, 0)),
            *map(axdr.u16, (2388, 2357, 2377, 55, 89, 77)),
            axdr.u32(17_250),
            *[axdr.array(axdr.u16(9400))] * 3,
            b"\x03\1",
        ],
        Meter("Iskra", "", "84999999", "", Grid.TN),
        {"energy_import": 30, "energy_import_t2": 20, "power_import_l3": 65, "voltage_l3": 237.7, "current_l1": 0.55},
    ),
    (
        "Landis+Gyr, Burgenland",
        [
            *map(axdr.u16, (236, 237, 238, 0, 46, 26)),
            *map(axdr.u32, (125, 0, 27_881_149, 7619)),
            *map(axdr.u16, (400, 3, 288)),
            NUMBER,
        ],
        Meter("Landis+Gyr", "", "84999999", "", Grid.TN),
        {"voltage_l3": 238, "current_l2": 0.46, "power_import": 125, "energy_import": 27_881_149},
    ),
    (
        "Landis+Gyr, Slovenia",
        [NUMBER, *map(axdr.u32, (513, 0, 60, 103, 65_138_118, 0, 6_700_576, 2_833_350))],
        Meter("Landis+Gyr", "", "84999999", ""),
        {"power_import": 513, "reactive_power_export": 103, "energy_import": 65_138_118},
    ),
    (
        "Landis+Gyr, Slovenia, phases",
        [NUMBER, *map(axdr.u16, (50, 105, 37, 120, 237, 236, 236)), *map(axdr.u32, (221, 82, 205, 0, 0, 0))],
        Meter("Landis+Gyr", "", "84999999", "", Grid.TN),
        {"current_l1": 1.05, "voltage_l1": 237, "power_import_l3": 205},
    ),
    (
        "Siemens, Vienna",
        [axdr.octets(b"SMS1030788999999"), CLOCK, *map(axdr.u32, (1465, 0, 0, 5521, 4, 0, 0, 18))],
        Meter("Siemens", "", "SMS1030788999999", ""),
        {"energy_import": 1465, "reactive_energy_export": 5521, "power_import": 4, "reactive_power_export": 18},
    ),
]


@pytest.mark.parametrize(("items", "meter", "some"), [case[1:] for case in POSITIONAL], ids=[c[0] for c in POSITIONAL])
def test_lists_without_codes_that_are_known(items: list[bytes], meter: Meter, some: dict[str, float]) -> None:
    reading = read_list(axdr.structure(*items), time=plain_time(SUMMER))
    assert reading is not None
    assert reading.meter == meter
    values = {str(quantity): value for quantity, value in reading.values.items()}
    assert values == values | some
    if reading.kind is ListKind.HOURLY:
        assert reading.clock == EVERY_10_S
        assert reading.clock_offsets == (timedelta(hours=2),)


def test_a_clock_first_is_no_number() -> None:
    """Vienna's meters of other makers, who do not say who they are but by their title."""
    numbers = [axdr.u32(number) for number in (9099, 7601, 8090, 7397, 0, 0, 0, 0)]
    reading = read_list(axdr.structure(CLOCK, *numbers), title=LANDIS)
    assert reading is not None
    assert reading.meter == Meter("Landis+Gyr", "", "", "")
    assert reading.values[Quantity.ENERGY_IMPORT] == 9099
    assert reading.clock == EVERY_10_S


@pytest.mark.parametrize(
    "body",
    [
        axdr.structure(NAME, axdr.u32(1), axdr.u32(2)),
        axdr.structure(axdr.octets(UNSTATED), axdr.octets(b"181220999999")),
        axdr.array(axdr.array(), axdr.structure()),
        axdr.structure(axdr.array(object_of(40, "0-0:25.9.0"), object_of(1, "0-0:96.1.0")), NUMBER),
        axdr.structure(*described(("0-0:96.1.0", NUMBER), ("1-0:31.7.0", axdr.u16(5)))),
    ],
)
def test_what_is_not_known_is_not_read(body: bytes) -> None:
    assert read_list(body, time=plain_time(SUMMER), title=LANDIS) is None
    decoder = Decoder()
    assert decoder.read(apdu.notification(body, invoke=0)) is None
    assert decoder.unknown_list is not None


@pytest.mark.parametrize(
    "code",
    ["1-0:1.8.0.1", "7-1:1.8.0.255", "0-1:96.1.0.255"],
    ids=["of a period that has passed", "of gas", "of another device"],
)
def test_codes_of_something_else(code: str) -> None:
    odd = axdr.structure(axdr.obis(code), axdr.u32(99))
    reading = read_list(axdr.structure(odd, *described(("1-0:1.8.0", axdr.u32(5), 0, 30))))
    assert reading is not None
    assert reading.values == {Quantity.ENERGY_IMPORT: 5}
    assert reading.meter is not None
    assert reading.meter.id == ""
    assert reading.unknown == {code: 99}


def test_kaifa_sweden_with_registers_of_64_bits() -> None:
    """Positional and on normal time: what the meter states of it counts."""
    texts = [axdr.octets(text) for text in (b"KFM_001", b"7340157999999999", b"MA304H4")]
    numbers = [axdr.u32(n) for n in (5000, 0, 0, 12, 1500, 2500, 3500, 2301, 2302, 2303)]
    clock = axdr.octets(axdr.date_time(START, deviation=-60))
    reading = read_list(axdr.structure(*texts, *numbers, clock, *(axdr.u64(n) for n in (5_000_000_000, 1, 2, 3))))
    assert reading is not None
    assert reading.values[Quantity.ENERGY_IMPORT] == 5_000_000_000
    assert reading.clock_offsets == (timedelta(hours=1),)

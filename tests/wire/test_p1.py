"""P1 telegrams: what of them becomes a reading, and what does not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.wire.p1 import Telegrams
from custom_components.han_port.wire.reading import Grid, ListKind, Quantity, Reading
from tests.fuzz.sane import check_reading
from tests.meters import Household, Meter, Sent
from tests.meters.p1 import P1, crc
from tests.real_frames import Frame, real_frames

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 6, 12, 9, 59, 40, tzinfo=UTC)
WINTER = datetime(2026, 1, 12, 9, 59, 40, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)
"""Ten seconds before clocks in Europe go from 03:00 to 02:00."""

METERS: dict[str, dict[str, Any]] = {
    "landis": {"model": "LGF5E360", "id": ""},
    "kamstrup": {"model": "KAM5", "id": "", "follows_summer": True, "capital": True},
    "aidon": {"model": "ADN9 6534", "id": "", "in_watts": True, "capital": True},
    "one phase": {"model": "LGF5E360", "id": "", "single": True},
    "iskra": {"model": "ISk5\\2MT382-1000", "id": "K8EG004046395507", "dutch": True},
    "kaifa, one phase": {"model": "KFM5KAIFA-METER", "id": "E0026000024153615", "dutch": True, "single": True},
}
LINES = {
    "import": "1-0:1.8.0(00001605.055*kWh)",
    "power": "1-0:1.7.0(0002.301*kW)",
    "voltage": "1-0:32.7.0(234.4*V)",
}


def meter(name: str, start: datetime = START - HOUR) -> Meter:
    made = METERS[name]
    house = Household(start=start, phases=1 if made.get("single") else 3, solar=6000)
    return Meter(P1(**made), house, registers=(31_415_926, 1000, 271_828, 1_618_033))


def inside(frame: bytes) -> bytes:
    """Return what is read of a telegram: from its slash to before its exclamation mark."""
    return frame[frame.index(b"/") : frame.index(b"!")]


def telegram(*lines: str, ident: str = "/LGF5E360") -> bytes:
    return "".join(f"{line}\r\n" for line in (ident, "", *lines)).encode("latin-1")


def read(*lines: str) -> Reading:
    reading = Telegrams().read(telegram(*lines))
    assert reading is not None
    return reading


def sent(name: str, start: datetime = START, seconds: int = 60) -> Iterator[Sent]:
    return meter(name, start - HOUR).lists(start, start + seconds * SECOND)


@real_frames(lambda frame: frame["transport"] == "p1" and frame["crc_ok"] is not False)
def test_a_real_telegram_says_what_another_decoder_reads(frame: Frame) -> None:
    octets = inside(frame["text"].encode("ascii"))
    told = {Quantity(name): value for name, value in frame["decoded"].items() if name in set(Quantity)}
    reading = Telegrams().read(octets)
    if not told:
        assert reading is None
        return
    assert reading is not None
    assert {quantity: reading.values[quantity] for quantity in told} == told
    assert reading.values.keys() - told.keys() <= {Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT}
    assert reading.kind is ListKind.HOURLY
    shown: str = frame["decoded"]["meter_time"]
    assert reading.clock == datetime.strptime(shown[:12], "%y%m%d%H%M%S")  # noqa: DTZ007 -- a meter's clock
    assert reading.clock_offsets[0] == (2 if shown.endswith("S") else 1) * HOUR
    check_reading(reading)


@real_frames(lambda frame: frame["transport"] == "p1" and frame["crc_ok"] is True)
def test_the_simulated_meters_checksum_is_that_of_real_telegrams(frame: Frame) -> None:
    octets = frame["text"].encode("ascii")
    told = octets.rpartition(b"!")[2].strip().decode("ascii")
    assert f"{crc(inside(octets) + b'!'):04X}" == told


@pytest.mark.parametrize("name", METERS)
def test_a_telegram_says_what_the_meter_measured(name: str) -> None:
    telegrams = Telegrams()
    for one in sent(name):
        reading = telegrams.read(inside(one.frame))
        assert reading is not None
        totals = {quantity for quantity in reading.values if quantity in {"energy_import", "energy_export"}}
        assert {q: v for q, v in reading.values.items() if q in one.values or q not in totals} == one.values
        assert reading.kind is ListKind.HOURLY


@pytest.mark.parametrize("name", ["iskra", "kaifa, one phase"])
def test_two_tariffs_make_the_register_that_is_not_sent(name: str) -> None:
    simulated = meter(name)
    for one in sent(name):
        reading = Telegrams().read(inside(one.frame))
        assert reading is not None
        register = simulated.register(one.at)
        assert reading.values[Quantity.ENERGY_IMPORT] == register["energy_import"]
        assert reading.values[Quantity.ENERGY_EXPORT] == register["energy_export"]


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        (["1-0:1.8.1(000001.000*kWh)", "1-0:1.8.2(000002.000*kWh)"], 3000),
        (["1-0:1.8.1(000001.000*kWh)", "1-0:1.8.2(000002.000*kWh)", "1-0:1.8.0(000009.000*kWh)"], 9000),
        (["1-0:1.8.1(000001.000*kWh)", "1-0:1.8.2(000002.000*kWh)", "1-0:1.8.3(000004.000*kWh)"], None),
        (["1-0:1.8.1(000001.000*kWh)"], None),
        (["1-0:1.8.1(9999999999.999*kWh)", "1-0:1.8.2(9999999999.999*kWh)"], None),
    ],
    ids=["two", "the total is there", "a third", "one", "too much"],
)
def test_when_two_tariffs_are_all(lines: list[str], total: int | None) -> None:
    assert read(*lines).values.get(Quantity.ENERGY_IMPORT) == total


@pytest.mark.parametrize(
    ("name", "maker", "model", "number", "grid"),
    [
        ("landis", "Landis+Gyr", "E360", "", Grid.TN),
        ("kamstrup", "Kamstrup", "", "", Grid.TN),
        ("aidon", "Aidon", "6534", "", Grid.TN),
        ("one phase", "Landis+Gyr", "E360", "", Grid.SINGLE_PHASE),
        ("iskra", "Iskra", "MT382-1000", "K8EG004046395507", None),
        ("kaifa, one phase", "Kaifa", "KAIFA-METER", "E0026000024153615", Grid.SINGLE_PHASE),
    ],
    ids=list(METERS),
)
def test_who_sends_it(name: str, maker: str, model: str, number: str, grid: Grid | None) -> None:
    (one,) = sent(name, seconds=10)
    reading = Telegrams().read(inside(one.frame))
    assert reading is not None
    assert reading.meter is not None
    assert (reading.meter.maker, reading.meter.model, reading.meter.id) == (maker, model, number)
    assert reading.meter.list_id == Telegrams.list_id == "P1"
    assert reading.meter.grid is grid


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["0-0:96.1.1(3153414733313031303231363035)"], "1SAG3101021605"),
        (["0-0:96.1.0(383930303832323030303032313630)"], "890082200002160"),
        (["0-0:42.0.0(53414733303832323030303032313630)"], "SAG3082200002160"),
        (["0-0:42.0.0(53414733303832323030303032313630)", "0-0:96.1.1(3132333435363738)"], "12345678"),
        (["0-0:96.1.1(4D413330394D)", "0-0:96.1.0(3330303537373735)"], "30057775"),
        (["0-0:96.1.0(96815390)"], "96815390"),
        (["0-0:96.1.1()", "0-0:96.1.0(3132333435363738)"], "12345678"),
        (["0-0:96.1.1(3960221976967177082151037881335713)"], "3960221976967177082151037881335713"),
        (["0-0:96.1.1(7359992890941742)"], "7359992890941742"),
        (["0-0:96.1.1(not hexadecimal)"], "not hexadecimal"),
        (["0-0:96.1.1(42)"], "42"),
        (["0-1:96.1.0(4730303339303031363532303530323136)"], ""),
    ],
    ids=[
        "equipment",
        "device",
        "logical device",
        "the better of two",
        "beside a model",
        "eight digits",
        "empty",
        "no text in it",
        "digits",
        "plain",
        "short",
        "a gas meter's",
    ],
)
def test_the_meters_number(lines: list[str], number: str) -> None:
    reading = read(*lines, LINES["power"])
    assert reading.meter is not None
    assert reading.meter.id == number


@pytest.mark.parametrize("ident", ["/XMX5LGBBFFB231314239", "/ELL5\\253833635_A"], ids=["landis", "sagemcom"])
def test_a_first_line_that_may_hold_a_serial_number_is_no_model(ident: str) -> None:
    reading = Telegrams().read(telegram(LINES["power"], ident=ident))
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.model == ""


def test_a_meter_that_tells_its_model_beside_its_number() -> None:
    reading = read("0-0:96.1.1(4D413330394D)", "0-0:96.1.0(3330303537373735)", LINES["power"])
    assert reading.meter is not None
    assert reading.meter.model == "MA309M"


@pytest.mark.parametrize(
    ("ident", "model"),
    [("/NES5:83335-3E", "83335-3E"), ("/ISK9\\2M551T-200", "M551T-200"), ("/KAM5", ""), ("/ADN9 6534", "6534")],
    ids=["nes", "iskra", "kamstrup", "aidon"],
)
def test_the_model_in_the_first_line(ident: str, model: str) -> None:
    reading = Telegrams().read(telegram(LINES["power"], ident=ident))
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.model == model


@pytest.mark.parametrize("octet", ":;<=>?")
def test_what_is_no_digit_but_has_its_high_bits(octet: str) -> None:
    """It is no number, though a telegram of that shape has been read."""
    telegrams = Telegrams()
    whole = telegram(LINES["power"], "1-0:32.7.0(230.1*V)")
    assert telegrams.read(whole) is not None
    odd = whole.replace(b"230.1", f"23{octet}.1".encode())
    assert telegrams.read(odd) == Telegrams().read(odd)


def test_the_maker_by_the_number() -> None:
    """Where the first line has the grid company's letters, as in Luxembourg."""
    reading = Telegrams().read(telegram("0-0:42.0.0(53414731303330373030313134303034)", LINES["power"], ident="/Lux5"))
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.maker == "Sagemcom"


def test_date_and_time_by_codes_of_their_own() -> None:
    time, date = "1-0:0.9.1(222553)", "1-0:0.9.2(251002)"
    for lines in ((time, date), (date, time)):
        reading = read(*lines, LINES["power"])
        assert reading.clock == datetime(2025, 10, 2, 22, 25, 53)  # noqa: DTZ001 -- a meter's clock
        assert reading.clock_offsets == (HOUR, 2 * HOUR)
    assert read(time, LINES["power"]).clock is None
    clock = "0-0:1.0.0(251002222554S)"
    assert read(time, clock, date, LINES["power"]).clock == read(clock, LINES["power"]).clock


@pytest.mark.parametrize(
    ("shown", "clock", "offsets"),
    [
        ("210222161900W", datetime(2021, 2, 22, 16, 19), (1, 2)),  # noqa: DTZ001 -- a meter's clock
        ("240407122854S", datetime(2024, 4, 7, 12, 28, 54), (2, 3)),  # noqa: DTZ001
        ("20240111 09:35:00", datetime(2024, 1, 11, 9, 35), (1, 2)),  # noqa: DTZ001
        ("200512135409S", datetime(2020, 5, 12, 13, 54, 9), (2, 3)),  # noqa: DTZ001
        ("240407122854", datetime(2024, 4, 7, 12, 28, 54), (1, 2)),  # noqa: DTZ001
        ("240230122854W", None, ()),
        ("240407126154W", None, ()),
        ("24040712285W", None, ()),
        ("240407122854X", None, ()),
    ],
    ids=[
        "winter",
        "summer",
        "with signs",
        "of 2020",
        "not said",
        "no such day",
        "no such minute",
        "a digit short",
        "another letter",
    ],
)
def test_the_clock(shown: str, clock: datetime | None, offsets: tuple[int, ...]) -> None:
    reading = read(f"0-0:1.0.0({shown})", LINES["import"])
    assert reading.clock == clock
    assert reading.clock_offsets == tuple(hours * HOUR for hours in offsets)


@pytest.mark.parametrize("name", METERS)
@pytest.mark.parametrize("start", [START, WINTER, AUTUMN], ids=["summer", "winter", "the hour that comes again"])
def test_the_true_time_is_among_those_that_the_clock_may_mean(name: str, start: datetime) -> None:
    for one in sent(name, start, 30):
        reading = Telegrams().read(inside(one.frame))
        assert reading is not None
        assert reading.clock is not None
        assert (reading.clock - reading.clock_offsets[0]).replace(tzinfo=UTC) == one.at


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("1-0:1.8.0(00000896.020*kWh)", 896_020),
        ("1-0:1.8.0(006545766*Wh)", 6_545_766),
        ("1-0:1.8.0(896.02*kWh)", 896_020),
        ("1-0:1.8.0(896.0209*kWh)", 896_020),
        ("1-0:1.8.0(0000012345678.901*kWh)", 12_345_678_901),
        ("1-0:1.8.0(12345678901.234*kWh)", None),
        ("1-0:1.8.0*01(00000001.000*kWh)", None),
        ("1-0:1.8.0(2345678901.234*kWh)", 2_345_678_901_234),
        ("1-0:1.8.0(-00000001.000*kWh)", None),
        ("1-0:1.8.0(00000001.000*kvarh)", None),
        ("1-0:1.8.0(00000001.000)", None),
        ("1-0:3.8.0(00000518.309*kVArh)", 518_309),
        ("1-0:3.8.0(00000518.309*kvarh)", 518_309),
        ("1-0:1.7.0(0002.301*kW)", 2301),
        ("1-0:1.7.0(2.3*kW)", 2300),
        ("1-0:1.7.0(-0002.301*kW)", -2301),
        ("1-0:1.7.0(000000286*W)", 286),
        ("1-0:1.7.0(0002.301*kVA)", None),
        ("1-0:4.7.0(0000.308*kVAr)", 308),
        ("1-0:32.7.0(230.1*V)", 230.1),
        ("1-0:32.7.0(230*V)", 230),
        ("1-0:31.7.0(0.48*A)", 0.48),
        ("1-0:31.7.0(001*A)", 1),
        ("1-0:13.7.0(0.98)", 0.98),
        ("1-0:1.7.0(0002.301*kW)(0002.301*kW)", None),
        ("1-0:1.7.0(999999999999.999*kW)", None),
        ("1-1:1.7.0(0002.301*kW)", None),
        ("7-0:1.7.0(0002.301*kW)", None),
        ("1-0:1.7.0.255(0002.301*kW)", 2301),
        ("1-0:1.7.0*255(0002.301*kW)", 2301),
    ],
)
def test_a_value(line: str, value: float | None) -> None:
    reading = Telegrams().read(telegram(line, "1-0:52.7.0(232.2*V)"))
    assert reading is not None
    values = {quantity: number for quantity, number in reading.values.items() if quantity != Quantity.VOLTAGE_L2}
    assert list(values.values()) == ([] if value is None else [value])
    assert all(type(number) is type(value) for number in values.values())


@pytest.mark.parametrize(
    "line",
    [
        "1-0:4:24.7.0(0000.146*kvar)",
        "1-0:24.7.0",
        "1-0:24.7.0(",
        "1-0:24.7.0(0000.146*kvar",
        "1-0:24.7.0 0000.146*kvar)",
        "1-0:24.7.0((0000.146*kvar))",
        "1-0:24.7.0(0000.146*kvar)?",
        "1-0:24.7(0000.146*kvar)",
        "1-0:280.7.0(0000.146*kvar)",
        "x1-0:24.7.0(0000.146*kvar)",
        "",
        "(0000.146*kvar)",
        "\xff\xfe\0",
    ],
)
def test_a_malformed_line_is_passed_over(line: str) -> None:
    assert read(LINES["import"], line, LINES["voltage"]) == read(LINES["import"], LINES["voltage"])


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["0-0:1.0.0(260215200523W)", "0-0:96.1.1(ADC3100000158491)", "0-0:96.13.1()"],
        ["0-1:24.1.0(004)", "0-1:24.2.1(260215200523W)(240.860*GJ)"],
        ["6-0:1.8.0(000001.000*kWh)"],
    ],
    ids=["nothing", "no values", "heat", "heat that counts in kWh"],
)
def test_a_telegram_without_electricity_is_no_reading(lines: list[str]) -> None:
    assert Telegrams().read(telegram(*lines, ident="/NWA-WARMTELINK")) is None


def test_other_devices_leave_no_trace() -> None:
    gas = ["0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031)", "0-1:24.2.1(180924130000S)(04890.857*m3)"]
    assert read(*gas, LINES["import"]) == read(LINES["import"])


def test_what_is_unknown_is_kept() -> None:
    unknown = read(
        *("1-3:0.2.8(50)", "0-0:96.14.0(0002)", "1-0:99.97.0(1)(0-0:96.7.19)", "1-0:14.7.0(49.98*Hz)"),
        *("0-0:17.0.0(-1*kW)", "0-0:96.13.0()", "1-0:1.8.0(no number)", LINES["power"]),
    ).unknown
    assert unknown == {
        "1-3:0.2.8": 50,
        "0-0:96.14.0": 2,
        "1-0:99.97.0": "1 0-0\N{REPLACEMENT CHARACTER}96.7.19",
        "1-0:14.7.0": 49.98,
        "0-0:17.0.0": -1,
        "1-0:1.8.0": "no number",
    }


def test_what_is_unknown_is_bounded() -> None:
    lines = [f"1-0:99.{d}.{e}({'long ' * 30})" for d in range(10) for e in range(20)]
    reading = read(*lines, LINES["power"], "0-0:96.1.1(" + "A1B2C3D4" * 100 + ")")
    assert len(reading.unknown) == 64
    check_reading(reading)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1-0:1.7.0(0002.301*kW)", "1-0:2.7.0(0002.301*kW)"),
        ("0-0:96.1.1(3132333435363738)", "0-0:96.1.1(3132333435363739)"),
        ("0-0:96.1.4(version 1 a)", "0-0:96.1.4(version 2 a)"),
        ("0-1:24.2.1(04890.857*m3)", "1-0:24.2.1(04890.857*m3)"),
        ("0-0:1.0.0(210222161900W)", "0-0:1.0.0(210222161900S)"),
        ("1-0:1.7.0(0002.301*kW)", "1-0:1.7.0(002.3011*kW)"),
    ],
    ids=["code", "number", "text", "device", "summer", "decimals"],
)
def test_a_telegram_that_looks_alike_is_read_by_what_is_in_it(before: str, after: str) -> None:
    telegrams = Telegrams()
    for line in (before, after, before):
        octets = telegram(LINES["import"], line, LINES["voltage"])
        assert telegrams.read(octets) == Telegrams().read(octets) == read(LINES["import"], line, LINES["voltage"])


def test_more_shapes_than_any_meter_has_are_all_read() -> None:
    telegrams = Telegrams()
    for width in (*range(1, 16), *range(1, 16)):
        reading = telegrams.read(telegram(f"1-0:1.7.0({width:0{width}d}*W)"))
        assert reading is not None
        assert reading.values == {Quantity.POWER_IMPORT: width}


SENT = [inside(one.frame) for name in METERS for one in sent(name, seconds=20)]
CHANGES = st.tuples(st.integers(0, 2000), st.sampled_from(b"0123456789().*-:/\r\nSWkVA\\\0\xff"))


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """Return a telegram with some digits changed for others, and perhaps other octets."""
    octets = bytearray(draw(st.sampled_from(SENT)))
    digits = [at for at, octet in enumerate(octets) if chr(octet).isdigit()]
    for at, digit in draw(st.lists(st.tuples(st.sampled_from(digits), st.sampled_from(b"0123456789")), max_size=8)):
        octets[at] = digit
    for at, octet in draw(st.lists(CHANGES, max_size=2)):
        octets[at % len(octets)] = octet
    return bytes(octets)


@given(st.lists(altered(), min_size=1, max_size=6))
@settings(max_examples=150)
def test_what_is_remembered_reads_as_what_is_new(octets: list[bytes]) -> None:
    telegrams = Telegrams()
    for one in (*octets, *octets):
        reading = telegrams.read(one)
        assert reading == Telegrams().read(one)
        if reading is not None:
            check_reading(reading)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_may_be_read(octets: bytes) -> None:
    for one in (octets, telegram(LINES["power"]) + octets):
        reading = Telegrams().read(one)
        if reading is not None:
            check_reading(reading)


VALUES = st.from_regex(rb"-?[0-9]{1,20}(\.[0-9]{0,8})?(\*(k?Wh?|kVAr|V|A))?", fullmatch=True)
CODES = st.sampled_from(
    [b"1-0:1.8.0", b"1-0:1.8.1", b"1-0:1.8.2", b"1-0:1.7.0", b"1-0:31.7.0", b"0-0:1.0.0", b"0-0:5.6.7"]
)


@given(st.lists(st.tuples(CODES, VALUES), max_size=12))
def test_no_number_breaks_the_bounds(lines: list[tuple[bytes, bytes]]) -> None:
    octets = b"/LGF5E360\r\n\r\n" + b"".join(b"%b(%b)\r\n" % line for line in lines)
    telegrams = Telegrams()
    reading = telegrams.read(octets)
    assert reading == telegrams.read(octets)
    if reading is not None:
        check_reading(reading)

"""What each maker's lists mean: every model, every list, and what may be odd in them."""

from collections.abc import Sequence

import pytest

from custom_components.han_port.wire.decoder import Decoder, UnknownList
from custom_components.han_port.wire.reading import Grid, ListKind, Quantity, Reading
from tests.meters import axdr
from tests.meters.apdu import notification, plain_time
from tests.meters.hdlc import frame
from tests.meters.make import MakerName, make_maker
from tests.wire.lists import METERS, START, lists, meter

MAKERS = {"aidon": "Aidon", "kaifa": "Kaifa", "kamstrup": "Kamstrup", "embriq": "Landis+Gyr"}


def feed(body: bytes, time: bytes = b"\x00", decoder: Decoder | None = None) -> Reading | None:
    """Decode a list given by its body."""
    whole = frame(notification(body, invoke=0, time=time), destination=b"\x01", source=b"\x02\x01", control=0x10)
    readings = (decoder or Decoder()).feed(whole)
    return readings[0] if readings else None


def item(code: str, value: bytes, scaler: int | None = None, unit: int = 27) -> bytes:
    """Return an item of a list that describes itself."""
    scaling = () if scaler is None else (axdr.structure(axdr.i8(scaler), axdr.enum(unit)),)
    return axdr.structure(axdr.obis(code), value, *scaling)


def pairs(first: bytes, *items: tuple[str, bytes]) -> bytes:
    """Return a list of codes and values, as Kamstrup sends it."""
    return axdr.structure(first, *(part for code, value in items for part in (axdr.obis(code), value)))


@pytest.mark.parametrize(("maker", "model"), METERS)
def test_every_list_of_every_model(maker: MakerName, model: str) -> None:
    """Values, identity, connection and kind are what the simulated meter sent."""
    decoder = Decoder()
    built = meter(maker, model).maker
    for sent in lists(maker, model):
        (reading,) = decoder.feed(sent.frame)
        assert reading.kind == sent.kind
        assert dict(reading.values) == sent.values
        assert not reading.unknown
        if reading.kind is not ListKind.POWER:
            assert reading.meter is not None
            assert reading.meter.maker == MAKERS[maker]
            assert reading.meter.model == model
            assert reading.meter.id == built.id
            assert reading.meter.list_id == built.list_id
            assert reading.meter.grid == built.grid
        if reading.kind is ListKind.HOURLY:
            assert isinstance(reading.values[Quantity.ENERGY_IMPORT], int)


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("old", [False, True])
def test_kamstrup_with_one_phase(compact: bool, old: bool) -> None:
    """Missing phases are null, or left out; the time of sending comes in two forms."""
    built = make_maker("kamstrup", "6861111BN242101040", compact=compact, old=old)
    values = dict.fromkeys(built.quantities("hourly"), 0.0) | {"power_import": 1234.0, "energy_import": 50_000.0}
    decoder = Decoder()
    (reading,) = decoder.feed(built.encode("hourly", values, START.replace(tzinfo=None)))
    assert dict(reading.values) == values
    assert reading.meter is not None
    assert reading.meter.grid is Grid.SINGLE_PHASE


def test_kaifa_registers_of_64_bits() -> None:
    body = axdr.structure(
        axdr.octets(b"KFM_001"),
        axdr.octets(b"6970631400000001"),
        axdr.octets(b"MA304T4"),
        *(axdr.u32(number) for number in (5000, 0, 0, 12, 1500, 2500, 3500, 2301, 2302, 2303)),
        axdr.octets(axdr.date_time(START)),
        *(axdr.u64(number) for number in (5_000_000_000, 1, 2, 3)),
    )
    reading = feed(body)
    assert reading is not None
    assert reading.values[Quantity.ENERGY_IMPORT] == 5_000_000_000
    assert reading.values[Quantity.CURRENT_L2] == 2.5
    assert reading.values[Quantity.VOLTAGE_L3] == 230.3


@pytest.mark.parametrize(("model", "l2", "grid"), [("NEW1", 0, Grid.IT), ("NEW1", 2301, Grid.TN)])
def test_kaifa_model_that_is_not_known(model: str, l2: int, grid: Grid) -> None:
    """The voltage of L2, 0 on an IT net, tells the connection."""
    numbers = (5000, 0, 0, 12, 1500, 2500, 3500, 2301, l2, 2303)
    texts = [axdr.octets(text.encode()) for text in ("KFM_001", "6970631400000001", model)]
    reading = feed(axdr.structure(*texts, *(axdr.u32(number) for number in numbers)))
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.grid is grid
    reading = feed(axdr.structure(*texts, *(axdr.u32(number) for number in (5000, 0, 0, 12, 1500, 2301))))
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.grid is Grid.SINGLE_PHASE


@pytest.mark.parametrize(("l2", "l3", "grid"), [(0, 0, Grid.SINGLE_PHASE), (0, 2301, Grid.IT), (2301, 2301, Grid.TN)])
def test_embriq_tells_its_connection_by_its_voltages(l2: int, l3: int, grid: Grid) -> None:
    voltages = zip((32, 52, 72), (2301, l2, l3), strict=True)
    reading = feed(
        axdr.array(
            item("1-1:0.2.129.255", axdr.visible("EMBRIQ_V1_1")),
            *(item(f"1-0:{c}.7.0.255", axdr.u16(number), -1, 35) for c, number in voltages),
        )
    )
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.grid is grid


def test_kaifa_item_of_another_kind() -> None:
    """An item that is a structure where a number should stand costs itself."""
    texts = (axdr.octets(text) for text in (b"KFM_001", b"6970631400000001", b"MA105H2E"))
    reading = feed(axdr.structure(*texts, axdr.u32(7), axdr.structure(), *(axdr.u32(1),) * 4))
    assert reading is not None
    assert reading.values[Quantity.POWER_IMPORT] == 7
    assert Quantity.POWER_EXPORT not in reading.values


def test_kamstrup_value_of_another_kind() -> None:
    reading = feed(
        pairs(
            axdr.visible("Kamstrup_V0001"),
            ("1-1:2.7.0.255", axdr.structure()),
            ("1-1:1.7.0.255", axdr.u32(7)),
        )
    )
    assert reading is not None
    assert reading.values == {Quantity.POWER_IMPORT: 7}


def test_kamstrup_behind_current_transformers() -> None:
    """Models 685… send mA."""
    reading = feed(
        pairs(
            axdr.visible("Kamstrup_V0001"),
            ("1-1:96.1.1.255", axdr.visible("6851131BN245101040")),
            ("1-1:31.7.0.255", axdr.u32(90_999)),
            ("1-1:32.7.0.255", axdr.u16(230)),
        )
    )
    assert reading is not None
    assert reading.values == {Quantity.CURRENT_L1: 90.999, Quantity.VOLTAGE_L1: 230}


def test_kamstrup_in_hundredths_of_a_volt() -> None:
    reading = feed(
        pairs(
            axdr.visible("Kamstrup_V0001"),
            ("1-1:31.7.0.255", axdr.u32(125)),
            *((f"1-1:{c}.7.0.255", axdr.u16(22_199)) for c in (32, 52, 72)),
        )
    )
    assert reading is not None
    assert reading.values[Quantity.CURRENT_L1] == 1.25
    assert reading.values[Quantity.VOLTAGE_L3] == 221.99


def test_kaifa_pairs() -> None:
    """Swedish meters: codes and values, normal time with a deviation."""
    reading = feed(
        axdr.structure(
            *(axdr.obis("1-0:0.2.129.255"), axdr.octets(b"KFM_001")),
            *(axdr.obis("0-0:96.1.0.255"), axdr.octets(b"7340157000000001")),
            *(axdr.obis("1-0:31.7.0.255"), axdr.u32(6781)),
            *(axdr.obis("0-0:1.0.0.255"), axdr.octets(axdr.date_time(START, deviation=-60))),
            *(axdr.obis("1-0:1.8.0.255"), axdr.u32(4_786_979)),
        )
    )
    assert reading is not None
    assert reading.values == {Quantity.CURRENT_L1: 6.781, Quantity.ENERGY_IMPORT: 4_786_979}
    assert [offset.total_seconds() for offset in reading.clock_offsets] == [3600]


@pytest.mark.parametrize("scaler", [-3, 0, 1])
def test_scale_stands_in_the_list(scaler: int) -> None:
    reading = feed(axdr.array(item("1-0:32.7.0.255", axdr.u16(2301), scaler, 35)))
    assert reading is not None
    assert reading.values[Quantity.VOLTAGE_L1] == pytest.approx(2301 * 10.0**scaler)


def test_negative_current_keeps_its_sign() -> None:
    reading = feed(axdr.array(item("1-0:31.7.0.255", axdr.i16(-74), -1, 33)))
    assert reading is not None
    assert reading.values == {Quantity.CURRENT_L1: -7.4}


UNKNOWN_ITEMS = [
    (item("1-0:99.7.0.255", axdr.u32(7), 0, 27), "1-0:99.7.0.255", 7),
    (item("0-0:96.13.0.255", axdr.octets(b"\x00\x01\xff")), "0-0:96.13.0.255", "0001ff"),
    (item("0-0:96.13.0.255", axdr.visible("message")), "0-0:96.13.0.255", "message"),
    (item("1-0:32.7.0.255", axdr.u16(230), 0, 33), "1-0:32.7.0.255", 230),  # volts in ampere
    (item("1-0:32.7.0.255", axdr.u16(230), 100, 35), "1-0:32.7.0.255", 230),  # 230 times 10^100
    (item("1-0:1.7.0.255", axdr.visible("much")), "1-0:1.7.0.255", "much"),
    (item("0-0:1.0.0.255", axdr.octets(b"short")), "0-0:1.0.0.255", "short"),
]


@pytest.mark.parametrize(("odd", "code", "value"), UNKNOWN_ITEMS)
def test_unknown_items_cost_nothing_but_themselves(odd: bytes, code: str, value: object) -> None:
    decoder = Decoder()
    for _ in range(2):  # learned, and by what was learned
        reading = feed(axdr.array(item("1-0:2.7.0.255", axdr.u32(5), 0), odd), decoder=decoder)
        assert reading is not None
        assert reading.values == {Quantity.POWER_EXPORT: 5}
        assert reading.unknown == {code: value}


@pytest.mark.parametrize(
    "odd",
    [
        axdr.NULL,
        axdr.u32(3),
        axdr.structure(),
        axdr.structure(axdr.obis("1-0:1.7.0.255")),
        axdr.structure(axdr.octets(b"five!"), axdr.u32(3)),
        axdr.structure(axdr.obis("1-0:1.7.0.255"), axdr.array()),
        item("1-0:1.7.0.255", axdr.NULL, 0),
    ],
)
def test_what_is_no_item_is_passed_over(odd: bytes) -> None:
    reading = feed(axdr.array(odd, item("1-0:2.7.0.255", axdr.u32(5), 0)))
    assert reading is not None
    assert reading.values == {Quantity.POWER_EXPORT: 5}
    assert not reading.unknown


def test_items_in_another_order() -> None:
    items = (item("1-0:1.8.0.255", axdr.u32(9), 1, 30), item("1-0:1.7.0.255", axdr.u32(5), 0))
    for order in (items, items[::-1]):
        reading = feed(axdr.array(*order))
        assert reading is not None
        assert reading.values == {Quantity.POWER_IMPORT: 5, Quantity.ENERGY_IMPORT: 90}


def test_registers_are_whole() -> None:
    """Should a meter count in tenths of a Wh, or send a float, what is begun is cut off."""
    decoder = Decoder()
    for number, wh in ((1234, 123), (1239, 123), (1240, 124)):
        reading = feed(axdr.array(item("1-0:1.8.0.255", axdr.u32(number), -1, 30)), decoder=decoder)
        assert reading is not None
        assert reading.values == {Quantity.ENERGY_IMPORT: wh}
        assert isinstance(reading.values[Quantity.ENERGY_IMPORT], int)


@pytest.mark.parametrize("number", [b"\x7f\xc0\x00\x00", b"\x7f\x80\x00\x00"])
def test_floats_that_are_no_number_are_dropped(number: bytes) -> None:
    """NaN and infinity."""
    reading = feed(axdr.array(item("1-0:1.7.0.255", b"\x17" + number, 0), item("1-0:2.7.0.255", axdr.u32(5), 0)))
    assert reading is not None
    assert reading.values == {Quantity.POWER_EXPORT: 5}


UNKNOWN_LISTS: Sequence[tuple[bytes, UnknownList]] = [
    (axdr.structure(axdr.octets(b"KFM_001"), axdr.u32(1), axdr.u32(2)), UnknownList("KFM_001", 3)),
    (axdr.structure(axdr.visible("OTHER_V1"), axdr.u32(1)), UnknownList("OTHER_V1", 2)),
    (axdr.array(axdr.structure(axdr.obis("0-0:96.1.0.255"), axdr.visible("12345678"))), UnknownList("12345678", 1)),
    (axdr.structure(axdr.visible("Kamstrup_V0001")), UnknownList("Kamstrup_V0001", 1)),
    (axdr.array(), UnknownList("", 0)),
    (axdr.u32(1), UnknownList("", 1)),
]


@pytest.mark.parametrize(("body", "unknown"), UNKNOWN_LISTS)
def test_unknown_lists_are_named(body: bytes, unknown: UnknownList) -> None:
    decoder = Decoder()
    assert feed(body, plain_time(bytes(12)), decoder) is None
    assert decoder.unknown_list == unknown
    assert decoder.counters.not_understood == 1


def test_a_list_changes_its_shape() -> None:
    """Another meter, another scaler: what was learned from one list is not put upon another of the same length."""
    decoder = Decoder()
    for scaler, unit, code in ((-1, 35, "1-0:32.7.0.255"), (-2, 35, "1-0:32.7.0.255"), (-2, 35, "1-0:72.7.0.255")):
        reading = feed(axdr.array(item(code, axdr.u16(2301), scaler, unit)), decoder=decoder)
        assert reading is not None
        assert list(reading.values.values()) == [pytest.approx(2301 * 10.0**scaler)]
    assert reading is not None
    assert reading.values.keys() == {Quantity.VOLTAGE_L3}


def test_many_shapes_are_not_all_remembered() -> None:
    """A line on which every list is another: each is read, and none costs more than itself."""
    decoder = Decoder()
    for length in range(1, 60):
        body = axdr.array(*(item("1-0:1.7.0.255", axdr.u32(number), 0) for number in range(length)))
        assert feed(body, decoder=decoder) is not None


def test_the_time_of_sending_may_be_anything() -> None:
    for time in (plain_time(b"\xff" * 12), plain_time(b"")):
        assert feed(axdr.array(item("1-0:1.7.0.255", axdr.u32(5), 0)), time=time) is not None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"12345678\0\0\0\0\0\0\0\0", "12345678"),
        (b"  12345678  ", "12345678"),
        (b"\x1b[31mred\x07", "1b5b33316d726564" + "07"),
        (b"9" * 300, "9" * 40),
    ],
)
def test_texts_are_made_fit_to_be_shown(sent: bytes, shown: str) -> None:
    numbers = (axdr.u32(1),) * 6
    reading = feed(axdr.structure(axdr.octets(b"KFM_001"), axdr.octets(sent), axdr.octets(b"MA105H2E"), *numbers))
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.id == shown


def test_visible_texts_with_control_characters() -> None:
    body = pairs(
        axdr.visible("Kamstrup_V0001"),
        ("1-1:0.0.5.255", axdr.visible("12\x1b34")),
        ("1-1:1.7.0.255", axdr.u32(1)),
    )
    reading = feed(body)
    assert reading is not None
    assert reading.meter is not None
    assert reading.meter.id == "12\N{REPLACEMENT CHARACTER}34"


def test_unknown_items_are_not_kept_without_end() -> None:
    odd = (item(f"1-0:99.{d}.0.255", axdr.u32(d)) for d in range(100))
    reading = feed(axdr.array(item("1-0:1.7.0.255", axdr.u32(5), 0), *odd))
    assert reading is not None
    assert len(reading.unknown) == 64

"""A-XDR data of every type, and octets that are none."""

from hypothesis import given, strategies as st
import pytest

from custom_components.han_port.wire.cosem import LLC, CosemError, Data, Leaf, date_time, notification
from custom_components.han_port.wire.decoder import Decoder
from tests.meters.cipher import general_glo

HEADER = bytes.fromhex("0f4000000000")
CLOCK = bytes.fromhex("07ea0b1802031405ff800000")


def body(octets: str) -> Data:
    return notification(HEADER + bytes.fromhex(octets)).body


TYPES = [
    ("00", None),
    ("0300", False),
    ("0301", True),
    ("040aff80", "1111111110"),
    ("05fffffffe", -2),
    ("06fffffffe", 4_294_967_294),
    ("090301 0a0d", b"\x01\x0a\x0d"),
    ("0a03414243", "ABC"),
    ("0c02c3a5", "å"),
    ("0d12", 0x12),
    ("0ffe", -2),
    ("10fffe", -2),
    ("11fe", 254),
    ("12fffe", 65_534),
    ("14fffffffffffffffe", -2),
    ("15fffffffffffffffe", 18_446_744_073_709_551_614),
    ("161b", 27),
    ("173fc00000", 1.5),
    ("18bff8000000000000", -1.5),
    ("19" + CLOCK.hex(), CLOCK),
    ("1a07ea0b1802", bytes.fromhex("07ea0b1802")),
    ("1b03140500", bytes.fromhex("03140500")),
    ("098103010203", b"\x01\x02\x03"),
    ("09820003010203", b"\x01\x02\x03"),
]


@pytest.mark.parametrize(("octets", "value"), TYPES)
def test_every_type(octets: str, value: object) -> None:
    leaf = body(octets)
    assert isinstance(leaf, Leaf)
    assert leaf.value == value
    assert type(leaf.value) is type(value)


def test_arrays_and_structures() -> None:
    inner = body("0102 02021101 1102 0200".replace(" ", ""))
    match inner:
        case [(Leaf(1), Leaf(2)), ()]:
            pass
        case _:
            pytest.fail(f"{inner}")


@pytest.mark.parametrize(("octets", "value"), TYPES)
def test_cut_off_anywhere(octets: str, value: object) -> None:
    """Each of the types, ended too early by any number of octets."""
    whole = HEADER + bytes.fromhex(octets)
    assert notification(whole).body is not None, value
    for end in range(len(whole)):
        with pytest.raises(CosemError):
            notification(whole[:end])


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        ("13", "type 19"),  # compact array
        ("ff", "type 255"),
        ("0102ff00", "type 255"),
        ("0983010000", "beyond 65535"),
        ("01820400", "too early"),
        ("0101" * 9 + "00", "too deeply"),
    ],
)
def test_refused(octets: str, complaint: str) -> None:
    with pytest.raises(CosemError, match=complaint):
        body(octets)


def test_not_a_notification() -> None:
    with pytest.raises(CosemError, match="not a data-notification"):
        notification(b"\xc4\x01\x00")


@pytest.mark.parametrize("octets", ["ffffffffffffffffffffffff", "07ea0d1802031405ff800000", "07ea0b18021a1405ff800000"])
def test_dates_that_do_not_exist(octets: str) -> None:
    assert date_time(bytes.fromhex(octets)) is None


@pytest.mark.parametrize(("deviation", "minutes"), [("8000", None), ("0000", 0), ("ffc4", -60), ("003c", 60)])
def test_deviation(deviation: str, minutes: int | None) -> None:
    octets = bytes.fromhex(f"07ea0b1802031405ff{deviation}00")
    moment = date_time(octets)
    assert moment is not None
    assert moment.local.isoformat() == "2026-11-24T03:20:05"
    assert moment.deviation == minutes


@given(st.binary(max_size=300))
def test_any_octets_after_a_header(octets: bytes) -> None:
    """Whatever the checksum lets through is read or refused, never raised."""
    Decoder().read(HEADER + octets)


def test_ciphered_lists_are_counted() -> None:
    decoder = Decoder()
    apdu = general_glo(HEADER, title=b"KAM\0\0\0\0\1", counter=1, encryption=bytes(16), authentication=None)
    assert decoder.read(LLC + apdu) is None
    assert decoder.counters.ciphered == 1


def test_time_of_sending() -> None:
    """Twelve octets, with or without a tag; whatever else is none."""
    for time, has in ((b"\x0c" + CLOCK, True), (b"\x09\x0c" + CLOCK, True), (b"\0", False), (b"\4" + CLOCK[:4], False)):
        taken = notification(HEADER[:5] + time + b"\0")
        assert (taken.time is not None) == has
        assert taken.time is None or taken.time.value == CLOCK

"""Lists of untagged attribute descriptors, whole, cut off and damaged."""

import pytest

from custom_components.han_port.wire.cosem import CosemError, notification
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import ListKind, Quantity
from tests.meters import apdu, axdr
from tests.wire.lists import read_list

DATA, REGISTER, DISCONNECTOR, LIMITER = 1, 3, 70, 71


def item(kind: int, code: str, value: bytes, attribute: int = 2) -> bytes:
    """Return an item: a class, a logical name and an attribute without tags, and a value."""
    return b"\x02\x02" + kind.to_bytes(2) + axdr.obis(code)[2:] + bytes((attribute,)) + value


def body(*items: bytes) -> bytes:
    """Return the list: an enumeration, and an array whose elements are not what A-XDR says."""
    return b"\x02\x02" + axdr.enum(1) + b"\x01" + bytes((len(items),)) + b"".join(items)


ITEMS = (
    item(DATA, "0-0:96.1.1.255", axdr.octets(b"5100009999")),
    item(DISCONNECTOR, "0-0:96.3.10.255", axdr.enum(1), 3),
    item(LIMITER, "0-0:17.0.0.255", axdr.u32(0), 3),
    item(DISCONNECTOR, "0-1:96.3.10.255", axdr.enum(0), 3),
    item(DATA, "0-0:96.14.0.255", axdr.octets(b"T2")),
    item(REGISTER, "1-0:1.7.0.255", axdr.u32(1956)),
    item(REGISTER, "1-0:41.7.0.255", axdr.u32(1703)),
    item(REGISTER, "1-0:1.8.0.255", axdr.u32(4_913_794)),
    item(REGISTER, "1-0:1.8.2.255", axdr.u32(3_964_860)),
)


def test_a_list_of_descriptors() -> None:
    reading = read_list(body(*ITEMS))
    assert reading is not None
    assert reading.kind is ListKind.HOURLY
    assert reading.values == {
        Quantity.POWER_IMPORT: 1956,
        Quantity.POWER_IMPORT_L2: 1703,
        Quantity.ENERGY_IMPORT: 4_913_794,
        Quantity.ENERGY_IMPORT_T2: 3_964_860,
    }
    assert reading.meter is not None
    assert reading.meter.id == "5100009999"
    assert reading.clock is None
    assert reading.unknown == {
        "0-0:96.3.10.255": 1,
        "0-0:17.0.0.255": 0,
        "0-1:96.3.10.255": 0,
        "0-0:96.14.0.255": "T2",
    }


def test_the_next_list_is_read_by_what_was_learned() -> None:
    decoder = Decoder()
    for power in (1956, 12):
        items = (*ITEMS[:5], item(REGISTER, "1-0:1.7.0.255", axdr.u32(power)), *ITEMS[6:])
        reading = decoder.read(apdu.notification(body(*items), invoke=0))
        assert reading is not None
        assert reading.values[Quantity.POWER_IMPORT] == power


def test_cut_off_anywhere() -> None:
    whole = apdu.notification(body(*ITEMS), invoke=0)
    for end in range(len(whole)):
        with pytest.raises(CosemError):
            notification(whole[:end])


def test_an_item_that_is_something_else() -> None:
    with pytest.raises(CosemError, match="descriptor"):
        notification(apdu.notification(body(ITEMS[0], axdr.u32(1) * 4), invoke=0))

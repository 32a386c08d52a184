"""Frames captured from real meters decode to what an independent decoder read."""

from datetime import datetime, timedelta
from typing import Any

from custom_components.han_port.wire.cipher import Keys
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Grid, ListKind, Reading
from tests.real_frames import Frame, real_frames

LISTS = {1: ListKind.POWER, 2: ListKind.FULL, 3: ListKind.HOURLY}
GRIDS = {1: Grid.SINGLE_PHASE, "1": Grid.SINGLE_PHASE, 3: Grid.TN, "3": Grid.TN, "3 (IT, 3-wire)": Grid.IT}
TELEGRAM_HOURS = {"W": (1, 2), "S": (2, 3)}
HEAT_METER = "dsmrp-telegram_unpadded_crc"
WHOLE = "amshan-p1-example_data_kamstrup"
"""Said to be damaged; but its checksum, 92F5, is that of what stands from "/" to "!". It begins with a line end, which
is no part of the telegram.
"""
NOT_OF_THE_METER = {"meter_id", "meter_model"}
"""What was read of telegrams under these names is the number of the gas, heat or water meter behind the port
(0-1:96.1.0, 0-2:96.1.1), and in meter_model the electricity meter's own number (0-0:96.1.1, the equipment identifier:
DSMR P1 companion standard 5.0.2, table 6-12), still in hexadecimal.
"""


def holds(frame: Frame) -> bool:
    """Take captures of electricity meters that are whole."""
    return bool((frame["crc_ok"] is not False or frame["id"] == WHOLE) and frame["id"] != HEAT_METER)


def norwegian(frame: Frame) -> bool:
    return holds(frame) and frame["list"] in LISTS


def damaged(frame: Frame) -> bool:
    """Take captures that are not whole."""
    return bool(frame["crc_ok"] is False and frame["id"] != WHOLE)


def heat(frame: Frame) -> bool:
    return bool(frame["id"] == HEAT_METER)


def octets_of(frame: Frame) -> bytes:
    return frame["text"].encode() if frame["transport"] == "p1" else bytes.fromhex(frame["hex"])


def decoder_for(frame: Frame) -> Decoder:
    if (key := frame.get("key")) is None:
        return Decoder()
    authentication = frame.get("auth_key")
    return Decoder(Keys(bytes.fromhex(key), authentication and bytes.fromhex(authentication)))


def read(frame: Frame, decoder: Decoder) -> Reading | None:
    if frame["transport"] == "dlms-only":
        return decoder.read(octets_of(frame))
    readings = decoder.feed(octets_of(frame))
    return readings[-1] if readings else None


def flat(reading: Reading) -> dict[str, Any]:
    """Return a reading by the names that the captures use."""
    values: dict[str, Any] = {str(quantity): value for quantity, value in reading.values.items()}
    if reading.meter:
        values |= {
            "meter_id": reading.meter.id,
            "list_id": reading.meter.list_id,
            "meter_model": reading.meter.model,
        }
    if reading.clock:
        values["meter_time"] = reading.clock.isoformat()
    return values


def evidence(frame: Frame) -> dict[str, Any]:
    """Return what was read of a capture, by our names."""
    told = dict(frame["decoded"])
    if (number := told.pop("meter_number", None)) is not None:
        told["meter_id"] = str(number)
    if frame["transport"] == "p1":
        told = {name: value for name, value in told.items() if name not in NOT_OF_THE_METER}
        told["meter_time"] = datetime.strptime(told["meter_time"][:-1], "%y%m%d%H%M%S").isoformat()  # noqa: DTZ007
    return told


@real_frames(holds)
def test_real_frame(frame: Frame) -> None:
    reading = read(frame, decoder_for(frame))
    assert reading is not None
    assert flat(reading) == flat(reading) | evidence(frame)
    if frame["transport"] == "p1":
        hours = TELEGRAM_HOURS[frame["decoded"]["meter_time"][-1]]
        assert reading.clock_offsets == tuple(timedelta(hours=offset) for offset in hours)


@real_frames(norwegian)
def test_norwegian_list(frame: Frame) -> None:
    reading = read(frame, decoder_for(frame))
    assert reading is not None
    assert not reading.unknown
    assert reading.kind is LISTS[frame["list"]]
    if reading.kind is not ListKind.POWER:
        assert reading.meter is not None
        assert reading.meter.grid is GRIDS[frame["phases"]]
        assert reading.meter.maker == frame["meter"].split()[0]


@real_frames(holds)
def test_real_frame_again(frame: Frame) -> None:
    """A list that is read by what was learned from its like says the same as the first time."""
    decoder = decoder_for(frame)
    first = read(frame, decoder)
    decoder.cipher.forget()
    assert read(frame, decoder) == first


@real_frames(damaged)
def test_damaged_capture(frame: Frame) -> None:
    decoder = decoder_for(frame)
    assert read(frame, decoder) is None
    assert not decoder.counters.frames


@real_frames(heat)
def test_no_electricity(frame: Frame) -> None:
    """A heat meter's telegram is whole, and has nothing of ours."""
    decoder = decoder_for(frame)
    assert read(frame, decoder) is None
    assert decoder.counters.frames == decoder.counters.not_understood == 1

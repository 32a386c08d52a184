"""Frames captured from real meters decode to what an independent decoder read."""

from typing import Any

from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Grid, ListKind, Reading
from tests.real_frames import Frame, real_frames

PAIRS = "se-kaifa-obis-18"
LISTS = {1: ListKind.POWER, 2: ListKind.FULL, 3: ListKind.HOURLY}
GRIDS = {1: Grid.SINGLE_PHASE, "1": Grid.SINGLE_PHASE, 3: Grid.TN, "3": Grid.TN, "3 (IT, 3-wire)": Grid.IT}


def ours(frame: Frame) -> bool:
    """Take Norwegian lists, and the Swedish ones of Kaifa and Kamstrup."""
    speaks = frame["country"] == "NO" or (frame["country"] == "SE" and frame["list"] in (*LISTS, PAIRS))
    return speaks and frame["transport"] in ("hdlc", "dlms-only") and frame["crc_ok"] is not False


def damaged(frame: Frame) -> bool:
    """Take captures that are not whole."""
    return frame["transport"] == "hdlc" and frame["crc_ok"] is False


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


def read(frame: Frame) -> Reading | None:
    octets = bytes.fromhex(frame["hex"])
    decoder = Decoder()
    if frame["transport"] == "hdlc":
        readings = decoder.feed(octets)
        return readings[-1] if readings else None
    return decoder.read(octets)


@real_frames(ours)
def test_real_frame(frame: Frame) -> None:
    reading = read(frame)
    assert reading is not None
    assert flat(reading) == flat(reading) | frame["decoded"]
    assert not reading.unknown
    if frame["list"] in LISTS:
        assert reading.kind is LISTS[frame["list"]]
    if reading.kind is not ListKind.POWER:
        assert reading.meter is not None
        assert reading.meter.grid is GRIDS[frame["phases"]]
        assert reading.meter.maker == frame["meter"].split()[0]


@real_frames(ours)
def test_real_frame_again(frame: Frame) -> None:
    """A list that is read by what was learned from its like says the same as the first time."""
    if frame["transport"] != "hdlc":
        octets = bytes.fromhex(frame["hex"])
        decoder = Decoder()
        assert decoder.read(octets) == decoder.read(octets)
        return
    first, second = Decoder().feed(bytes.fromhex(frame["hex"]) * 2)
    assert first == second


@real_frames(damaged)
def test_damaged_capture(frame: Frame) -> None:
    assert read(frame) is None

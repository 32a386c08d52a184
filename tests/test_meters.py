"""The simulated meters' bytes are those of real meters that say the same.

What a real frame says is read here from its decoded values and, where those do not tell (clock, status, registers of
unknown scale), by looking for a code in the bytes: neither the decoder nor the encoder is asked.
"""

from datetime import datetime
import struct
from typing import Any

import pytest

from tests.meters import Aidon, Embriq, Kaifa, Kamstrup, Kind, Maker, make_maker, meter_id

from .real_frames import every_frame

FRAMES = every_frame()
KINDS: dict[object, Kind] = {1: "power", 2: "full", 3: "hourly"}
LLC = b"\xe6\xe7\x00"
CODES = {
    "power_import": "010700ff",
    "power_export": "020700ff",
    "reactive_power_import": "030700ff",
    "reactive_power_export": "040700ff",
    "current_l1": "1f0700ff",
    "current_l2": "330700ff",
    "current_l3": "470700ff",
    "voltage_l1": "200700ff",
    "voltage_l2": "340700ff",
    "voltage_l3": "480700ff",
    "energy_import": "010800ff",
    "energy_export": "020800ff",
    "reactive_energy_import": "030800ff",
    "reactive_energy_export": "040800ff",
}


def params(chosen: list[dict[str, Any]]) -> list[Any]:
    """Return test parameters, or one that is skipped where there are no frames here."""
    if FRAMES is None:
        return [pytest.param({}, marks=pytest.mark.skip(reason="HAN_FRAMES is not set"))]
    return [pytest.param(row, id=row["id"]) for row in chosen]


WHOLE = [
    row
    for row in FRAMES or ()
    if row["transport"] in {"hdlc", "dlms-only"}
    and row["crc_ok"] is not False
    and row["list"] in KINDS
    and row["meter"].startswith(("Aidon", "Kaifa", "Kamstrup"))
]


def number_after(raw: bytes, code: str) -> int:
    """Return the number that follows an OBIS code."""
    at = raw.index(bytes.fromhex(code)) + len(code) // 2
    form = {0x06: ">I", 0x10: ">h", 0x12: ">H"}[raw[at]]
    return int(struct.unpack_from(form, raw, at + 1)[0])


def clock_octets(raw: bytes) -> bytes | None:
    """Find a clock: a length of twelve, a year of this century, and an unspecified hundredth."""
    for at in range(len(raw) - 12):
        if raw[at] == 12 and raw[at + 1] == 7 and raw[at + 9] in {0xFF, 0}:
            return raw[at + 1 : at + 13]
    return None


def clock_of(octets: bytes) -> datetime:
    year, month, day, _, hour, minute, second = struct.unpack(">HBBBBBB", octets[:8])
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- a clock on the wire has no time zone


def meter_of(row: dict[str, Any], raw: bytes, clock: bytes | None) -> Maker:
    """Return the simulated meter that should say the same."""
    said = row["decoded"]
    if row["meter"].startswith("Aidon"):
        newer = clock is not None and clock[9:11] == b"\x80\x00"
        return Aidon(said.get("meter_model", "6525"), said.get("meter_id", ""), newer=newer)
    if row["meter"].startswith("Kaifa"):
        swedish = row["country"] == "SE"
        return Kaifa(said.get("meter_model", "MA304H3E"), said.get("meter_id", ""), swedish=swedish)
    old = raw[raw.index(LLC) + 8 :].startswith(b"\x09\x0c")
    return Kamstrup(said["meter_model"], said["meter_id"], old=old)


@pytest.mark.parametrize("row", params(WHOLE))
def test_a_list_has_the_bytes_that_a_real_meter_sent(row: dict[str, Any]) -> None:
    raw = bytes.fromhex(row["hex"])
    clock = clock_octets(raw)
    meter = meter_of(row, raw, clock)
    values = {name: value for name, value in row["decoded"].items() if isinstance(value, int | float)}
    if isinstance(meter, Kamstrup) and row["list"] == 3:
        # The scale of these registers is not in the frame, so they are not in `decoded` either.
        values |= {name: number_after(raw, CODES[name]) * 10 for name in meter.quantities("hourly")[-4:]}
    when, status = (clock_of(clock), clock[11]) if clock is not None else (datetime.min, 0)  # noqa: DTZ901
    frame = meter.encode(KINDS[row["list"]], values, when, status)
    if row["transport"] == "dlms-only":
        frame = frame[frame.index(LLC) : -3]
    assert frame.hex() == raw.hex()


@pytest.mark.parametrize("row", params([row for row in FRAMES or () if row["list"] == 3 and "EMBRIQ" in row["meter"]]))
def test_embriqs_hourly_list_is_the_one_known_capture_with_its_tags_in_order(row: dict[str, Any]) -> None:
    # In the capture the octets 09 06 that begin a code stand as 06 09 in three places, and the checksum fails.
    raw = bytes.fromhex(row["hex"].replace("02030609", "02030906"))
    clock = clock_octets(raw)
    assert clock is not None
    meter = Embriq("ZMF1", "40799390")
    values = {name: number_after(raw, code) * 10 ** meter.scaler(name) for name, code in CODES.items()}
    assert meter.encode("hourly", values, clock_of(clock)).hex()[:-6] == raw.hex()[:-6]


def test_kamstrups_compact_list_has_what_a_meter_that_only_imports_measures() -> None:
    meter = Kamstrup("6861111BN242101040", meter_id("kamstrup"), compact=True)
    values = dict.fromkeys(meter.quantities("hourly"), 230)
    clock = datetime(2017, 8, 16, 16, 0, 5)  # noqa: DTZ001
    frame = meter.encode("hourly", values, clock)
    # 15 elements: the list's name, and seven pairs of code and value.
    assert b"\x02\x0f\x0a\x0eKamstrup_V0001" in frame
    assert frame.count(b"\x09\x06") == 7
    # Without the hour: no clock and no register, of 8 octets of code each, and 14 and 5 of value.
    assert len(meter.encode("full", values, clock)) == len(frame) - 8 - 14 - 8 - 5


@pytest.mark.parametrize("maker", ["aidon", "kaifa", "kamstrup"])
def test_invented_meter_numbers_have_sixteen_digits_and_a_gs1_check_digit(maker: Any) -> None:
    for serial in (1, 2, 12345):
        number = meter_id(maker, serial)
        assert len(number) == 16
        assert sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(number)) % 10 == 0


def test_a_model_that_the_maker_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no such model: MA999"):
        make_maker("kaifa", "MA999")
    assert make_maker("kamstrup", "6841138BN245101090").grid == "tn"


def test_kamstrup_has_no_power_list() -> None:
    meter = make_maker("kamstrup")
    with pytest.raises(ValueError, match="no power list"):
        meter.encode("power", {"power_import": 1}, datetime(2026, 1, 1))  # noqa: DTZ001

"""The simulated meters of other countries: their bytes are those of real meters, their times and clocks their own.

What a real frame says is read here from its decoded values and, where those do not tell (registers of unknown scale,
those of phases and tariffs), by looking for a code in the bytes. Ciphered ones are opened by ciphering them once more:
in counter mode that is the same.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
import struct
from typing import Any

import pytest

from tests.meters import (
    P1,
    AidonSweden,
    Iskra,
    KaifaAustria,
    KamstrupPush,
    LandisE450,
    Meter,
    Sent,
    iskra,
    kamstrup_push,
    landis_e450,
    make_maker,
    make_meter,
    mbus,
    meter_id,
)
from tests.meters.cipher import TAG, general_glo
from tests.meters.make import MakerName
from tests.meters.maker import ENERGIES
from tests.meters.options import build, parse
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION

from .real_frames import Frame, real_frames

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
"""Clocks in Europe go from 02:00 to 03:00."""
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""Clocks in Europe go from 03:00 to 02:00."""
EVERY: dict[MakerName, int] = {
    "aidon-se": 10,
    "p1": 10,
    "kamstrup-dk": 10,
    "kaifa-at": 5,
    "landis-ch": 10,
    "iskra-si": 10,
}
"""Seconds between two lists."""


def of(name: str) -> pytest.MarkDecorator:
    return real_frames(lambda frame: frame["id"] == name)


def number_after(raw: bytes, code: str) -> int:
    """Return the number that follows an OBIS code, given as six octets in hexadecimal."""
    at = raw.index(bytes.fromhex(code)) + 6
    form = {0x06: ">I", 0x10: ">h", 0x12: ">H"}[raw[at]]
    return int(struct.unpack_from(form, raw, at + 1)[0])


def clock_in(apdu: bytes) -> tuple[datetime, int]:
    """Return the time in the head of an APDU and its status."""
    year, month, day, _, hour, minute, second = struct.unpack_from(">HBBBBBB", apdu, 6)
    return datetime(year, month, day, hour, minute, second), apdu[17]  # noqa: DTZ001 -- a meter's clock


def measured(frame: Frame) -> dict[str, float]:
    return {name: value for name, value in frame["decoded"].items() if isinstance(value, int | float)}


class Ciphered:
    """A general-glo-ciphering APDU, as it was captured and as it is made."""

    def __init__(self, apdu: bytes, frame: Frame) -> None:
        assert apdu[10] in {0x81, 0x82}
        at = 11 + (apdu[10] & 0x7F)
        self.title = apdu[2:10]
        self.counter = int.from_bytes(apdu[at + 1 : at + 5])
        self.authentication = bytes.fromhex(frame["auth_key"]) if "auth_key" in frame else None
        self.encryption = bytes.fromhex(frame["key"])
        content = apdu[at + 5 : len(apdu) - (TAG if apdu[at] & 0x10 else 0)]
        self.plain = self.seal(content, tagged=False)[-len(content) :]

    def seal(self, plain: bytes, *, tagged: bool = True) -> bytes:
        """Return the APDU again, with what it had or with something else in it."""
        return general_glo(
            plain,
            title=self.title,
            counter=self.counter,
            encryption=self.encryption,
            authentication=self.authentication if tagged else None,
        )


@of("hassams-aidon_se_3ph")
def test_aidons_list_in_sweden_has_the_bytes_of_a_real_meter(frame: Frame) -> None:
    clock = datetime.fromisoformat(frame["decoded"]["meter_time"])
    assert AidonSweden().encode("hourly", measured(frame), clock).hex() == frame["hex"]


@of("esphl-kamstrup-omnipower-gcm")
def test_kamstrups_push_list_has_the_bytes_of_a_real_meter(frame: Frame) -> None:
    raw = bytes.fromhex(frame["hex"])
    sealed = Ciphered(raw[raw.index(b"\xdb\x08") : -3], frame)
    clock, status = clock_in(sealed.plain)
    codes = {name: code for code, name in enumerate(ENERGIES, 1)}
    codes |= {f"energy_import_l{phase}": 1 + 20 * phase for phase in (1, 2, 3)}
    registers = {name: number_after(sealed.plain, f"0101{code:02x}0800ff") * 10 for name, code in codes.items()}
    meter = KamstrupPush("", str(frame["decoded"]["meter_number"]))
    apdu = meter.apdu(measured(frame) | registers, clock, status)
    assert apdu.hex() == sealed.plain.hex()
    assert kamstrup_push.framed(sealed.seal(apdu)).hex() == frame["hex"]


@of("esphl-kaifa-netznoe-mbus-gcm")
def test_kaifas_list_in_austria_has_the_bytes_of_a_real_meter(frame: Frame) -> None:
    raw = bytes.fromhex(frame["hex"])
    second = 6 + raw[1]
    sealed = Ciphered(raw[9 : second - 2] + raw[second + 9 : -2], frame)
    clock, _ = clock_in(sealed.plain)
    number = sealed.plain[-12:].decode("ascii")
    invoke = int.from_bytes(sealed.plain[1:5])
    apdu = KaifaAustria("", number).apdu(measured(frame), clock, invoke=invoke)
    assert apdu.hex() == sealed.plain.hex()
    assert mbus.frames(sealed.seal(apdu)).hex() == frame["hex"]


@real_frames(lambda frame: frame["transport"] == "hdlc-gbt")
def test_landis_gyrs_list_in_blocks_has_the_bytes_of_a_real_meter(frame: Frame) -> None:
    raw = bytes.fromhex(frame["hex"])
    sealed = Ciphered(content_of_blocks(raw), frame)
    clock, status = clock_in(sealed.plain)
    registers = {
        f"{name}_t{tariff}": number_after(sealed.plain, f"0100{code:02x}08{tariff:02x}ff")
        for code, name in enumerate(ENERGIES, 1)
        for tariff in (1, 2)
    }
    meter = LandisE450("", sealed.title.hex().upper())
    apdu = meter.apdu(measured(frame) | registers, clock, status, invoke=sealed.counter)
    assert apdu.hex() == sealed.plain.hex()
    assert landis_e450.framed(sealed.seal(apdu)).hex() == frame["hex"]


def content_of_blocks(raw: bytes) -> bytes:
    """Return what the blocks of a general block transfer carry, one in each HDLC frame."""
    content = b""
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at + 1 : at + 3]) & 0x7FF
        begins = raw.index(b"\xe0", at + 9)
        content += raw[begins + 7 : begins + 7 + raw[begins + 6]]
        at += length + 2
    return content


@of("esphl-iskra550-segmented")
def test_iskras_list_in_segments_has_the_bytes_of_a_real_meter(frame: Frame) -> None:
    raw = bytes.fromhex(frame["hex"])
    apdu = raw[raw.index(b"\x0f\0") :]
    clock, _ = clock_in(apdu)
    meter = Iskra(frame["decoded"]["meter_model"], frame["decoded"]["meter_id"])
    made = meter.apdu(measured(frame), clock, invoke=int.from_bytes(apdu[1:5]))
    assert iskra.framed(made).hex() == frame["hex"]


@real_frames(lambda frame: frame.get("text", "").startswith("/LGF5E360"))
def test_a_swedish_telegram_has_the_characters_of_a_real_meter(frame: Frame) -> None:
    clock = datetime.strptime(frame["decoded"]["meter_time"][:12], "%y%m%d%H%M%S")  # noqa: DTZ007
    made = P1("LGF5E360", "", capital=True).encode("hourly", measured(frame), clock).decode("ascii")
    assert made.strip() == frame["text"].strip()


@pytest.mark.parametrize("maker", EVERY)
def test_each_list_has_registers_and_comes_every_few_seconds(maker: MakerName) -> None:
    meter = make_meter(maker, start=SPRING - HOUR)
    lists = list(meter.schedule(SPRING, SPRING + HOUR))
    assert Counter(kind for _, kind in lists) == {"hourly": 3600 // EVERY[maker]}
    assert [at for at, _ in lists[:3]] == [SPRING + step * EVERY[maker] * SECOND for step in range(3)]


@pytest.mark.parametrize("maker", EVERY)
def test_a_register_is_the_true_energy_of_the_moment_of_sending(maker: MakerName) -> None:
    meter = make_meter(maker, start=SPRING - 12 * HOUR, solar=9000, registers=(1003, 2, 0, 7))
    resolution = 10 if maker == "kamstrup-dk" else 1
    for sent in meter.lists(SPRING, SPRING + 60 * SECOND):
        energy = meter.household.energy(sent.at)
        assert 0 <= 1003 + energy.imported - sent.values["energy_import"] < resolution
        assert 0 <= 2 + energy.exported - sent.values["energy_export"] < resolution


def shown(meter: Meter, at: datetime) -> str:
    """Return the hour that the clock of a list shows, and its deviation and status where they tell something."""
    sent = meter.send("hourly", at)
    if isinstance(meter.maker, P1):
        begins = sent.frame.index(b"0-0:1.0.0(") + 10
        return sent.frame[begins + 6 : begins + 13].decode("ascii")
    frame = sent.frame
    begins = frame.index(b"\x0c\x07\xea") + 1
    clock = frame[begins : begins + 12]
    deviation = int.from_bytes(clock[9:11], signed=True)
    return f"{clock[5]:02}{clock[6]:02}{clock[7]:02}" + (f"{deviation:+} {clock[11]:02x}" if deviation > -1000 else "")


@pytest.mark.parametrize(
    ("maker", "around", "expected"),
    [
        ("aidon-se", SPRING, ["015950", "020000"]),
        ("aidon-se", AUTUMN, ["015950", "020000"]),
        ("kamstrup-dk", SPRING, ["015950", "020000"]),
        ("kamstrup-dk", AUTUMN, ["015950", "020000"]),
        ("landis-ch", AUTUMN, ["015950", "020000"]),
        ("p1", SPRING, ["015950W", "020000W"]),
        ("p1", AUTUMN, ["015950W", "020000W"]),
        ("kaifa-at", SPRING, ["015950-60 00", "030000-120 80"]),
        ("kaifa-at", AUTUMN, ["025950-120 80", "020000-60 00"]),
        ("iskra-si", SPRING, ["015950-60 00", "030000-120 80"]),
        ("iskra-si", AUTUMN, ["025950-120 80", "020000-60 00"]),
    ],
)
def test_the_clock_follows_its_makers_law_when_summer_time_begins_and_ends(
    maker: MakerName, around: datetime, expected: list[str]
) -> None:
    options: dict[str, Any] = {"plain": True} if maker in ("kamstrup-dk", "kaifa-at", "landis-ch") else {}
    meter = make_meter(maker, start=around - HOUR, **options)
    assert [shown(meter, around - 10 * SECOND), shown(meter, around)] == expected


@pytest.mark.parametrize("maker", ["kamstrup-dk", "kaifa-at", "landis-ch"])
def test_the_frame_counter_rises_with_each_list_also_in_the_hour_that_is_twice(maker: MakerName) -> None:
    meter = make_meter(maker, start=AUTUMN - 2 * HOUR)
    counters = [frame_counter(sent) for sent in meter.lists(AUTUMN - 30 * SECOND, AUTUMN + 30 * SECOND)]
    assert counters == sorted(set(counters))


def frame_counter(sent: Sent) -> int:
    at = sent.frame.index(b"\xdb\x08") + 10
    at += 1 + (sent.frame[at] & 0x7F if sent.frame[at] >= 0x80 else 0)
    return int.from_bytes(sent.frame[at + 1 : at + 5])


@pytest.mark.parametrize("maker", EVERY)
def test_a_list_without_registers_is_refused(maker: MakerName) -> None:
    meter = make_maker(maker)
    with pytest.raises(ValueError, match="registers"):
        meter.encode("power", {"power_import": 1}, datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_last_list_before_a_reader_came_is_of_the_last_step() -> None:
    meter = make_meter("aidon-se", start=SPRING - HOUR)
    at = SPRING + 47 * SECOND
    assert (
        meter.latest_hourly(at).values["energy_import"] == meter.values("hourly", SPRING + 40 * SECOND)["energy_import"]
    )


def test_keys_are_given_on_the_command_line_and_told_by_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    key = bytes(range(16))
    meter, _, _ = build(parse(["--meter", "kamstrup-dk", "--encryption-key", key.hex(), "--variant", "plain"]))
    assert isinstance(meter.maker, KamstrupPush)
    assert (meter.maker.encryption, meter.maker.authentication, meter.maker.plain) == (key, AUTHENTICATION, True)
    with pytest.raises(SystemExit):
        parse(["--help"])
    told = capsys.readouterr().out
    assert ENCRYPTION.hex().upper() in told
    assert AUTHENTICATION.hex().upper() in told


@pytest.mark.parametrize("key", ["00", "no key", "00" * 17])
def test_what_is_no_key_is_refused(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--meter", "kamstrup-dk", "--encryption-key", key])
    assert "--encryption-key" in capsys.readouterr().err


def test_other_meters_of_a_make_have_other_numbers_and_titles() -> None:
    for maker in ("kamstrup-dk", "kaifa-at", "landis-ch", "iskra-si"):
        numbers = {meter_id(maker, serial) for serial in (1, 2, 300)}
        assert len(numbers) == 3
        titles = {getattr(make_maker(maker, number=number), "title", number) for number in numbers}
        assert len(titles) == 3

"""What readers put into an MQTT message, and what comes out of it."""

from collections.abc import Callable
import time
import zlib

from hypothesis import given, strategies as st
import pytest

from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.envelope import LIMIT, Part, parts
from custom_components.han_port.wire.reading import Quantity

from ..conftest import CLOCK, KAIFA, KAMSTRUP, full, hourly, power
from ..meters.p1 import P1
from ..pulse import pulse
from ..real_frames import Frame, real_frames

FRAME = full()
LIST = FRAME[FRAME.index(b"\x0f\x40") + 6 : -3]  # after the APDU's header, before checksum and flag
INFORMATION = FRAME[FRAME.index(b"\xe6\xe7\x00") : -3]
SWEDISH = P1("LGF5E360", "")
TELEGRAM = SWEDISH.encode("hourly", {**dict.fromkeys(SWEDISH.quantities("hourly"), 1), "power_import": 2453}, CLOCK)


def dump(octets: bytes) -> bytes:
    """Write octets as a log does: rows of sixteen, parted in the middle."""
    rows = [octets[at : at + 16].hex(" ").upper() for at in range(0, len(octets), 16)]
    return "\r\n".join(f"{row[:23]} {row[23:]}" for row in rows).encode()


def powers(payload: bytes) -> list[float]:
    """Return the powers of all lists in a message."""
    readings = Decoder(in_messages=True).feed(payload)
    return [reading.values[Quantity.POWER_IMPORT] for reading in readings]


WRAPPED: dict[str, bytes] = {
    "one frame": FRAME,
    "Kaifa": full(KAIFA),
    "Kamstrup": full(KAMSTRUP),
    "without flags": FRAME[1:-1],
    "text before it": b"Debug: Unknown command 'Debug: Unknown command '" + FRAME,
    "upper case": FRAME.hex().upper().encode(),
    "lower case, end of line": FRAME.hex().encode() + b"\r\n",
    "spaces": FRAME.hex(" ").encode(),
    "commas and 0x": ", ".join(f"0x{octet:02x}" for octet in FRAME).encode(),
    "dots and a count": f"{FRAME.hex('.').upper()} ({len(FRAME)})".encode(),
    "rows": dump(FRAME),
    "from the LLC header on": INFORMATION,
    "from the APDU on": INFORMATION[3:],
    "from the APDU on, as text": INFORMATION[3:].hex().encode(),
    "the list alone, as text": LIST.hex().upper().encode(),
    "Pulse": pulse(FRAME),
    "Pulse, compressed": pulse(FRAME, compressed=True),
    "Pulse, cut short": pulse(FRAME)[:-2],
}


@pytest.mark.parametrize("payload", WRAPPED.values(), ids=WRAPPED)
def test_a_list_is_read_however_it_is_wrapped(payload: bytes) -> None:
    assert powers(payload) == [2526]


SEVERAL: dict[str, bytes] = {
    "frames": FRAME + power() + hourly(),
    "frames that share a flag": FRAME[:-1] + power()[:-1] + hourly(),
    "frames as text": (FRAME + power() + hourly()).hex().encode(),
    "Pulse": pulse(FRAME, power(), hourly()),
    "Pulse, compressed": pulse(FRAME, power(), hourly(), compressed=True),
}


@pytest.mark.parametrize("payload", SEVERAL.values(), ids=SEVERAL)
def test_every_list_of_a_message_is_read(payload: bytes) -> None:
    assert powers(payload) == [2526, 2526, 2526]


TELEGRAMS: dict[str, bytes] = {
    "as it is": TELEGRAM,
    "nothing at the end": TELEGRAM.rstrip(),
    "LF": TELEGRAM.replace(b"\r\n", b"\n"),
    "LF, nothing at the end": TELEGRAM.replace(b"\r\n", b"\n").rstrip(),
    "CR": TELEGRAM.replace(b"\r\n", b"\r"),
    "CR NUL": TELEGRAM.replace(b"\n", b"\0"),
    "the end of another before it": b"7\r\0" + TELEGRAM.replace(b"\n", b"\0"),
    "without a checksum": TELEGRAM[:-6] + b"\r\n",
    "without a checksum, nothing at the end": TELEGRAM[:-6],
    "as text": TELEGRAM.hex().encode(),
    "Pulse": pulse(TELEGRAM, label=b"P1"),
    "Pulse, compressed": pulse(TELEGRAM, label=b"P1", compressed=True),
}


@pytest.mark.parametrize("payload", TELEGRAMS.values(), ids=TELEGRAMS)
def test_a_telegram_is_read_whatever_became_of_its_line_ends(payload: bytes) -> None:
    assert powers(payload) == [2453]


@pytest.mark.parametrize(
    "octets", [FRAME, TELEGRAM, TELEGRAM.replace(b"\n", b"\0")], ids=["frame", "telegram", "CR NUL"]
)
@pytest.mark.parametrize("size", [128, 256])
def test_what_comes_in_pieces_is_read(octets: bytes, size: int) -> None:
    """A reader with a small buffer does not wait for the end."""
    decoder = Decoder(in_messages=True)
    stream = octets * 3
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert sum(len(decoder.feed(piece)) for piece in pieces) == 3


def wire(frame: Frame) -> bytes:
    """Return the octets of a captured frame, if it is one that is read without a key."""
    octets: bytes = frame["text"].encode() if "text" in frame else bytes.fromhex(frame["hex"])
    return octets


@real_frames(lambda frame: Decoder().feed(wire(frame)) != [])
@pytest.mark.parametrize(
    "wrap",
    [bytes, lambda octets: octets.hex().encode(), dump, pulse, lambda octets: pulse(octets, compressed=True)],
    ids=["as it is", "text", "rows", "Pulse", "Pulse, compressed"],
)
def test_a_captured_frame_is_read_however_it_is_wrapped(wrap: Callable[[bytes], bytes], frame: Frame) -> None:
    octets = wire(frame)
    assert Decoder(in_messages=True).feed(wrap(octets)) == Decoder().feed(octets)


STATUSES: dict[str, bytes] = {
    "nothing": b"",
    "online": b"online",
    "offline": b"offline\n",
    "hello": b"hello, world",
    "a number": b"2526",
    "a decimal": b"21.50",
    "a time": b"2026-11-24T12:33:00Z",
    "a time in digits": b"20261124123300",
    "an address": b"24:4c:ab:82:cc:00",
    "letters that are digits": b"deadbeefcafe",
    "Pulse's status": b'{"status":{"hwmodel":"TLC01","rssi":-67,"ssid":"CHANGED","Vhan":"5.33","mdb_zlib":1}}',
    "JSON with codes": b'{"1-0:1.8.0(kWh)": 46392.249, "path": "a/Bcd"}',
    "a name beyond ASCII": '{"ssid":"Bjørnebu"}'.encode(),
}


@pytest.mark.parametrize("payload", STATUSES.values(), ids=STATUSES)
def test_a_status_is_nothing(payload: bytes) -> None:
    assert parts(payload) == []


def test_a_message_that_is_too_long_is_nothing() -> None:
    assert parts(FRAME * (LIMIT // len(FRAME))) != []
    assert parts(FRAME * (LIMIT // len(FRAME) + 1)) == []


def test_what_is_packed_stays_bounded() -> None:
    bomb = pulse(*[bytes(1 << 20)] * 4, compressed=True)
    assert len(bomb) < LIMIT
    assert sum(len(part.octets) for part in parts(bomb)) <= LIMIT


def test_a_message_of_another_version_is_searched_for_frames() -> None:
    broken = b"\x08\xdc\xd9\x02\x18\x01" + pulse(FRAME)[4:]  # it says that it is compressed, and is not
    assert powers(broken) == [2526]
    with pytest.raises(zlib.error):
        zlib.decompress(FRAME)


def test_octets_of_an_unknown_kind_are_left_to_the_decoder() -> None:
    unknown = bytes(range(0x80, 0xC0))
    assert parts(unknown) == [Part(unknown, is_bare=False)]
    assert powers(unknown) == []


@given(payload=st.binary(max_size=200))
@pytest.mark.parametrize(
    "change",
    [bytes, lambda payload: pulse(FRAME)[:4] + payload, lambda payload: payload.hex().encode()],
    ids=["as it is", "after the head of a Pulse", "as text"],
)
def test_no_payload_raises(change: Callable[[bytes], bytes], payload: bytes) -> None:
    payload = change(payload)
    assert sum(len(part.octets) for part in parts(payload)) <= LIMIT
    Decoder(in_messages=True).feed(payload)


@given(at=st.integers(0, len(pulse(FRAME, power())) - 1), octet=st.integers(0, 255))
def test_a_damaged_message_costs_itself_alone(at: int, octet: int) -> None:
    decoder = Decoder(in_messages=True)
    message = bytearray(pulse(FRAME, power()))
    message[at] = octet
    decoder.feed(bytes(message))
    assert [reading.values[Quantity.POWER_IMPORT] for reading in decoder.feed(pulse(FRAME))] == [2526]


LONGEST = {
    "digits": b"f" * LIMIT,
    "spaces": b" " * LIMIT,
    "brackets": b"(1)" * (LIMIT // 3),
    "slashes": b"/" * LIMIT,
    "lines": b"\n/" * (LIMIT // 2),
    "ends of telegrams": b"!" * LIMIT,
    "codes": b"\n1-0:1" * (LIMIT // 6),
    "one code": b"1-0:" + b"1" * (LIMIT - 4),
    "no text": b"\x80" * LIMIT,
    "flags": b"\x7e\xa0" * (LIMIT // 2),
    "empty items": pulse() + b"\x12\0" * 30_000,
    "items": pulse(*[b"x"] * 2_000, compressed=True),
}


@pytest.mark.parametrize("payload", LONGEST.values(), ids=LONGEST)
def test_the_longest_message_is_opened_in_no_time(payload: bytes) -> None:
    began = time.process_time()
    parts(payload)
    assert time.process_time() - began < 0.25

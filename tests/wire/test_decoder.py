"""From bytes to readings as a whole: every kind of meter, in turns, ciphered, and in the messages of a broker."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.han_port.wire.cipher import Keys, Refusal
from custom_components.han_port.wire.decoder import Counters, Decoder
from custom_components.han_port.wire.reading import Reading
from tests.ciphered import AUTHENTICATION, ENCRYPTION, KEYS, TITLE, ciphered
from tests.meters import axdr, cipher
from tests.meters.apdu import notification
from tests.meters.hdlc import LLC, frame
from tests.meters.make import MODELS, MakerName, make_meter
from tests.meters.maker import Kind
from tests.meters.sealed import AUTHENTICATION as SEALED_AUTHENTICATION, ENCRYPTION as SEALED_ENCRYPTION

AT = datetime(2026, 1, 12, 17, tzinfo=UTC)
SEALED = Keys(SEALED_ENCRYPTION, SEALED_AUTHENTICATION)
"""What the simulated meters that cipher have."""
OTHER = Keys(bytes(16), bytes(16))
ONE = Keys(KEYS.encryption)
NORWEGIAN = make_meter("aidon", start=AT - timedelta(days=1))
LIST = NORWEGIAN.send("full", AT).frame


def kind_of(maker: MakerName) -> Kind:
    """Return the kind of the lists that a meter sends most."""
    return "full" if maker in ("aidon", "kaifa", "kamstrup", "embriq") else "hourly"


def values(reading: Reading) -> dict[str, float]:
    return {str(quantity): value for quantity, value in reading.values.items()}


def test_every_meter_in_turns_on_one_line() -> None:
    """Whatever comes is read by what it is. Nobody sets anything but the keys."""
    decoder = Decoder(SEALED)
    meters = {maker: make_meter(maker, start=AT - timedelta(days=1)) for maker in MODELS}
    for number in range(3):
        for maker, meter in meters.items():
            sent = meter.send(kind_of(maker), AT + timedelta(seconds=10 * number))
            (reading,) = decoder.feed(sent.frame)
            assert {name: values(reading).get(name) for name in sent.values} == pytest.approx(dict(sent.values)), maker
    counters = decoder.counters
    assert counters.readings == 3 * len(MODELS)
    assert counters == Counters(bytes=counters.bytes, frames=counters.frames, readings=counters.readings)
    assert decoder.held <= len(b"~")  # a last flag may be the first of the next frame


@pytest.mark.parametrize(
    ("keys", "refusal", "counts"),
    [
        (None, Refusal.NO_KEY, "ciphered"),
        (OTHER, Refusal.WRONG_KEY, "wrong_key"),
        (Keys(KEYS.encryption, OTHER.authentication), Refusal.WRONG_TAG, "wrong_key"),
    ],
    ids=["no-key", "wrong-key", "wrong-authentication-key"],
)
def test_a_ciphered_list_without_the_right_keys(keys: Keys | None, refusal: Refusal, counts: str) -> None:
    decoder = Decoder(keys)
    assert decoder.feed(ciphered(LIST)) == []
    assert decoder.refusal is refusal
    assert decoder.cipher.title == TITLE.hex().upper()
    assert vars_of(decoder.counters) == {"frames": 1, counts: 1}
    assert not decoder.unknown  # what is ciphered is nobody's affair
    (reading,) = decoder.feed(LIST)
    assert reading.meter is not None


def vars_of(counters: Counters) -> dict[str, int]:
    """Return the counts that are not 0, bytes apart."""
    counts = {name: getattr(counters, name) for name in Counters.__slots__}
    return {name: count for name, count in counts.items() if count and name != "bytes"}


@pytest.mark.parametrize("keys", [KEYS, Keys(KEYS.encryption)], ids=["both-keys", "one-key"])
def test_a_ciphered_list(keys: Keys) -> None:
    """It says what it says plain, and again by what was learned from the first."""
    plain = [NORWEGIAN.send("full", AT + timedelta(seconds=10 * number)).frame for number in range(3)]
    decoder = Decoder(keys)
    readings = [reading for number, one in enumerate(plain) for reading in decoder.feed(ciphered(one, number + 1))]
    assert [reading.values for reading in readings] == [one.values for one in Decoder().feed(b"".join(plain))]
    assert decoder.refusal is None


def test_a_list_that_was_sent_before() -> None:
    decoder = Decoder(KEYS, {TITLE.hex().upper(): 5})
    for counter in (5, 4):
        assert decoder.feed(ciphered(LIST, counter)) == []
        assert decoder.refusal is Refusal.REPLAYED
    assert len(decoder.feed(ciphered(LIST, 6))) == 1
    assert decoder.feed(ciphered(LIST, 6)) == []
    assert decoder.counters.replayed == 3
    decoder.cipher.forget()
    assert len(decoder.feed(ciphered(LIST, 1))) == 1


def test_a_ciphered_list_names_its_meter_by_the_system_title() -> None:
    """Where the list itself does not: so that another meter is told from it."""
    meter = make_meter("aidon-se", start=AT - timedelta(days=1))
    whole = meter.send("hourly", AT).frame
    (plain,) = Decoder().feed(whole)
    (reading,) = Decoder(KEYS).feed(ciphered(whole))
    assert plain.meter is not None
    assert reading.meter is not None
    assert (plain.meter.id, reading.meter.id) == ("", TITLE.hex().upper())
    assert reading.values == plain.values


def test_a_ciphered_telegram() -> None:
    """As in Luxembourg and parts of Austria: nothing stands around the ciphered message."""
    meter = make_meter("p1", start=AT - timedelta(days=1))
    telegram = meter.send("hourly", AT).frame
    sealed = cipher.general_glo(
        telegram, title=TITLE, counter=1, encryption=KEYS.encryption, authentication=KEYS.authentication
    )
    (reading,) = Decoder(KEYS).feed(b"\x00" + sealed + LIST)[:1]
    (plain,) = Decoder().feed(telegram)
    assert reading.values == plain.values


def test_a_ciphered_telegram_that_was_damaged() -> None:
    """Without a tag its own checksum is all that tells."""
    telegram = make_meter("p1", start=AT - timedelta(days=1)).send("hourly", AT).frame
    sealed = bytearray(
        cipher.general_glo(telegram, title=TITLE, counter=1, encryption=ONE.encryption, authentication=None)
    )
    sealed[200] ^= 1
    decoder = Decoder(ONE)
    assert decoder.feed(bytes(sealed) + bytes(1)) == []
    assert decoder.counters.not_understood == 1


def test_the_pilot() -> None:
    """Kaifa's first meters ciphered without a title and a tag."""
    meter = make_meter("kaifa", start=AT - timedelta(days=1))
    plain = meter.send("power", AT).frame
    apdu = plain[plain.index(LLC) + len(LLC) : -3]
    sealed = frame(
        cipher.pilot(apdu, encryption=KEYS.encryption), destination=b"\x01", source=b"\x02\x01", control=0x10
    )
    assert Decoder(KEYS).feed(sealed) == Decoder().feed(plain)
    assert Decoder().feed(sealed) == []


def test_a_list_that_nobody_knows_is_kept_for_diagnostics() -> None:
    decoder = Decoder()
    unknown = notification(
        axdr.structure(axdr.visible("XYZ_1"), *[axdr.u32(number) for number in range(400)]), invoke=1
    )
    for _ in range(20):
        assert decoder.feed(frame(unknown, destination=b"\x41", source=b"\x03", control=0x13)) == []
    assert decoder.unknown_list is not None
    assert decoder.unknown_list == ("XYZ_1", 401)
    assert decoder.counters.not_understood == 20
    assert 0 < sum(map(len, decoder.unknown)) < 4096
    assert (LLC + unknown).startswith(decoder.unknown[-1])


def test_messages_of_a_broker() -> None:
    """Frames, several of them, in text, cut in two, without a frame, and what is no meter's."""
    decoder = Decoder(in_messages=True)
    telegram = make_meter("p1", start=AT - timedelta(days=1)).send("hourly", AT).frame
    messages = {
        LIST: 1,
        LIST * 3: 3,
        LIST.hex(" ").encode(): 1,
        LIST[LIST.index(LLC) : -3]: 1,
        telegram: 1,
        telegram.strip(): 1,
        b'{"rssi": -61}': 0,
        b"online": 0,
        b"": 0,
        LIST[:100]: 0,
        LIST[100:]: 1,
    }
    assert {message: len(decoder.feed(message)) for message in messages} == messages
    assert decoder.held == len(b"~")  # it may be the first flag of the next frame


def test_the_keys_are_not_shown() -> None:
    decoder = Decoder(KEYS)
    decoder.feed(ciphered(LIST))
    shown = f"{decoder.cipher!r} {vars(decoder.cipher)} {decoder.counters} {KEYS}".lower()
    assert ENCRYPTION not in shown
    assert AUTHENTICATION not in shown

"""Ciphered messages: opened with the right keys, and refused for what is wrong with them."""

from collections.abc import Callable
from datetime import datetime
import pickle
import traceback
from typing import Any

from hypothesis import example, given, strategies as st
import pytest

from custom_components.han_port.wire import cosem
from custom_components.han_port.wire.cipher import (
    TITLES,
    Cipher,
    CipherError,
    Keys,
    KeyTextError,
    Refusal,
    keys_from_text,
)
from custom_components.han_port.wire.stream import FrameReader
from tests.meters import apdu, axdr, cipher as meter
from tests.real_frames import Frame, real_frames

ENCRYPTION = bytes.fromhex("5ac31e07f94b8826d0137f62ae0895bd")
AUTHENTICATION = bytes.fromhex("917eb4402dd35f6608c1e2a97b154c3a")
OTHER = bytes.fromhex("00000000000000000000000000000001")
BOTH = Keys(ENCRYPTION, AUTHENTICATION)
ALONE = Keys(ENCRYPTION)
TITLE = b"KAM\x45\x01\x34\x90\x83"
NAME = "4B414D4501349083"
"""The title as the decoder shows it."""

CLOCK = axdr.date_time(datetime(2026, 3, 12, 15, 24, 30))  # noqa: DTZ001 - a meter's wall clock
PUSH = apdu.notification(
    axdr.structure(axdr.visible("Kamstrup_V0001"), axdr.obis("1-1:1.7.0.255"), axdr.u32(1083)),
    invoke=0,
    time=apdu.plain_time(CLOCK),
)
TELEGRAM = b"/KFM5KAIFA-METER\r\n\r\n1-0:1.7.0(0001.083*kW)\r\n!1D3A\r\n"

PILOT_LISTS = (
    (axdr.structure(axdr.u32(1083)), 47),
    (axdr.structure(*(axdr.octets(bytes(size)) for size in (7, 16, 8)), *[axdr.u32(5)] * 6), 111),
    (axdr.structure(*(axdr.octets(bytes(size)) for size in (7, 16, 8)), *[axdr.u32(5)] * 10), 127),
)
"""A list, and the length of its frame with the flags."""


def tagged(plain: bytes = PUSH, *, counter: int = 7, title: bytes = TITLE) -> bytes:
    return meter.general_glo(plain, title=title, counter=counter, encryption=ENCRYPTION, authentication=AUTHENTICATION)


def untagged(plain: bytes = PUSH, *, counter: int = 7, title: bytes = TITLE) -> bytes:
    return meter.general_glo(plain, title=title, counter=counter, encryption=ENCRYPTION, authentication=None)


def refusal(cipher: Cipher, message: bytes) -> Refusal:
    """Return why a message is refused."""
    with pytest.raises(CipherError) as refused:
        cipher.open(message)
    return refused.value.refusal


@pytest.mark.parametrize("keys", [BOTH, ALONE], ids=["both-keys", "one-key"])
@pytest.mark.parametrize("sent", [tagged, untagged])
@pytest.mark.parametrize("plain", [PUSH, TELEGRAM, TELEGRAM * 20], ids=["push", "telegram", "long"])
def test_what_was_sent_is_opened(plain: bytes, sent: Callable[[bytes], bytes], keys: Keys) -> None:
    cipher = Cipher(keys)
    assert cipher.open(sent(plain)) == plain
    assert cipher.title == NAME
    assert cipher.counters == {NAME: 7}


@pytest.mark.parametrize(
    "time",
    [apdu.NO_TIME, apdu.plain_time(CLOCK), apdu.tagged_time(CLOCK)],
    ids=["none", "plain", "tagged"],
)
def test_a_push_with_any_date_time(time: bytes) -> None:
    plain = apdu.notification(axdr.NULL, invoke=0x0F0F0F0F, time=time)
    assert Cipher(ALONE).open(untagged(plain)) == plain


def test_the_standards_own_example() -> None:
    """DLMS Green Book, 9.2.7: a get-request, ciphered and authenticated. Here it stands in a general-glo-ciphering."""
    message = bytes.fromhex("db 08 4d4d4d0000bc614e 1e 30 01234567 411312ff935a47566827c467bc 7d825c3be4a77c3fcc056b6b")
    keys = keys_from_text("000102030405060708090A0B0C0D0E0F", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF")
    plain = bytes.fromhex("c0010000080000010000ff0200")
    assert Cipher(keys).open(message) == plain
    assert message == meter.general_glo(
        plain,
        title=message[2:10],
        counter=0x01234567,
        encryption=keys.encryption,
        authentication=keys.authentication,
    )


@pytest.mark.parametrize("written", [b"\x81", b"\x82\x00"], ids=["two-octets", "three-octets"])
def test_a_length_that_could_be_shorter(written: bytes) -> None:
    message = tagged()
    assert message[10] == len(message) - 11
    assert Cipher(BOTH).open(message[:10] + written + message[10:]) == PUSH


def test_a_needless_authentication_key() -> None:
    """The meter's messages have no tag: it is read all the same."""
    cipher = Cipher(BOTH)
    for counter in (1, 2, 3):
        assert cipher.open(untagged(counter=counter)) == PUSH


@pytest.mark.parametrize("sent", [tagged, untagged])
def test_without_keys_it_is_refused(sent: Callable[[], bytes]) -> None:
    cipher = Cipher()
    assert refusal(cipher, sent()) is Refusal.NO_KEY
    assert cipher.title == NAME
    assert not cipher.counters


@pytest.mark.parametrize("sent", [tagged, untagged])
@pytest.mark.parametrize(
    "keys",
    [Keys(OTHER), Keys(OTHER, AUTHENTICATION), Keys(AUTHENTICATION, ENCRYPTION)],
    ids=["alone", "with-the-right-other", "exchanged"],
)
def test_a_wrong_encryption_key(keys: Keys, sent: Callable[[], bytes]) -> None:
    cipher = Cipher(keys)
    assert refusal(cipher, sent()) is Refusal.WRONG_KEY
    assert not cipher.counters


def test_a_wrong_authentication_key() -> None:
    cipher = Cipher(Keys(ENCRYPTION, OTHER))
    assert refusal(cipher, tagged()) is Refusal.WRONG_TAG
    assert refusal(cipher, tagged(TELEGRAM)) is Refusal.WRONG_TAG
    assert not cipher.counters


def test_suite_1() -> None:
    """Kaifa's MA309M names a suite whose other half, signatures, a push does not use."""
    with_tag, without = (
        meter.general_glo(PUSH, title=TITLE, counter=7, encryption=ENCRYPTION, authentication=key, suite=1)
        for key in (AUTHENTICATION, None)
    )
    assert Cipher(BOTH).open(with_tag) == PUSH
    assert Cipher(BOTH).open(without) == PUSH
    assert refusal(Cipher(Keys(ENCRYPTION, OTHER)), with_tag) is Refusal.WRONG_TAG


@pytest.mark.parametrize("control", [0x00, 0x10, 0x22, 0x32, 0x3F, 0x60, 0x70, 0xA0, 0xB0, 0xFF], ids=hex)
def test_other_ways_of_ciphering(control: int) -> None:
    """No ciphering, authentication alone, suite 2, the broadcast key, compression."""
    message = tagged()
    altered = message[:11] + bytes((control,)) + message[12:]
    assert refusal(Cipher(BOTH), altered) is Refusal.MALFORMED
    assert refusal(Cipher(), altered) is Refusal.MALFORMED


@pytest.mark.parametrize("keys", [BOTH, ALONE, None], ids=["both-keys", "one-key", "no-key"])
@pytest.mark.parametrize("sent", [tagged, untagged])
@pytest.mark.parametrize("plain", [PUSH, PUSH * 3, PUSH * 20], ids=["length-1", "length-2", "length-3"])
def test_cut_anywhere(plain: bytes, sent: Callable[[bytes], bytes], keys: Keys | None) -> None:
    whole = sent(plain)
    cipher = Cipher(keys)
    for end in range(len(whole)):
        assert refusal(cipher, whole[:end]) is Refusal.MALFORMED
    assert refusal(cipher, whole + b"\x00") is Refusal.MALFORMED
    assert not cipher.counters
    assert not cipher.title


@pytest.mark.parametrize("plain", [b"", b"\x0f"], ids=["nothing", "one-octet"])
@pytest.mark.parametrize("sent", [tagged, untagged])
def test_hardly_any_content(sent: Callable[[bytes], bytes], plain: bytes) -> None:
    """It is too little for a push. What has a tag that holds is not ours to judge, unless it is nothing at all."""
    assert refusal(Cipher(ALONE), sent(plain)) is (Refusal.WRONG_KEY if plain else Refusal.MALFORMED)


@pytest.mark.parametrize("has_begun", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("plain", [PUSH, PUSH * 3], ids=["short", "long"])
def test_one_bit_flipped_anywhere(plain: bytes, has_begun: bool) -> None:
    message = tagged(plain, counter=8)
    cipher = Cipher(BOTH)
    if has_begun:
        cipher.open(tagged(plain))
    before = dict(cipher.counters)
    for bit in range(8 * len(message)):
        flipped = bytearray(message)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CipherError):
            cipher.open(bytes(flipped))
        assert cipher.counters == before
    assert cipher.open(message) == plain


def test_a_tag_that_is_left_out() -> None:
    """Who has no key could alter a message and say that it has no tag: a meter that sends tags is held to them."""
    cipher = Cipher(BOTH)
    cipher.open(tagged())
    assert refusal(cipher, untagged(counter=8)) is Refusal.WRONG_TAG
    assert cipher.open(untagged(title=b"KAMSTRUP")) == PUSH


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda octets: b"\xdb\x08" + octets))
@example(b"\xdb\x08" + bytes(8) + b"\x80" + bytes(20))
@example(b"\xdb\x08" + bytes(8) + b"\xff" + b"\xff" * 200)
@example(b"\xdb\x08" + bytes(8) + b"\x81\x05" + b"\x20" + bytes(4))
@example(b"\xdb\x08" + bytes(8) + b"\x11\x30" + bytes(16))
def test_anything_is_refused(octets: bytes) -> None:
    for keys in (None, ALONE, BOTH):
        cipher = Cipher(keys)
        for opens in (cipher.open, cipher.open_pilot):
            with pytest.raises(CipherError):
                opens(octets)


@given(st.binary(min_size=1, max_size=60), st.integers(0, 2**32 - 1), st.sampled_from((None, AUTHENTICATION)))
def test_any_content(plain: bytes, counter: int, authentication: bytes | None) -> None:
    """A tag vouches for any content; without one it must begin as a push does."""
    message = meter.general_glo(
        plain, title=TITLE, counter=counter, encryption=ENCRYPTION, authentication=authentication
    )
    if authentication:
        assert Cipher(BOTH).open(message) == plain
    if plain[:1] not in (b"\x0f", b"/"):
        assert refusal(Cipher(ALONE), message) is Refusal.WRONG_KEY


@pytest.mark.parametrize("keys", [BOTH, ALONE], ids=["both-keys", "one-key"])
@pytest.mark.parametrize("sent", [tagged, untagged])
@pytest.mark.parametrize("counter", [0, 6, 7], ids=["zero", "fallen", "equal"])
def test_replayed(counter: int, sent: Callable[..., bytes], keys: Keys) -> None:
    cipher = Cipher(keys)
    cipher.open(sent(counter=7))
    for _ in range(2):
        assert refusal(cipher, sent(counter=counter)) is Refusal.REPLAYED
        assert cipher.counters == {NAME: 7}
    assert cipher.open(sent(counter=8)) == PUSH


def test_zero_and_the_highest() -> None:
    cipher = Cipher(BOTH)
    assert cipher.open(tagged(counter=0)) == PUSH
    assert refusal(cipher, tagged(counter=0)) is Refusal.REPLAYED
    assert cipher.open(tagged(counter=0xFFFFFFFF)) == PUSH


def test_a_kept_counter() -> None:
    cipher = Cipher(BOTH, {NAME: 7})
    assert refusal(cipher, tagged(counter=7)) is Refusal.REPLAYED
    assert cipher.open(tagged(counter=8)) == PUSH


def test_each_title_counts_for_itself() -> None:
    cipher = Cipher(BOTH)
    cipher.open(tagged(counter=7))
    cipher.open(tagged(counter=3, title=b"LGZ\x00\x00\x00\x00\x01"))
    assert cipher.title == "4C475A0000000001"
    assert cipher.counters == {NAME: 7, "4C475A0000000001": 3}
    assert refusal(cipher, tagged(counter=7)) is Refusal.REPLAYED
    assert cipher.title == NAME


def test_a_few_titles_are_remembered() -> None:
    cipher = Cipher(BOTH, {str(number): 1 for number in range(100)})
    assert list(cipher.counters) == ["96", "97", "98", "99"]
    for number in range(2 * TITLES):
        cipher.open(tagged(title=bytes((number,)) * 8))
    assert list(cipher.counters) == [f"{number:02X}" * 8 for number in range(TITLES, 2 * TITLES)]


def test_a_replaced_meter() -> None:
    """It begins anew: nothing of it is taken until its user says so."""
    cipher = Cipher(BOTH)
    cipher.open(tagged(counter=70_000))
    assert refusal(cipher, tagged(counter=1)) is Refusal.REPLAYED
    cipher.forget()
    assert cipher.open(tagged(counter=1)) == PUSH
    assert refusal(cipher, tagged(counter=1)) is Refusal.REPLAYED
    cipher.forget()
    assert cipher.open(untagged(counter=1)) == PUSH


@pytest.mark.parametrize(
    ("keys", "told"),
    [(Keys(OTHER, AUTHENTICATION), Refusal.WRONG_KEY), (Keys(ENCRYPTION, OTHER), Refusal.WRONG_TAG)],
    ids=["encryption", "authentication"],
)
def test_a_new_key_is_not_taken_for_a_replay(keys: Keys, told: Refusal) -> None:
    """With a new key a meter counts from zero: what is said is that the key is wrong."""
    assert refusal(Cipher(keys, {NAME: 70_000}), tagged(counter=1)) is told


@pytest.mark.parametrize(
    "text",
    [
        "5ac31e07f94b8826d0137f62ae0895bd",
        "5AC31E07F94B8826D0137F62AE0895BD",
        "  5AC31E07 F94B8826\tD0137F62 AE0895BD\n",
        "5A:C3:1E:07:F9:4B:88:26:D0:13:7F:62:AE:08:95:BD",
        "5ac31e07-f94b-8826-d013-7f62ae0895bd",
        "0x5AC31E07F94B8826D0137F62AE0895BD",
        "0x5A 0xC3 0x1E 0x07 0XF9 0x4B 0x88 0x26 0xD0 0x13 0x7F 0x62 0xAE 0x08 0x95 0xBD",
    ],
    ids=["lower", "upper", "spaces", "colons", "dashes", "prefix", "prefixes"],
)
def test_a_key_as_it_is_written(text: str) -> None:
    assert keys_from_text(text) == ALONE
    assert keys_from_text(AUTHENTICATION.hex(), text) == Keys(AUTHENTICATION, ENCRYPTION)


@pytest.mark.parametrize("text", ["", " ", "-"], ids=["empty", "space", "dash"])
def test_no_authentication_key(text: str) -> None:
    assert keys_from_text(ENCRYPTION.hex(), text).authentication is None


@pytest.mark.parametrize(
    "text",
    ["5ac31e", "5ac31e07f94b8826d0137f62ae0895bd00", "5ac31e07f94b8826d0137f62ae0895bg", "my key", "٥" * 32],
    ids=["short", "long", "no-hex", "words", "other-digits"],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(KeyTextError) as refused:
        keys_from_text(text, ENCRYPTION.hex())
    assert refused.value.field == "encryption"
    with pytest.raises(KeyTextError) as refused:
        keys_from_text(ENCRYPTION.hex(), text)
    assert refused.value.field == "authentication"
    assert text not in str(refused.value)


def test_an_encryption_key_must_be_there() -> None:
    with pytest.raises(KeyTextError) as refused:
        keys_from_text("", ENCRYPTION.hex())
    assert refused.value.field == "encryption"


@pytest.mark.parametrize("show", [repr, str, "{}".format, ascii], ids=["repr", "str", "format", "ascii"])
def test_keys_are_not_shown(show: Callable[[object], str]) -> None:
    cipher = Cipher(BOTH)
    for thing in (BOTH, ALONE, [BOTH], cipher, (cipher.counters, cipher.title)):
        no_secret(show(thing))


def test_keys_are_not_in_what_is_raised() -> None:
    wrong = bytearray(tagged())
    wrong[-1] ^= 1
    for message in (bytes(wrong), b"\xdb\x08", ENCRYPTION):
        with pytest.raises(CipherError) as refused:
            Cipher(BOTH).open(message)
        no_secret("".join(traceback.format_exception(refused.value)) + repr(refused.value))
        no_secret(repr(vars(refused.value)))
    text = ENCRYPTION.hex() + "f"
    with pytest.raises(KeyTextError) as invalid:
        keys_from_text(text)
    no_secret("".join(traceback.format_exception(invalid.value)) + repr(invalid.value) + repr(vars(invalid.value)))


def test_keys_survive_being_kept() -> None:
    assert pickle.loads(pickle.dumps(BOTH)) == BOTH  # noqa: S301 - our own


def no_secret(text: str) -> None:
    """Check that a text holds neither key, in any spelling."""
    for key in (ENCRYPTION, AUTHENTICATION):
        assert key.hex() not in text.lower()
        assert repr(key)[2:-1] not in text
        assert str(list(key))[1:-1] not in text


@pytest.mark.parametrize(("body", "frame_length"), PILOT_LISTS, ids=["power", "one-phase", "three-phase"])
def test_a_message_of_the_pilot(body: bytes, frame_length: int) -> None:
    plain = apdu.notification(body, invoke=0x40000000, time=apdu.tagged_time(CLOCK))
    information = cosem.LLC + meter.pilot(plain, encryption=ENCRYPTION)
    assert len(information) == frame_length - 12
    cipher = Cipher(ALONE)
    assert cipher.looks_like_pilot(information)
    for _ in range(2):  # nothing of one message is left for the next
        opened = cipher.open_pilot(information)
        assert opened.startswith(plain)
        assert not opened[len(plain) :].strip(b"\0")
    assert cosem.notification(opened).body == cosem.notification(plain).body
    assert not cipher.title
    assert not cipher.counters


def test_the_pilots_refusals() -> None:
    information = cosem.LLC + meter.pilot(PUSH, encryption=ENCRYPTION)
    for keys, told in ((None, Refusal.NO_KEY), (Keys(OTHER), Refusal.WRONG_KEY)):
        with pytest.raises(CipherError) as refused:
            Cipher(keys).open_pilot(information)
        assert refused.value.refusal is told


@pytest.mark.parametrize(
    "information",
    [
        b"",
        cosem.LLC,
        cosem.LLC + bytes(16),
        cosem.LLC + bytes(33),
        cosem.LLC + bytes(1024),
        b"\xe6\xe7\x01" + bytes(32),
        cosem.LLC + (PUSH + bytes(16))[: len(PUSH) // 16 * 16],
        cosem.LLC + apdu.notification(bytes(26), invoke=1),
        cosem.LLC + tagged()[:96],
        cosem.LLC + b"\xe0\x40\x00\x01\x00\x00\x77" + bytes(25),
    ],
    ids=["nothing", "llc", "short", "no-blocks", "long", "no-llc", "push", "push-without-time", "glo", "gbt"],
)
def test_what_does_not_look_like_the_pilot(information: bytes) -> None:
    cipher = Cipher(ALONE)
    assert not cipher.looks_like_pilot(information)
    with pytest.raises(CipherError) as refused:
        cipher.open_pilot(information)
    assert refused.value.refusal is Refusal.MALFORMED


def ciphered(frame: Frame) -> bool:
    return frame.get("key") is not None and frame["crc_ok"] is not False


@real_frames(ciphered)
def test_a_real_message_opens(frame: dict[str, Any]) -> None:
    message = unwrapped(frame)
    keys = keys_from_text(frame["key"], frame.get("auth_key") or "")
    cipher = Cipher(keys)
    plain = cipher.open(message)
    if plain.startswith(b"\x0f"):
        assert cosem.notification(plain).body
    assert bytes.fromhex(cipher.title)[:3].isalpha()
    assert refusal(cipher, message) is Refusal.REPLAYED
    assert refusal(Cipher(Keys(OTHER, keys.authentication)), message) is Refusal.WRONG_KEY
    assert refusal(Cipher(), message) is Refusal.NO_KEY
    if message[-len(plain) - 12 - 5] == 0x30 and keys.authentication:
        assert refusal(Cipher(Keys(keys.encryption, OTHER)), message) is Refusal.WRONG_TAG
        assert Cipher(Keys(keys.encryption)).open(message) == plain


def unwrapped(frame: Frame) -> bytes:
    """Take a ciphered APDU out of its frames by hand."""
    octets = bytes.fromhex(frame["hex"])
    if frame["transport"].startswith("hdlc"):
        parts = [part.information.removeprefix(cosem.LLC) for part in FrameReader().feed(octets)]
        if frame["transport"] == "hdlc-gbt":  # tag, control, two block numbers, length
            parts = [part[6:][1 if part[6] < 0x80 else 2 :] for part in parts]
        return b"".join(parts)
    if frame["transport"] == "mbus":  # 68 L L 68 C A CI STSAP DTSAP … checksum 16
        apdu_, at = b"", 0
        while at < len(octets):
            end = at + 4 + octets[at + 1]
            end += 256 * (octets[end : end + 2] == b"" or octets[end + 1] != 0x16)
            apdu_ += octets[at + 9 : end]
            at = end + 2
        return apdu_
    return octets.removeprefix(cosem.LLC)

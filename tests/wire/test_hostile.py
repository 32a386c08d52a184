"""Input that means harm: whoever reaches the bridge can send bytes, and make their checksums right."""

from collections.abc import Callable
from copy import deepcopy

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.wire import hdlc
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.frame import LIMIT
from custom_components.han_port.wire.items import text
from custom_components.han_port.wire.reading import Quantity, Reading
from custom_components.han_port.wire.record import CHECKS
from custom_components.han_port.wire.stream import FrameReader
from tests.fuzz.corpus import apdu
from tests.fuzz.crowded import CROWDED
from tests.fuzz.sane import check_counters, check_reading, check_text
from tests.fuzz.stream import LIST, framed, header
from tests.fuzz.targets import PROBE, PROBED
from tests.fuzz.tree import Node, read
from tests.fuzz.worst import CASES, backlog, beginnings, milliseconds
from tests.meters import axdr
from tests.meters.make import MakerName

from .lists import MAKERS, frames

BAR = 5.0
"""ms that 4 KiB may take, whatever they are."""
ROUNDS = 40
"""The best counts: on a busy machine most are disturbed."""


def spoken(maker: MakerName) -> list[tuple[bytes, Node]]:
    """Return each list of a maker, as the head of its APDU and its tree."""
    kinds = {len(frame): apdu(frame) for frame in frames(maker)}
    return [(one[: (end := head_length(one))], read(one[end:])) for one in kinds.values()]


def head_length(one: bytes) -> int:
    """Return where the list begins: after tag, invoke id and the time of sending, which Kaifa gives a tag."""
    return 7 + one[6] if one[5] == 9 else 6 + one[5]


SPOKEN = {maker: spoken(maker) for maker in MAKERS}

ODD_TEXTS = [
    b"",
    b"\0",
    b"\x1b[31mred\x1b[0m",
    b"a\r\nb: c",
    b"[click](http://evil.example)",
    b"<img src=x onerror=alert(1)>",
    b"![x](//evil.example/x.png) **bold** `code`",
    b"www.evil.example",
    "\u202e\u2066moc.live\u2069\u200b\ufeff".encode(),
    b"\xed\xa0\x80 lone surrogate",
    b"\xff\xfe\xfd\xc0\x80",
    b"9" * 10_000,
    "\N{DEVANAGARI LETTER KA}\N{COMBINING ACUTE ACCENT}".encode() * 50,
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("how", ["at once", "on top of all that can be held", "octet by octet"])
def test_four_kilobytes_take_no_more_than_five_milliseconds(case: str, how: str) -> None:
    octets = CASES[case]
    before = b"" if how == "at once" else backlog(octets)
    step = 1 if how.startswith("octet") else LIMIT
    assert milliseconds(octets, before=before, step=step, rounds=ROUNDS, enough=BAR) < BAR


@pytest.mark.parametrize("case", CASES)
def test_a_good_list_after_it_is_read(case: str) -> None:
    decoder = Decoder()
    decoder.feed(backlog(CASES[case]) + CASES[case])
    assert decoder.held <= LIMIT
    readings = decoder.feed(PROBE * 3 + bytes(LIMIT))
    # The first one may be part of a frame that had begun; none more is lost.
    assert readings.count(PROBED) >= 2
    fed = len(backlog(CASES[case]) + CASES[case] + PROBE * 3) + LIMIT
    check_counters(decoder, fed, in_parts=case in CROWDED or case.startswith("blocks"))


def test_a_frame_inside_headers_that_hold() -> None:
    """More of them than chance would make in the life of a meter, each reaching over the frame to a flag."""
    before = b"".join(beginnings(8, count=CHECKS // 2))
    reader = FrameReader()
    found = reader.feed(before + PROBE + b"~" * 2100)
    assert [frame.information for frame in found] == [frame.information for frame in FrameReader().feed(PROBE)]
    assert reader.counters.damaged == CHECKS // 2


def test_there_is_an_end_to_checking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of such headers: not all are checked, and what comes after them is read again."""
    checks = hdlc._checks
    checked: list[int] = []

    def counted(octets: bytes) -> bool:
        checked.append(len(octets))
        return checks(octets)

    monkeypatch.setattr(hdlc, "_checks", counted)
    stream = b"".join(beginnings(8, count=5000))
    reader = FrameReader()
    reader.feed(stream + b"~" * 2100)
    assert reader.counters.frames == 0
    assert reader.counters.damaged >= 5000
    assert sum(size for size in checked if size > 100) <= CHECKS * (len(stream) + 2 * 2047)
    assert len(reader.feed(PROBE * 2)) == 2


def test_a_frame_that_could_not_be_held_is_given_up() -> None:
    """Its end is further away than what may be held, for all the CR LF in it: the next frame is not lost with it."""
    for step in (1, 100, 5000):
        decoder = Decoder()
        stream = header(2047) + b"\r\n" * 1500 + PROBE
        for at in range(0, len(stream), step):
            decoder.feed(stream[at : at + step])
            assert decoder.held <= LIMIT
        assert decoder.counters.readings == 1


# Lists whose checksums are right, and in which nothing else may be.


def send(head: bytes, body: bytes, decoder: Decoder) -> list[Reading]:
    """Have a decoder read a list, as far as it fits in a frame."""
    stream = framed((LIST[:3] + head + body)[:2030])
    readings = decoder.feed(stream)
    for reading in readings:
        check_reading(reading)
    return readings


type Change = Callable[[Node, st.DataObject], None]


def drop(node: Node, data: st.DataObject) -> None:
    del node.inner[data.draw(st.integers(0, len(node.inner) - 1))]


def double(node: Node, data: st.DataObject) -> None:
    times = data.draw(st.sampled_from((1, 2, 30)))
    node.inner += [deepcopy(node.inner[data.draw(st.integers(0, len(node.inner) - 1))])] * times


def shuffle(node: Node, data: st.DataObject) -> None:
    node.inner = data.draw(st.permutations(node.inner))


def null(node: Node, data: st.DataObject) -> None:
    node.inner[data.draw(st.integers(0, len(node.inner) - 1))] = Node(0)


def retype(node: Node, data: st.DataObject) -> None:
    """Put another type in the place of one, with octets of its own or with those that were there."""
    one = node.inner[data.draw(st.integers(0, len(node.inner) - 1))]
    one.tag = data.draw(st.integers(0, 27) | st.just(255))
    one.octets = data.draw(st.just(one.octets) | st.binary(max_size=12) | st.sampled_from((b"\xff" * 8, b"\x7f\xf0")))


def lie(node: Node, data: st.DataObject) -> None:
    """Tell a wrong length or count of something."""
    one = data.draw(st.sampled_from(node.all()))
    one.lie = data.draw(st.sampled_from((-1, 1, 2, 100, 127, 128, 1000, 65_535, 10**9)))


def nest(node: Node, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(node.inner) - 1))
    for _ in range(data.draw(st.integers(1, 40))):
        node.inner[at] = Node(data.draw(st.sampled_from((1, 2))), inner=[node.inner[at]])


def write(node: Node, data: st.DataObject) -> None:
    """Put an odd text where a text or anything else is."""
    texts = [one for one in node.all() if one.tag in (9, 10, 12) and len(one.octets) != 6]
    one = data.draw(st.sampled_from(texts or node.inner))
    one.tag = data.draw(st.sampled_from((9, 10, 12)))
    one.octets = data.draw(st.sampled_from(ODD_TEXTS) | st.binary(max_size=60))


CHANGES: list[Change] = [drop, double, shuffle, null, retype, lie, nest, write]


@settings(max_examples=600, deadline=None)
@given(maker=st.sampled_from(MAKERS), data=st.data())
def test_changed_lists(maker: MakerName, data: st.DataObject) -> None:
    """Items dropped, doubled, shuffled, nulled, retyped, nested, lied about: read or refused, and nothing more."""
    head, body = data.draw(st.sampled_from(SPOKEN[maker]))
    changed = deepcopy(body)
    for change in data.draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4)):
        within = data.draw(
            st.sampled_from([node for node in changed.all() if node.inner] or [Node(2, inner=[Node(0)])])
        )
        change(within, data)
    decoder = Decoder()
    send(head, body.write(), decoder)
    send(head, changed.write(), decoder)
    assert decoder.feed(PROBE)[-1:] == [PROBED]
    counters = decoder.counters
    assert counters.frames == 3
    assert counters.frames == counters.readings + counters.not_understood + counters.ciphered


@pytest.mark.parametrize("maker", MAKERS)
def test_a_tree_is_what_the_meter_sent(maker: MakerName) -> None:
    for head, body in SPOKEN[maker]:
        assert len(send(head, body.write(), Decoder())) == 1


@pytest.mark.parametrize("sent", ODD_TEXTS)
@pytest.mark.parametrize("tag", [9, 10, 12])
def test_odd_texts_as_who_the_meter_is(sent: bytes, tag: int) -> None:
    """As its number, its model and the name of its list: shown as letters, digits and a few signs, or not at all."""
    for maker in MAKERS:
        for head, body in SPOKEN[maker]:
            changed = deepcopy(body)
            for node in changed.all():
                if node.tag in (9, 10, 12) and len(node.octets) > 6 and node.octets[:1] not in (b"\x01", b"\x07"):
                    node.tag, node.octets = tag, sent[:400]
            decoder = Decoder()
            send(head, changed.write(), decoder)
            if decoder.unknown_list is not None:
                check_text(decoder.unknown_list.list_id)


@given(st.text() | st.binary())
def test_any_text_can_be_shown(sent: str | bytes) -> None:
    check_text(text(sent))


@pytest.mark.parametrize("known", ["6970631409999999", "6841131BN243101040", "Kamstrup_V0001", "EMBRIQ_V1_1", "V1.1A"])
def test_what_real_meters_say_stays_as_it_is(known: str) -> None:
    assert text(known) == text(known.encode()) == text(known.encode() + b"\0\0 ") == known


ODD_NUMBERS = [
    b"\x15" + b"\xff" * 8,
    b"\x14\x80" + bytes(7),
    b"\x14" + b"\xff" * 8,
    b"\x17\x7f\xc0\0\0",
    b"\x17\xff\x80\0\0",
    b"\x17\x7f\x7f\xff\xff",
    b"\x18\x7f\xef" + b"\xff" * 6,
    b"\x18\xff\xf8" + bytes(6),
    b"\x18" + bytes(7) + b"\x01",
    b"\x05\x80\0\0\0",
    b"\x06\xff\xff\xff\xff",
]


@pytest.mark.parametrize("number", ODD_NUMBERS)
@pytest.mark.parametrize("scaler", [-128, -127, -9, -1, 0, 1, 9, 10, 127])
@pytest.mark.parametrize("code", ["1-0:1.7.0.255", "1-0:1.8.0.255", "1-0:31.7.0.255", "1-0:99.1.0.255"])
def test_odd_numbers(number: bytes, scaler: int, code: str) -> None:
    """Not a number, without end, of 20 digits, less than nothing: no sensor and no register ever meets them."""
    units = {"1-0:1.8.0.255": 30, "1-0:31.7.0.255": 33}
    scaling = axdr.structure(axdr.i8(scaler), axdr.enum(units.get(code, 27)))
    odd = axdr.structure(axdr.obis(code), number, scaling)
    good = axdr.structure(axdr.obis("1-0:2.7.0.255"), axdr.u32(5))
    decoder = Decoder()
    for _ in range(2):  # learned, and by what was learned
        (reading,) = send(b"\x0f\0\0\0\0\0", axdr.array(odd, good), decoder)
        assert reading.values[Quantity.POWER_EXPORT] == 5


@pytest.mark.parametrize("year", [0, 1, 1969, 2106, 9999, 65_535])
def test_clocks_that_no_meter_has(year: int) -> None:
    """Some lie so near to the end of time that no UTC offset can be taken from them."""
    stamp = year.to_bytes(2) + bytes.fromhex("0101ff000000ff7fff00")
    item = axdr.structure(axdr.obis("0-0:1.0.0.255"), axdr.octets(stamp))
    power = axdr.structure(axdr.obis("1-0:1.7.0.255"), axdr.u32(5))
    (reading,) = send(b"\x0f\0\0\0\0\0", axdr.array(item, power), Decoder())
    assert reading.clock is None


def test_a_dead_phase_does_not_decide_the_scale_of_the_others() -> None:
    """Kamstrup in hundredths of a volt, first with nothing on L1, then with all three."""
    decoder = Decoder()
    for sent in ((0, 22_199, 22_200), (22_201, 22_199, 22_200), (0, 230, 231)):
        phases = zip((32, 52, 72), sent, strict=True)
        pairs = (part for code, number in phases for part in (axdr.obis(f"1-1:{code}.7.0.255"), axdr.u16(number)))
        body = axdr.structure(axdr.visible("Kamstrup_V0001"), *pairs)
        (reading,) = send(b"\x0f\0\0\0\0\0", body, decoder)
        scale = 100 if max(sent) > 1000 else 1
        assert list(reading.values.values()) == [number / scale for number in sent]

"""APDUs in blocks: missing, doubled, out of order, not well formed, without an end."""

from itertools import permutations

import pytest

from custom_components.han_port.wire.frame import LIMIT
from custom_components.han_port.wire.gbt import Blocks
from tests.meters import gbt
from tests.meters.hdlc import LLC

from .messages import apdu

ONE, TWO, THREE = (apdu(number, 300) for number in range(3))


def blocks(one: bytes) -> list[bytes]:
    """Return the blocks of an APDU, the first with the LLC header."""
    first, *others = gbt.blocks(one)
    return [LLC + first, *others]


def take(reader: Blocks, *parts: bytes) -> list[bytes]:
    return [one for part in parts if (one := reader.take(part)) is not None]


def test_what_is_no_block_is_left_as_it_is() -> None:
    for one in (LLC + ONE, ONE, b"", LLC, b"\x0f"):
        assert Blocks().take(one) == one


def test_apdus_in_blocks() -> None:
    assert take(Blocks(), *blocks(ONE), *blocks(TWO)) == [ONE, TWO]
    assert take(Blocks(), *gbt.blocks(ONE, most=20)) == [ONE]
    assert take(Blocks(), *gbt.blocks(b"\x0f")) == [b"\x0f"]


@pytest.mark.parametrize("size", [1, 127, 128, 255, 256, 1000])
def test_lengths_of_every_form(size: int) -> None:
    length = size.to_bytes(1) if size < 128 else size.to_bytes(2).lstrip(b"\0")
    length = length if size < 128 else bytes((0x80 | len(length),)) + length
    assert Blocks().take(b"\xe0\x80\0\1\0\0" + length + apdu(1, size)) == apdu(1, size)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_block_is_missing(missing: int) -> None:
    reader = Blocks()
    left = [block for number, block in enumerate(blocks(TWO)) if number != missing]
    assert take(reader, *blocks(ONE), *left, *blocks(THREE)) == [ONE, THREE]
    assert reader.incomplete == 1
    assert reader.held == 0


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:], ids=lambda order: "".join(map(str, order)))
def test_blocks_out_of_order(order: tuple[int, ...]) -> None:
    reader = Blocks()
    mixed = [blocks(TWO)[number] for number in order]
    assert take(reader, *blocks(ONE), *mixed, *blocks(THREE)) == [ONE, THREE]
    assert reader.incomplete >= 1


@pytest.mark.parametrize("doubled", [0, 1])
def test_a_block_comes_twice(doubled: int) -> None:
    reader = Blocks()
    parts = blocks(TWO)
    expected = [ONE, TWO, THREE] if doubled == 0 else [ONE, THREE]
    assert take(reader, *blocks(ONE), *parts[: doubled + 1], *parts[doubled:], *blocks(THREE)) == expected
    assert reader.incomplete == 1


@pytest.mark.parametrize("cut", [1, 2, 4, 6, 7, 50])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_block_that_is_cut(number: int, cut: int) -> None:
    reader = Blocks()
    parts = blocks(TWO)
    parts[number] = parts[number][:cut] if number else LLC + parts[0][3:][:cut]
    assert take(reader, *parts, *blocks(THREE)) == [THREE]
    assert reader.incomplete == 1


def test_a_block_with_something_behind_it() -> None:
    reader = Blocks()
    first, *others = blocks(ONE)
    assert take(reader, first + b"\0", *others, *blocks(TWO)) == [TWO]
    assert reader.incomplete == 1


def test_blocks_without_an_end() -> None:
    reader = Blocks()
    for number in range(1, 200):
        assert reader.take(gbt.block(bytes(100), number, is_last=False)) is None
        assert reader.held <= LIMIT
    assert reader.incomplete == 1
    assert take(reader, *blocks(ONE)) == [ONE]
    assert reader.incomplete == 1


def test_blocks_in_blocks_are_refused() -> None:
    reader = Blocks()
    one = ONE[:10]
    for _ in range(12):
        one = gbt.block(one, 1, is_last=True)
    assert reader.take(one) is None
    assert reader.incomplete == 1


def test_forgotten() -> None:
    reader = Blocks()
    assert take(reader, *blocks(ONE)[:2]) == []
    assert reader.held > 0
    reader.reset()
    assert reader.held == 0
    assert take(reader, *blocks(TWO)) == [TWO]
    assert reader.incomplete == 0

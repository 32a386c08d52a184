"""Frame counters as they are kept: with the keys that they came with, and with no others."""

import json
from typing import Any

import pytest

from custom_components.han_port.frame_counters import FrameCounters
from custom_components.han_port.kept_book import Kept
from custom_components.han_port.ledger import Book, DamagedBookError
from custom_components.han_port.wire.cipher import Keys

KEYS = Keys(bytes(range(16)), bytes(range(16, 32)))
TITLE = "4B414D0001234567"


def stored(**changes: Any) -> dict[str, Any]:
    """Return what is kept of a meter that ciphers, with changes of its counters."""
    kept = Kept(Book("1"), 1.0, frame_counters=FrameCounters.of(KEYS, {TITLE: 7})).to_stored()
    kept["frame_counters"] |= changes
    content: dict[str, Any] = json.loads(json.dumps(kept))
    return content


def test_they_are_kept() -> None:
    counters = Kept.from_stored(stored(), "1").frame_counters
    assert counters is not None
    assert counters.with_keys(KEYS) == {TITLE: 7}


@pytest.mark.parametrize(
    "keys",
    [Keys(bytes(16), KEYS.authentication), Keys(KEYS.encryption, bytes(16)), Keys(KEYS.encryption)],
    ids=["another key", "another authentication key", "no authentication key"],
)
def test_other_keys_begin_another_count(keys: Keys) -> None:
    assert FrameCounters.of(KEYS, {TITLE: 7}).with_keys(keys) == {}


def test_a_meter_that_does_not_cipher_has_none() -> None:
    kept = Kept(Book("1"), 1.0).to_stored()
    assert "frame_counters" not in kept
    assert Kept.from_stored(kept, "1").frame_counters is None


@pytest.mark.parametrize(
    "counters",
    [{TITLE: 1 << 32}, {TITLE: -1}, {TITLE: "7"}, {TITLE: 0.5}, {TITLE + "8": 7}, [7], None],
    ids=["too high", "negative", "a text", "a fraction", "no title", "a list", "nothing"],
)
def test_damaged_ones_are_a_damaged_file(counters: object) -> None:
    with pytest.raises(DamagedBookError):
        Kept.from_stored(stored(counters=counters), "1")

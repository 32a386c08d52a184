"""A fuzzer's bytes as a file that a person hands over."""

from datetime import timedelta
from typing import Final

from custom_components.han_port.ledger import ElhubError, ElhubFile, read_file

HOUR: Final = timedelta(hours=1)
MOST_ENERGY: Final = 4 * 10**10
"""Wh: four quarters, each of as many digits as are taken."""
LONGEST: Final = 100
"""Characters of what a complaint names."""


def read_anything(data: bytes) -> None:
    """Read any octets as a file of Elhub's: they are refused by a line, or are hours one after another."""
    outcome = _outcome(data)
    if isinstance(outcome, ElhubError):
        assert all(len(value) <= LONGEST for value in outcome.placeholders.values())
        assert 1 <= (outcome.line or 1) <= data.count(b"\n") + data.count(b"\r") + 1
        return
    assert [hour.start for hour in outcome.hours] == [outcome.start + at * HOUR for at in range(len(outcome.hours))]
    assert outcome.start.timestamp() % 3600 == 0
    assert all(0 <= hour.energy <= MOST_ENERGY for hour in outcome.hours)


def _outcome(data: bytes) -> ElhubFile | ElhubError:
    """Return what is read, or why nothing is."""
    try:
        return read_file(data)
    except ElhubError as err:
        return err

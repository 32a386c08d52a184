"""What the config entry of a meter that is read by hand says of it, as far as that can be read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Self

from homeassistant.util import dt as dt_util

from ..capacity_options import is_number
from ..const import (
    CONF_AREA,
    CONF_DIGITS,
    CONF_EVERY,
    CONF_EXPECTED,
    CONF_FIRST_READING,
    CONF_FIRST_TIME,
    CONF_PROFILE,
    CONF_PROFILE_CSV,
    DEFAULT_DIGITS,
    DEFAULT_EVERY,
    PROFILE_MONTHLY,
)
from ..ledger.hand_periods import HandReading
from ..ledger.hand_read import DIGITS
from ..ledger.reading_due import MONTHS

MOST_EXPECTED: Final = 10_000_000
"""kWh a year. No meter that is read by hand has more."""
_MOST_READING: Final = 10 ** (DIGITS.stop - 1)


class Settings(NamedTuple):
    """What a person has said of the meter."""

    expected: int | None
    """Wh a year; None: that cannot be read."""
    first: HandReading | None
    """The reading that it began with; None: that cannot be read."""
    digits: int
    every: int
    """Months between two readings of who uses much."""
    area: str
    profile: str
    profile_csv: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Return what entry data tell. What cannot be read, and has a default, has that."""
        expected = data.get(CONF_EXPECTED)
        digits, every = data.get(CONF_DIGITS), data.get(CONF_EVERY)
        return cls(
            expected=round(expected * 1000) if is_number(expected, 0, MOST_EXPECTED) else None,
            first=_first(data.get(CONF_FIRST_TIME), data.get(CONF_FIRST_READING)),
            digits=int(digits) if is_number(digits, DIGITS.start, DIGITS.stop - 1) else DEFAULT_DIGITS,
            every=int(every) if is_number(every, MONTHS[0], MONTHS[-1]) else DEFAULT_EVERY,
            area=str(data.get(CONF_AREA) or ""),
            profile=str(data.get(CONF_PROFILE) or PROFILE_MONTHLY),
            profile_csv=str(data.get(CONF_PROFILE_CSV) or ""),
        )


def _first(time: object, reading: object) -> HandReading | None:
    at = dt_util.parse_datetime(time) if isinstance(time, str) else None
    if at is None or not is_number(reading, 0, _MOST_READING):
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return HandReading(_to_the_second(at), round(reading * 1000))


def _to_the_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)

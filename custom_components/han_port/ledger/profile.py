"""A profile: how a year's use, or a period's, is spread over its hours.

A metering point without hourly values is settled by the adjusted feed-in profile of its grid area (JIP). That one is
sent to market parties only, so others take its place here: the hours that a user supplies, Elhub's open hourly
consumption of a household, shares of months with flat hours, or nothing but flat hours.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from .integral import HOUR
from .profile_csv import read_csv
from .profile_hours import KnownHours
from .profile_months import MONTHLY_SHARES, checked_months, month_weights


class ProfileKind(StrEnum):
    """Where a profile comes from."""

    FLAT = "flat"
    MONTHLY = "monthly"
    CSV = "csv"
    OPEN_DATA = "open_data"


class Profile:
    """A weight for every hour, of any scale: only their ratios tell something."""

    __slots__ = ("_weigh", "kind")

    def __init__(self, kind: ProfileKind, weigh: Callable[[datetime, datetime], list[float]]) -> None:
        """`weigh` gives what `shares` returns."""
        self.kind: Final = kind
        self._weigh: Final = weigh

    def shares(self, start: datetime, end: datetime) -> list[float]:
        """Return a weight, not negative, for each UTC hour that begins in [start, end), both full hours."""
        return self._weigh(start, end)

    @classmethod
    def flat(cls) -> Self:
        """Return the profile in which all hours are alike."""
        return cls(ProfileKind.FLAT, lambda start, end: [1.0] * round((end - start).total_seconds() / HOUR))

    @classmethod
    def monthly(cls, shares: Sequence[float] = MONTHLY_SHARES, kind: ProfileKind = ProfileKind.MONTHLY) -> Self:
        """Return a profile of twelve shares of a year, January to December, with flat hours. Raises ProfileError."""
        months = checked_months(shares)
        return cls(kind, lambda start, end: month_weights(months, start, end))

    @classmethod
    def from_hours(cls, weights: Mapping[datetime, float], kind: ProfileKind = ProfileKind.OPEN_DATA) -> Self:
        """Return a profile of the weights of UTC hours, such as kWh per metering point. Raises ProfileError.

        All other hours have what these tell about their month and hour of the week: see `profile_hours`.
        """
        return cls(kind, KnownHours(weights).weights)

    @classmethod
    def from_csv(cls, data: bytes) -> Self:
        """Return the profile of a user's file: see `profile_csv`. Raises ProfileError."""
        read = read_csv(data)
        return cls.from_hours(read, ProfileKind.CSV) if isinstance(read, dict) else cls.monthly(read, ProfileKind.CSV)

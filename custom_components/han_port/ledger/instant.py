"""Which instant a list's registers are for: the meter's clock rules, and the time of arrival checks it.

The clock is for the registers' instant (Aidon HAN Interface Description v1.1A, section 3: the full hour, sent ten
seconds later; Kaifa's and Kamstrup's lists show the moment of sending). It comes without a time zone, with the UTC
offsets that the maker's law allows.

What may be wrong, and what is done:
  - the list is late, because of a slow bridge: its clock counts, up to LATE;
  - the clock was never set, and says 2000: the time of arrival serves, and hours from it are only estimated;
  - clock and arrival are hours or days apart: one of them is wrong. It may be the meter's clock (in another zone), it
    may be the computer's (many start up in the past and set their clock later), and it may be an old list (some Aidon
    meters repeat one). Such a list has no instant. Only if that has lasted is the clock taken to be in another zone
    (whole hours), or else to be useless;
  - clock and arrival are seconds or a few minutes apart: the meter's clock rules the hours, but its power was timed
    on arrival, so the difference is told too (`shift`).

Times are POSIX seconds.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

EARLY: Final = 300.0
"""Seconds that a list may come before the time it shows."""
LATE: Final = 1800.0
"""Seconds that a list may come after the time it shows. With EARLY less than an hour: one UTC offset fits at most."""

_SET_SINCE_YEAR: Final = 2015
"""There was no HAN port before. A clock that shows an earlier year is not set."""
_SET_SINCE: Final = datetime(_SET_SINCE_YEAR, 1, 1, tzinfo=UTC).timestamp()
_PROMPT: Final = 20.0
"""Seconds within which a list comes if all clocks are right."""
_USUAL_DELAY: Final = 10.0
_LISTS: Final = 6
"""Lists of which the fastest one tells how far apart the clocks are: a late list says nothing about them."""
_ENOUGH: Final = 3
"""Lists that must be slow before the clocks are thought to be apart."""
_SAME: Final = 120.0
"""Seconds within which two lists show the same error."""
_LASTING: Final = 7000.0
"""Seconds after which an error of the same size is there to stay: nearly two hours, so three hourly lists."""
_LASTING_AFTER_START: Final = 86_400.0
"""The same, where both clocks were right before a start, and not since: many computers have no clock that runs on while
they are off, and are set right only when they find a network."""
_HOUR: Final = 3600
_FURTHEST: Final = 14 * _HOUR
"""Seconds between UTC and the zones that are furthest from it."""


class Instant(NamedTuple):
    """What the registers of a list are for."""

    at: float
    exact: bool
    """Whether the meter's clock says so; else it is about the time of arrival."""
    shift: float = 0.0
    """Seconds to be added to it for the time of arrival of the power at that instant."""


class MeterClock:
    """What is known of one meter's clock."""

    __slots__ = ("_error", "_error_since", "_lags", "_lasting", "correction")

    def __init__(self) -> None:
        self.correction = 0
        """Seconds, whole hours: what a clock in another zone lacks."""
        self._lags: deque[float] = deque(maxlen=_LISTS)
        self._error = 0.0
        self._error_since: float | None = None
        self._lasting = _LASTING

    @property
    def lags(self) -> list[float]:
        """Seconds from the time shown to arrival, of the last lists; to be kept over a restart."""
        return [round(lag, 1) for lag in self._lags]

    def restore(self, lags: Iterable[float], correction: int) -> None:
        """Go on with what was kept."""
        self._lags.extend(lags)
        self.correction = correction
        if self._lags and not correction:
            self._lasting = _LASTING_AFTER_START

    def judge(self, clock: datetime | None, offsets: Sequence[timedelta], arrival: float) -> Instant | None:
        """Return the instant of a list that shows this clock; None where it must not be guessed."""
        if clock is None or not offsets or clock.year < _SET_SINCE_YEAR:
            return Instant(arrival, exact=False) if arrival >= _SET_SINCE else None
        local = clock.replace(tzinfo=UTC).timestamp()
        shown = min((local - offset.total_seconds() for offset in offsets), key=lambda time: abs(arrival - time))
        error = arrival - shown
        if _fits(error):
            self.correction = 0
            self._error_since = None
            self._lasting = _LASTING
            return self._exact(shown, arrival)
        if self.correction and _fits(error - self.correction):
            return self._exact(shown + self.correction, arrival)
        if not self._lasts(error, arrival):
            return None
        hours = round((error - _USUAL_DELAY) / _HOUR) * _HOUR
        if abs(hours) > _FURTHEST or not _fits(error - hours):
            return Instant(arrival, exact=False)
        self.correction = hours
        return self._exact(shown + hours, arrival)

    def _lasts(self, error: float, arrival: float) -> bool:
        """Return whether clock and arrival have been so far apart for long."""
        if self._error_since is None or abs(error - self._error) > _SAME:
            self._error = error
            self._error_since = arrival
        return arrival - self._error_since >= self._lasting

    def _exact(self, at: float, arrival: float) -> Instant:
        lags = self._lags
        lags.append(arrival - at)
        usual = min(lags)
        shift = usual
        if usual >= 0:
            shift = usual - _USUAL_DELAY if usual > _PROMPT and len(lags) >= _ENOUGH else 0.0
        return Instant(at, exact=True, shift=shift)


def _fits(error: float) -> bool:
    return -EARLY <= error <= LATE

"""Clock laws: which UTC offsets a maker's clock may have, the likeliest first. Few meters say, and not all truly."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from .cosem import DateTime

type ClockLaw = Callable[[DateTime], tuple[timedelta, ...]]

_NORMAL = timedelta(hours=1)
_SUMMER = timedelta(hours=2)
_ANYWHERE = (_NORMAL, _SUMMER, timedelta(hours=3))


def normal_time(_clock: DateTime) -> tuple[timedelta, ...]:
    """Keep UTC+1 all the year, whatever deviation the meter sends (Aidon's 0000 does not mean UTC)."""
    return (_NORMAL,)


def doubtful_time(_clock: DateTime) -> tuple[timedelta, ...]:
    """Keep normal time as a rule, but go over to summer time on some units: arrival time decides."""
    return (_NORMAL, _SUMMER)


def stated_time(clock: DateTime) -> tuple[timedelta, ...]:
    """Take the deviation at its word (meters in Austria and Slovenia state it); without one, arrival time decides.

    0 is what a meter sends that was not told, too. Clocks in Cyprus and Finland are an hour further on.
    """
    if clock.deviation:
        return (timedelta(minutes=-clock.deviation),)
    return _ANYWHERE if clock.deviation is None else (*_ANYWHERE, timedelta(0))


def civil_time(clock: DateTime) -> tuple[timedelta, ...]:
    """Follow the clock on the wall in Norway, unless the meter states a deviation.

    Summer time lasts from the last Sunday of March, 02:00, to the last Sunday of October, 03:00 (directive 2000/84/EC).
    The hour from 02:00 that October repeats may have either offset: arrival time decides.
    """
    if clock.deviation is not None:
        return (timedelta(minutes=-clock.deviation),)
    local = clock.local
    begins, ends = _summer_time(local.year)
    if not begins <= local < ends:
        return (_NORMAL,)
    return (_SUMMER,) if local < ends - timedelta(hours=1) else (_SUMMER, _NORMAL)


@lru_cache(maxsize=8)
def _summer_time(year: int) -> tuple[datetime, datetime]:
    """Return when summer time begins and ends, on the clock on the wall."""
    return _last_sunday(year, 3) + timedelta(hours=2), _last_sunday(year, 10) + timedelta(hours=3)


def _last_sunday(year: int, month: int) -> datetime:
    """Return midnight of the last Sunday of March or October."""
    last = datetime(year, month, 31)  # noqa: DTZ001 - a wall clock
    return last - timedelta(days=last.isoweekday() % 7)

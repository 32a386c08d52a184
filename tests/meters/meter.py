"""A simulated meter: a maker's lists, of one house, at the maker's times, in virtual time."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import gcd, hypot, pi, sin, sqrt

from .household import EPOCH, MICROSECOND, WH, Household
from .maker import TARIFFS, Kind, Maker, Values, unscale

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is on the line at an instant: the frame of a list, or what a fault made of it.

    `kind` is a list's kind; or `noise`, bytes of no list; or `closed`, `opened` and `half_open`, which carry no
    bytes and say what happens to the connection. `values` are what the list says, in the resolution it has.
    """

    at: datetime
    frame: bytes
    kind: str
    values: Values = field(default_factory=dict)


class Meter:
    """One meter. `registers` are its four registers in Wh and varh at the household's start.

    `clock_error` is how far its clock is ahead of the true time: it sends, and counts hours, by its own clock.
    `transformer` divides all that it measures but voltages, as a meter behind current transformers does.
    """

    def __init__(
        self,
        maker: Maker,
        household: Household,
        *,
        registers: tuple[int, int, int, int] = (0, 0, 0, 0),
        clock_error: timedelta = timedelta(0),
        transformer: int = 1,
    ) -> None:
        self.maker = maker
        self.household = household
        self.registers = registers
        self.clock_error = clock_error
        self.transformer = transformer

    def schedule(
        self,
        start: datetime,
        end: datetime | None = None,
        *,
        kinds: Collection[Kind] = ("power", "full", "hourly"),
        power_every: timedelta | None = None,
        full_every: timedelta | None = None,
    ) -> Iterator[tuple[datetime, Kind]]:
        """Yield when the meter sends which list, from `start` to before `end` (for ever without one).

        `kinds` leaves out others; `power_every` and `full_every` thin a long simulation out: whole parts of an hour.
        Lists with registers that are sent more often than hourly are thinned out by `full_every` too.
        """
        wanted = [one for one in self._offsets(power_every, full_every) if one[1] in kinds]
        begin = self.hour_of(start) - self.clock_error
        while end is None or begin < end:
            for offset, kind in wanted:
                at = begin + timedelta(microseconds=offset)
                if end is not None and at >= end:
                    return
                if at >= start:
                    yield at, kind
            begin += HOUR

    def lists(
        self,
        start: datetime,
        end: datetime | None = None,
        *,
        kinds: Collection[Kind] = ("power", "full", "hourly"),
        power_every: timedelta | None = None,
        full_every: timedelta | None = None,
    ) -> Iterator[Sent]:
        """Yield the lists themselves; the arguments are those of `schedule`."""
        for at, kind in self.schedule(start, end, kinds=kinds, power_every=power_every, full_every=full_every):
            yield self.send(kind, at)

    def send(
        self,
        kind: Kind,
        at: datetime,
        *,
        hour: datetime | None = None,
        clock: datetime | None = None,
        status: int | None = None,
    ) -> Sent:
        """Return a list as sent at an instant, with live power.

        An hourly list is that of the hour that began last, or of another `hour`, in true UTC by the meter's clock; of
        a maker that sends registers more often, that of the instant, or of the one that `hour` then is.
        `clock` and `status` replace what the clock shows, for faults.
        """
        values = self.values(kind, at, hour=hour)
        if clock is None:
            shown = at + self.clock_error
            if kind == "hourly":
                shown = (hour or self.counted(at)) + self.maker.clock_at
            clock = self.maker.wall(shown)
        return Sent(at, self.maker.encode(kind, values, clock, status), kind, values)

    def latest_hourly(self, at: datetime) -> Sent:
        """Return the last hourly list that the meter has sent by an instant, with the power of that instant."""
        passed = at + self.clock_error - self.maker.hourly_at
        hour = passed.replace(minute=0, second=0, microsecond=0)
        every = self.maker.registers_every
        return self.send("hourly", at, hour=hour + (passed - hour) // every * every if every else hour)

    def values(self, kind: Kind, at: datetime, *, hour: datetime | None = None) -> dict[str, float]:
        """Return what a list says at an instant, in the resolution that it has on the wire."""
        live: Mapping[str, float] = self._instant(at) if kind != "power" else self._power(at)
        if kind == "hourly":
            register_at = (hour or self.counted(at)) + self.maker.register_at - self.clock_error
            live = {**live, **self.register(register_at)}
        maker = self.maker
        return {name: unscale(maker.count(name, live[name]), maker.scaler(name)) for name in maker.quantities(kind)}

    def register(self, at: datetime) -> dict[str, int]:
        """Return the registers at an instant, in whole Wh and varh (before the maker's resolution).

        Of the two tariffs, the first has counted a third.
        """
        parts = self.household.exact(max(at, self.household.start))
        divisor = WH * self.transformer
        first, second, third, fourth = (
            begin + part // divisor for begin, part in zip(self.registers, parts, strict=True)
        )
        return {
            "energy_import": first,
            "energy_export": second,
            "reactive_energy_import": third,
            "reactive_energy_export": fourth,
            **dict(zip(TARIFFS, (first // 3, first - first // 3, second // 3, second - second // 3), strict=True)),
        }

    def counted(self, at: datetime) -> datetime:
        """Return the instant, by the meter's own clock, that a list with registers sent at another is for."""
        return at + self.clock_error if self.maker.registers_every else self.hour_of(at)

    def hour_of(self, at: datetime) -> datetime:
        """Return the full hour, by the meter's own clock, that has begun at an instant."""
        return (at + self.clock_error).astimezone(UTC).replace(minute=0, second=0, microsecond=0)

    def _offsets(self, power_every: timedelta | None, full_every: timedelta | None) -> Iterator[tuple[int, Kind]]:
        """Yield what is sent in an hour, and when, in µs."""
        maker = self.maker
        hour = _micro(HOUR)
        if maker.registers_every:
            yield from ((offset, "hourly") for offset in range(0, hour, _micro(full_every or maker.registers_every)))
            return
        full = _micro(full_every or maker.full_every)
        power = _micro(power_every or maker.power_every or maker.full_every)
        hourly = _micro(maker.hourly_at)
        for offset in range(0, hour, gcd(full, power, hourly)):
            if offset == hourly:
                yield offset, "hourly"
            elif offset % full == 0:
                yield offset, "full"
            elif maker.power_every and offset % power == 0:
                yield offset, "power"

    def _power(self, at: datetime) -> dict[str, float]:
        now = self.household.power(at)
        return _directions(now.total / self.transformer, now.reactive / self.transformer)

    def _instant(self, at: datetime) -> dict[str, float]:
        """Return powers, currents and voltages, all of them for all phases."""
        now = self.household.power(at)
        seconds = (at - EPOCH) / timedelta(seconds=1)
        share = now.reactive / (1 if self.household.phases == 1 else 3)
        branches = [sqrt(watts * watts + share * share) / 230 for watts in now[:3]]
        signs = [-1 if watts < 0 else 1 for watts in now[:3]]
        if self.maker.grid == "it":
            # Loads lie between lines: a line carries the vector sum of the two branches that meet in it.
            a, b, c = branches
            branches = [sqrt(x * x + y * y + x * y) for x, y in ((a, c), (a, b), (b, c))]
        values = self._power(at)
        values["power_factor"] = _factor(now.total, now.reactive)
        for phase, watts in enumerate(now[: self.household.phases], start=1):
            powers = _directions(watts / self.transformer, share / self.transformer)
            values.update((f"{name}_l{phase}", value) for name, value in powers.items())
            values[f"power_factor_l{phase}"] = _factor(watts, share)
        for phase, (current, sign) in enumerate(zip(branches, signs, strict=True), start=1):
            swing = 3 * sin(seconds * 2 * pi / 5400 + phase) + 1.4 * sin(seconds * 2 * pi / 613 + 2 * phase)
            values[f"current_l{phase}"] = sign * current / self.transformer
            values[f"voltage_l{phase}"] = 231 + swing - 0.15 * current
        return values


def _directions(watts: float, var: float) -> dict[str, float]:
    """Return a power as the four numbers that a meter makes of it."""
    return {
        "power_import": max(watts, 0),
        "power_export": max(-watts, 0),
        "reactive_power_import": max(var, 0),
        "reactive_power_export": max(-var, 0),
    }


def _factor(watts: float, var: float) -> float:
    """Return the power factor: how much of the apparent power is active."""
    apparent = hypot(watts, var)
    return abs(watts) / apparent if apparent else 1.0


def _micro(span: timedelta) -> int:
    return span // MICROSECOND

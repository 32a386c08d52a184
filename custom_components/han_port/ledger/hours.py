"""Settled hours: the register at each full hour, and what follows from it.

The volume of the hour from H is the register at H + 1 h less the register at H. So hours sum up to the difference of
the registers, whatever span is asked for, and days of 23 and 25 hours need no care: all is in UTC.

Registers at full hours come in chains without a gap. A chain ends where registers cannot be compared any more (another
meter, or one that was reset); the hours between two chains are missing.
"""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from .integral import HOUR, Integral, Point
from .spread import Register, boundaries

MOST_HOURS: Final = 400 * 24
"""13 months, and some days to be on the safe side."""
_SLACK: Final = 24


class Status(StrEnum):
    """How the volume of an hour is known."""

    MEASURED = "measured"
    """From registers at both of its ends."""
    ESTIMATED = "estimated"
    """Its share of the difference of two registers that lie further apart."""
    MISSING = "missing"
    """There is no register on one of its sides."""


class Hour(NamedTuple):
    """One hour, or 3 600 s, of a meter. Energies in Wh; None where the hour is missing."""

    start: datetime
    """UTC."""
    imported: int | None
    exported: int | None
    status: Status
    import_register: int | None = None
    """The register at the end of the hour."""
    export_register: int | None = None


class Registers(NamedTuple):
    """The registers at a full hour, in Wh."""

    imported: int
    exported: int


class Anchor(NamedTuple):
    """The registers of one list (Wh), and the instant that they are for (POSIX seconds)."""

    at: float
    imported: int
    exported: int
    exact: bool
    """Whether the instant is the meter's own."""
    import_point: Point
    """What the integral of power was at that instant."""
    export_point: Point

    @property
    def registers(self) -> Registers:
        """Both registers."""
        return Registers(self.imported, self.exported)

    @property
    def import_register(self) -> Register:
        """The register of import."""
        return Register(self.at, self.imported, self.exact, self.import_point)

    @property
    def export_register(self) -> Register:
        """The register of export."""
        return Register(self.at, self.exported, self.exact, self.export_point)


class Chain:
    """Registers at successive full hours."""

    __slots__ = ("exact", "exported", "imported", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        """The first full hour, in hours since 1970."""
        self.imported = array("q")
        self.exported = array("q")
        self.exact = bytearray()

    def __len__(self) -> int:
        return len(self.exact)

    @property
    def end(self) -> int:
        """The full hour after the last one."""
        return self.start + len(self.exact)

    def goes_on_to(self, anchor: Anchor) -> bool:
        """Return whether registers may be of the same count: not less than the last ones."""
        return self.imported[-1] <= anchor.imported and self.exported[-1] <= anchor.exported

    def append(self, imported: int, exported: int, exact: bool) -> None:
        """Add the registers at the next full hour."""
        self.imported.append(imported)
        self.exported.append(exported)
        self.exact.append(exact)

    def drop_from(self, hour: int) -> None:
        """Drop the registers at an hour and after it."""
        for rows in (self.imported, self.exported, self.exact):
            del rows[max(0, hour - self.start) :]

    def drop_before(self, hour: int) -> None:
        """Drop the registers before an hour."""
        count = min(max(0, hour - self.start), len(self))
        for rows in (self.imported, self.exported, self.exact):
            del rows[:count]
        self.start += count


class Hours:
    """The settled hours of one meter, of the last 13 months."""

    def __init__(self, imports: Integral, exports: Integral) -> None:
        self.chains: list[Chain] = []
        self.anchor: Anchor | None = None
        """The last registers that were taken."""
        self._imports = imports
        self._exports = exports

    @property
    def since(self) -> datetime | None:
        """The start of the first hour that is settled."""
        return next((datetime.fromtimestamp(c.start * HOUR, UTC) for c in self.chains if len(c) > 1), None)

    def add(self, anchor: Anchor, shift: float) -> range:
        """Take registers; return the hours that this settles or revises, in hours since 1970.

        They must be for a later instant than the last ones, or else for a time that has been settled by clocks that
        were wrong (then it is settled anew), and not less than the ones before them. `shift` is what to add to a time
        by the meter's clock for the time by the computer's.
        """
        revised = None
        if self.anchor is not None and anchor.at <= self.anchor.at:
            revised = self._go_back(anchor)
        before, self.anchor = self.anchor, anchor
        last = int(anchor.at // HOUR)
        if before is None or last - before.at // HOUR > MOST_HOURS:
            before = None
            first = last
        elif (first := int(before.at // HOUR) + 1) > last:
            return range(0)
        found = range(first, last + 1)
        imports = boundaries(
            before.import_register if before else None, anchor.import_register, found, self._imports, shift
        )
        exports = boundaries(
            before.export_register if before else None, anchor.export_register, found, self._exports, shift
        )
        if before is None:
            self._drop_after(first)
            self.chains.append(Chain(first))
        chain = self.chains[-1]
        for imported, exported in zip(imports, exports, strict=True):
            if imported is None or exported is None:
                chain.start += 1
            else:
                chain.append(imported.value, exported.value, imported.exact and exported.exact)
        self._trim()
        return range(first - 1 if revised is None else min(revised, first - 1), last)

    def sure_after(self, at: float) -> bool:
        """Return whether something is known exactly of an instant (POSIX seconds) or of the time after it."""
        if self.anchor is not None and self.anchor.exact and self.anchor.at >= at:
            return True
        return any(chain.exact.rfind(1) + chain.start >= at / HOUR for chain in self.chains if any(chain.exact))

    def restart(self) -> None:
        """Let what comes be no continuation of what was."""
        self.anchor = None

    def hour(self, number: int) -> Hour:
        """Return the hour that begins so many hours after 1970 began."""
        start = datetime.fromtimestamp(number * HOUR, UTC)
        for chain in reversed(self.chains):
            if (at := number + 1 - chain.start) > 0 and number + 1 < chain.end:
                measured = chain.exact[at] and chain.exact[at - 1]
                return Hour(
                    start,
                    chain.imported[at] - chain.imported[at - 1],
                    chain.exported[at] - chain.exported[at - 1],
                    Status.MEASURED if measured else Status.ESTIMATED,
                    chain.imported[at],
                    chain.exported[at],
                )
        return Hour(start, None, None, Status.MISSING)

    def registers(self, number: int) -> Registers | None:
        """Return the registers at so many hours after 1970 began."""
        for chain in reversed(self.chains):
            if chain.start <= number < chain.end:
                return Registers(chain.imported[number - chain.start], chain.exported[number - chain.start])
        return None

    def import_since(self, number: int) -> int | None:
        """Return the register of import at so many hours after 1970 began, if the last registers go on from it."""
        if not self.chains or not (chain := self.chains[-1]).start <= number < chain.end:
            return None
        return chain.imported[number - chain.start]

    def settled(self) -> Iterator[int]:
        """Yield the hours that are not missing, latest first, in hours since 1970."""
        for chain in reversed(self.chains):
            yield from range(chain.end - 2, chain.start - 1, -1)

    def rescale(self, factor: float, *, history: bool) -> None:
        """Multiply the registers from the last full hour on, or all of them with their history."""
        if history:
            for chain in self.chains:
                for rows in (chain.imported, chain.exported):
                    rows[:] = array("q", (round(value * factor) for value in rows))
        elif self.anchor is not None and (last := self.chains[-1]):
            chain = Chain(last.end - 1)
            chain.append(round(last.imported[-1] * factor), round(last.exported[-1] * factor), bool(last.exact[-1]))
            self.chains.append(chain)
        if (anchor := self.anchor) is not None:
            imported, exported = round(anchor.imported * factor), round(anchor.exported * factor)
            self.anchor = anchor._replace(imported=imported, exported=exported)

    def _go_back(self, anchor: Anchor) -> int | None:
        """Drop the registers that are not before an instant; return the first hour that is not settled any more."""
        first = -int(-anchor.at // HOUR)  # the first full hour that is not before
        revised = None
        for chain in self.chains:
            if chain.end > first:
                revised = first - 1
                chain.drop_from(first)
        self.chains = [chain for chain in self.chains if chain]
        self.anchor = None
        if self.chains and (chain := self.chains[-1]).end == first:
            if revised is not None and not chain.exact[-1]:  # a guess that came of the same wrong clock
                revised = max(chain.start, chain.start + chain.exact.rfind(1))
                chain.drop_from(revised + 1)
            if chain.goes_on_to(anchor):
                at = float((chain.end - 1) * HOUR)
                points = self._imports.upto(at), self._exports.upto(at)
                self.anchor = Anchor(at, chain.imported[-1], chain.exported[-1], bool(chain.exact[-1]), *points)
        return revised

    def _drop_after(self, hour: int) -> None:
        """Drop what clocks that were wrong have settled after the full hour at which a chain begins."""
        if self.chains and self.chains[-1].end > hour + 1:
            for chain in self.chains:
                chain.drop_from(hour + 1)
            self.chains = [chain for chain in self.chains if chain]

    def _trim(self) -> None:
        """Drop what is older than 13 months, a day at a time."""
        if not self.chains or self.chains[-1].end - self.chains[0].start <= MOST_HOURS + _SLACK:
            return
        oldest = self.chains[-1].end - MOST_HOURS
        for chain in self.chains:
            chain.drop_before(oldest)
        self.chains = [*filter(len, self.chains[:-1]), self.chains[-1]]

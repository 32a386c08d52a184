"""What is needed to take imports back: what each hour had that they have changed. On disk, a file for each entry.

An import is written here before the recorder changes anything. Should it never come to that, to take it back changes
nothing either: what the hours had is what they have.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
import logging
from typing import Any, Final, NamedTuple, Self

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..book_file import BadFileError, BookFile
from ..ledger import Direction
from .history_rows import NO_ROW, Edit

_LOGGER = logging.getLogger(__name__)

MOST_HOURS: Final = 250_000
"""Of all imports together: they take some 8 MB at most. Older ones cannot be taken back."""


class Imported(NamedTuple):
    """One import."""

    at: datetime
    direction: Direction
    factor: float
    """What the sensor's energy was multiplied by: on another scale, what hours had means nothing."""
    before: Mapping[int, Edit]
    """What the hours had that it has changed."""

    def to_stored(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        return {
            "at": self.at.isoformat(),
            "direction": self.direction.value,
            "factor": self.factor,
            "new": _runs(sorted(hour for hour, edit in self.before.items() if edit == NO_ROW)),
            "changed": [[hour, *edit] for hour, edit in sorted(self.before.items()) if edit != NO_ROW],
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Return one that was stored. Raises KeyError, TypeError or ValueError if it is none."""
        before = {hour: NO_ROW for start, count in stored["new"] for hour in range(int(start), int(start) + int(count))}
        for hour, state, volume in stored["changed"]:
            before[int(hour)] = Edit(None if state is None else float(state), float(volume))
        return cls(
            datetime.fromisoformat(stored["at"]), Direction(stored["direction"]), float(stored["factor"]), before
        )


def _runs(hours: Iterable[int]) -> list[list[int]]:
    """Return hours, ascending, as first hours and how many follow one another."""
    runs: list[list[int]] = []
    for hour in hours:
        if runs and hour == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([hour, 1])
    return runs


class ImportJournal:
    """The imports of one entry that can be taken back, the last one last."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._file = BookFile(hass, f"{entry_id}.imports")

    async def load(self) -> list[Imported]:
        """Return them. What cannot be read is set aside, and said."""
        try:
            content = await self._file.load() or {}
            return [Imported.from_stored(one) for one in content.get("imports", ())]
        except (BadFileError, HomeAssistantError, KeyError, TypeError, ValueError, AttributeError) as err:
            aside = await self._file.set_aside(BadFileError.kind)
            _LOGGER.warning("What was imported before cannot be read (%s); the file is now %s", err, aside)
            return []

    async def save(self, imports: list[Imported]) -> None:
        """Keep them, but for the oldest if they are too many. Raises OSError or WriteError if that cannot be done."""
        while len(imports) > 1 and sum(len(one.before) for one in imports) > MOST_HOURS:
            imports = imports[1:]
        await self._file.save({"imports": [one.to_stored() for one in imports]})
        if (error := self._file.error) is not None:
            raise error

    async def remove(self) -> None:
        """Remove the file."""
        await self._file.remove()

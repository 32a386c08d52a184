"""The readings of a meter on disk. A file that cannot be read is set aside and said once, as a book's is."""

import logging
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from ..book_file import BadFileError, BookFile, LaterFileError
from ..const import DOMAIN
from ..ledger.hand_read import HandRead
from ..ledger.hand_stored import DamagedReadingsError, LaterReadingsError
from ..ledger.profile import Profile
from ..ledger.stored import whole

_LOGGER = logging.getLogger(__name__)

_DAMAGED: Final = "readings_damaged"
_NOT_SAVED: Final = "readings_not_saved"


async def forget_readings(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the readings of an entry, and all that was told of their file. What was set aside stays."""
    for issue in (_DAMAGED, _NOT_SAVED):
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry_id}")
    await BookFile(hass, entry_id).remove()


class ReadingsFile:
    """Keeps a meter, and since when there may be hours of it in the recorder (POSIX seconds)."""

    def __init__(self, hass: HomeAssistant, entry_id: str, name: str) -> None:
        self._hass = hass
        self._entry_id = entry_id
        self._name = name
        self._file = BookFile(hass, entry_id)

    async def load(self, profile: Profile) -> tuple[HandRead, int] | None:
        """Return what was kept; None if there is nothing that can be used."""
        await self._look_for_set_aside()
        try:
            if (content := await self._file.load()) is None:
                return None
            meter = await self._hass.async_add_executor_job(HandRead.from_stored, content.get("meter"), profile)
            return meter, whole(content.get("since"))
        except (BadFileError, DamagedReadingsError, HomeAssistantError, ValueError) as err:
            await self._set_aside(err)
            return None

    async def save(self, meter: HandRead, since: int) -> None:
        """Write it. What goes wrong is said."""
        content = {"meter": meter.to_stored(), "since": since}
        if not self._file.writable:
            return
        await self._file.save(content)
        if (error := self._file.error) is not None:
            self._say(_NOT_SAVED, file=str(self._file.path), error=str(error))
        else:
            ir.async_delete_issue(self._hass, DOMAIN, f"{_NOT_SAVED}_{self._entry_id}")

    async def _look_for_set_aside(self) -> None:
        """Tell no more of a file that was set aside, once somebody has used or removed it."""
        issue_id = f"{_DAMAGED}_{self._entry_id}"
        if (issue := ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id)) is None:
            return
        aside = Path((issue.translation_placeholders or {}).get("file", ""))
        if not await self._hass.async_add_executor_job(aside.exists):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    async def _set_aside(self, err: Exception) -> None:
        kind = LaterFileError.kind if isinstance(err, LaterFileError | LaterReadingsError) else BadFileError.kind
        if (aside := await self._file.set_aside(kind)) is None:
            _LOGGER.warning("%s: its readings cannot be read (%s), nor their file be moved", self._name, err)
            self._say(_NOT_SAVED, file=str(self._file.path), error=str(err))
            return
        _LOGGER.warning("%s: its readings cannot be read (%s); the file is now %s", self._name, err, aside)
        ir.async_delete_issue(self._hass, DOMAIN, f"{_DAMAGED}_{self._entry_id}")
        self._say(_DAMAGED, is_persistent=True, file=str(aside), original=self._file.path.name)

    @callback
    def _say(self, key: str, *, is_persistent: bool = False, **about: str) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{key}_{self._entry_id}",
            is_fixable=False,
            is_persistent=is_persistent,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"name": self._name, **about},
        )

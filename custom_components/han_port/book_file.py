"""The file that a book is kept in: read with care, and set aside when it cannot be used.

Home Assistant's own store writes it, and would read it too, but says of a bad file what nobody can make sense of, with
a traceback, and of some of them nothing. So a file is looked at before the store gets it. What is set aside keeps all
that is in it; a file that cannot even be set aside is never written over.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, override
from zlib import crc32

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from homeassistant.util.json import json_loads

from .const import DOMAIN

VERSION: Final = 1
MOST_BYTES: Final = 16 * 1024 * 1024
"""The hours of 13 months, and all marks of an integral, take less than one."""
_CHECK: Final = "check"

type Content = dict[str, Any]


class BadFileError(Exception):
    """What is in the place of the file cannot be used."""

    kind = "damaged"
    """A word for the name of what is set aside."""


class LaterFileError(BadFileError):
    """The file was written by a later version of the integration."""

    kind = "later_version"


class BookFile:
    """The file of one entry's book."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._hass = hass
        self._store = _CheckedStore(
            hass, VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True, serialize_in_event_loop=False
        )
        self._order = asyncio.Lock()
        self.writable = True
        """Whether it may be written: not where something else could not be moved out of its place."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self._store.path)

    @property
    def error(self) -> OSError | WriteError | None:
        """Why it could not be written when it last should have been; None: it was."""
        return self._store.error

    async def load(self) -> Content | None:
        """Return what was saved last; None if nothing was. Raises BadFileError, with the reason."""
        await self._hass.async_add_executor_job(_look_at, self.path)
        if (content := await self._store.async_load()) is None:
            return None
        if (check := content.pop(_CHECK, None)) is not None:
            await self._hass.async_add_executor_job(_compare, check, content)
        return content

    async def save(self, content: Content) -> None:
        """Write it, after all that was to be saved before. Never raises: what went wrong is in `error`."""
        async with self._order:
            check = await self._hass.async_add_executor_job(_check_of, content)
            await self._store.async_save({**content, _CHECK: check})

    async def set_aside(self, kind: str) -> Path | None:
        """Give the file another name; return it. None: that cannot be done, and so nothing is ever written there."""
        try:
            return await self._hass.async_add_executor_job(_rename, self.path, kind)
        except OSError:
            self.writable = False
            return None

    async def remove(self) -> None:
        """Remove it. What was set aside stays."""
        await self._store.async_remove()


class _CheckedStore(Store[Content]):
    """A store that knows whether it could write."""

    error: OSError | WriteError | None = None

    @override
    async def _async_write_data(self, data: Content) -> None:
        try:
            await super()._async_write_data(data)
        except (OSError, WriteError) as err:
            self.error = err
        else:
            self.error = None


def _look_at(path: Path) -> None:
    """Raise BadFileError if what is there is none of ours. Reads all of it."""
    try:
        about = path.stat()
        if not S_ISREG(about.st_mode):
            msg = "it is no file"
            raise BadFileError(msg)
        if about.st_size > MOST_BYTES:
            msg = f"it has {about.st_size} bytes"
            raise BadFileError(msg)
        content = json_loads(path.read_bytes())
    except FileNotFoundError:
        return
    except OSError as err:
        raise BadFileError(err.strerror or str(err)) from err
    except ValueError as err:
        msg = f"it is no JSON: {err}"
        raise BadFileError(msg) from err
    if not isinstance(content, dict):
        msg = "there is no book in it"
        raise BadFileError(msg)
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        msg = f"it is of version {version}, and {VERSION} is the latest that is known"
        raise LaterFileError(msg)
    if version != VERSION or not isinstance(content.get("data"), dict):
        msg = "there is no book in it"
        raise BadFileError(msg)


def _check_of(content: Mapping[str, Any]) -> int:
    return crc32(json_bytes(content))


def _compare(check: object, content: Content) -> None:
    """Raise BadFileError if something has changed since it was written."""
    if check != _check_of(content):
        msg = "it is not as it was written"
        raise BadFileError(msg)


def _rename(path: Path, kind: str) -> Path:
    """Give a file a name that no other one has."""
    name = aside = path.with_name(f"{path.name}.{kind}.{dt_util.utcnow():%Y%m%dT%H%M%S}")
    number = 1
    while aside.exists():
        number += 1
        aside = name.with_name(f"{name.name}.{number}")
    return path.rename(aside)

"""A file from Elhub as a person hands it over: whether it may be read, what is in it, and whose hours they are.

Its name is a secret, as it tells the metering point: no error names it, for errors are logged.
"""

from pathlib import Path
from stat import S_ISREG
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import CONF_METERING_POINT
from ..ledger import ElhubError, ElhubFile, read_file
from .import_error import NotImportedError

_MOST_BYTES: Final = 64 * 1024 * 1024
"""What is read at most: it is less than memory has room for, and more than a file may have."""


async def read_path(hass: HomeAssistant, entry: ConfigEntry, path: str) -> ElhubFile:
    """Return the file at a path. Raises NotImportedError."""

    def read() -> ElhubFile:
        if "\0" in path or not hass.config.is_allowed_path(path):
            raise NotImportedError("import_path_not_allowed")
        return read_here(Path(path))

    return of_entry(entry, await hass.async_add_executor_job(read))


def read_here(path: Path) -> ElhubFile:
    """Return a file, in an executor. Raises NotImportedError."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise NotImportedError("import_no_file")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except FileNotFoundError, ValueError:
        raise NotImportedError("import_no_file") from None
    except OSError as err:
        raise NotImportedError("import_unreadable", error=err.strerror or "?") from None
    try:
        return read_file(data, path.name)
    except ElhubError as err:
        raise NotImportedError.of(err) from err


def of_entry(entry: ConfigEntry, file: ElhubFile) -> ElhubFile:
    """Return a file that may be about an entry's installation. Raises NotImportedError if its name says otherwise."""
    own = entry.data.get(CONF_METERING_POINT)
    if own and file.metering_point and own != file.metering_point:
        raise NotImportedError("import_other_metering_point", name=entry.title)
    return file


def is_checked(entry: ConfigEntry, file: ElhubFile) -> bool:
    """Return whether the file's name says that it is about an entry's installation."""
    return bool(file.metering_point and entry.data.get(CONF_METERING_POINT))

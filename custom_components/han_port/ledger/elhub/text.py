"""The bytes of a file as text: how much is taken at most, and which encoding it must have.

A text is refused by its size before anything else is done with it, so that no file takes long or much memory.
"""

import codecs
from typing import Final
from unicodedata import normalize

from .error import ElhubError

MOST_BYTES: Final = 16 * 1024 * 1024
"""Three years of quarters come to 12 million bytes in the longest of the formats."""
MOST_LINES: Final = 120_000
"""Three years of quarters are 105 216 rows."""
_SPREADSHEETS: Final = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
"""How the files of Excel begin, of today and of before 2007."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS: Final = bytes({*range(32), 127} - {*b"\t\n\r"})
"""What stands in no text."""


def text_of(data: bytes) -> str:
    """Return a file's text, without a byte order mark. Raises ElhubError if it is none, too long, or not UTF-8."""
    if len(data) > MOST_BYTES:
        raise ElhubError("too_large", found=f"{len(data) / 1024 / 1024:.0f}", expected=f"{MOST_BYTES // 1024 // 1024}")
    if data.startswith(_SPREADSHEETS):
        raise ElhubError("spreadsheet")
    if data.startswith(_UTF_16) or _is_wide(data):
        raise ElhubError("encoding", 1)
    if len(data.translate(None, _CONTROLS)) < len(data):
        raise ElhubError("not_text")
    if (lines := max(data.count(b"\n"), data.count(b"\r"))) > MOST_LINES:
        raise ElhubError("too_many_rows", found=str(lines), expected=str(MOST_LINES))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise ElhubError("encoding", data.count(b"\n", 0, err.start) + 1) from err
    return normalize("NFC", text)


def _is_wide(data: bytes) -> bool:
    """Return whether letters take two octets: one of the two is nought in all of the first ones."""
    halves = data[:16:2], data[1:16:2]
    return all(halves) and any(halves[0]) != any(halves[1])

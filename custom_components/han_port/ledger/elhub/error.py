"""Why a file is refused: a key for the sentence that tells it to a person, and what that sentence names."""

import re
from typing import Final

_LONGEST: Final = 40
"""Characters of a text out of the file that are shown."""
_IDENTITY: Final = re.compile(r"\d{11,}")
_HARMFUL: Final = re.compile(r"[^\w .,:;+\-/\"'%]")


class ElhubError(ValueError):
    """A file cannot be read: nothing of it may be used.

    Keys, and what their sentences name beside the line, which is there wherever a line is to blame:

    - too_large (found, expected: MB), too_many_rows (found, expected), empty, not_text, spreadsheet: no line;
    - encoding; not_elhub (found), wrong_delimiter (found, expected), no_column (expected), unknown_series (found),
      unit (found), mixed (found, expected: two series), second_header;
    - bad_row (found, expected: how many columns), bad_quotes; bad_time (found), no_such_time (found: an hour that March
      skips), bad_span (found, expected: minutes); bad_number (found), negative (found);
    - overlapping (at, expected: where the row before ended), gap (from, to), incomplete_hour (at).
    """

    def __init__(self, key: str, line: int | None = None, **placeholders: str) -> None:
        self.key = key
        """Which sentence, without the prefix `elhub_` that it has among the translations."""
        self.line = line
        """Counted from 1."""
        self.placeholders: dict[str, str] = placeholders | ({} if line is None else {"line": str(line)})
        super().__init__(f"{key}: {self.placeholders}")


def shown(text: str) -> str:
    """Return a text out of a file as it can be shown: short, without markup, and without what may be an identity."""
    cleaned = _IDENTITY.sub("…", _HARMFUL.sub("?", text.strip()))
    return cleaned if len(cleaned) <= _LONGEST else f"{cleaned[:_LONGEST]}…"

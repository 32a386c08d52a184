"""What Home Assistant's log says against an integration."""

from collections.abc import Iterator
import re

RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^ ]* (?P<level>[A-Z]+) ", re.MULTILINE)
LOUD = {"WARNING", "ERROR", "CRITICAL", "FATAL"}
SLOW = re.compile(r"\[asyncio\] Executing .* took (?P<seconds>[\d.]+) seconds", re.DOTALL)
"""asyncio's debug mode reports each step of more than 0.1 s, which on a busy machine any may be."""
SLOW_SECONDS = 1.0
STANDING = "which has not been tested by Home Assistant"  # said of every custom integration


def records(log: str) -> Iterator[tuple[str, str]]:
    """Yield the level and the text of each record; text that follows a record, such as a traceback, belongs to it."""
    starts = list(RECORD.finditer(log))
    if before := log[: starts[0].start() if starts else None].strip():
        yield "ERROR", before  # printed past the log, such as a crash
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        yield start["level"], log[start.start() : following.start() if following else None].strip()


def is_haste(text: str) -> bool:
    """Return whether a record only says that a step took a moment."""
    slow = SLOW.search(text)
    return slow is not None and float(slow["seconds"]) < SLOW_SECONDS


def complaints(log: str, domain: str) -> list[str]:
    """Return the warnings and errors that name the integration, its standing notice as a custom one apart."""
    return [
        text
        for level, text in records(log)
        if level in LOUD and domain in text.casefold() and STANDING not in text and not is_haste(text)
    ]

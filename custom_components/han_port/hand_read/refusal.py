"""What a person is told, in their language, where a reading is not taken."""

from collections.abc import Generator
from contextlib import contextmanager

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..ledger.reading_error import ReadingError


@contextmanager
def refusals() -> Generator[None]:
    """Raise ServiceValidationError in the place of ReadingError."""
    try:
        yield
    except ReadingError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=refusal_key(err),
            translation_placeholders=err.placeholders,
        ) from err


def refusal_key(err: ReadingError) -> str:
    """Return the translation key: digits may have rolled over where a confirmation would do."""
    rolled = err.confirmable and err.key in {"reading_below", "reading_above"}
    return f"{err.key}_or_rolled" if rolled else err.key

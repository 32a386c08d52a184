"""Sentences for people on why a port does not open or bring lists: those of the config flow, wherever they are needed.

What belongs here: from a cause or an error to its sentence, in the language of this Home Assistant, with nothing in it
that should not be shown: no password of an address, no markup that came over the wire.
"""

import re
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations

from .const import DOCUMENTATION, DOMAIN, ISSUES
from .detect import Ciphered, DetectionError, Silent, UnknownList, Unreadable, WrongKey, WrongTag
from .link import LinkError, shown
from .wire.reading import Meter

TEXTS: Final = {"docs": DOCUMENTATION, "issues": ISSUES, "example": "socket://192.168.1.50:3001"}
"""What any of the sentences may name."""
_DETECTION_ERRORS: Final[dict[type[DetectionError], str]] = {
    Silent: "silent",
    Unreadable: "unreadable",
    Ciphered: "ciphered",
    WrongKey: "wrong_key",
    WrongTag: "wrong_authentication_key",
}
_MARKUP: Final = re.compile(r"[^\w +-]|(?<!\w)\+|\+(?!\w)")


def problem(error: LinkError | DetectionError) -> tuple[str, dict[str, str]]:
    """Return the key of the sentence for an error, and what the sentence names."""
    if isinstance(error, LinkError):
        return error.cause.value, {"error": str(error)}
    if isinstance(error, UnknownList):
        return "unknown_list", unknown_list(error.list_id, error.items)
    return _DETECTION_ERRORS[type(error)], {}


def unknown_list(list_id: str, items: int) -> dict[str, str]:
    """Return what the sentence on a list that is not known names."""
    return {"list_id": plain(list_id) or "–", "items": str(items)}


def plain(text: str) -> str:
    """Return a text that came over the wire without anything that a browser could take for markup."""
    return _MARKUP.sub("", text)


def name_in_full(meter: Meter) -> str:
    """Return who made a meter and its model, as far as they are known, fit for a form."""
    return " ".join(filter(None, (plain(meter.maker), plain(meter.model)))) or "–"


async def load_sentences(hass: HomeAssistant) -> None:
    """Have the sentences at hand, so that `sentence` need not wait for them."""
    await async_get_translations(hass, hass.config.language, "config", {DOMAIN})


@callback
def sentence(hass: HomeAssistant, key: str, port: str, **about: str) -> str:
    """Return a sentence in the language of this Home Assistant; empty if it was not loaded."""
    texts = async_get_cached_translations(hass, hass.config.language, "config", DOMAIN)
    text = texts.get(f"component.{DOMAIN}.config.error.{key}", "")
    return text.format(**{**TEXTS, "port": shown(port), **about})

"""Why hours cannot be imported, held against the bill, or taken back: errors that tell it in people's languages."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..ledger import ElhubError


class NotImportedError(ServiceValidationError):
    """Nothing was done. `key` is that of the sentence that tells why."""

    def __init__(self, key: str, **about: str) -> None:
        super().__init__(translation_domain=DOMAIN, translation_key=key, translation_placeholders=about)
        self.key = key

    @classmethod
    def of(cls, error: ElhubError) -> NotImportedError:
        """Return the error that tells what is wrong with a file."""
        return cls(f"elhub_{error.key}", **error.placeholders)


async def sentence_of(hass: HomeAssistant, error: HomeAssistantError) -> str:
    """Return what an error says, in the language of this Home Assistant."""
    return await said(hass, error.translation_key or "", **(error.translation_placeholders or {}))


async def said(hass: HomeAssistant, key: str, **about: str) -> str:
    """Return one of the sentences for exceptions, in the language of this Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "exceptions", {DOMAIN})
    return texts.get(f"component.{DOMAIN}.exceptions.{key}.message", key).format(**about)

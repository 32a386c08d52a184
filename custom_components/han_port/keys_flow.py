"""The forms that ask for the keys of a meter that ciphers its lists: of a new one, and of one that has other keys now.

What belongs here: what is typed, and what is wrong with it. Keys are checked by listening, with the meter's next list;
until that has come nothing is kept. They are shown to nobody but who types them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType

from .const import CONF_AUTHENTICATION, CONF_ENCRYPTION, CONF_METER
from .detect import LINES, CipheredError, WrongKey, WrongTag
from .explain import TEXTS, plain
from .known_meter import meter_from_stored
from .link import Line
from .wire.cipher import Keys, KeyTextError, keys_from_text
from .wire.makers import maker_of_title

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

_KEY: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_NO_MAKER: Final = "–"
_LETTERS: Final = 6
"""Hex digits of a system title that name the maker: three letters."""


def key_fields(*, is_required: bool) -> dict[vol.Marker, Any]:
    """Return the fields for a form's schema."""
    marker = vol.Required if is_required else vol.Optional
    return {marker(CONF_ENCRYPTION): _KEY, vol.Optional(CONF_AUTHENTICATION): _KEY}


def read_keys(user_input: Mapping[str, Any], known: Keys | None = None) -> Keys:
    """Return the keys that were typed. Without any the known ones stay; without an encryption key, that one does.

    Raises KeyTextError.
    """
    encryption, authentication = (user_input.get(key, "").strip() for key in (CONF_ENCRYPTION, CONF_AUTHENTICATION))
    if known is not None and not encryption:
        if not authentication:
            return known
        encryption = known.encryption.hex()
    return keys_from_text(encryption, authentication)


class KeySteps(ConfigFlow):
    """The steps that ask for keys. Listening, and all that follows, is what the flow does without keys too."""

    if TYPE_CHECKING:

        async def async_step_listen(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
            """Listen with what was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._port = ""
        self._error: str | None = None
        self._about_error: dict[str, str] = {}
        self._keys: Keys | None = None
        """What to listen with."""
        self._first: Line = LINES[0]
        """The settings to listen with first."""
        self._are_keys_typed = False
        self._typed: dict[str, Any] = {}
        """The form as it was sent last."""
        self._key_errors: dict[str, str] = {}
        self._title = ""
        """The system title of the meter that was heard."""

    async def async_step_keys(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the keys of the meter that was heard."""
        if user_input is not None and self._take_keys(user_input):
            return await self.async_step_listen()
        return self._ask_keys("keys", self._maker())

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin: the keys of a known meter do not open its lists any more, or there are none."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the new keys of a known meter."""
        entry = self._get_reauth_entry()
        self._port = entry.data[CONF_PORT]
        if user_input is not None and self._take_keys(user_input):
            return await self.async_step_listen()
        return self._ask_keys("reauth_confirm", meter_from_stored(entry.data.get(CONF_METER)).maker or _NO_MAKER)

    @callback
    def _take_keys(self, user_input: dict[str, Any]) -> bool:
        """Take what was typed; return whether those are keys."""
        self._error, self._key_errors, self._typed = None, {}, user_input
        try:
            self._keys = read_keys(user_input)
        except KeyTextError as err:
            self._key_errors = {err.field: "key_malformed"}
            return False
        self._are_keys_typed = True
        return True

    @callback
    def _forget_keys(self) -> None:
        """Take note that another meter may be heard next."""
        self._keys, self._are_keys_typed, self._typed = None, False, {}
        self._first = LINES[0]

    @callback
    def _ask_keys(self, step_id: str, maker: str) -> ConfigFlowResult:
        """Ask for keys, saying what was wrong with the last ones."""
        errors = {"base": self._error} if self._error else self._key_errors
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(vol.Schema(key_fields(is_required=True)), self._typed),
            errors=errors,
            description_placeholders={**TEXTS, "port": self._port, "maker": maker, **self._about_error},
            last_step=False,
        )

    @callback
    def _need_keys(self, error: CipheredError) -> None:
        """Take note of what the next form for keys is to say."""
        self._error, self._about_error = None, {}
        self._title, self._first = error.title, error.line
        self._key_errors = {
            WrongKey: {CONF_ENCRYPTION: "wrong_key"},
            WrongTag: {CONF_AUTHENTICATION: "wrong_authentication_key"},
        }.get(type(error), {})

    def _keys_step(self) -> str:
        """Return the step that asks for keys."""
        return "reauth_confirm" if self.source == SOURCE_REAUTH else "keys"

    def _maker(self) -> str:
        """Return who made the meter that was heard, or the letters that stand for them."""
        return maker_of_title(self._title) or plain(_letters(self._title)) or _NO_MAKER


def _letters(title: str) -> str:
    return bytes.fromhex(title[:_LETTERS]).decode("ascii", "ignore")

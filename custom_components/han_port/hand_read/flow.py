"""The forms for a meter that somebody reads: what it is, how its hours are to be estimated, and what that looks like.

They serve a new meter and, behind *Reconfigure*, one that is known. Elhub is asked for nothing until a person has
chosen its open data, by the name of their source and their licence.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    DateTimeSelector,
    FileSelector,
    FileSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..capacity_options import is_number
from ..const import (
    CONF_AREA,
    CONF_DIGITS,
    CONF_EVERY,
    CONF_EXPECTED,
    CONF_FIRST_READING,
    CONF_FIRST_TIME,
    CONF_KIND,
    CONF_METERING_POINT,
    CONF_PROFILE,
    CONF_PROFILE_CSV,
    DEFAULT_DIGITS,
    DEFAULT_EVERY,
    DOMAIN,
    KIND_HAND_READ,
    PROFILE_CSV,
    PROFILE_FLAT,
    PROFILE_MONTHLY,
    PROFILE_OPEN_DATA,
)
from ..ledger.hand_periods import HandReading
from ..ledger.hand_read import DIGITS, HandRead
from ..ledger.profile import Profile
from ..ledger.profile_csv import MOST_BYTES
from ..ledger.profile_error import ProfileError
from ..ledger.reading_due import MONTHS
from ..ledger.reading_error import ReadingError
from ..metering_point_field import MeteringPointField, fields, shown, with_point
from ..picture import Words
from .open_data import AREAS, LICENCE, LICENCE_URL, SOURCE, SOURCE_URL, Fetched, household_profile
from .profile_picture import profile_picture
from .reading_flow import ReadingSteps, kilowatt_hours, now_as_typed, time_of
from .settings import MOST_EXPECTED

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

FILE: Final = "file"
_TEXTS: Final = {"source": SOURCE, "source_url": SOURCE_URL, "licence": LICENCE, "licence_url": LICENCE_URL}
_LINE: Final = {"line": "–", "found": "–"}
_NUMBER: Final = 11
"""So many digits in a name are a number of a meter or of a metering point, and names are in the log."""


def _choice(translation_key: str, *values: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=list(values), translation_key=translation_key, mode=SelectSelectorMode.LIST)
    )


def _list(values: list[str]) -> SelectSelector:
    return SelectSelector(SelectSelectorConfig(options=values, mode=SelectSelectorMode.DROPDOWN))


_CSV: Final = vol.Schema(
    {
        vol.Optional(FILE): FileSelector(FileSelectorConfig(accept=".csv,.txt,text/csv,text/plain")),
        vol.Optional(CONF_PROFILE_CSV): TextSelector(TextSelectorConfig(multiline=True)),
    }
)


def _estimate() -> dict[Any, Any]:
    """Return the fields for what hours are estimated from."""
    return {
        vol.Required(CONF_EXPECTED): kilowatt_hours(),
        vol.Required(CONF_EVERY): _choice("every", *map(str, MONTHS)),
        vol.Optional(CONF_AREA): _list(list(AREAS)),
        vol.Required(CONF_PROFILE): _choice("profile", PROFILE_MONTHLY, PROFILE_FLAT, PROFILE_CSV, PROFILE_OPEN_DATA),
    }


class HandReadSteps(ReadingSteps):
    """The forms."""

    def __init__(self) -> None:
        super().__init__()
        self._field = MeteringPointField()
        self._name = ""
        self._data: dict[str, Any] = {}
        """What entry data is to hold, as far as the forms have come."""
        self._fetching: asyncio.Task[Fetched] | None = None
        self._fetched: Fetched | None = None

    @callback
    def _others(self) -> list[ConfigEntry]:
        """Return the entries other than the one that is reconfigured."""
        entries = self._async_current_entries(include_ignore=False)
        return [entry for entry in entries if entry.entry_id != self.context.get("entry_id")]

    # What meter it is.

    async def async_step_hand_read(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a meter that somebody reads."""
        errors: dict[str, str] = {}
        about: dict[str, str] = {}
        if user_input is not None:
            errors, about = self._take_meter(user_input)
            errors |= self._wrong_name() | self._wrong_first()
            if not errors:
                return await self._go_on()
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                **fields(),
                vol.Required(CONF_FIRST_READING): kilowatt_hours(),
                vol.Required(CONF_FIRST_TIME): DateTimeSelector(),
                vol.Required(CONF_DIGITS): _list([str(digits) for digits in DIGITS]),
                **_estimate(),
            }
        )
        usual = {
            CONF_FIRST_TIME: now_as_typed(),
            CONF_DIGITS: str(DEFAULT_DIGITS),
            CONF_EVERY: str(DEFAULT_EVERY),
            CONF_PROFILE: PROFILE_MONTHLY,
        }
        return self.async_show_form(
            step_id="hand_read",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or usual),
            errors=errors,
            description_placeholders={**_TEXTS, **about},
            last_step=False,
        )

    async def async_step_hand_read_menu(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what is to be done with a meter that somebody reads."""
        return self.async_show_menu(step_id="hand_read_menu", menu_options=["reading", "correct", "change"])

    async def async_step_change(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what hours are estimated from, and for the målepunkt-ID."""
        entry = self._get_reconfigure_entry()
        known = entry.data.get(CONF_METERING_POINT, "")
        errors: dict[str, str] = {}
        about: dict[str, str] = {}
        if user_input is not None:
            self._data = dict(entry.data)
            errors, about = self._take_meter(user_input, known)
            if not errors:
                return await self._go_on()
        suggested = {**entry.data, CONF_EVERY: str(entry.data.get(CONF_EVERY, DEFAULT_EVERY)), CONF_METERING_POINT: ""}
        return self.async_show_form(
            step_id="change",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({**_estimate(), **fields(known)}), user_input or suggested
            ),
            errors=errors,
            description_placeholders={**_TEXTS, "metering_point": shown(known), **about},
            last_step=False,
        )

    def _take_meter(self, user_input: Mapping[str, Any], known: str = "") -> tuple[dict[str, str], dict[str, str]]:
        """Take what was filled in; return what is wrong with it by field, and what the sentences on that name."""
        point, errors, about = self._field.read(user_input, self._others(), known=known)
        self._name = user_input.get(CONF_NAME, "").strip()
        kept = {key: user_input[key] for key in (CONF_EXPECTED, CONF_FIRST_READING, CONF_PROFILE) if key in user_input}
        self._data |= {**kept, CONF_KIND: KIND_HAND_READ, CONF_AREA: user_input.get(CONF_AREA, "")}
        self._data |= {key: int(user_input[key]) for key in (CONF_DIGITS, CONF_EVERY) if key in user_input}
        if CONF_FIRST_TIME in user_input:
            self._data[CONF_FIRST_TIME] = time_of(user_input[CONF_FIRST_TIME]).isoformat()
        self._data = with_point(self._data, point)
        if not is_number(self._data[CONF_EXPECTED], 1, MOST_EXPECTED):
            errors[CONF_EXPECTED] = "no_expected"
        if self._data[CONF_PROFILE] == PROFILE_OPEN_DATA and not self._data[CONF_AREA]:
            errors[CONF_AREA] = "area_needed"
        return errors, about

    def _wrong_name(self) -> dict[str, str]:
        """Return what is wrong with the name: it is the title of the entry, and stands in the log."""
        if not self._name:
            return {CONF_NAME: "no_name"}
        if sum(letter.isdigit() for letter in self._name) >= _NUMBER:
            return {CONF_NAME: "name_is_number"}
        taken = any(entry.title == self._name for entry in self._async_current_entries())
        return {CONF_NAME: "name_taken"} if taken else {}

    def _wrong_first(self) -> dict[str, str]:
        """Return what is wrong with the reading that the meter begins with."""
        data = self._data
        if not is_number(data[CONF_FIRST_READING], 0, 10 ** data[CONF_DIGITS] - 0.0005):
            return {CONF_FIRST_READING: "no_first_reading"}
        at = dt_util.parse_datetime(data[CONF_FIRST_TIME], raise_on_error=True)
        if at > dt_util.utcnow():
            return {CONF_FIRST_TIME: "time_in_future"}
        first = HandReading(at, round(data[CONF_FIRST_READING] * 1000))
        try:
            HandRead(data[CONF_DIGITS], [first], 0, Profile.flat())
        except ReadingError:
            return {CONF_FIRST_TIME: "time_too_old"}
        return {}

    # How its hours are estimated.

    async def _go_on(self) -> ConfigFlowResult:
        """Ask for what the profile needs."""
        profile = self._data[CONF_PROFILE]
        if profile != PROFILE_CSV:
            self._data.pop(CONF_PROFILE_CSV, None)
        if profile == PROFILE_CSV:
            return await self.async_step_profile_csv()
        if profile == PROFILE_OPEN_DATA:
            return await self.async_step_fetch()
        return await self.async_step_profile()

    async def async_step_profile_csv(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the user's own profile, as a file or as text."""
        errors: dict[str, str] = {}
        about = _LINE
        if user_input is not None:
            try:
                content = await self.hass.async_add_executor_job(self._csv, user_input)
                await self.hass.async_add_executor_job(Profile.from_csv, content)
                self._data[CONF_PROFILE_CSV] = content.decode("utf-8-sig")
                return await self.async_step_profile()
            except ProfileError as err:
                errors["base"] = err.key
                about = {**_LINE, **{key: text for key, text in err.placeholders.items() if text}}
        return self.async_show_form(
            step_id="profile_csv",
            data_schema=self.add_suggested_values_to_schema(_CSV, user_input or self._data),
            errors=errors,
            description_placeholders=about,
            last_step=False,
        )

    def _csv(self, user_input: Mapping[str, Any]) -> bytes:
        """Return the file, or else the text. Raises ProfileError. Reads the file system."""
        if (file := user_input.get(FILE)) is None:
            return str(user_input.get(CONF_PROFILE_CSV, "")).encode()
        try:
            with process_uploaded_file(self.hass, file) as path:
                return _content(path)
        except ValueError as err:  # it was read, and removed, when the form was sent before
            raise ProfileError("profile_empty") from err

    async def async_step_fetch(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Fetch Elhub's open data."""
        if self._fetching is None:
            fetching = household_profile(self.hass, self._data[CONF_AREA])
            self._fetching = self.hass.async_create_task(fetching, f"{DOMAIN} open data")
        elif self._fetching.done():
            fetched, self._fetching = self._fetching, None
            self._fetched = fetched.result()
            return self.async_show_progress_done(next_step_id="profile")
        return self.async_show_progress(
            step_id="fetch",
            progress_action="fetch",
            description_placeholders={**_TEXTS, "area": self._data[CONF_AREA]},
            progress_task=self._fetching,
        )

    async def async_step_profile(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the profile makes of a year, and make or change the entry when the user agrees."""
        if user_input is not None:
            return await self._end()
        error = None if self._fetched is None else self._fetched.error
        name = self._get_reconfigure_entry().title if self.source == SOURCE_RECONFIGURE else self._name
        return self.async_show_form(
            step_id="profile",
            data_schema=vol.Schema({}),
            errors={} if error is None else {"base": error.key},
            description_placeholders={**_TEXTS, "picture": await self._picture(), "name": name},
            last_step=True,
        )

    async def _end(self) -> ConfigFlowResult:
        point = self._data.get(CONF_METERING_POINT)
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            unique_id = entry.unique_id
            if point != entry.data.get(CONF_METERING_POINT):
                # Home Assistant would write a unique id that is taken to its log.
                known = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, point or "")
                unique_id = point if point and known is None else uuid4().hex
            return self.async_update_reload_and_abort(
                entry, unique_id=unique_id, data=self._data, reason="hand_read_changed"
            )
        await self.async_set_unique_id(point or uuid4().hex, raise_on_progress=False)
        self._abort_if_unique_id_configured(error="metering_point_known")
        return self.async_create_entry(title=self._name, data=self._data)

    async def _picture(self) -> str:
        """Return the picture of the profile, as an address that has it all in it."""
        language = self.hass.config.language
        texts = await async_get_translations(self.hass, language, "selector", {DOMAIN})
        words = Words(
            language,
            {
                key.removeprefix(prefix): text
                for name in ("picture", "profile_picture")
                for prefix in (f"component.{DOMAIN}.selector.{name}.options.",)
                for key, text in texts.items()
                if key.startswith(prefix)
            },
        )
        picture = await self.hass.async_add_executor_job(self._drawn, words, dt_util.now().year)
        return f"data:image/svg+xml;base64,{b64encode(picture).decode()}"

    def _drawn(self, words: Words, year: int) -> bytes:
        return profile_picture(self._chosen(), self._data[CONF_EXPECTED], year, words)

    def _chosen(self) -> Profile:
        profile = self._data[CONF_PROFILE]
        if profile == PROFILE_CSV:
            return Profile.from_csv(self._data[CONF_PROFILE_CSV].encode())
        if profile == PROFILE_OPEN_DATA and self._fetched is not None:
            return self._fetched.profile
        return Profile.flat() if profile == PROFILE_FLAT else Profile.monthly()


def _content(path: Path) -> bytes:
    """Return a file, or so much of it that it is known to be too large."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)

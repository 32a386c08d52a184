"""The steps of the options flow that import a file from Elhub: which one, what that will do, and how far it has come.

Nothing is written before the person has seen what will be, and said yes.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import BooleanSelector, FileSelector, FileSelectorConfig
from homeassistant.util import dt as dt_util

from ..ledger import ElhubFile
from .import_error import NotImportedError, said, sentence_of
from .import_file import is_checked, of_entry, read_here
from .import_plan import Fate, Plan
from .importing import import_file, preview

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

_FILE: Final = "file"
_REPLACE_MEASURED: Final = "replace_measured"

_FORM: Final = vol.Schema(
    {
        vol.Required(_FILE): FileSelector(FileSelectorConfig(accept=".csv,text/csv,text/plain")),
        vol.Required(_REPLACE_MEASURED, default=False): BooleanSelector(),
    }
)


class ImportSteps(OptionsFlow):
    """The steps."""

    _file: ElhubFile
    _import_task: asyncio.Task[Plan]
    _replace_measured = False

    async def async_step_import_hours(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the file."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            reason = await said(self.hass, "meter_not_loaded", name=self.config_entry.title)
            return self.async_abort(reason="import_failed", description_placeholders={"reason": reason})
        reason = ""
        if user_input is not None:
            self._replace_measured = user_input[_REPLACE_MEASURED]
            try:
                self._file = of_entry(self.config_entry, await self._uploaded(user_input[_FILE]))
                return await self.async_step_import_preview()
            except NotImportedError as err:
                reason = await sentence_of(self.hass, err)
        return self.async_show_form(
            step_id="import_hours",
            data_schema=self.add_suggested_values_to_schema(_FORM, {_REPLACE_MEASURED: self._replace_measured}),
            errors={_FILE: "import_refused"} if reason else None,
            description_placeholders={"reason": reason},
            last_step=False,
        )

    async def _uploaded(self, file_id: str) -> ElhubFile:
        """Return the file that was handed over. Raises NotImportedError."""

        def read() -> ElhubFile:
            try:
                with process_uploaded_file(self.hass, file_id) as path:
                    return read_here(Path(path))
            except ValueError:
                raise NotImportedError("import_no_file") from None

        return await self.hass.async_add_executor_job(read)

    async def async_step_import_preview(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what will happen."""
        if user_input is not None:
            self._import_task = self.hass.async_create_task(
                import_file(
                    self.hass,
                    self.config_entry,
                    self._file,
                    replace_measured=self._replace_measured,
                    tell=self.async_update_progress,
                )
            )
            return await self.async_step_import_write()
        plan = await preview(self.hass, self.config_entry, self._file, replace_measured=self._replace_measured)
        placeholders = _in_words(plan)
        if not plan.edits:
            return self.async_abort(reason="import_nothing_new", description_placeholders=placeholders)
        checked = is_checked(self.config_entry, self._file)
        note = "" if checked else await said(self.hass, "import_unchecked", name=self.config_entry.title)
        return self.async_show_form(
            step_id="import_preview",
            data_schema=vol.Schema({}),
            description_placeholders=placeholders | {"note": note},
            last_step=True,
        )

    async def async_step_import_write(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show how far it has come."""
        if not self._import_task.done():
            return self.async_show_progress(
                step_id="import_write", progress_action="import_write", progress_task=self._import_task
            )
        return self.async_show_progress_done(next_step_id="import_done")

    async def async_step_import_done(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what has happened."""
        try:
            plan = self._import_task.result()
        except HomeAssistantError as err:
            reason = await sentence_of(self.hass, err)
            return self.async_abort(reason="import_failed", description_placeholders={"reason": reason})
        return self.async_abort(reason="import_done", description_placeholders=_in_words(plan))


def _in_words(plan: Plan) -> dict[str, str]:
    """Return what sentences about a plan name."""
    zone = dt_util.get_default_time_zone()
    return {
        "start": f"{plan.start.astimezone(zone):%Y-%m-%d %H:%M}",
        "end": f"{plan.end.astimezone(zone):%Y-%m-%d %H:%M}",
        "hours": str(plan.hours),
        "energy": f"{plan.energy / 1000:.3f}",
        "changed": str(sum(plan.fates[fate] for fate in (Fate.NEW, Fate.REPLACED, Fate.MEASURED_REPLACED))),
        **{fate.value: str(plan.fates[fate]) for fate in Fate},
        "disagreeing": str(plan.disagreeing),
        "difference": f"{plan.difference / 1000:+.3f}",
        "largest": f"{plan.largest / 1000:.3f}",
    }

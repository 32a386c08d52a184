"""A file from Elhub is imported in the UI: chosen, shown what it will do, and only then written."""

from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from pathlib import Path
import tempfile
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import file_upload
from homeassistant.components.file_upload import FileUploadData
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, FlowResultType
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.translation import async_get_translations
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from sqlalchemy.exc import OperationalError

from custom_components.han_port.const import DOMAIN

from .conftest import Bridge
from .elhub_files import METERING_POINT, Written, file_name, write
from .import_home import act, hours, stored, used, volumes
from .rescale_home import HOUR, START, Home, House, RecorderStarter, home

ROWS = {hour: used(hour) for hour in hours(START - 3000 * HOUR, START + 9 * HOUR)}
FILE = write(Written(hour, energy) for hour, energy in ROWS.items())


@pytest.fixture
def persistent_database() -> bool:
    """Have the database in a file."""
    return True


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """See that nobody warns of anything, or tells whose file it is; keep what is uploaded in a folder of our own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("", "homeassistant", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)
    yield
    assert METERING_POINT not in caplog.text


@pytest.fixture
async def running(
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    bridge: Bridge,
    async_test_recorder: RecorderStarter,
) -> AsyncGenerator[Home]:
    """Return a home whose sensor has two hours."""
    del hass_storage
    async with home(House(1), freezer, bridge, async_test_recorder) as started:
        await started.live(START + 2 * HOUR + timedelta(minutes=1))
        yield started


async def upload(running: Home, data: bytes, name: str = "") -> str:
    """Hand a file to Home Assistant as the browser does; return what it is called there."""
    key: Any = file_upload.DOMAIN
    uploads = running.hass.data.setdefault(key, None) or await FileUploadData.create(running.hass)
    running.hass.data[key] = uploads
    file_id = f"{len(uploads.files):032}"

    def keep() -> None:
        uploads.file_dir(file_id).mkdir()
        (uploads.file_dir(file_id) / (name or file_name())).write_bytes(data)

    await running.hass.async_add_executor_job(keep)
    uploads.files[file_id] = name or file_name()
    return file_id


async def opened(running: Home) -> ConfigFlowResult:
    """Go to the form that asks for the file."""
    flows = running.hass.config_entries.options
    result = await flows.async_init(running.entry.entry_id)
    return await flows.async_configure(result["flow_id"], {"next_step_id": "import_hours"})


async def fill_in(running: Home, result: ConfigFlowResult, **form: Any) -> ConfigFlowResult:
    """Send a form."""
    return await running.hass.config_entries.options.async_configure(result["flow_id"], form)


async def chosen(running: Home, data: bytes = FILE, *, replace_measured: bool = False) -> ConfigFlowResult:
    """Choose a file."""
    file_id = await upload(running, data)
    return await fill_in(running, await opened(running), file=file_id, replace_measured=replace_measured)


async def written(running: Home, result: ConfigFlowResult) -> ConfigFlowResult:
    """Say yes, and wait until it is done."""
    result = await fill_in(running, result)
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "import_write")
    await running.done()
    return await running.hass.config_entries.options.async_configure(result["flow_id"])


async def words(running: Home, kind: str, key: str, result: ConfigFlowResult) -> str:
    """Return what a dialog says, with all that it names filled in."""
    texts = await async_get_translations(running.hass, "en", "options", {DOMAIN})
    return texts[f"component.{DOMAIN}.options.{kind}.{key}"].format(**(result["description_placeholders"] or {}))


async def test_nothing_is_written_before_yes(running: Home) -> None:
    before, rows = await volumes(running), await stored(running)
    result = await chosen(running)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "import_preview")
    said = await words(running, "step", "import_preview.description", result)
    assert f"{len(ROWS)} hours from" in said
    assert f"{sum(ROWS.values()) / 1000:.3f} kWh" in said
    assert "**3000** hours are new" in said
    assert "cannot be checked" in said
    assert await stored(running) == rows

    progress = async_capture_events(running.hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE)
    result = await written(running, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "import_done")
    assert (await words(running, "abort", "import_done", result)).startswith("3000 hours have been imported")
    told = [event.data["progress"] for event in progress]
    assert told == sorted(told)
    assert told[-1] == 1
    assert await volumes(running) == {hour: ROWS[hour] for hour in hours(START - 3000 * HOUR, START)} | before

    result = await chosen(running)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "import_nothing_new")
    assert "3000 are there already" in await words(running, "abort", "import_nothing_new", result)
    await act(running.hass, "undo_import")
    assert await stored(running) == rows


async def test_file_of_this_home(running: Home) -> None:
    entry = running.entry
    running.hass.config_entries.async_update_entry(entry, data={**entry.data, "metering_point": METERING_POINT})
    result = await chosen(running, replace_measured=True)
    said = await words(running, "step", "import_preview.description", result)
    assert "cannot be checked" not in said
    assert "**2** hours replace what your meter has measured" in said
    await written(running, result)
    assert await volumes(running) == {hour: ROWS[hour] for hour in hours(START - 3000 * HOUR, START + 2 * HOUR)}


async def test_wrong_files_are_explained_and_another_may_be_chosen(running: Home) -> None:
    entry = running.entry
    other = {**entry.data, "metering_point": "707057500099999998"}
    rows = await stored(running)
    gap = b"\n".join(line for number, line in enumerate(FILE.split(b"\n")) if number != 7)
    result = await chosen(running, gap)
    assert (result["type"], result["step_id"], result["errors"]) == (
        FlowResultType.FORM,
        "import_hours",
        {"file": "import_refused"},
    )
    assert "8" in await words(running, "error", "import_refused", result)  # the line

    running.hass.config_entries.async_update_entry(entry, data=other)
    result = await fill_in(running, result, file=await upload(running, FILE), replace_measured=False)
    assert "another målepunkt-ID" in await words(running, "error", "import_refused", result)

    result = await fill_in(running, result, file="0" * 31 + "9", replace_measured=False)
    assert "no such file" in await words(running, "error", "import_refused", result)

    good = await upload(running, FILE, "elhub.csv")
    result = await fill_in(running, result, file=good, replace_measured=False)
    assert result["step_id"] == "import_preview"
    assert await stored(running) == rows


async def test_database_that_fails(running: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await chosen(running)
    rows = await stored(running)

    def fails() -> None:
        raise OperationalError("INSERT", None, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(running.hass.data[DATA_INSTANCE], "get_session", fails)
        result = await fill_in(running, result)
        await running.hass.async_block_till_done()
    result = await running.hass.config_entries.options.async_configure(result["flow_id"])
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "import_failed")
    assert "The database could not be used" in await words(running, "abort", "import_failed", result)
    assert await stored(running) == rows


async def test_meter_that_is_not_set_up(running: Home) -> None:
    await running.hass.config_entries.async_unload(running.entry.entry_id)
    result = await opened(running)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "import_failed")

"""Files from Elhub go into the history of the energy sensor, and out of it again, with a real recorder."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.storage import Store
from homeassistant.helpers.translation import async_get_translations
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics

from .conftest import Bridge, entity, entry_for, set_up
from .elhub_files import METERING_POINT, Form, file_name
from .import_home import (
    EVER,
    EXPORT,
    a_file,
    act,
    check_five_minutes,
    hours,
    stored,
    truth,
    used,
    volumes,
    with_history,
)
from .rescale_home import HOUR, START, Home, House, RecorderStarter, home

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

type Starter = Callable[..., AbstractAsyncContextManager[Home]]

THREE_YEARS = datetime(2023, 11, 23, 23, tzinfo=UTC)
"""Until the home's first hour: 26 313 hours, and six changes of the clock."""
ESTIMATED = hours(START + 3 * HOUR, START + 6 * HOUR)
MEASURED = [*hours(START, START + 3 * HOUR), *hours(START + 6 * HOUR, START + 8 * HOUR)]


@pytest.fixture
def persistent_database() -> bool:
    """Have the database in a file, and keep it over a restart."""
    return True


@pytest.fixture
def start(
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    bridge: Bridge,
    async_test_recorder: RecorderStarter,
    folder: Path,
) -> Starter:
    """Return what starts a Home Assistant that may read the folder; what it stores is kept in memory."""
    del hass_storage

    @asynccontextmanager
    async def started(house: House, unit: str = "kWh") -> AsyncGenerator[Home]:
        async with home(house, freezer, bridge, async_test_recorder, unit=unit, enabled=(EXPORT,)) as running:
            running.hass.config.allowlist_external_dirs.add(str(folder))
            yield running

    return started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for files."""
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that nobody warns of anything."""
    for name in ("", "homeassistant", "sqlalchemy.engine", "custom_components"):
        caplog.set_level("WARNING", name)
    yield
    records = [record for record in caplog.get_records("call") if "components" in record.name]
    assert [text for record in records if "shutdown cleanly" not in (text := record.getMessage())] == []


async def test_what_is_there_before(start: Starter) -> None:
    async with start(House(1)) as running:
        await with_history(running)
        found = await volumes(running)
        assert list(found) == hours(START, START + 8 * HOUR)
        assert [found[hour] for hour in MEASURED] == [truth(hour) for hour in MEASURED]
        statuses = {
            hour.start: hour.status
            for hour in running.entry.runtime_data.bookkeeper.book.hours(START, START + 8 * HOUR)
        }
        assert [start for start, status in statuses.items() if status == "estimated"] == ESTIMATED


@pytest.mark.parametrize(
    ("form", "minutes"),
    [*((form, 60) for form in Form), (Form.YEAR_2024, 15), (Form.YEAR_2026, 15)],
)
async def test_three_years_hour_by_hour(start: Starter, folder: Path, form: Form, minutes: int) -> None:
    file = {hour: used(hour) for hour in hours(THREE_YEARS, START)}
    async with start(House(1)) as running:
        await running.live(START + 2 * HOUR + timedelta(minutes=1))
        before, rows = await volumes(running), await stored(running)
        path = a_file(folder, file, form, minutes=minutes)
        answer = await act(running.hass, "import_hours", path=path)
        assert (answer["hours"], answer["new"]) == (len(file), len(file))
        assert answer["energy"] == sum(file.values()) / 1000
        assert await volumes(running) == file | before
        imported = await stored(running)

        answer = await act(running.hass, "import_hours", path=path)
        assert (answer["new"], answer["unchanged"]) == (0, len(file))
        assert await stored(running) == imported

        await act(running.hass, "undo_import")
        assert await stored(running) == rows


async def test_estimates_are_replaced_and_what_was_measured_stays(start: Starter, folder: Path) -> None:
    begin = START - 30 * HOUR
    file = {hour: used(hour) for hour in hours(begin, START + 12 * HOUR)} | {START: truth(START)}
    path = a_file(folder, file)
    house = House(1)
    async with start(house) as running:
        await with_history(running)
        before, rows = await volumes(running), await stored(running)

        told = await act(running.hass, "import_hours", path=path, preview=True)
        assert await stored(running) == rows
        assert (told["new"], told["replaced"], told["kept"], told["unchanged"], told["later"]) == (30, 3, 4, 1, 4)
        differences = [truth(hour) - file[hour] for hour in MEASURED[1:]]
        assert told["disagreeing"] == 4
        assert told["difference"] == sum(differences) / 1000
        assert told["largest_difference"] == max(map(abs, differences)) / 1000

        assert await act(running.hass, "import_hours", path=path) == told | {"preview": False}
        right = {hour: file[hour] for hour in (*hours(begin, START), *ESTIMATED)}
        assert await volumes(running) == dict(sorted((before | right).items()))
        await check_five_minutes(running)

    # What comes later goes on from there, and nothing that looks after the rows undoes it.
    async with start(house) as running:
        await running.live(START + 10 * HOUR + timedelta(minutes=6))
        found = await volumes(running)
        assert {hour: found[hour] for hour in right} == right
        assert [found[hour] for hour in MEASURED] == [truth(hour) for hour in MEASURED]
        assert found[START + 9 * HOUR] == truth(START + 9 * HOUR)
        await check_five_minutes(running)

        answer = await act(running.hass, "undo_import")
        assert (answer["hours"], answer["left"]) == (33, 0)
        undone = await volumes(running)
        assert {hour: undone[hour] for hour in before} == before
        assert list(undone) == hours(START, START + 10 * HOUR)
        assert undone[START + 9 * HOUR] == truth(START + 9 * HOUR)
        end = (START + 8 * HOUR).timestamp()
        assert [row for row in (await stored(running))["statistics"] if row[1] < end] == rows["statistics"]
        await check_five_minutes(running)
        with pytest.raises(ServiceValidationError) as caught:
            await act(running.hass, "undo_import")
        assert caught.value.translation_key == "import_nothing_to_undo"


async def test_measured_hours_are_replaced_if_that_is_asked_for(start: Starter, folder: Path) -> None:
    file = {hour: used(hour) for hour in hours(START, START + 8 * HOUR)}
    path = a_file(folder, file)
    async with start(House(1)) as running:
        await with_history(running)
        before, rows = await volumes(running), await stored(running)
        await act(running.hass, "import_hours", path=path)
        kept = await stored(running)
        answer = await act(running.hass, "import_hours", path=path, replace_measured=True)
        assert (answer["measured_replaced"], answer["unchanged"]) == (5, 3)
        assert await volumes(running) == file
        await check_five_minutes(running)

        # Each is taken back by itself, the last one first.
        assert (await act(running.hass, "undo_import"))["left"] == 1
        assert await stored(running) == kept
        assert (await act(running.hass, "undo_import"))["left"] == 0
        assert await stored(running) == rows
        assert await volumes(running) == before


@pytest.mark.parametrize("replace_measured", [False, True])
async def test_nothing_looks_after_rows_that_were_imported(
    start: Starter, folder: Path, *, replace_measured: bool
) -> None:
    file = {hour: used(hour) for hour in hours(START - HOUR, START + 8 * HOUR)}
    path = a_file(folder, file)
    house = House(1)
    async with start(house) as running:
        await with_history(running)
        await act(running.hass, "import_hours", path=path, replace_measured=replace_measured)
        imported = await stored(running)
    async with start(house) as running:
        assert (await stored(running))["statistics"] == imported["statistics"]


async def test_sensor_in_another_unit_and_by_another_name(start: Starter, folder: Path) -> None:
    file = {hour: used(hour) for hour in hours(START - 5 * HOUR, START + 8 * HOUR)}
    path = a_file(folder, file)
    async with start(House(1), unit="MWh") as running:
        registry = er.async_get(running.hass)
        registry.async_update_entity(running.entity_id, new_entity_id="sensor.energy_of_ours")
        await with_history(running)
        before = await volumes(running)
        await act(running.hass, "import_hours", path=path)
        right = {hour: file[hour] for hour in (*hours(START - 5 * HOUR, START), *ESTIMATED)}
        assert await volumes(running) == pytest.approx(dict(sorted((before | right).items())), abs=1e-3)


async def test_production_goes_to_the_export_sensor(start: Starter, folder: Path) -> None:
    file = {hour: used(hour) for hour in hours(START - 5 * HOUR, START)}
    path = a_file(folder, file, name=file_name(production=True), production=True)
    async with start(House(1)) as running:
        await running.live(START + 2 * HOUR + timedelta(minutes=1))
        before = await volumes(running)
        export = entity(running.hass, EXPORT)
        own = await volumes(running, export)
        assert (await act(running.hass, "import_hours", path=path))["direction"] == "production"
        assert await volumes(running, export) == file | own
        assert await volumes(running) == before
        er.async_get(running.hass).async_remove(export)
        assert await refusal(running.hass, "import_hours", path=path) == "import_no_production"


async def refusal(hass: HomeAssistant, action: str, **data: Any) -> str | None:
    """Return the key of the sentence that tells why an action was refused."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, action, **data)
    error = caught.value
    texts = await async_get_translations(hass, "en", "exceptions", {DOMAIN})
    text = texts[f"component.{DOMAIN}.exceptions.{error.translation_key}.message"]
    assert METERING_POINT not in text.format(**(error.translation_placeholders or {}))
    return error.translation_key


@pytest.fixture
def wrong_files(folder: Path, tmp_path: Path) -> list[str]:
    """Write files that are wrong, and a right one elsewhere; return what is wrong with them, which is their names."""
    rows = {hour: used(hour) for hour in hours(START - 48 * HOUR, START)}
    good = Path(a_file(folder, rows)).read_bytes()
    (tmp_path / "elsewhere.csv").write_bytes(good)
    lines = good.split(b"\n")
    wrong = {
        "delimiter": good.replace(b";", b"|"),
        "encoding": good.decode().encode("utf-16"),
        "overlapping": b"\n".join([*lines[:9], lines[8], *lines[9:]]),
        "gap": b"\n".join([*lines[:9], *lines[10:]]),
        "negative": good.replace(b";KWH 60 Forbruk;", b";KWH 60 Forbruk;-", 1),
        "words": good.replace(b";kWh;", b" or so;kWh;", 1),
        "noise": bytes(range(256)) * (50 * 1024 * 4),
        "cut": good[:-40],
        "empty": b"",
    }
    for name, data in wrong.items():
        (folder / f"{name}.csv").write_bytes(data)
    return list(wrong)


async def test_nothing_that_is_wrong_changes_anything(
    start: Starter, folder: Path, tmp_path: Path, wrong_files: list[str]
) -> None:
    async with start(House(1)) as running:
        await running.live(START + 2 * HOUR + timedelta(minutes=1))
        before = await stored(running)
        said = {}
        for name in wrong_files:
            said[name] = await refusal(running.hass, "import_hours", path=str(folder / f"{name}.csv"))
        hass = running.hass
        said["missing"] = await refusal(hass, "import_hours", path=str(folder / "missing.csv"))
        said["folder"] = await refusal(hass, "compare_hours", path=str(folder))
        said["elsewhere"] = await refusal(hass, "import_hours", path=str(tmp_path / "elsewhere.csv"))
        said["way out"] = await refusal(hass, "import_hours", path=f"{folder}/../elsewhere.csv")
        said["no path"] = await refusal(hass, "import_hours", path="\0")
        hass.config_entries.async_update_entry(
            running.entry, data={**running.entry.data, "metering_point": "707057500099999998"}
        )
        said["another"] = await refusal(hass, "import_hours", path=str(folder / file_name()))
        said["undo"] = await refusal(hass, "undo_import")
        assert await stored(running) == before
    assert said == {
        "delimiter": "elhub_wrong_delimiter",
        "encoding": "elhub_encoding",
        "overlapping": "elhub_overlapping",
        "gap": "elhub_gap",
        "negative": "elhub_negative",
        "words": "elhub_bad_number",
        "noise": "elhub_too_large",
        "cut": "elhub_bad_row",
        "empty": "elhub_empty",
        "missing": "import_no_file",
        "folder": "import_no_file",
        "elsewhere": "import_path_not_allowed",
        "way out": "import_path_not_allowed",
        "no path": "import_path_not_allowed",
        "another": "import_other_metering_point",
        "undo": "import_nothing_to_undo",
    }


async def test_metering_point_of_ones_own(start: Starter, folder: Path) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - HOUR, START)})
    async with start(House(1)) as running:
        await running.live(START + HOUR + timedelta(minutes=1))
        assert not (await act(running.hass, "import_hours", path=path, preview=True))["metering_point_checked"]
        running.hass.config_entries.async_update_entry(
            running.entry, data={**running.entry.data, "metering_point": METERING_POINT}
        )
        assert (await act(running.hass, "import_hours", path=path, preview=True))["metering_point_checked"]


async def test_sensor_without_an_hour_of_its_own(start: Starter, folder: Path) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - HOUR, START)})
    async with start(House(1)) as running:
        assert await refusal(running.hass, "import_hours", path=path) == "import_no_own_hours"
        await running.live(START + timedelta(minutes=20))
        assert await refusal(running.hass, "import_hours", path=path) == "import_no_own_hours"
        er.async_get(running.hass).async_remove(running.entity_id)
        assert await refusal(running.hass, "import_hours", path=path) == "import_no_consumption"


async def test_disk_that_is_full(start: Starter, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - HOUR, START)})
    async with start(House(1)) as running:
        await running.live(START + HOUR + timedelta(minutes=1))
        before = await stored(running)

        async def full(*_: Any) -> None:
            raise OSError(ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(Store, "_async_write_data", full)
            assert await refusal(running.hass, "import_hours", path=path) == "import_not_kept"
        assert await stored(running) == before


@contextmanager
def failing(running: Home, beginning: str) -> Generator[None]:
    """Have the database fail at the second statement that begins so."""
    engine = running.hass.data[DATA_INSTANCE].engine
    seen: list[str] = []

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(beginning):
            seen.append(statement)
            if len(seen) == 2:
                raise OperationalError(statement, None, Exception("disk I/O error"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


async def test_database_that_fails_half_way(start: Starter, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - 5000 * HOUR, START)})
    async with start(House(1)) as running:
        await running.live(START + HOUR + timedelta(minutes=1))
        before = await stored(running)
        with failing(running, "INSERT INTO statistics "):
            assert await refusal(running.hass, "import_hours", path=path) == "import_database"
        caplog.clear()  # the recorder has said so
        assert await stored(running) == before
        assert await refusal(running.hass, "undo_import") == "import_nothing_to_undo"

        await act(running.hass, "import_hours", path=path)
        imported = await stored(running)
        with failing(running, "DELETE FROM statistics "):
            assert await refusal(running.hass, "undo_import") == "import_database"
        caplog.clear()
        assert await stored(running) == imported
        await act(running.hass, "undo_import")
        assert await stored(running) == before


async def test_without_a_recorder(
    hass: HomeAssistant, bridge: Bridge, tmp_path: Path, enable_custom_integrations: None
) -> None:
    del enable_custom_integrations
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    path = a_file(tmp_path, {hour: used(hour) for hour in hours(START - HOUR, START)})
    await set_up(hass, entry_for(bridge.url))
    assert await refusal(hass, "import_hours", path=path) == "import_no_recorder"


async def test_journal_that_cannot_be_read(
    start: Starter, folder: Path, hass_storage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - HOUR, START)})
    async with start(House(1)) as running:
        await running.live(START + HOUR + timedelta(minutes=1))
        await act(running.hass, "import_hours", path=path)
        hass_storage[f"{DOMAIN}.{running.entry.entry_id}.imports"]["data"] = {"imports": [{"at": "yesterday"}]}
        assert await refusal(running.hass, "undo_import") == "import_nothing_to_undo"
        assert "What was imported before cannot be read" in caplog.text
        caplog.clear()


async def test_factor_that_was_changed_meanwhile(start: Starter, folder: Path) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - HOUR, START)})
    async with start(House(1)) as running:
        await running.live(START + HOUR + timedelta(minutes=1))
        await act(running.hass, "import_hours", path=path)
        await running.set_factor(10, history=True)
        assert await refusal(running.hass, "undo_import") == "import_other_scale"
        assert await refusal(running.hass, "import_hours", path=path) == "import_while_rescaling"


async def test_another_scale_leaves_what_was_imported_alone(start: Starter, folder: Path) -> None:
    file = {hour: used(hour) for hour in hours(START - 50 * HOUR, START)}
    path = a_file(folder, file)
    async with start(House(10)) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=1))
        await act(running.hass, "import_hours", path=path)
        await running.set_factor(0.1, history=True)
        await running.live(START + 5 * HOUR + timedelta(minutes=6))
        found = await volumes(running)
        assert {hour: found[hour] for hour in file} == pytest.approx(file, abs=1e-3)
        own = hours(START + HOUR, START + 5 * HOUR)
        assert [found[hour] for hour in own] == pytest.approx([truth(hour) for hour in own], abs=2)


async def test_history_in_which_something_is_missing(
    start: Starter, folder: Path, hass_storage: dict[str, Any]
) -> None:
    # Home Assistant was off for three hours, and has lost its book meanwhile: nobody knows what was used when.
    file = {hour: truth(hour) for hour in hours(START - 5 * HOUR, START + 8 * HOUR)}
    house = House(1)
    async with start(house) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=6))
        entry_id = running.entry.entry_id
    hass_storage.pop(f"{DOMAIN}.{entry_id}")
    async with start(house) as running:
        running.freezer.move_to(START + 6 * HOUR + timedelta(minutes=20))
        await running.live(START + 9 * HOUR + timedelta(minutes=6))
        before = await volumes(running)
        rows = await stored(running)
        lost = [hour for hour in hours(START, START + 9 * HOUR) if hour not in before]
        assert lost
        path = a_file(folder, file)
        answer = await act(running.hass, "import_hours", path=path)
        found = await volumes(running)
        assert list(found) == hours(START - 5 * HOUR, START + 9 * HOUR)
        assert {hour: found[hour] for hour in lost} == {hour: file[hour] for hour in lost}
        assert found == pytest.approx(dict.fromkeys(found, 0) | {hour: truth(hour) for hour in found}, abs=30)
        assert answer["new"] == 5 + len(lost)
        await check_five_minutes(running)
        assert (await act(running.hass, "import_hours", path=path))["new"] == 0
        assert await volumes(running) == found
        await act(running.hass, "undo_import")
        assert await stored(running) == rows


async def test_compared_with_the_bill(start: Starter, folder: Path) -> None:
    span = hours(START - 2 * HOUR, START + 8 * HOUR)
    file = {hour: truth(hour) if hour >= START else used(hour) for hour in span}
    file[MEASURED[2]] += 40
    file[MEASURED[3]] -= 15
    path = a_file(folder, file)
    async with start(House(1)) as running:
        await with_history(running)
        rows = await stored(running)
        for about in ({}, {"month": "2026-11"}, {"start": str(span[0]), "end": str(span[-1] + HOUR)}):
            told = await act(running.hass, "compare_hours", path=path, **about)
            assert (told["compared"], len(told["only_file"]), len(told["estimated"])) == (8, 2, 3)
            assert told["file"] == sum(file[hour] for hour in span[2:]) / 1000
            assert told["difference"] == pytest.approx(-0.025)
            measured = {hour["start"]: hour["difference"] for hour in told["largest"] if not hour["estimated"]}
            assert list(measured.values()) == [-0.04, 0.015]
            assert list(map(datetime.fromisoformat, measured)) == MEASURED[2:4]
        assert await stored(running) == rows
        shown = await async_get_config_entry_diagnostics(running.hass, running.entry)
        assert shown["comparison"]["days"] == told["days"]
        assert METERING_POINT not in str(shown["comparison"])
        none = await act(running.hass, "compare_hours", path=path, month="2026-10")
        assert none["compared"] == 0
        later = {"start": str(span[-1]), "end": str(span[0])}
        assert await refusal(running.hass, "compare_hours", path=path, **later) == "end_not_after_start"
        long = {"start": str(EVER), "end": str(span[0])}
        assert await refusal(running.hass, "compare_hours", path=path, **long) == "span_too_long"
        with pytest.raises(vol.Invalid):
            await act(running.hass, "compare_hours", path=path, month="November")


async def test_journal_goes_with_its_entry(start: Starter, folder: Path, hass_storage: dict[str, Any]) -> None:
    path = a_file(folder, {hour: used(hour) for hour in hours(START - HOUR, START)})
    async with start(House(1)) as running:
        await running.live(START + HOUR + timedelta(minutes=1))
        await act(running.hass, "import_hours", path=path)
        key = f"{DOMAIN}.{running.entry.entry_id}.imports"
        assert key in hass_storage
        await running.hass.config_entries.async_remove(running.entry.entry_id)
        assert key not in hass_storage

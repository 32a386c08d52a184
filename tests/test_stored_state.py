"""The file of a meter's hours, whatever has happened to it: set-up goes on, it is said once, nothing is thrown away.

All of it with real files, in a configuration directory of the test's own.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
import json
import math
import os
from pathlib import Path
from random import Random
import resource
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.book_file import MOST_BYTES, BadFileError, BookFile
from custom_components.han_port.const import DOMAIN
from custom_components.han_port.kept_book import Kept
from custom_components.han_port.ledger import Book, DamagedBookError

from .conftest import AIDON, ENOUGH, Bridge, entity, entry_for, full, hourly, shown, until

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
REGISTER = 12_345_670

type Damage = Callable[[Path], None]


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Have files of a test for itself."""
    return hass_tmp_config_dir


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Have real files, where tests of Home Assistant else keep them in memory."""
    return {}


class Meter:
    """A meter on a bridge, its entry, and the file with its hours."""

    def __init__(self, hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self.bridge = bridge
        self.freezer = freezer
        self.entry: MockConfigEntry = entry_for(bridge.url)
        self.entry.add_to_hass(hass)
        self.file = Path(hass.config.path(".storage", f"{DOMAIN}.{self.entry.entry_id}"))

    async def starts(self) -> None:
        """Set the entry up, which goes well whatever the file is like."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()
        assert self.entry.state is ConfigEntryState.LOADED
        async with asyncio.timeout(ENOUGH):
            await self.bridge.client()

    async def stops(self) -> None:
        """Unload the entry."""
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def hears(self, hour: datetime, register: int) -> None:
        """Have the list come that tells the register at a full hour."""
        self.freezer.move_to(hour + timedelta(seconds=10))
        decoder = self.entry.runtime_data.decoder
        before = decoder.counters.readings
        self.bridge.send(hourly(clock=(hour + HOUR).replace(tzinfo=None), energy_import=register))
        while decoder.counters.readings == before:
            await self.hass.async_block_till_done()
        await self.hass.async_block_till_done()

    def issue(self, key: str) -> ir.IssueEntry | None:
        """Return an issue about it."""
        return ir.async_get(self.hass).async_get_issue(DOMAIN, f"{key}_{self.entry.entry_id}")

    def set_aside(self) -> list[Path]:
        """Return the files that were set aside."""
        return sorted(self.file.parent.glob(f"{self.file.name}.*"))


@pytest.fixture
async def meter(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> Meter:
    """Return a meter whose first hours are settled and kept; it is stopped."""
    hass.loop.slow_callback_duration = math.inf  # time that is put forward makes all look slow
    freezer.move_to(NINE - timedelta(minutes=10))
    meter = Meter(hass, bridge, freezer)
    await meter.starts()
    for number in range(4):
        await meter.hears(NINE + number * HOUR, REGISTER + number * 1000)
    await meter.stops()
    assert shown_hours(meter) == [1.0, 1.0, 1.0]
    return meter


def shown_hours(meter: Meter) -> list[float]:
    """Return the hours that are in the file, in kWh."""
    kept = Kept.from_stored(json.loads(meter.file.read_bytes())["data"], AIDON.id)
    hours = kept.book.hours(NINE, NINE + 24 * HOUR)
    return [hour.imported / 1000 for hour in hours if hour.imported is not None]


def changed(*path: Any, value: Any) -> Damage:
    """Return what puts a value into the file, as somebody who knows how it is checked would."""

    def damage(file: Path) -> None:
        content = part = json.loads(file.read_bytes())
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
        content["data"].pop("check", None)
        file.write_text(json.dumps(content))

    return damage


def put(content: bytes | str) -> Damage:
    """Return what puts something else into the file."""

    def damage(file: Path) -> None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    return damage


def cut(file: Path) -> None:
    """Have the power be cut while the file is written."""
    os.truncate(file, file.stat().st_size // 2)


def directory(file: Path) -> None:
    """Put a directory in its place."""
    file.unlink()
    file.mkdir()
    (file / "something").touch()


def pipe(file: Path) -> None:
    """Put a pipe in its place, which nobody will ever write to."""
    file.unlink()
    os.mkfifo(file)


def loop(file: Path) -> None:
    """Put a link to itself in its place: it is there, and cannot be read."""
    file.unlink()
    file.symlink_to(file)


def huge(file: Path) -> None:
    """Have it be larger than the memory of a small computer."""
    os.truncate(file, 4 << 30)


def flipped(file: Path) -> None:
    """Have one digit of it be another: it is as good a book as before, and not a true one."""
    content = file.read_bytes()
    at = content.index(str(REGISTER).encode()) + 2
    file.write_bytes(content[:at] + b"9" + content[at + 1 :])


DAMAGE: dict[str, Damage] = {
    "cut short": cut,
    "empty": put(b""),
    "zeros": put(bytes(4096)),
    "noise": put(Random(1).randbytes(3000)),
    "not text": put(b'{"version": 1, "data": "\xff\xfe"}'),
    "nested": put("[" * 100_000),
    "another shape": put("[1, 2, 3]"),
    "a number": put("7"),
    "nothing": put("null"),
    "no content": put("{}"),
    "no book": put('{"version": 1, "minor_version": 1, "data": {}}'),
    "a list for the book": put('{"version": 1, "minor_version": 1, "data": []}'),
    "no version": put('{"data": {}}'),
    "a text for the version": changed("version", value="1"),
    "an old version": changed("version", value=0),
    "NaN": changed("data", "factor", value=float("nan")),
    "factor of nought": changed("data", "factor", value=0),
    "factor below nought": changed("data", "factor", value=-1),
    "factor without end": put('{"version": 1, "minor_version": 1, "data": {"factor": 1e999}}'),
    "text for the factor": changed("data", "factor", value="abc"),
    "hours out of order": changed("data", "book", "chains", 0, "import", 1, value=-5),
    "hours doubled": lambda file: changed(
        "data", "book", "chains", value=2 * json.loads(file.read_bytes())["data"]["book"]["chains"]
    )(file),
    "absurd hour": changed("data", "book", "chains", 0, "start", value=10**15),
    "absurd register": changed("data", "book", "chains", 0, "import", 0, value=10**30),
    "another meter's": changed("data", "book", "meter", value="7359992000000222"),
    "waiting for no change": changed("data", "waiting", value={"energy_import": "2026-11-23T09:00:00+00:00"}),
    "a change at no time": changed(
        "data", "changes", value=[{"at": "2026-11-23T09:00", "factor": 2, "history": True, "registers": None}]
    ),
    "a digit flipped": flipped,
    "directory": directory,
    "pipe": pipe,
    "unreadable": loop,
    "huge": huge,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_file_that_cannot_be_read(meter: Meter, damage: Damage, caplog: pytest.LogCaptureFixture) -> None:
    """It is set aside and said once; energy and hours go on; nothing more is said after the next start."""
    caplog.clear()
    damage(meter.file)
    await meter.starts()
    (aside,) = meter.set_aside()
    issue = meter.issue("book_damaged")
    assert issue is not None
    assert issue.is_persistent
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["file"] == str(aside)
    assert [record.levelname for record in loud(caplog)] == ["WARNING"]
    assert "Traceback" not in caplog.text

    await meter.hears(NINE + 5 * HOUR, REGISTER + 5000)
    assert shown(meter.hass, "energy_import") == "12350.67"
    await meter.hears(NINE + 6 * HOUR, REGISTER + 6500)
    assert shown(meter.hass, "energy_import") == "12352.17"
    assert shown(meter.hass, "last_settled_hour") == "1.5"

    await meter.stops()
    await meter.starts()
    assert meter.set_aside() == [aside]
    assert len(loud(caplog)) == 1
    assert shown(meter.hass, "energy_import") == "12352.17"
    assert shown(meter.hass, "last_settled_hour") == "1.5"
    assert len(ir.async_get(meter.hass).issues) == 1


def loud(caplog: pytest.LogCaptureFixture) -> list[Any]:
    """Return what is said to people, by whomever."""
    return [
        record
        for record in caplog.records
        if record.levelno >= 30 and "has not been tested by Home Assistant" not in record.getMessage()
    ]


async def test_a_file_that_was_cut_at_any_byte_is_none(hass: HomeAssistant, meter: Meter) -> None:
    """However much of it was written before the power went."""
    whole = meter.file.read_bytes()
    assert len(whole) > 500
    for length in range(len(whole)):
        meter.file.write_bytes(whole[:length])
        with pytest.raises(BadFileError):
            await BookFile(hass, meter.entry.entry_id).load()
    meter.file.write_bytes(whole)
    assert await BookFile(hass, meter.entry.entry_id).load()


async def test_a_byte_that_has_changed_is_noticed(hass: HomeAssistant, meter: Meter) -> None:
    """Bad memory turns bits; what is read then is refused, or says the same as before."""
    whole = meter.file.read_bytes()
    content = Kept.from_stored(json.loads(whole)["data"], AIDON.id).to_stored()
    random = Random(7)
    noticed = 0
    for _ in range(400):
        at, bit = random.randrange(len(whole)), 1 << random.randrange(8)
        meter.file.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
        try:
            read = await BookFile(hass, meter.entry.entry_id).load()
        except BadFileError:
            noticed += 1
        else:
            assert Kept.from_stored(read or {}, AIDON.id).to_stored() == content
    assert noticed > 300


@pytest.mark.parametrize("path", [("version",), ("data", "book", "version")])
async def test_a_file_of_a_later_version_is_kept_and_can_be_used_again(
    meter: Meter, caplog: pytest.LogCaptureFixture, path: tuple[str, ...]
) -> None:
    """Who goes back to an older version and forward again renames the file, as the issue says; then it is gone."""
    caplog.clear()
    changed(*path, value=2)(meter.file)
    later = meter.file.read_bytes()
    await meter.starts()
    (aside,) = meter.set_aside()
    assert ".later_version." in aside.name
    issue = meter.issue("book_damaged")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["original"] == meter.file.name
    assert len(loud(caplog)) == 1
    await meter.hears(NINE + 5 * HOUR, REGISTER + 5000)
    await meter.stops()
    assert aside.read_bytes() == later

    aside.rename(meter.file)
    changed(*path, value=1)(meter.file)  # it is this version that is the later one now
    await meter.starts()
    await meter.hears(NINE + 6 * HOUR, REGISTER + 6000)
    await meter.stops()
    assert shown_hours(meter) == [1.0] * 6
    assert meter.issue("book_damaged") is None


async def test_a_file_of_a_later_minor_version_is_read(meter: Meter) -> None:
    """What it has more is not for this version; what this one knows is there."""
    changed("minor_version", value=7)(meter.file)
    await meter.starts()
    assert shown(meter.hass, "last_settled_hour") == "1.0"
    assert meter.issue("book_damaged") is None


async def test_two_files_in_one_second(meter: Meter) -> None:
    """Each keeps a name of its own."""
    for number in range(3):
        meter.file.write_text(f"bad {number}")
        await meter.starts()
        await meter.stops()
    assert sorted(file.read_text() for file in meter.set_aside()) == ["bad 0", "bad 1", "bad 2"]


async def test_a_file_that_can_neither_be_read_nor_moved_is_not_written_over(
    meter: Meter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where the disk has become read-only: it is said, and energy goes on."""
    meter.file.write_text("damaged")

    def refused(_self: Path, _target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    caplog.clear()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused)
        await meter.starts()
    issue = meter.issue("book_not_saved")
    assert issue is not None
    assert len(loud(caplog)) == 1
    await meter.hears(NINE + 5 * HOUR, REGISTER + 5000)
    await meter.hears(NINE + 6 * HOUR, REGISTER + 6500)
    assert shown(meter.hass, "last_settled_hour") == "1.5"
    await meter.stops()
    assert meter.file.read_text() == "damaged"
    assert meter.issue("book_not_saved")
    await meter.starts()  # now it can be moved
    assert meter.issue("book_damaged")
    await meter.hears(NINE + 7 * HOUR, REGISTER + 7000)
    assert meter.issue("book_not_saved") is None


@contextmanager
def full_disk(most: int = 16) -> Generator[None]:
    """Have no file grow beyond some bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_is_full(meter: Meter, caplog: pytest.LogCaptureFixture) -> None:
    """Energy and hours go on; it is said, and no more once there is room; then nothing is missing."""
    caplog.set_level("CRITICAL", "")  # Home Assistant has a line for each try; and what is said goes into a file, too
    caplog.set_level("WARNING", "custom_components")
    caplog.clear()
    await meter.starts()
    before = meter.file.read_bytes()
    with full_disk():
        await meter.hears(NINE + 4 * HOUR, REGISTER + 4000)
        await meter.hears(NINE + 5 * HOUR, REGISTER + 5500)
    issue = meter.issue("book_not_saved")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["error"]
    assert loud(caplog) == []
    assert meter.file.read_bytes() == before
    assert list(meter.file.parent.glob("tmp*")) == []
    assert shown(meter.hass, "energy_import") == "12351.17"
    assert shown(meter.hass, "last_settled_hour") == "1.5"
    await meter.hears(NINE + 6 * HOUR, REGISTER + 6500)
    assert meter.issue("book_not_saved") is None
    assert shown_hours(meter) == [1.0, 1.0, 1.0, 1.0, 1.5, 1.0]


async def test_what_is_told_of_a_book_goes_with_its_entry(meter: Meter) -> None:
    """And its file; not what was set aside."""
    meter.file.write_text("damaged")
    await meter.starts()
    assert meter.issue("book_damaged")
    assert await meter.hass.config_entries.async_remove(meter.entry.entry_id)
    await meter.hass.async_block_till_done()
    assert meter.issue("book_damaged") is None
    assert not meter.file.exists()
    assert len(meter.set_aside()) == 1


async def test_what_is_read_again_is_what_was_kept(meter: Meter) -> None:
    """The largest book there may be is far from what is refused as too large."""
    await meter.starts()
    meter.bridge.send(full())
    await until(meter.hass, entity(meter.hass, "power_import"), "2526")
    assert shown(meter.hass, "last_settled_hour") == "1.0"
    assert meter.set_aside() == []
    content = json.loads(meter.file.read_bytes())["data"]
    content["book"]["chains"] = [
        {
            "start": 480_000,
            "import": [10**12] + [99_999] * 9600,
            "export": [10**12] + [99_999] * 9600,
            "exact": "1" * 9601,
        }
    ]
    content["book"]["anchor"] = None
    content["book"]["seen"] = [[[1.79e9 + at, 10**15 + at, 1e8 + at, 3] for at in range(2001)]] * 2
    assert len(Book.from_stored(content["book"]).hours(NINE, NINE)) <= 1
    assert len(json.dumps(content)) < MOST_BYTES / 20


def test_a_book_of_another_meter_is_refused() -> None:
    stored = Kept(Book("1"), 1.0).to_stored()
    assert Kept.from_stored(stored, "1").book.meter_id == "1"
    assert Kept.from_stored(stored, "").book.meter_id == "1"
    with pytest.raises(DamagedBookError):
        Kept.from_stored(stored, "2")

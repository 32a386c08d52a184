"""Backups that are restored: whatever part of Home Assistant is older than the rest, no hour is counted twice or lost.

The whole integration with a real recorder. A run of some hours, a backup, a run of four days, and then another one
after the backup, or a part of it, was put back.
"""

from collections.abc import Generator
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.db_schema import States
from homeassistant.components.recorder.statistics import get_start_time
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.helpers import restore_state as rs
from homeassistant.helpers.recorder import DATA_INSTANCE, session_scope
import pytest
from sqlalchemy import text

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.ledger import Status

from .conftest import Bridge
from .rescale_home import HOUR, MINUTE, MOST, START, STEP, Home, House, RecorderStarter, home

BACKED_UP: Final = START + 5 * HOUR + 20 * MINUTE
LOST: Final = START + 100 * HOUR + 35 * MINUTE
"""When something happens, and the backup is put back."""
BACK: Final = LOST + 12 * MINUTE
END: Final = START + 104 * HOUR + MINUTE


@pytest.fixture
def persistent_database() -> bool:
    """Have the database in a file, and keep it over a restart."""
    return True


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, hass_storage: dict[str, Any]) -> Generator[None]:
    """See that nobody warns of anything, and keep what is stored in memory."""
    del hass_storage
    for name in ("", "homeassistant", "sqlalchemy.engine", "custom_components"):
        caplog.set_level("WARNING", name)
    yield
    records = [record for record in caplog.get_records("call") if "components" in record.name]
    fine = ("shutdown cleanly", "Ended unfinished session")
    assert [line for one in records if not any(part in (line := one.getMessage()) for part in fine)] == []


class Backup(NamedTuple):
    """What Home Assistant keeps."""

    book: dict[str, Any]
    kept: list[rs.StoredState]
    """What its sensors showed."""
    database: bytes


@pytest.fixture
def database(recorder_db_url: str) -> Path:
    """Return the file of the database."""
    return Path(recorder_db_url.removeprefix("sqlite:///"))


class Case:
    """A house, and what its Home Assistant keeps."""

    def __init__(
        self,
        freezer: FrozenDateTimeFactory,
        bridge: Bridge,
        start_recorder: RecorderStarter,
        storage: dict[str, Any],
        database: Path,
    ) -> None:
        self.house = House(1)
        self.freezer = freezer
        self.storage = storage
        self.database = database
        self._bridge = bridge
        self._start_recorder = start_recorder

    def home(self) -> Any:
        """Start Home Assistant."""
        return home(self.house, self.freezer, self._bridge, self._start_recorder)

    @property
    def _key(self) -> str:
        return f"{DOMAIN}.{self.house.entry_id}"

    def back_up(self) -> Backup:
        """Return a backup. To be made while Home Assistant is stopped."""
        return Backup(deepcopy(self.storage[self._key]), deepcopy(self.house.kept), self.database.read_bytes())

    def put_back_book(self, backup: Backup) -> None:
        """Put the book back."""
        self.storage[self._key] = deepcopy(backup.book)

    def put_back_kept(self, backup: Backup) -> None:
        """Put back what the sensors showed."""
        self.house.kept = deepcopy(backup.kept)

    def put_back_database(self, content: bytes | None) -> None:
        """Put another database in the place of the one that is there, or none."""
        for file in self.database.parent.glob(f"{self.database.name}*"):
            file.unlink()
        if content is not None:
            self.database.write_bytes(content)

    async def days(self, running: Home, until: datetime) -> None:
        """Have days pass of which only the ends of the hours matter: the hourly list, and the recorder's row."""
        at = running.freezer().replace(minute=0, second=10, microsecond=0)
        while (at := at + HOUR) <= until.replace(tzinfo=None):
            self.freezer.move_to(at)
            running.entry.runtime_data.feed(self.house.frame(at.replace(tzinfo=START.tzinfo)))
            running.hass.data[DATA_INSTANCE].queue_task(StatisticsTask(get_start_time(), fire_events=True))
            await running.done()
        await running.live(until)

    async def before(self) -> Backup:
        """Live until the backup, and then for days."""
        async with self.home() as running:
            await running.live(BACKED_UP)
        backup = self.back_up()
        self.freezer.move_to(BACKED_UP + 2 * MINUTE)
        async with self.home() as running:
            await self.days(running, LOST)
            exact(await running.volumes(), self.house, START + HOUR, START + 100 * HOUR)
        self.freezer.move_to(BACK)
        return backup

    async def states(self, running: Home) -> list[float]:
        """Return all that the recorder has seen the sensor show, in time."""

        def read() -> list[float]:
            with session_scope(hass=running.hass, read_only=True) as session:
                manager = running.hass.data[DATA_INSTANCE].states_meta_manager
                metadata_id = manager.get(running.entity_id, session, from_recorder=False)
                query = session.query(States.state).filter(States.metadata_id == metadata_id)
                found = [state for (state,) in query.order_by(States.state_id)]
            return [float(state) for state in found if state not in {"unknown", "unavailable"}]

        return await running.hass.data[DATA_INSTANCE].async_add_executor_job(read)


@pytest.fixture
def case(
    freezer: FrozenDateTimeFactory,
    bridge: Bridge,
    async_test_recorder: RecorderStarter,
    hass_storage: dict[str, Any],
    database: Path,
) -> Case:
    """Return a house in which nothing has happened yet."""
    return Case(freezer, bridge, async_test_recorder, hass_storage, database)


def exact(volumes: dict[datetime, float], house: House, start: datetime, end: datetime, within: float = 2) -> None:
    """See that there is every hour, with what was used."""
    while start < end:
        assert volumes[start] == pytest.approx(house.watts(start), abs=within), start
        start += HOUR


def rising(volumes: dict[datetime, float], most: float = MOST) -> None:
    """See that nothing falls, and that there is no bar which is higher than what can be drawn."""
    assert min(volumes.values()) > -1e-6
    assert max(volumes.values()) <= most


async def complete(
    running: Home, house: House, end: datetime = START + 104 * HOUR, most: float = MOST
) -> dict[datetime, float]:
    """See that all hours together are what the register has risen by; return them."""
    volumes = await running.volumes()
    rising(volumes, most)
    assert list(volumes) == [START + number * HOUR for number in range((end - START) // HOUR)]
    used = sum(volume for start, volume in volumes.items() if start > START)
    assert used == pytest.approx(house.register(end) - house.register(START + HOUR), abs=3)
    return volumes


async def test_all_of_it(case: Case) -> None:
    """The days between are filled with what the register has risen by; all else is as it was."""
    backup = await case.before()
    case.put_back_book(backup)
    case.put_back_kept(backup)
    case.put_back_database(backup.database)
    async with case.home() as running:
        await running.live(END)
        volumes = await complete(running, case.house)
        exact(volumes, case.house, START + HOUR, START + 5 * HOUR)
        exact(volumes, case.house, START + 101 * HOUR, START + 104 * HOUR)
        hours = running.entry.runtime_data.bookkeeper.book.hours(START + 6 * HOUR, START + 100 * HOUR)
        assert {hour.status for hour in hours} == {Status.ESTIMATED}
        assert all(after >= before for before, after in pairwise(await case.states(running)))


@pytest.mark.parametrize("kept", ["old", "new", "none"])
async def test_all_but_the_database(case: Case, kept: str) -> None:
    """As with a database on another machine: what it has of the days between is true, and stays as it is."""
    backup = await case.before()
    case.put_back_book(backup)
    if kept == "old":
        case.put_back_kept(backup)
    elif kept == "none":
        case.house.kept = []
    async with case.home() as running:
        before = await case.states(running)
        assert running.shown() >= before[-1] * 1000 - 1
        await running.live(END)
        volumes = await complete(running, case.house)
        exact(volumes, case.house, START + HOUR, START + 100 * HOUR, within=5)
        exact(volumes, case.house, START + 101 * HOUR, START + 104 * HOUR)
        assert all(after >= before for before, after in pairwise(await case.states(running)))


@pytest.mark.parametrize("kept", ["old", "new", "none"])
async def test_the_database_alone(case: Case, kept: str) -> None:
    """The book has all hours, and fills the days between with them."""
    backup = await case.before()
    case.put_back_database(backup.database)
    if kept == "old":
        case.put_back_kept(backup)
    elif kept == "none":
        case.house.kept = []
    async with case.home() as running:
        await running.live(END)
        volumes = await complete(running, case.house)
        exact(volumes, case.house, START + HOUR, START + 104 * HOUR)
        assert all(after >= before for before, after in pairwise(await case.states(running)))


async def test_no_database(case: Case) -> None:
    """History begins anew, with no bar of the whole register; and hours are right from the first one on."""
    await case.before()
    case.put_back_database(None)
    async with case.home() as running:
        await running.live(END)
        volumes = await running.volumes()
        rising(volumes)
        assert list(volumes) == [START + number * HOUR for number in (100, 101, 102, 103)]
        exact(volumes, case.house, START + 101 * HOUR, START + 104 * HOUR)


async def test_no_book(case: Case) -> None:
    """Its file was damaged: what the recorder has stays, and energy goes on.

    What was used meanwhile is with the next hour, as there is no register at the end of the one in which it happened.
    """
    await case.before()
    case.storage.clear()
    async with case.home() as running:
        await running.live(END)
        volumes = await complete(running, case.house, most=2 * MOST)
        exact(volumes, case.house, START + HOUR, START + 100 * HOUR)
        exact(volumes, case.house, START + 102 * HOUR, START + 104 * HOUR)


async def test_killed(case: Case) -> None:
    """What the sensors showed is up to 15 minutes old then, the book up to an hour: the recorder knows better."""
    async with case.home() as running:
        await running.live(BACKED_UP)
        kept = running.kept()
        book = deepcopy(case.storage)
        await running.live(BACKED_UP + 14 * MINUTE)
    case.house.kept = kept
    case.storage.clear()
    case.storage.update(book)
    case.freezer.tick(timedelta(minutes=1))
    async with case.home() as running:
        await running.live(START + 8 * HOUR + MINUTE)
        assert all(after >= before for before, after in pairwise(await case.states(running)))
        volumes = await complete(running, case.house, START + 8 * HOUR)
        exact(volumes, case.house, START + HOUR, START + 8 * HOUR, within=5)


@pytest.mark.parametrize("behind", [timedelta(hours=70), timedelta(hours=5), timedelta(days=20_000)])
async def test_a_clock_that_is_wrong_at_first(case: Case, behind: timedelta) -> None:
    """A computer without a battery starts in the past, for an hour. No hour is settled by that clock."""
    async with case.home() as running:
        await running.live(START + 2 * HOUR + MINUTE)
        await case.days(running, START + 80 * HOUR + 20 * MINUTE)
        before = running.entry.runtime_data.bookkeeper.book.hours(START, START + 80 * HOUR)
    true = START + 80 * HOUR + 30 * MINUTE
    case.freezer.move_to(true - behind)
    async with case.home() as running:
        while true < START + 81 * HOUR + 30 * MINUTE:
            case.freezer.move_to(true - behind)
            running.entry.runtime_data.feed(case.house.frame(true))
            true += STEP
        await running.done()
        book = running.entry.runtime_data.bookkeeper.book
        assert book.hours(START, START + 80 * HOUR) == before
        assert running.shown() == pytest.approx(case.house.register(true), abs=MOST)
        case.freezer.move_to(true)
        await running.live(START + 84 * HOUR + MINUTE)
        volumes = await complete(running, case.house, START + 84 * HOUR)
        exact(volumes, case.house, START + HOUR, START + 80 * HOUR)
        exact(volumes, case.house, START + 82 * HOUR, START + 84 * HOUR)


async def test_a_database_that_cannot_be_read_at_the_start(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    """Set-up goes on with what the book and Home Assistant have."""
    async with case.home() as running:
        await running.live(BACKED_UP)
        recorder = running.hass.data[DATA_INSTANCE]

        def rename(old: str, new: str) -> None:
            with session_scope(hass=running.hass) as session:
                session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

        await recorder.async_add_executor_job(rename, "statistics_short_term", "elsewhere")
        before = running.shown()
        await running.reload()
        assert running.shown() == before
        await recorder.async_add_executor_job(rename, "elsewhere", "statistics_short_term")
        caplog.clear()  # the recorder's reports
        await running.live(START + 7 * HOUR + MINUTE)
        await complete(running, case.house, START + 7 * HOUR)


async def test_statistics_in_a_unit_that_is_none_of_energy(case: Case) -> None:
    """Somebody has given them another one: they tell nothing, but the last state does."""
    async with case.home() as running:
        await running.live(BACKED_UP)
        running.hass.data[DATA_INSTANCE].async_update_statistics_metadata(
            running.entity_id, new_unit_class=None, new_unit_of_measurement="EUR"
        )
        await running.done()
        before = running.shown()
        await running.reload()
        assert running.shown() == before

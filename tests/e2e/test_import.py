"""A year of Elhub's hours put into the history of a meter, seen in the energy dashboard, and taken out again."""

from collections import Counter
from collections.abc import Generator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from scripts.home_assistant.client import Client, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from tests import conftest
from tests.elhub_files import METERING_POINT, Written, file_name, write
from tests.meters.maker import CIVIL_TIME

from . import actions, bars, elhub, past_year, pictures
from .browser import logged_in
from .clocked_line import ClockedLine
from .shared_clock import PROGRAM, SharedClock
from .virtual_day import HOUR, RecorderStarter, VirtualDay

OWNER = User("Kari", "kari", "a password")
DAY: Final = date(2026, 12, 30)
SENSOR: Final = "sensor.aidon_6525_energy_import"
OTHERWISE: Final = 70
"""Wh that Elhub has more in one hour of the day than the meter."""
SETTLING: Final = 2
"""Hours of our own whose row may have a few Wh of the next one, as the sensor was ahead of the register."""
SHOWN: Final = 0.006
"""kWh that a bar may differ by: it tells two decimals."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that the virtual day goes by without complaints. Spare what else is logged, of every statement."""
    for name in ("", "homeassistant", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)
    yield
    assert conftest.complaints(caplog) == []


async def test_a_year_of_elhub(tmp_path: Path, async_test_recorder: RecorderStarter) -> None:
    """The meter has been read for a day; Elhub has the year, and the day too."""
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    day = VirtualDay.of(DAY)
    port = free_port()
    await day.live(configuration.folder, port, async_test_recorder)
    heard = day.start - 2 * HOUR
    """From then on."""
    before = past_year.hours_of(DAY.year, until=heard)
    own = {hour: day.measured(hour) for hour in (heard, heard + HOUR, *day.hours)}
    told = before | own | {day.hours[3]: own[day.hours[3]] + OTHERWISE}
    path = tmp_path / file_name()
    path.write_bytes(write(Written(hour, energy) for hour, energy in told.items()))

    clock = SharedClock.make(tmp_path / "clock", day.end + timedelta(minutes=6))
    home = HomeAssistantProcess(configuration, program=(str(PROGRAM), str(clock.path)))
    async with ClockedLine(day.meter, clock, port), home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            await browser.page.context.clock.set_fixed_time(clock.now())
            await elhub.give_metering_point(browser, METERING_POINT)
            page, counted = await elhub.preview(browser, path)
            assert counted == {
                "hours": len(told),
                "energy": sum(told.values()) / 1000,
                "new": len(before),
                "replaced": 0,
                "measured_replaced": 0,
                "unchanged": pytest.approx(len(own), abs=SETTLING),
                "kept": pytest.approx(1, abs=SETTLING),
                "later": 0,
                "disagreeing": 1,
                "difference": -OTHERWISE / 1000,
                "largest": OTHERWISE / 1000,
            }
            assert counted["unchanged"] + counted["kept"] == len(own)
            assert f"{len(before)} new ones" in await elhub.confirm(page)

            card = await bars.show_year(browser, client, SENSOR, DAY.year)
            assert dict(await bars.read(browser.page, card)) == by_month(before | own)
            await pictures.take(browser.page, "import-year")

            await actions.undo_import(browser, hours=len(before))
            card = await bars.show_year(browser, client, SENSOR, DAY.year)
            assert dict(await bars.read(browser.page, card)) == by_month(own)
        assert await diagnosed_without(client, METERING_POINT)
    assert complaints(home.log(), "han_port") == []
    assert METERING_POINT not in home.log()


def by_month(hours: dict[datetime, int]) -> dict[str, object]:
    """Return about how many kWh the bar of each month has to tell."""
    months: Counter[str] = Counter()
    for hour, energy in hours.items():
        months[f"{hour.astimezone(CIVIL_TIME):%B %Y}"] += energy
    return {month: pytest.approx(energy / 1000, abs=SHOWN) for month, energy in months.items()}


async def diagnosed_without(client: Client, secret: str) -> bool:
    """Return whether the only entry's diagnostics are to be had, and do not tell this."""
    (entry,) = await client.command("config_entries/get", domain="han_port")
    told = await client.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}")
    return "metering_point" in str(told) and secret not in str(told)

"""The energy dashboard's bars stand in the right hours, where those of a plain register sensor are an hour late."""

from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scripts.home_assistant.client import Client, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from tests import conftest
from tests.meters import TcpLine
from tests.meters.maker import CIVIL_TIME

from . import bars, pictures
from .browser import logged_in
from .virtual_day import HOUR, PLAIN, PLAIN_ATTRIBUTES, STEP, RecorderStarter, VirtualDay

OWNER = User("Kari", "kari", "a password")
OURS = "sensor.aidon_6525_energy_import"
LAST_STATE = "31000"  # kWh; what is shown of the past does not depend on it

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that the virtual day goes by without complaints. Spare what else is logged, of every statement."""
    for name in ("", "homeassistant", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)
    yield
    assert conftest.complaints(caplog) == []


async def changes(client: Client, sensor: str, day: VirtualDay) -> list[float]:
    """Return what the hourly statistics of a sensor say of a day, in Wh."""
    rows = await client.command(
        "recorder/statistics_during_period",
        start_time=day.start.isoformat(),
        end_time=day.end.isoformat(),
        period="hour",
        statistic_ids=[sensor],
        types=["change"],
        units={"energy": "Wh"},
    )
    starts = [row["start"] / 1000 for row in rows[sensor]]
    assert starts == [hour.timestamp() for hour in day.hours]
    return [round(row["change"], 3) for row in rows[sensor]]


def bar(hour: datetime, energy: float) -> tuple[str, float]:
    """Return what a bar says of an hour: its energy is in Wh."""
    begin, end = ((hour + part).astimezone(CIVIL_TIME) for part in (HOUR * 0, HOUR))
    return (f"{begin:%H:%M} – {end:%H:%M}", energy / 1000)


async def test_bars_stand_in_the_right_hours(tmp_path: Path, async_test_recorder: RecorderStarter) -> None:
    """A car is charged from one to five: so say our bars. The plain sensor's say that it was from two to six."""
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    yesterday = datetime.now(CIVIL_TIME).date() - timedelta(days=1)
    day = VirtualDay.of(yesterday)
    port = free_port()
    await day.live(configuration.folder, port, async_test_recorder)

    right = [day.measured(hour) for hour in day.hours]
    late = [day.measured(hour - HOUR) for hour in day.hours]
    assert right == pytest.approx([day.used(hour) for hour in day.hours], abs=STEP)
    assert min(right[1:5]) > max(right[:1] + right[5:])

    home = HomeAssistantProcess(configuration)
    async with TcpLine(day.meter, port=port), home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        state = {"state": LAST_STATE, "attributes": PLAIN_ATTRIBUTES}  # for its name
        await client.rest("POST", f"/api/states/{PLAIN}", json=state)
        assert await changes(client, OURS, day) == right
        assert await changes(client, PLAIN, day) == late
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            for sensor, energies, name in (
                (OURS, right, "energy-right-hours"),
                (PLAIN, late, "energy-plain-register"),
            ):
                card = await bars.show(browser, client, sensor, yesterday)
                expected = [bar(hour, energy) for hour, energy in zip(day.hours, energies, strict=True)]
                assert await bars.read(browser.page, card) == expected
                await bars.alone(browser.page)
                await pictures.take(browser.page, name, card)
    assert complaints(home.log(), "han_port") == []

"""A meter that somebody reads: set up, read twice, and seen by the hour in the energy dashboard, in a browser."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from scripts.home_assistant.client import Client, Json, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from tests.elhub_files import METERING_POINT
from tests.meters.maker import CIVIL_TIME

from . import bars, hand_read, pages, past_year, pictures
from .browser import Browser, logged_in
from .shared_clock import PROGRAM, SharedClock
from .virtual_day import HOUR

OWNER = User("Kari", "kari", "a password")
NOW: Final = datetime(2026, 11, 26, 17, 18, tzinfo=UTC)
"""18:18 on a Thursday."""
FIRST: Final = datetime(2026, 11, 1, 8, tzinfo=CIVIL_TIME)
SECOND: Final = datetime(2026, 11, 15, 8, tzinfo=CIVIL_TIME)
REGISTERS: Final = (41_250, 42_050, 42_790.4)
"""kWh at these times, and now."""
SENSOR: Final = "sensor.cabin_meter_reading"
WRITTEN_SECONDS: Final = 30
ROUNDED: Final = 0.0015
"""kWh that an hour's share may differ by: hours have whole Wh."""
SECONDS: Final = 0.003
"""kWh by which an hour may differ because the last reading is some seconds later than it is reckoned with."""
SHOWN: Final = 0.005
"""kWh that a bar may differ by: it tells two decimals."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

type Hours = dict[datetime, float]
"""kWh by the start of the hour."""


async def test_from_two_readings_to_the_energy_dashboard(tmp_path: Path) -> None:
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    weights = past_year.hours_of(2026)
    profile = tmp_path / "profile.csv"
    profile.write_text("time;kWh\n" + "".join(f"{at.isoformat()};{use / 1000}\n" for at, use in weights.items()))
    clock = SharedClock.make(tmp_path / "clock", NOW)
    home = HomeAssistantProcess(configuration, program=(str(PROGRAM), str(clock.path)))
    async with home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            await browser.page.context.clock.set_fixed_time(clock.now())
            await hand_read.add(
                browser,
                name="Cabin",
                metering_point=spaced(METERING_POINT),
                register=REGISTERS[0],
                at=FIRST,
                expected=18_000,
                profile=profile,
            )
            await pages.number(browser.page, "Meter reading", "kWh")
            device = browser.path
            await hand_read.submit(browser, register=REGISTERS[1], at=SECOND)
            page = await browser.open(device)
            read_at = clock.now()
            await hand_read.type_number(page, REGISTERS[2])
            await pages.settled(page)
            await pictures.take(page, "hand-read-device")

            expected = shares(weights, FIRST, SECOND, REGISTERS[1] - REGISTERS[0])
            expected |= shares(weights, SECOND, read_at, REGISTERS[2] - REGISTERS[1])
            hours = await written(client, like=expected)
            first = [use for hour, use in hours.items() if hour < SECOND]
            assert round(sum(first), 3) == REGISTERS[1] - REGISTERS[0]
            await see_a_day(browser, client, hours, date(2026, 11, 25))
        diagnostics = await diagnosed(client)
        assert [round(reading["register"] / 1000, 3) for reading in diagnostics["readings"]] == list(REGISTERS)
        assert METERING_POINT not in str(diagnostics)
    assert complaints(home.log(), "han_port") == []
    assert METERING_POINT not in home.log()


async def see_a_day(browser: Browser, client: Client, hours: Hours, day: date) -> None:
    """See that the bars of a day say what its hours have."""
    card = await bars.show(browser, client, SENSOR, day)
    said = await bars.read(browser.page, card)
    of_day = [(at.astimezone(CIVIL_TIME), use) for at, use in hours.items() if at.astimezone(CIVIL_TIME).date() == day]
    assert [span for span, _ in said] == [f"{at:%H:%M} – {at + HOUR:%H:%M}" for at, _ in of_day]
    assert [use for _, use in said] == pytest.approx([use for _, use in of_day], abs=SHOWN)
    await pictures.take(browser.page, "hand-read-energy")


def spaced(metering_point: str) -> str:
    """Return a målepunkt-ID as bills print it."""
    return " ".join(metering_point[start : start + 6] for start in range(0, len(metering_point), 6))


def shares(weights: dict[datetime, int], start: datetime, end: datetime, use: float) -> Hours:
    """Return what each hour from `start` (a full hour) on has of an energy, by its weight; of the last one a part."""
    parts: Hours = {}
    hour = start.astimezone(UTC)
    while hour < end:
        parts[hour] = weights[hour] * min(1, (end - hour) / timedelta(hours=1))
        hour += HOUR
    return {hour: use * part / sum(parts.values()) for hour, part in parts.items()}


async def written(client: Client, *, like: Hours) -> Hours:
    """Return what the statistics of the sensor have of the hours that are over, as soon as it is like this."""
    until = NOW.replace(minute=0)
    expected = {hour: pytest.approx(use, abs=ROUNDED + SECONDS) for hour, use in like.items() if hour < until}
    async with asyncio.timeout(WRITTEN_SECONDS):
        while True:
            rows = await client.command(
                "recorder/statistics_during_period",
                start_time=(FIRST - 24 * HOUR).isoformat(),
                end_time=until.isoformat(),
                period="hour",
                statistic_ids=[SENSOR],
                types=["change"],
                units={"energy": "kWh"},
            )
            hours = {datetime.fromtimestamp(row["start"] / 1000, UTC): row["change"] for row in rows[SENSOR]}
            if hours == expected:
                return hours
            await asyncio.sleep(0.5)


async def diagnosed(client: Client) -> Json:
    """Return what the only entry's diagnostics tell."""
    (entry,) = await client.command("config_entries/get", domain="han_port")
    return (await client.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}"))["data"]

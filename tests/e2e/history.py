"""Some days before the test, for pictures: the hours of a simulated house as statistics of an energy sensor."""

from datetime import UTC, datetime, timedelta

from scripts.home_assistant.client import Client
from tests.meters.household import Household

DAYS = 3
HOUR = timedelta(hours=1)


async def give(client: Client, entity_id: str) -> None:
    """Give the sensor the hours of some days before now, as a meter that had been read then would have."""
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = until - timedelta(days=DAYS)
    house = Household(start=start, seed=7)
    rows = []
    for hour in range(DAYS * 24):
        energy = house.energy(start + (hour + 1) * HOUR).imported / 1000
        rows.append({"start": (start + hour * HOUR).isoformat(), "state": energy, "sum": energy})
    await client.command(
        "recorder/import_statistics",
        metadata={
            "has_sum": True,
            "mean_type": 0,
            "name": None,
            "source": "recorder",
            "statistic_id": entity_id,
            "unit_class": "energy",
            "unit_of_measurement": "kWh",
        },
        stats=rows,
    )

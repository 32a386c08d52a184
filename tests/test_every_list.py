"""Meters whose every list has registers: how often they are shown, and registers by tariff.

Real sockets, and telegrams as the Netherlands' meters send them every second (DSMR P1 5.0.2, 5.4).
"""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import VALUES, Bridge, entity, entry_for, set_up, shown
from .meters.maker import PHASED_POWERS
from .meters.p1 import P1
from .test_repairs_port import settle

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled", "hass_storage")

DUTCH = P1("KFM5KAIFA-METER", "E0026000024153615", dutch=True)
NIGHT, DAY = 4_000_000, 8_000_000
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def telegram(at: datetime, night: int, watts: int = 3600) -> bytes:
    """Return the telegram of an instant."""
    values = {
        **VALUES,
        **dict.fromkeys(PHASED_POWERS, 0),
        "power_import": watts,
        "energy_import_t1": night,
        "energy_import_t2": DAY,
        "energy_export_t1": 0,
        "energy_export_t2": 0,
    }
    return DUTCH.encode("hourly", values, DUTCH.wall(at))


async def hear(
    hass: HomeAssistant,
    bridge: Bridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    *,
    at: datetime,
    night: int,
) -> None:
    """Have a telegram come at its instant, and wait until it has been taken."""
    freezer.move_to(at)
    heard = entry.runtime_data.decoder.counters.readings
    bridge.send(telegram(at, night))
    while entry.runtime_data.decoder.counters.readings == heard:
        await settle(hass)


async def begin(hass: HomeAssistant, bridge: Bridge) -> MockConfigEntry:
    """Set the meter up, and wait until its port is open."""
    entry = await set_up(hass, entry_for(bridge.url, DUTCH, sent=("energy_import", "power_import")))
    await bridge.client()
    return entry


async def test_registers_by_tariff(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NINE)
    entry = await begin(hass, bridge)
    for second in (0, 10, 20):
        await hear(hass, bridge, entry, freezer, at=NINE + second * SECOND, night=NIGHT + second)
    await hass.async_block_till_done()
    assert float(shown(hass, "energy_import_t1", DUTCH)) == (NIGHT + 20) / 1000
    assert float(shown(hass, "energy_import_t2", DUTCH)) == DAY / 1000
    assert float(shown(hass, "energy_import", DUTCH)) == (NIGHT + DAY + 20) / 1000
    entity(hass, "energy_export", DUTCH)


async def test_a_telegram_every_second(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> None:
    """Registers are shown about every ten seconds, and in the last ten of the hour at once: prices change with it."""
    freezer.move_to(NINE - 300 * SECOND)
    entry = await begin(hass, bridge)
    told: list[str] = []
    for second in range(300):
        await hear(hass, bridge, entry, freezer, at=NINE - (300 - second) * SECOND, night=NIGHT + 1000 * second)
        if told[-1:] != [shown(hass, "energy_import", DUTCH)]:
            told.append(shown(hass, "energy_import", DUTCH))
    assert 20 < len(told) <= 300 / 9 + 10
    assert float(told[-1]) == (NIGHT + DAY) / 1000 + 299


async def test_hours_are_right(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> None:
    """The hour is settled by the telegram of the full hour."""
    freezer.move_to(NINE - SECOND)
    entry = await begin(hass, bridge)
    await hear(hass, bridge, entry, freezer, at=NINE, night=NIGHT)
    await hear(hass, bridge, entry, freezer, at=NINE + 3600 * SECOND, night=NIGHT + 1234)
    await hass.async_block_till_done()
    hour = entry.runtime_data.bookkeeper.book.last_hour
    assert (hour.start, hour.imported, hour.status) == (NINE, 1234, "measured")

"""The download tells all that helps, and not whose meter it is."""

from datetime import date
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.diagnostics import REDACTED
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import ISSUES
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics

from .capacity_home import Home, capacity, oslo
from .conftest import AIDON, Bridge, entity, entry_for, full, hourly, power, set_up, until
from .meters import Aidon, Kamstrup, Maker, axdr
from .meters.apdu import notification
from .meters.hdlc import frame
from .serving import Pty

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")


async def download(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the diagnostics as they are downloaded: through JSON."""
    downloaded: dict[str, Any] = json.loads(json.dumps(await async_get_config_entry_diagnostics(hass, entry)))
    return downloaded


async def test_what_it_tells(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = hourly(current_l1=-7.4) + full(power_import=2) + power(watts=1)
    entry = await set_up(hass, entry_for(bridge.url, current_factor=10.0))
    await until(hass, entity(hass, "power_import"), "1")
    told = await download(hass, entry)
    assert told["entry"]["port"] == f"socket://{REDACTED}:{bridge.port}"
    assert told["entry"]["quantities"] == sorted(AIDON.quantities("hourly"))
    assert told["options"] == {"current_factor": 10.0}
    assert told["meter"] == {"maker": "Aidon", "model": "6525", "id": REDACTED, "list_id": "AIDON_V0001", "grid": "it"}
    assert told["link"]["connected"] is True
    assert told["link"]["available"] is True
    assert told["link"]["cadence"] == 2.5
    assert told["link"]["last_error"] is None
    assert told["decoder"]["readings"] == 3
    assert told["readings"]["power"]["values"] == {"power_import": 1}
    assert told["readings"]["full"]["values"]["power_import"] == 2
    assert told["readings"]["hourly"]["values"]["current_l1"] == -7.4  # as sent: with its sign, without the factor
    assert told["readings"]["hourly"]["meter_clock"] == "2026-11-24T13:00:00"
    assert told["readings"]["hourly"]["clock_offsets"] == ["1:00:00"]
    assert told["unknown_list"] is None
    assert told["capacity"]["tariff"] is None
    assert told["damaged_frames"] == []


async def test_what_it_tells_of_a_meter_whose_port_does_not_open(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = entry_for(bridge.url)
    await bridge.stop()
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    told = await download(hass, entry)
    assert (told["state"], told["reason"]) == ("setup_retry", "cannot_open")
    assert told["entry"]["port"] == f"socket://{REDACTED}:{bridge.port}"
    assert AIDON.id not in json.dumps(told)
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    "maker",
    [Aidon("6525", "7359992134678526"), Kamstrup("6841131BN243101040", "5706567918273645")],
    ids=lambda maker: maker.name,
)
async def test_no_number_of_a_meter_in_it(hass: HomeAssistant, bridge: Bridge, maker: Maker) -> None:
    damaged = []
    for position in (-3, 40, 50, 60, 70):
        broken = bytearray(full(maker))
        broken[position] ^= 0x7F
        damaged.append(bytes(broken))
    bridge.greeting = b"".join(damaged) + full(maker, power_import=1)
    entry = await set_up(hass, entry_for(bridge.url, maker))
    await until(hass, entity(hass, "power_import", maker), "1")
    told = await download(hass, entry)
    assert len(told["damaged_frames"]) >= 4
    text = json.dumps(told)
    number = maker.id
    for start in range(len(number) - 4):
        assert number[start : start + 5] not in text.replace(str(bridge.port), "")
        assert number[start : start + 5].encode().hex() not in text
    assert "127.0.0.1" not in text


async def test_unknown_codes(hass: HomeAssistant, bridge: Bridge) -> None:
    def item(code: str, value: bytes) -> bytes:
        return axdr.structure(axdr.obis(code), value)

    body = axdr.array(
        item("1-1:0.2.129.255", axdr.visible("AIDON_V0002")),
        item("0-0:96.1.0.255", axdr.visible(AIDON.id)),
        item("1-0:1.7.0.255", axdr.u32(5)),
        item("1-0:99.7.0.255", axdr.u32(42)),
        item("1-0:98.7.0.255", axdr.visible("short")),
        item("1-0:97.7.0.255", axdr.visible("a longer text 12345678")),
        item("0-0:96.13.0.255", axdr.visible("secret")),
        item("1-0:0.0.9.255", axdr.u32(123_456)),
    )
    apdu = notification(body, invoke=0x40000000)
    bridge.greeting = frame(apdu, destination=b"\x41", source=b"\x08\x83", control=0x13)
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "5")
    (reading,) = (await download(hass, entry))["readings"].values()
    assert reading["unknown"] == {
        "1-0:99.7.0.255": 42,
        "1-0:98.7.0.255": "short",
        "1-0:97.7.0.255": "**22 characters**",
        "0-0:96.13.0.255": REDACTED,
        "1-0:0.0.9.255": REDACTED,
    }


async def test_an_unknown_list(hass: HomeAssistant, bridge: Bridge) -> None:
    body = axdr.structure(axdr.visible("7359992000000116"), axdr.u32(1))
    unknown = frame(notification(body, invoke=0x40000000), destination=b"\x41", source=b"\x03", control=0x13)
    bridge.greeting = unknown + full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    assert (await download(hass, entry))["unknown_list"] == {"list_id": "**16 characters**", "items": 2}


async def test_after_an_outage(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    (await bridge.client()).close()
    (await bridge.client()).send(full())
    await until(hass, entity(hass, "power_import"), "2526")
    link = (await download(hass, entry))["link"]
    assert (link["reconnects"], link["last_error"]) == (1, "lost")


@pytest.mark.parametrize(
    ("port", "shown"),
    [
        ("rfc2217://user:secret@bridge.local:4000?x=1", f"rfc2217://{REDACTED}:4000"),
        ("esphome-hass://esphome/01ABCDEF?port_name=HAN", f"esphome-hass://{REDACTED}"),
        ("socket://bridge:http", f"socket://{REDACTED}"),
    ],
)
async def test_addresses_are_not_told(hass: HomeAssistant, port: str, shown: str) -> None:
    with Pty() as pty:
        entry = await set_up(hass, entry_for(pty.path))
        assert (await download(hass, entry))["entry"]["port"] == pty.path
        hass.config_entries.async_update_entry(entry, data={**entry.data, "port": port})
        assert (await download(hass, entry))["entry"]["port"] == shown
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_the_capacity_tariff(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    """What it takes to see why a peak is what it is: hours, corrections, rule and steps, target and forecast."""
    del hass_storage  # what is kept stays in memory
    house = Home(hass, bridge, freezer)
    await house.begin(oslo(23, 12), **capacity(target=4))
    await house.hour(oslo(23, 12), 1500)
    house.keeper.correct(date(2026, 11, 22), 2000)
    house.keeper.correct(date(2026, 11, 21), None)
    told = (await download(hass, house.entry))["capacity"]
    assert told["tariff"]["rule"] == "three_days"
    assert told["tariff"]["steps"][1] == {"above": 2000, "price": 200}
    assert told["month"] == {
        "first": "2026-11-01",
        "days": [
            {"day": "2026-11-22", "start": None, "energy": 2000, "origin": "corrected"},
            {"day": "2026-11-23", "start": oslo(23, 12).isoformat(), "energy": 1500, "origin": "measured"},
        ],
        "counting": ["2026-11-22", "2026-11-23"],
        "mean": 1750.0,
        "step": 0,
        "price": 125.0,
    }
    assert told["corrections"] == {"2026-11-21": None, "2026-11-22": 2000}
    assert (told["target"], told["limit"], told["over_target"]) == (4000, 4000, False)
    assert told["forecast"]["start"] == oslo(23, 13).isoformat()
    await hass.config_entries.async_unload(house.entry.entry_id)


async def test_unknown_lists_can_be_sent_in(hass: HomeAssistant, bridge: Bridge) -> None:
    """They are there byte for byte, but for what may be the meter's number: as digits, and as a number."""
    items = (
        axdr.structure(axdr.obis("1-1:0.2.129.255"), axdr.visible("NEW_V0001")),
        axdr.structure(axdr.obis("1-1:0.0.1.255"), axdr.u32(0x01234567)),
        axdr.structure(axdr.obis("0-0:42.0.0.255"), axdr.visible("XYZ7359992000000116")),
        axdr.structure(axdr.obis("0-0:96.1.0.255"), axdr.octets(b"\x01\x02\x03\x04\x05\x06\x07")),
        axdr.structure(axdr.octets(b"what?"), axdr.u32(0x00C0FFEE)),
    )
    unknown = frame(
        notification(axdr.structure(axdr.structure(*items)), invoke=0x40000000),
        destination=b"\x41",
        source=b"\x03",
        control=0x13,
    )
    bridge.greeting = unknown + full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    told = await download(hass, entry)
    (raw,) = told["unknown_lists"]
    sent = bytes.fromhex(raw)
    assert ISSUES in told["please_send"]
    assert len(sent) in {len(unknown) - 3 - at for at in (unknown.index(b"\xe6\xe7"), unknown.index(b"\x0f\x40"))}
    assert b"NEW_V0001" in sent
    assert b"\x0a\x13" + b"x" * 19 in sent
    assert b"what?\x06\x00\xc0\xff\xee" in sent
    for number in (b"\x01\x23\x45\x67", b"59992", b"\x01\x02\x03\x04\x05\x06\x07"):
        assert number not in sent
    assert AIDON.id not in json.dumps(told)


async def test_nothing_is_to_be_sent_in(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    told = await download(hass, entry)
    assert told["unknown_lists"] == []
    assert "please_send" not in told

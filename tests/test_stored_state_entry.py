"""An entry that was damaged, or made by another version: what can be known again is; the rest is said plainly, once."""

from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port import async_migrate_entry
from custom_components.han_port.const import DOMAIN

from .ciphered import AUTHENTICATION, ENCRYPTION
from .conftest import AIDON, Bridge, complaints, entity, entry_for, full, registers, set_up, until
from .meters.aidon_sweden import AidonSweden

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

GONE = object()


def with_data(bridge: Bridge, *path: str, value: Any = GONE, **options: Any) -> MockConfigEntry:
    """Return an entry with something else in its data."""
    entry = entry_for(bridge.url, **options)
    data: dict[str, Any] = {**entry.data, "meter": dict(entry.data["meter"])}
    part = data
    for key in path[:-1]:
        part = part[key]
    if value is GONE:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return MockConfigEntry(
        domain=DOMAIN, title=entry.title, unique_id=entry.unique_id, data=data, options=dict(entry.options)
    )


@pytest.mark.parametrize("value", [GONE, None, "abc", 0, -1, 2400.5, True, [], 10**12])
async def test_a_speed_that_is_none(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    await comes_up(hass, bridge, with_data(bridge, "baudrate", value=value), caplog)


@pytest.mark.parametrize("value", [GONE, None, "O", 1, [], {}])
async def test_a_parity_that_is_unknown(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    await comes_up(hass, bridge, with_data(bridge, "parity", value=value), caplog)


@pytest.mark.parametrize("value", [GONE, None, {}, [], "Aidon", {"id": None}, {"maker": 5, "id": 7}, {"grid": "xx"}])
async def test_a_meter_that_cannot_be_read(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    """Its number is the entry's; maker and model come with the next list."""
    entry = await comes_up(hass, bridge, with_data(bridge, "meter", value=value), caplog)
    assert entry.data["meter"]["id"] == AIDON.id


@pytest.mark.parametrize("value", [GONE, None, {}, 5, "power_import", ["nonsense", 5, None, ["power_import"]]])
async def test_quantities_that_are_unknown(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    """They are learnt again from what the meter sends."""
    await comes_up(hass, bridge, with_data(bridge, "quantities", value=value), caplog)


async def comes_up(
    hass: HomeAssistant, bridge: Bridge, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> MockConfigEntry:
    """See that an entry comes up all the same, with all its entities; that it is said; and not again."""
    sound = entry_for(bridge.url)
    bridge.greeting = full()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import"), "2526")
    await hass.async_block_till_done()
    assert dict(entry.data) == {**sound.data, "quantities": entry.data["quantities"]}
    assert set(entry.data["quantities"]) == set(sound.data["quantities"])
    assert len(complaints(caplog)) == 1
    assert "Traceback" not in caplog.text
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.manufacturer, device.model, device.name) == ("Aidon", "6525", "Aidon 6525")

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert len(complaints(caplog)) == 1
    return entry


async def test_a_meter_that_only_its_device_knows(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    """The entry has lost its meter and its own unique id, after it was in use."""
    entry = await set_up(hass, entry_for(bridge.url))
    before = {one.unique_id for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)}
    hass.config_entries.async_update_entry(entry, unique_id=None, data={**entry.data, "meter": {}})
    caplog.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.data["meter"]["id"] == AIDON.id
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.manufacturer, device.model, device.name) == ("Aidon", "6525", "Aidon 6525")
    assert {one.unique_id for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)} == before


async def test_a_meter_that_nobody_knows(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    entry = entry_for(bridge.url)
    entry = MockConfigEntry(domain=DOMAIN, title="Meter", data={**entry.data, "meter": None})
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "no_meter"
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1  # Home Assistant's


@pytest.mark.parametrize("stored", [True, False], ids=["as it was", "lost"])
async def test_a_meter_that_has_no_number(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, stored: bool
) -> None:
    """It is known by its entry: by its device too, if its meter cannot be read in it."""
    meter = AidonSweden()
    bridge.greeting = registers(meter)
    data = dict(entry_for(bridge.url, meter, sent=meter.quantities("hourly")).data)
    entry = await set_up(hass, MockConfigEntry(domain=DOMAIN, title="Aidon", data=data))
    assert entry.state is ConfigEntryState.LOADED
    if not stored:
        hass.config_entries.async_update_entry(entry, data={**data, "meter": None})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.data["meter"]["maker"], entry.data["meter"]["id"]) == ("Aidon", "")
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.identifiers == {(DOMAIN, entry.entry_id)}
    assert len(complaints(caplog)) == (0 if stored else 1)


@pytest.mark.parametrize(
    "value", [None, "secret", {}, {"encryption": "12"}, {"encryption": ENCRYPTION, "authentication": 5}]
)
async def test_keys_that_cannot_be_used(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    """They are asked for; what is there of them is not in the log."""
    bridge.greeting = full()
    entry = entry_for(bridge.url)
    entry = MockConfigEntry(
        domain=DOMAIN, title=entry.title, unique_id=entry.unique_id, data={**entry.data, "keys": value}
    )
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert "keys" not in entry.data
    (flow,) = hass.config_entries.flow.async_progress()
    assert (flow["context"]["source"], flow["step_id"]) == (SOURCE_REAUTH, "reauth_confirm")
    assert len(complaints(caplog)) == 1
    assert ENCRYPTION not in caplog.text


async def test_keys_that_can_be_used(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    entry = entry_for(bridge.url)
    keys = {"encryption": ENCRYPTION, "authentication": AUTHENTICATION}
    data = {**entry.data, "keys": keys}
    await set_up(hass, MockConfigEntry(domain=DOMAIN, title=entry.title, unique_id=entry.unique_id, data=data))
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.data["keys"] == keys
    assert hass.config_entries.flow.async_progress() == []
    assert complaints(caplog) == []


@pytest.mark.parametrize("value", [GONE, None, "", 7, []])
async def test_a_port_that_is_lost(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    """It is said what to do; and doing it puts all right."""
    entry = await set_up(hass, with_data(bridge, "port", value=value))
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "no_port"
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1  # Home Assistant's
    bridge.greeting = full()
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"port": bridge.url})
    while flow["type"] == "progress":
        await hass.async_block_till_done()
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert flow["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    await until(hass, entity(hass, "power_import"), "2526")
    assert entry.data == entry_for(bridge.url).data


FACTORS = ("energy_factor", "power_factor", "current_factor", "voltage_factor")


@pytest.mark.parametrize("value", ["abc", 0, -1, None, float("nan"), float("inf"), [], {}, True, "2"])
@pytest.mark.parametrize("options", [FACTORS, ("power_interval", "interval"), ("correct_history",)])
async def test_options_that_cannot_be_used(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, options: tuple[str, ...], value: Any
) -> None:
    """Those are as they were at first, and all others stay; it is said until the user has set them again."""
    usable = (value == 0 and "interval" in options) or (value is True and "correct_history" in options)
    entry = entry_for(bridge.url, **dict.fromkeys(options, value), of_later_version=5)
    bridge.greeting = full()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import"), "2526")
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"options_damaged_{entry.entry_id}")
    assert "Traceback" not in caplog.text
    assert entry.options["of_later_version"] == 5
    if usable:
        assert issue is None
        assert complaints(caplog) == []
        return
    assert issue is not None
    assert issue.is_persistent
    assert issue.translation_placeholders == {"name": entry.title, "options": ", ".join(sorted(options))}
    assert entry.options == {"of_later_version": 5}
    assert len(complaints(caplog)) == 1
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert len(complaints(caplog)) == 1
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue.issue_id)
    good = {"correct_history": True}
    hass.config_entries.async_update_entry(entry, options={option: good.get(option, 1) for option in options})
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue.issue_id) is None


TARIFF: dict[str, Any] = {
    "rule": "three_days",
    "steps": [{"above": 0, "price": 100}, {"above": 2, "price": 200}],
    "target": 2,
}


GOOD: dict[str, Any] = {"capacity": TARIFF, "fuse": {"amperes": 63, "delay": 30}}


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("capacity", None),
        ("capacity", "abc"),
        ("capacity", {**TARIFF, "rule": 5}),
        ("capacity", {**TARIFF, "steps": None}),
        ("capacity", {**TARIFF, "steps": [{"above": 1}]}),
        ("fuse", None),
        ("fuse", 63),
        ("fuse", {}),
        ("fuse", {"amperes": "63"}),
    ],
)
async def test_a_tariff_or_a_fuse_that_cannot_be_used(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, option: str, wrong: Any
) -> None:
    """It is off then, the meter is read all the same, and it is said until the user has filled it in again."""
    entry = entry_for(bridge.url, **{option: wrong}, interval=7)
    bridge.greeting = full()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import"), "2526")
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"options_damaged_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"name": entry.title, "options": option}
    assert entry.options == {"interval": 7}
    assert len(complaints(caplog)) == 1
    assert "Traceback" not in caplog.text
    hass.config_entries.async_update_entry(entry, options={**entry.options, option: GOOD[option]})
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.options == {"interval": 7, option: GOOD[option]}
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue.issue_id) is None
    assert len(complaints(caplog)) == 1


async def test_what_a_later_version_has_added_stays(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    """A higher minor version comes up, and loses nothing that it will need after an update."""
    entry = entry_for(bridge.url)
    data = {**entry.data, "key": "secret", "meter": {**entry.data["meter"], "year": 2027}}
    entry = MockConfigEntry(
        domain=DOMAIN, title=entry.title, unique_id=entry.unique_id, data=data, version=1, minor_version=9
    )
    bridge.greeting = full()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import"), "2526")
    assert dict(entry.data) == data
    assert entry.minor_version == 9
    assert complaints(caplog) == []


async def test_an_entry_of_a_later_version_is_refused_and_left_as_it_is(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN, title="Meter", unique_id=AIDON.id, data={"line": {"port": bridge.url}}, version=2
    )
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.data == {"line": {"port": bridge.url}}
    assert "Traceback" not in caplog.text
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(lines) == 1
    assert "version" in lines[0]
    assert not await async_migrate_entry(hass, entry)  # what an older Home Assistant leaves to us

"""What is wrong with a port is told of, goes by itself, and is mended by clicking where that can be.

Real sockets; the event loop's time is put forward, half a minute at a time. The dialogs go through Home Assistant's
HTTP API for repairs, as a browser does.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
import json
import logging
from pathlib import Path
from typing import Any, cast

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.detect import Patience, detect
from custom_components.han_port.troubles import Kind

from .conftest import (
    AIDON,
    ENOUGH,
    KAMSTRUP,
    OTHER_AIDON,
    Bridge,
    Time,
    complaints,
    entity,
    entry_for,
    full,
    set_up,
    shown,
    until,
)
from .hour_by_hour import CAPACITY, Hours, hours as hours  # noqa: PLC0414 - a fixture
from .meters import Aidon, axdr
from .meters.apdu import notification
from .meters.hdlc import frame
from .serving import Rfc2217Server, SerialClient

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

QUICK = Patience(silence=0.4, pause=0.05, burst=0.2, naming=0.6, enough=0.8, tick=0.02, flood=256)
TEXTS = json.loads(
    (Path(__file__).parent.parent / "custom_components/han_port/translations/en.json").read_text("utf-8")
)
THIRD_AIDON = Aidon("6525", "7359992000000333")
NOISE = b"\x55\xaa" * 100
UNKNOWN = frame(
    notification(axdr.structure(axdr.visible("<b>X</b>"), axdr.u32(1)), invoke=0x40000000),
    destination=b"\x41",
    source=b"\x03",
    control=0x13,
)
CIPHERED = frame(
    b"\xdb\x08TITLE678\x20\x30\x00\x00\x00\x01" + bytes(range(27)), destination=b"\x41", source=b"\x03", control=0x13
)


async def settle(hass: HomeAssistant) -> None:
    """Let what has become due happen, on real sockets too."""
    for _ in range(20):
        await hass.async_add_executor_job(int)
        await asyncio.sleep(0)


class Minutes:
    """Lets minutes pass."""

    def __init__(self, hass: HomeAssistant, time: Time) -> None:
        self._hass = hass
        self._time = time

    async def __call__(self, minutes: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Put the time forward, half a minute at a time; something is done in each."""
        for _ in range(round(minutes * 2)):
            meanwhile()
            await settle(self._hass)
            self._time.passes(30)
            await settle(self._hass)


@pytest.fixture
def minutes(hass: HomeAssistant, time: Time) -> Minutes:
    """Return what lets minutes pass."""
    return Minutes(hass, time)


def told(hass: HomeAssistant) -> list[str]:
    """Return what is told of ports."""
    keys = (issue.translation_key for issue in ir.async_get(hass).issues.values())
    return sorted(key for key in keys if key in set(Kind))


def issue_of(hass: HomeAssistant, entry: MockConfigEntry, kind: Kind) -> ir.IssueEntry:
    """Return what is told, as it can be read."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"{kind}_{entry.entry_id}")
    assert issue is not None
    assert not issue.is_persistent
    text = TEXTS["issues"][kind]
    about = issue.translation_placeholders or {}
    for told in (text["title"], text.get("description") or text["fix_flow"]["step"]["confirm"]["description"]):
        assert told.format(**about)
    assert issue.is_fixable == ("fix_flow" in text)
    return issue


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """Return the state of an entry."""
    state: ConfigEntryState = entry.state
    return state


def news(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration has said to people."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(f"custom_components.{DOMAIN}.") and record.levelno > logging.DEBUG
    ]


async def test_nothing_comes(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.greeting = b"\x00"  # what a port may bring when it is opened
    await minutes(9.5)
    assert told(hass) == []
    await minutes(2)
    assert told(hass) == ["port_silent"]
    assert issue_of(hass, entry, Kind.SILENT).severity is ir.IssueSeverity.ERROR
    await minutes(60)
    assert told(hass) == ["port_silent"]
    assert len(news(caplog)) == 1
    bridge.greeting = full(power_import=7)
    await minutes(3, lambda: bridge.send(bridge.greeting))
    assert shown(hass, "power_import") == "7"
    assert told(hass) == []
    assert len(news(caplog)) == 2
    assert complaints(caplog) == []


async def test_it_cannot_be_reached_any_more(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    await bridge.stop()
    await settle(hass)
    await minutes(9.5)
    assert told(hass) == []
    await minutes(1)
    assert told(hass) == ["port_unreachable"]
    about = issue_of(hass, entry, Kind.UNREACHABLE).translation_placeholders or {}
    assert about["why"].startswith("The host answers, but nothing listens at")
    async with bridge:
        await minutes(3, lambda: bridge.send(bridge.greeting))
        assert shown(hass, "power_import") == "2526"
        assert told(hass) == []
    assert len(news(caplog)) == 2


async def test_it_is_closed_at_once_each_time(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> None:
    """As a bridge does that serves somebody else."""
    entry = await set_up(hass, entry_for(bridge.url))

    def close() -> None:
        for client in bridge.clients:
            client.close()

    await minutes(12, close)
    assert told(hass) == ["port_unreachable"]
    about = issue_of(hass, entry, Kind.UNREACHABLE).translation_placeholders or {}
    assert "closed the connection" in about["why"]


async def test_it_could_not_be_reached_from_the_beginning(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, caplog: pytest.LogCaptureFixture
) -> None:
    await bridge.stop()
    entry = await set_up(hass, entry_for(bridge.url))
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    await minutes(9)
    assert told(hass) == []
    await minutes(1.5)
    assert told(hass) == ["port_unreachable"]
    issue_of(hass, entry, Kind.UNREACHABLE)
    await minutes(30)
    assert told(hass) == ["port_unreachable"]
    assert news(caplog) == []
    bridge.greeting = full()
    async with bridge:
        await minutes(3, lambda: bridge.send(bridge.greeting))
        assert state_of(entry) is ConfigEntryState.LOADED
        assert told(hass) == []
        assert shown(hass, "power_import") == "2526"
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (NOISE, "sends data, but no list of a meter is in it"),
        (UNKNOWN, "does not know: bXb, 2 items"),
        (CIPHERED, "ciphers its lists"),
    ],
    ids=["noise", "an unknown list", "ciphered"],
)
async def test_it_cannot_be_read(hass: HomeAssistant, bridge: Bridge, minutes: Minutes, data: bytes, why: str) -> None:
    bridge.greeting = full() + data
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.greeting = data
    await minutes(9.5, lambda: bridge.send(data))
    assert told(hass) == []
    await minutes(2, lambda: bridge.send(data))
    assert told(hass) == ["port_unreadable"]
    assert why in (issue_of(hass, entry, Kind.UNREADABLE).translation_placeholders or {})["why"]
    bridge.greeting = full()
    await minutes(3)
    assert told(hass) == []


async def test_another_meter(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    await minutes(4.5, lambda: bridge.send(full(KAMSTRUP)))
    assert told(hass) == []
    await minutes(1, lambda: bridge.send(full(KAMSTRUP)))
    assert told(hass) == ["another_meter"]
    about = issue_of(hass, entry, Kind.ANOTHER_METER).translation_placeholders
    assert about == {"name": "Aidon 6525", "port": bridge.url, "other": "Kamstrup"}
    await minutes(30, lambda: bridge.send(full(KAMSTRUP)))
    assert told(hass) == ["another_meter"]
    assert len(bridge.clients) == 1
    bridge.send(full(power_import=7))
    await until(hass, entity(hass, "power_import"), "7")
    assert told(hass) == []
    assert [line.endswith("another meter is on the port") for line in news(caplog)] == [True, False]


async def test_two_meters_on_one_line(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url, interval=0))
    await until(hass, entity(hass, "power_import"), "2526")
    await minutes(2, lambda: bridge.send(full(OTHER_AIDON, power_import=1)))
    bridge.send(full(power_import=5))
    await minutes(1)
    assert told(hass) == []  # only a cable that was moved, and moved back
    caplog.clear()
    await minutes(5, lambda: bridge.send(full(OTHER_AIDON, power_import=1), full(power_import=7)))
    assert told(hass) == ["another_meter"]
    issue_of(hass, entry, Kind.ANOTHER_METER)
    assert shown(hass, "power_import") == "7"
    assert news(caplog) == []
    await minutes(11, lambda: bridge.send(full(power_import=8)))
    assert told(hass) == []


async def test_many_damaged_frames(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> None:
    damaged = bytearray(full())
    damaged[100] ^= 1
    bad = full() * 20 + bytes(damaged)
    entry = await set_up(hass, entry_for(bridge.url))
    await minutes(59, lambda: bridge.send(bad))
    assert told(hass) == []
    await minutes(3, lambda: bridge.send(bad))
    assert told(hass) == ["damaged_frames"]
    assert issue_of(hass, entry, Kind.DAMAGED).severity is ir.IssueSeverity.WARNING
    await minutes(66, lambda: bridge.send(full()))
    assert told(hass) == []


@pytest.mark.parametrize("state", ["loaded", "retry"])
@pytest.mark.parametrize("end", ["remove", "disable"])
async def test_it_goes_with_the_entry(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, state: str, end: str
) -> None:
    if state == "retry":
        await bridge.stop()
    entry = await set_up(hass, entry_for(bridge.url))
    await minutes(12)
    assert len(told(hass)) == 1
    if end == "remove":
        await hass.config_entries.async_remove(entry.entry_id)
    else:
        await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    assert told(hass) == []


async def test_it_stays_while_the_entry_is_set_up_again(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    await minutes(12)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await minutes(12)
    assert told(hass) == ["port_silent"]
    assert await hass.config_entries.async_reload(entry.entry_id)
    bridge.send(full())
    bridge.greeting = full()
    await minutes(2)
    assert told(hass) == []


# Dialogs.


class Dialog:
    """The dialog that mends an issue, in a browser."""

    def __init__(self, hass: HomeAssistant, new_client: Callable[[], Awaitable[TestClient[Any, Any]]]) -> None:
        self._hass = hass
        self._new_client = new_client
        self._client: TestClient[Any, Any]
        self._flow = ""
        self._kind: Kind = Kind.UNREADABLE

    async def open(self, entry: MockConfigEntry, kind: Kind) -> dict[str, Any]:
        """Open it."""
        self._kind = kind
        self._client = await self._new_client()
        about = {"handler": DOMAIN, "issue_id": f"{kind}_{entry.entry_id}"}
        step = await self._answer(await self._client.post("/api/repairs/issues/fix", json=about))
        self._flow = step["flow_id"]
        return step

    async def submit(self) -> dict[str, Any]:
        """Click on the button."""
        return await self._answer(await self._client.post(f"/api/repairs/issues/fix/{self._flow}", json={}))

    async def heard(self) -> dict[str, Any]:
        """Begin to listen, and return what is shown when that is over."""
        step = await self.submit()
        assert (step["type"], step["progress_action"]) == ("progress", "listen")
        assert TEXTS["issues"][self._kind]["fix_flow"]["progress"]["listen"].format(**step["description_placeholders"])
        async with asyncio.timeout(ENOUGH):
            await self._hass.async_block_till_done()
        return await self._answer(await self._client.get(f"/api/repairs/issues/fix/{self._flow}"))

    async def close(self) -> None:
        """Close it."""
        await self._client.delete(f"/api/repairs/issues/fix/{self._flow}")
        await self._hass.async_block_till_done()

    async def _answer(self, response: Any) -> dict[str, Any]:
        assert response.status == HTTPStatus.OK, await response.text()
        step: dict[str, Any] = await response.json()
        texts, about = TEXTS["issues"][self._kind]["fix_flow"], step.get("description_placeholders") or {}
        if step["type"] == "form":
            assert texts["step"][step["step_id"]]["description"].format(**about)
        elif step["type"] == "abort":
            assert texts["abort"][step["reason"]].format(**about)
        return step


@pytest.fixture
async def dialog(
    hass: HomeAssistant, hass_client: Any, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch
) -> Dialog:
    """Return a dialog that gives up listening after fractions of a second."""
    assert await async_setup_component(hass, "repairs", {})
    (session,) = hass_admin_user.refresh_tokens.values()

    def new_client() -> Awaitable[TestClient[Any, Any]]:
        """Return a browser whose leave has not run out, whatever the calendar says."""
        client: Awaitable[TestClient[Any, Any]] = hass_client(hass.auth.async_create_access_token(session))
        return client

    assert detect.__kwdefaults__ is not None
    monkeypatch.setitem(detect.__kwdefaults__, "patience", QUICK)
    return Dialog(hass, new_client)


class SerialLine(Rfc2217Server):
    """A line with a meter that is understood with one setting alone."""

    def __init__(self, baudrate: int, parity: str, frame: bytes) -> None:
        super().__init__(self._say)
        self.right = (baudrate, parity)
        self.frame = frame

    def _say(self, client: SerialClient) -> None:
        client.send(self.frame if (client.baudrate, client.parity) == self.right else NOISE)

    async def speak(self) -> None:
        """Send a list to all who listen, again and again."""
        while True:
            for client in self.clients:
                assert isinstance(client, SerialClient)
                self._say(client)
            await asyncio.sleep(0.1)


@pytest.fixture
async def line() -> AsyncGenerator[SerialLine]:
    """Return a line with a Kamstrup meter."""
    async with SerialLine(2400, "N", full(KAMSTRUP)) as running:
        speaking = asyncio.create_task(running.speak())
        yield running
        speaking.cancel()


async def unreadable(hass: HomeAssistant, line: SerialLine, minutes: Minutes) -> MockConfigEntry:
    """Set up a meter on a line whose parity is another one now."""
    entry = await set_up(hass, entry_for(line.url, KAMSTRUP))
    await minutes(12)
    assert told(hass) == ["port_unreadable"]
    return entry


async def test_the_parity_has_changed(hass: HomeAssistant, line: SerialLine, minutes: Minutes, dialog: Dialog) -> None:
    entry = await unreadable(hass, line, minutes)
    step = await dialog.open(entry, Kind.UNREADABLE)
    assert (step["type"], step["step_id"]) == ("form", "confirm")
    assert (await dialog.heard())["type"] == "create_entry"
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.data["baudrate"], entry.data["parity"]) == (2400, "N")
    await until(hass, entity(hass, "power_import", KAMSTRUP), "2526")
    await minutes(2)
    assert told(hass) == []


async def test_the_browser_is_gone_when_the_meter_has_been_heard(
    hass: HomeAssistant, line: SerialLine, minutes: Minutes, dialog: Dialog
) -> None:
    entry = await unreadable(hass, line, minutes)
    await dialog.open(entry, Kind.UNREADABLE)
    await dialog.submit()
    async with asyncio.timeout(ENOUGH):
        await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import", KAMSTRUP), "2526")
    await minutes(2)
    assert told(hass) == []


async def test_no_meter_is_heard(hass: HomeAssistant, line: SerialLine, minutes: Minutes, dialog: Dialog) -> None:
    entry = await unreadable(hass, line, minutes)
    line.frame = NOISE
    await dialog.open(entry, Kind.UNREADABLE)
    step = await dialog.heard()
    assert (step["type"], step["reason"]) == ("abort", "no_meter")
    assert "no list of a meter is in it" in step["description_placeholders"]["why"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["parity"] == "E"
    assert told(hass) == ["port_unreadable"]


async def test_the_port_is_closed_now(hass: HomeAssistant, line: SerialLine, minutes: Minutes, dialog: Dialog) -> None:
    entry = await unreadable(hass, line, minutes)
    await dialog.open(entry, Kind.UNREADABLE)
    await line.stop()
    step = await dialog.heard()
    assert (step["type"], step["reason"]) == ("abort", "no_meter")
    assert "nothing listens at" in step["description_placeholders"]["why"]
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_another_meter_with_another_parity(
    hass: HomeAssistant, line: SerialLine, minutes: Minutes, dialog: Dialog
) -> None:
    """Its lists are read from then on, so that it can be adopted."""
    entry = await unreadable(hass, line, minutes)
    line.frame = full()
    await dialog.open(entry, Kind.UNREADABLE)
    step = await dialog.heard()
    assert (step["type"], step["reason"]) == ("abort", "another_meter")
    assert step["description_placeholders"]["other"] == "Aidon 6525"
    assert entry.data["parity"] == "N"
    await minutes(7)
    assert told(hass) == ["another_meter"]
    step = await dialog.open(entry, Kind.ANOTHER_METER)
    await dialog.heard()
    assert (await dialog.submit())["type"] == "create_entry"
    await hass.async_block_till_done()
    (new,) = (one for one in hass.config_entries.async_entries(DOMAIN) if one is not entry)
    assert (new.unique_id, new.data["parity"]) == (AIDON.id, "N")


async def test_the_dialog_is_closed_while_it_listens(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog
) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    await minutes(12, lambda: bridge.send(full(KAMSTRUP)))
    await dialog.open(entry, Kind.ANOTHER_METER)
    await dialog.submit()
    assert state_of(entry) is ConfigEntryState.NOT_LOADED
    bridge.greeting = full(power_import=7)
    await dialog.close()
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import"), "7")
    await minutes(1)
    assert told(hass) == []


async def replaced(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> MockConfigEntry:
    """Set up a meter that is replaced by another one."""
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.greeting = full(KAMSTRUP, power_import=99)
    await minutes(6, lambda: bridge.send(full(KAMSTRUP)))
    assert told(hass) == ["another_meter"]
    return entry


async def test_the_new_meter_is_adopted(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog, caplog: pytest.LogCaptureFixture
) -> None:
    old = await replaced(hass, bridge, minutes)
    await dialog.open(old, Kind.ANOTHER_METER)
    step = await dialog.heard()
    assert (step["type"], step["step_id"]) == ("form", "adopt")
    assert step["description_placeholders"] == {
        "name": "Aidon 6525",
        "port": bridge.url,
        "other": "Kamstrup",
        "meter": f"Kamstrup {KAMSTRUP.model}",
        "meter_id": KAMSTRUP.id,
        "power": "99 W",
    }
    await hass.async_block_till_done()
    assert old.state is ConfigEntryState.LOADED  # it has its port while the form is open
    assert (await dialog.submit())["type"] == "create_entry"
    await hass.async_block_till_done()

    assert (old.disabled_by, old.state) == (ConfigEntryDisabler.USER, ConfigEntryState.NOT_LOADED)
    (new,) = (one for one in hass.config_entries.async_entries(DOMAIN) if one is not old)
    assert (new.state, new.unique_id, new.title) == (ConfigEntryState.LOADED, KAMSTRUP.id, "Kamstrup")
    assert new.data["port"] == bridge.url
    await until(hass, entity(hass, "power_import", KAMSTRUP), "99")
    assert er.async_get(hass).async_get(entity(hass, "energy_import")) is not None
    assert told(hass) == []
    assert complaints(caplog) == []


async def test_the_old_meter_comes_back(hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog) -> None:
    """Its entry is still there, disabled."""
    entry = await replaced(hass, bridge, minutes)
    was = entry_for("socket://127.0.0.1:1", KAMSTRUP)
    was.add_to_hass(hass)
    await hass.config_entries.async_set_disabled_by(was.entry_id, ConfigEntryDisabler.USER)
    await dialog.open(entry, Kind.ANOTHER_METER)
    await dialog.heard()
    assert (await dialog.submit())["type"] == "create_entry"
    await hass.async_block_till_done()
    assert (entry.disabled_by, was.disabled_by) == (ConfigEntryDisabler.USER, None)
    assert was.state is ConfigEntryState.LOADED
    assert was.data["port"] == bridge.url
    await until(hass, entity(hass, "power_import", KAMSTRUP), "99")


type Adopt = Callable[[MockConfigEntry, Aidon], Awaitable[MockConfigEntry]]


@pytest.fixture
def adopt(hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog) -> Adopt:
    """Return what has a meter come in the place of another one, and adopts it; that returns its entry."""

    async def adopt(old: MockConfigEntry, maker: Aidon) -> MockConfigEntry:
        bridge.greeting = full(maker)
        await minutes(6, lambda: bridge.send(bridge.greeting))
        await dialog.open(old, Kind.ANOTHER_METER)
        await dialog.heard()
        assert (await dialog.submit())["type"] == "create_entry"
        await hass.async_block_till_done()
        (new,) = (one for one in hass.config_entries.async_entries(DOMAIN) if one.disabled_by is None)
        assert (new.state, new.unique_id) == (ConfigEntryState.LOADED, maker.id)
        await until(hass, entity(hass, "power_import", maker), "2526")
        return cast("MockConfigEntry", new)

    return adopt


def peaks(entry: MockConfigEntry) -> list[tuple[int, int]]:
    """Return the day and the energy (Wh) of each peak of the month that counts."""
    return [(peak.day.day, peak.energy) for peak in entry.runtime_data.capacity.month.counting]


async def test_the_month_goes_on_with_the_new_meter(
    hass: HomeAssistant, bridge: Bridge, hours: Hours, adopt: Adopt, caplog: pytest.LogCaptureFixture
) -> None:
    """The old one's registers had to be doubled, the new one's are right. One more comes, and then the first again."""
    house: dict[str, Any] = {
        "power_interval": 10,
        "interval": 60,
        "capacity": CAPACITY,
        "fuse": {"amperes": 25, "delay": 30},
    }
    old = await set_up(hass, entry_for(bridge.url, **house, energy_factor=2.0, voltage_factor=10.0))
    for day, energy in ((10, 2000), (11, 1500), (12, 1000)):
        await hours.use(old, datetime(2026, 11, day, 9, tzinfo=UTC), energy)
    correction = {"day": "2026-11-11", "energy": 3.5}
    await hass.services.async_call(DOMAIN, "correct_peak", correction, blocking=True)
    assert peaks(old) == [(10, 4000), (11, 3500), (12, 2000)]

    hours.go_to(datetime(2026, 11, 15, 12, tzinfo=UTC))
    second = await adopt(old, OTHER_AIDON)
    assert second.options == house
    assert peaks(second) == [(10, 4000), (11, 3500), (12, 2000)]
    assert float(shown(hass, "month_peak_2", OTHER_AIDON)) == 3.5
    await hours.use(second, datetime(2026, 11, 15, 14, tzinfo=UTC), 5000, OTHER_AIDON)
    assert peaks(second) == [(15, 5000), (10, 4000), (11, 3500)]
    assert await hass.config_entries.async_reload(second.entry_id)
    assert peaks(second) == [(15, 5000), (10, 4000), (11, 3500)]
    correction = {"day": "2026-11-11", "correction": "take_back"}
    await hass.services.async_call(DOMAIN, "correct_peak", correction, blocking=True)
    assert peaks(second) == [(15, 5000), (10, 4000), (11, 3000)]

    third = await adopt(second, THIRD_AIDON)
    assert third.options == house
    assert peaks(third) == [(15, 5000), (10, 4000), (11, 3000)]
    await hours.use(third, datetime(2026, 11, 20, 9, tzinfo=UTC), 3200, THIRD_AIDON)
    correction = {"day": "2026-11-15", "correction": "drop"}
    await hass.services.async_call(DOMAIN, "correct_peak", correction, blocking=True)
    assert peaks(third) == [(10, 4000), (20, 3200), (11, 3000)]

    again = await adopt(third, AIDON)
    assert again is old
    assert again.options == {**house, "energy_factor": 2.0, "voltage_factor": 10.0}
    assert peaks(again) == [(10, 4000), (20, 3200), (11, 3000)]
    assert complaints(caplog) == []


async def test_the_metering_point_is_the_houses(hass: HomeAssistant, bridge: Bridge, adopt: Adopt) -> None:
    old = entry_for(bridge.url)
    await set_up(hass, old)
    hass.config_entries.async_update_entry(old, data={**old.data, "metering_point": "707057500012345671"})
    assert (await adopt(old, OTHER_AIDON)).data["metering_point"] == "707057500012345671"


async def test_its_cable_was_moved(hass: HomeAssistant, bridge: Bridge, hours: Hours, adopt: Adopt) -> None:
    """A meter that has been read all the time on another port comes in nobody's place, and stays as it is."""
    old = await set_up(hass, entry_for(bridge.url, capacity=CAPACITY))
    await hours.use(old, datetime(2026, 11, 10, 9, tzinfo=UTC), 2000)
    async with Bridge() as elsewhere:
        moved = await set_up(hass, entry_for(elsewhere.url, OTHER_AIDON, capacity={**CAPACITY, "target": 5}))
    await adopt(old, OTHER_AIDON)
    assert moved.data["port"] == bridge.url
    assert moved.options["capacity"]["target"] == 5
    assert peaks(moved) == []


async def test_the_own_meter_is_heard(hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog) -> None:
    entry = await replaced(hass, bridge, minutes)
    bridge.greeting = full(power_import=7)
    await dialog.open(entry, Kind.ANOTHER_METER)
    step = await dialog.heard()
    assert (step["type"], step["reason"]) == ("abort", "own_meter")
    await until(hass, entity(hass, "power_import"), "7")
    await minutes(1)
    assert told(hass) == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_the_entry_is_removed_while_the_dialog_is_open(
    hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog, when: str
) -> None:
    entry = await replaced(hass, bridge, minutes)
    await dialog.open(entry, Kind.ANOTHER_METER)
    if when == "after":
        await dialog.heard()
        await hass.async_block_till_done()
    await hass.config_entries.async_remove(entry.entry_id)
    step = await dialog.submit()
    assert (step["type"], step["reason"]) == ("abort", "gone")
    assert hass.config_entries.async_entries(DOMAIN) == []

"""A meter that ciphers its lists: what is opened, when keys are asked for, and what a falling frame counter means.

Real sockets; the messages are those of a plain meter, ciphered with invented keys.
"""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
import json
import logging
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.cipher_watch import CLOSED, FALLEN
from custom_components.han_port.const import DOMAIN
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics
from custom_components.han_port.troubles import Kind
from custom_components.han_port.wire.cipher import Keys

from .ciphered import ciphered as sealed
from .conftest import ENOUGH, KAMSTRUP, Bridge, Time, entity, entry_for, full, set_up, shown, until
from .test_repairs_port import (
    TEXTS,
    Dialog,
    Minutes,
    dialog as dialog,  # noqa: PLC0414 - a fixture
    issue_of,
    minutes as minutes,  # noqa: PLC0414 - a fixture
    settle,
    told,
)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

TITLE = b"KAM\x00\x01\x23\x45\x67"
OTHER_TITLE = b"KAM\x00\x07\x65\x43\x21"
KEY, AUTHENTICATION, OTHER_KEY = (bytes(range(start, start + 16)) for start in (0x10, 0x40, 0xA0))
KEYS = {"encryption": KEY.hex(), "authentication": AUTHENTICATION.hex()}
MESSAGES = count(1)
"""Numbers that tell messages apart."""


def ciphered(counter: int, power: int = 1000, *, title: bytes = TITLE, key: bytes = KEY) -> bytes:
    """Return the frame of a full list, ciphered."""
    return sealed(full(KAMSTRUP, power_import=power), counter, keys=Keys(key, AUTHENTICATION), title=title)


def entry_with(url: str, keys: dict[str, str] | None) -> MockConfigEntry:
    """Return the entry of a meter that ciphers."""
    entry = entry_for(url, KAMSTRUP)
    plain = entry_for(url, KAMSTRUP)
    return MockConfigEntry(
        domain=DOMAIN,
        title=entry.title,
        unique_id=entry.unique_id,
        data=plain.data if keys is None else {**plain.data, "keys": keys},
        options={"interval": 0},
    )


class Line:
    """The bridge of an entry that is set up; waits until what it sends was taken."""

    def __init__(self, hass: HomeAssistant, bridge: Bridge, entry: MockConfigEntry) -> None:
        self.hass = hass
        self.bridge = bridge
        self.entry = entry

    async def send(self, *frames: bytes) -> None:
        """Send frames one after another."""
        coordinator = self.entry.runtime_data
        for one in frames:
            async with asyncio.timeout(ENOUGH):
                while not coordinator.link.connected or self.bridge.clients[-1].gone.is_set():
                    await settle(self.hass)
                wanted = coordinator.decoder.counters.frames + 1
                self.bridge.send(one)
                while coordinator.decoder.counters.frames < wanted:
                    await settle(self.hass)
        await settle(self.hass)

    async def closed(self, number: int) -> None:
        """Send so many messages that the entry's keys do not open."""
        for _ in range(number):
            await self.send(ciphered(next(MESSAGES), key=OTHER_KEY))


async def begin(hass: HomeAssistant, bridge: Bridge, keys: dict[str, str] | None = KEYS) -> Line:
    """Set an entry up, and wait until its port is open."""
    entry = await set_up(hass, entry_with(bridge.url, keys))
    await bridge.client()
    return Line(hass, bridge, entry)


def asking(hass: HomeAssistant) -> list[str]:
    """Return the dialogs that ask for keys."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow["flow_id"] for flow in flows if flow["context"]["source"] == SOURCE_REAUTH]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log warns of."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(f"custom_components.{DOMAIN}") and record.levelno >= logging.WARNING
    ]


async def test_lists_are_opened(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    line = await begin(hass, bridge)
    await line.send(ciphered(1, 1111))
    assert shown(hass, "power_import", KAMSTRUP) == "1111"
    await line.send(ciphered(2, 2222), ciphered(1, 3333))
    assert shown(hass, "power_import", KAMSTRUP) == "2222"
    assert line.entry.runtime_data.decoder.counters.replayed == 1
    assert asking(hass) == []
    assert warnings(caplog) == []


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (None, ciphered),
        (KEYS, lambda number: ciphered(number, key=OTHER_KEY)),
        (KEYS, lambda number: ciphered(number, key=OTHER_KEY, title=OTHER_TITLE)),
        ({**KEYS, "authentication": OTHER_KEY.hex()}, ciphered),
    ],
    ids=["no keys", "another key", "another meter", "another authentication key"],
)
async def test_keys_are_asked_for_once(
    hass: HomeAssistant,
    bridge: Bridge,
    caplog: pytest.LogCaptureFixture,
    keys: dict[str, str] | None,
    message: Callable[[int], bytes],
) -> None:
    line = await begin(hass, bridge, keys)
    await line.send(*(message(number) for number in range(CLOSED - 1)))
    assert asking(hass) == []
    await line.send(message(10))
    (flow,) = asking(hass)
    (said,) = warnings(caplog)
    assert said.startswith(f"{line.entry.title}: ")
    await line.send(*(message(number) for number in range(20, 26)))
    assert asking(hass) == [flow]
    hass.config_entries.flow.async_abort(flow)
    await line.send(*(message(number) for number in range(30, 36)))
    assert asking(hass) == []
    assert len(warnings(caplog)) == 1


async def test_keys_are_asked_for_again_when_lists_had_come(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    line = await begin(hass, bridge)
    await line.closed(CLOSED)
    (flow,) = asking(hass)
    hass.config_entries.flow.async_abort(flow)
    await line.send(ciphered(next(MESSAGES), 7))
    assert shown(hass, "power_import", KAMSTRUP) == "7"
    await line.closed(CLOSED - 1)
    assert asking(hass) == []
    await line.closed(1)
    assert len(asking(hass)) == 1
    assert len(warnings(caplog)) == 2


async def test_no_key_opens_them_for_long(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> None:
    line = await begin(hass, bridge)
    await line.send(ciphered(next(MESSAGES), 7))
    await minutes(12, lambda: bridge.send(ciphered(next(MESSAGES), key=OTHER_KEY)))
    assert shown(hass, "power_import", KAMSTRUP) == "unavailable"
    assert told(hass) == ["port_unreadable"]
    about = issue_of(hass, line.entry, Kind.UNREADABLE).translation_placeholders or {}
    assert about["why"] == TEXTS["config"]["error"]["wrong_key"]
    assert line.entry.runtime_data.decoder.counters.wrong_key > CLOSED


# Frame counters.


@pytest.fixture
async def fallen(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> Line:
    """Return a line whose meter has begun to count anew."""
    line = await begin(hass, bridge)
    await line.send(ciphered(100_000, 7))
    await line.send(*(ciphered(number, 8) for number in range(1, FALLEN)))
    await minutes(0.5)
    assert told(hass) == []
    await line.send(ciphered(FALLEN, 8))
    await minutes(0.5)
    assert told(hass) == ["counter_fell"]
    issue_of(hass, line.entry, Kind.COUNTER_FELL)
    assert shown(hass, "power_import", KAMSTRUP) != "8"
    assert asking(hass) == []
    return line


async def test_the_meter_was_reset(hass: HomeAssistant, fallen: Line, dialog: Dialog, minutes: Minutes) -> None:
    step = await dialog.open(fallen.entry, Kind.COUNTER_FELL)
    assert (step["type"], step["step_id"]) == ("form", "confirm")
    assert (await dialog.submit())["type"] == "create_entry"
    await minutes(1)
    assert told(hass) == []
    await fallen.send(ciphered(FALLEN + 1, 9))
    assert shown(hass, "power_import", KAMSTRUP) == "9"
    await hass.config_entries.async_reload(fallen.entry.entry_id)  # the new count is kept
    await fallen.send(ciphered(FALLEN + 1, 10), ciphered(FALLEN + 2, 11))
    assert shown(hass, "power_import", KAMSTRUP) == "11"


async def test_it_goes_by_itself(hass: HomeAssistant, fallen: Line, minutes: Minutes) -> None:
    await fallen.send(ciphered(100_001, 9))
    assert shown(hass, "power_import", KAMSTRUP) == "9"
    await minutes(0.5)
    assert told(hass) == []


async def test_the_meter_is_not_read_when_somebody_confirms(hass: HomeAssistant, fallen: Line, dialog: Dialog) -> None:
    await dialog.open(fallen.entry, Kind.COUNTER_FELL)
    await hass.config_entries.async_unload(fallen.entry.entry_id)
    step = await dialog.submit()
    assert (step["type"], step["reason"]) == ("abort", "not_loaded")


async def test_counters_outlive_a_restart(hass: HomeAssistant, bridge: Bridge, hass_storage: dict[str, Any]) -> None:
    """They are written when Home Assistant stops, and not with every list; other keys begin another count."""
    line = await begin(hass, bridge)
    key = f"{DOMAIN}.{line.entry.entry_id}"
    await line.send(*(ciphered(number, 7) for number in range(500, 530)))
    assert key not in hass_storage
    assert await hass.config_entries.async_reload(line.entry.entry_id)
    assert hass_storage[key]["data"]["frame_counters"]["counters"] == {TITLE.hex().upper(): 529}
    assert KEY.hex() not in json.dumps(hass_storage).lower()
    await line.send(ciphered(529, 8))
    assert line.entry.runtime_data.decoder.counters.replayed == 1
    await line.send(ciphered(530, 9))
    assert shown(hass, "power_import", KAMSTRUP) == "9"
    keys = {**KEYS, "encryption": OTHER_KEY.hex()}
    hass.config_entries.async_update_entry(line.entry, data={**line.entry.data, "keys": keys})
    assert await hass.config_entries.async_reload(line.entry.entry_id)
    await line.send(ciphered(1, 10, key=OTHER_KEY))
    assert shown(hass, "power_import", KAMSTRUP) == "10"


# What is told of them.


def parts(secret: str) -> Iterator[str]:
    """Yield what would give a part of a key away."""
    for start in range(len(secret) - 7):
        yield secret[start : start + 8]


async def test_nobody_is_told_of_keys_and_numbers(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, time: Time
) -> None:
    """Neither in the diagnostics, nor in the log: no key, no system title, nothing that is ciphered still."""
    caplog.set_level(logging.DEBUG)
    line = await begin(hass, bridge)
    await line.send(ciphered(next(MESSAGES), 7))
    await line.closed(CLOSED)
    damaged = bytearray(ciphered(next(MESSAGES), 7))
    damaged[120] ^= 1
    bridge.send(bytes(damaged) * 2, b"\x7e" * 2)
    await line.send(ciphered(next(MESSAGES), 8))
    await until(hass, entity(hass, "power_import", KAMSTRUP), "8")
    time.passes(60)
    await settle(hass)
    diagnostics = await async_get_config_entry_diagnostics(hass, line.entry)
    assert diagnostics["damaged_frames"]
    assert diagnostics["entry"]["keys"] == "**REDACTED**"
    text = json.dumps(diagnostics).lower()
    assert bytes(damaged)[-40:-10].hex() not in text
    logged = "\n".join(record.getMessage() for record in caplog.records if DOMAIN in record.name).lower()
    for secret in (KEY, OTHER_KEY, AUTHENTICATION):
        assert not any(part in text or part in logged for part in parts(secret.hex()))
    assert TITLE.hex() not in text
    assert TITLE[4:].hex() not in text
    assert TITLE.hex() not in logged

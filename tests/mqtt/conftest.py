"""The broker, and a reader of a meter that sends to it."""

from collections.abc import AsyncGenerator
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest

from .broker import Broker, Publisher
from .home import prepare


@pytest.fixture
async def broker(
    hass: HomeAssistant,
    socket_enabled: None,  # noqa: ARG001 - a real socket
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Broker]:
    """Return a broker."""
    prepare(hass, tmp_path, monkeypatch)
    async with Broker() as running:
        yield running


@pytest.fixture
async def reader(broker: Broker) -> AsyncGenerator[Publisher]:
    """Return a reader of a meter that is connected to the broker."""
    async with Publisher(broker.port) as running:
        yield running

"""A phone with Home Assistant's app: registered as the app does it, and pushed to over a socket of its own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

APP = "mobile_app"


class Phone:
    """What a phone was told, and the pictures that it fetched then."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        self.hass = hass
        self.name = name
        self.told: list[dict[str, Any]] = []
        self.pictures: list[bytes] = []
        self.device_id = ""

    @asynccontextmanager
    async def registered(self) -> AsyncGenerator[Phone]:
        """Be there, and be known to Home Assistant."""
        app = web.Application()
        app.router.add_post("/push", self._push)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        owner = await self.hass.auth.async_create_user("Owner")
        entry: ConfigEntry = ConfigEntry(
            version=1,
            minor_version=1,
            domain=APP,
            title=self.name,
            data={
                "app_data": {"push_url": f"http://{host}:{port}/push", "push_token": "token"},
                "app_id": "io.homeassistant.companion.android",
                "app_name": "Home Assistant",
                "app_version": "2026.10.1",
                "device_id": self.name,
                "device_name": self.name,
                "manufacturer": "Maker",
                "model": "Model",
                "os_name": "Android",
                "os_version": "16",
                "supports_encryption": False,
                "user_id": owner.id,
                "webhook_id": f"webhook of {self.name}",
            },
            options={},
            source="registration",
            unique_id=self.name,
            discovery_keys=MappingProxyType({}),
            subentries_data=None,
        )
        await self.hass.config_entries.async_add(entry)
        await self.hass.async_block_till_done()
        (device,) = dr.async_entries_for_config_entry(dr.async_get(self.hass), entry.entry_id)
        self.device_id = device.id
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _fetch(self, path: str) -> bytes:
        """Fetch what lies at a path of Home Assistant, with nothing but the path."""
        # The plugin keeps Home Assistant's own web server from listening; its application may be served by another.
        async with (
            TestServer(self.hass.http.app) as server,
            ClientSession() as session,
            session.get(server.make_url(path)) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.read()

    async def _push(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.told.append(told)
        if (picture := told.get("data", {}).get("image")) is not None:
            self.pictures.append(await self._fetch(picture))  # at once: its token is good for five minutes
        return web.json_response({}, status=201)

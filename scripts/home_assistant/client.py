"""A client of Home Assistant's public REST and websocket API: a user, a token, commands."""

import asyncio
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Self

import aiohttp

ANSWER_SECONDS = 30

type Json = Any
"""What json.loads makes; its shape is the API's, and is not checked here."""


class ApiError(Exception):
    """Home Assistant refused a request. The text names the request and the reason."""


@dataclass(frozen=True, slots=True)
class User:
    """The owner of this Home Assistant."""

    name: str
    username: str
    password: str
    language: str = "en"


class Client:
    """A session with the Home Assistant at `url`, from `async with` to its end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._ids = count(1)
        self._token: str | None = None
        self._session: aiohttp.ClientSession
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def rest(self, method: str, path: str, *, form: dict[str, str] | None = None, json: Json = None) -> Json:
        """Ask the REST API and return its answer, read as JSON if it says that it is."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        request = self._session.request(method, self.url + path, headers=headers, data=form, json=json)
        async with request as response:
            if response.status >= 400:
                raise ApiError(f"{method} {path}: {response.status} {await response.text()}")
            return await (response.json() if response.content_type == "application/json" else response.text())

    async def onboard(self, user: User) -> None:
        """Make `user` the owner, as the first visit does, and go on as that user, once all has started."""
        client_id = f"{self.url}/"
        made = await self.rest(
            "POST",
            "/api/onboarding/users",
            json={
                "client_id": client_id,
                "name": user.name,
                "username": user.username,
                "password": user.password,
                "language": user.language,
            },
        )
        grant = {"grant_type": "authorization_code", "code": made["auth_code"], "client_id": client_id}
        self._token = (await self.rest("POST", "/auth/token", form=grant))["access_token"]
        await self._until_running()
        await self.keep_http_settings()
        await self.command(
            "frontend/set_user_data", key="language", value={"language": user.language, "time_format": "24"}
        )

    async def keep_http_settings(self) -> None:
        """Keep the port that this Home Assistant was started with.

        Recent versions only try a port that comes from configuration.yaml, and go back to 8123 by a restart after five
        minutes unless someone confirms it; they also ask to remove it from the file.
        """
        try:
            pending = (await self.command("http/config"))["pending"]
        except ApiError:
            return  # older: what the file says holds
        if pending:
            await self.command("http/config/promote")
        for issue in (await self.command("repairs/list_issues"))["issues"]:
            if issue["domain"] == "http":
                await self.command("repairs/ignore_issue", domain="http", issue_id=issue["issue_id"], ignore=True)

    async def _until_running(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS * 2):
            while True:
                if (await self.rest("GET", "/api/config"))["state"] == "RUNNING":
                    return
                await asyncio.sleep(0.2)

    async def command(self, kind: str, **fields: Json) -> Json:
        """Send a websocket command and return its result."""
        number = next(self._ids)
        socket = await self._send({"id": number, "type": kind, **fields})
        async with asyncio.timeout(ANSWER_SECONDS):
            while (answer := await socket.receive_json()).get("id") != number:
                pass
        if not answer["success"]:
            raise ApiError(f"{kind}: {answer['error']['code']}: {answer['error']['message']}")
        return answer["result"]

    async def _send(self, message: Json) -> aiohttp.ClientWebSocketResponse:
        """Send a message and return the socket that the answer comes on.

        Home Assistant hangs up on a client that was idle for minutes, as its pings are answered only while receiving.
        """
        socket = self._socket or await self._connect()
        try:
            await socket.send_json(message)
        except aiohttp.ClientConnectionResetError:
            await socket.close()
            socket = await self._connect()
            await socket.send_json(message)
        return socket

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        socket = await self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
        await socket.receive_json()  # auth_required
        await socket.send_json({"type": "auth", "access_token": self._token})
        if (answer := await socket.receive_json())["type"] != "auth_ok":
            raise ApiError(f"websocket: {answer}")
        self._socket = socket
        return socket

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

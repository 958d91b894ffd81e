"""A fresh tenant with printers, shares and people, and the calls that they make, as plain functions.

The server runs in the same loop and moves only while a call is awaited, so a run is the same each time.
"""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from tests.support.ipp import raw
from tests.support.ipp.raw import BOOLEAN, INTEGER, KEYWORD, URI
from tests.support.ipp.raw import attribute as a
from upsim.actors.wire import trusting
from upsim.app import Running, serve
from upsim.config import Settings

CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
PEOPLE = {"alex": "Alex-pass-1", "sam": "Sam-pass-1", "admin": "Admin-pass-1"}
PRINTERS = ("First", "Second", "Stranger")
"""The last belongs to no pull-print printer."""
LIMITS = {"jobs-per-user": 6, "jobs-per-printer": 8, "submissions-per-user": 2, "bytes-per-user": 3000}


class Reply(NamedTuple):
    """What came back; status 0: the connection broke."""

    status: int
    body: Any = None
    headers: Any = None


class Server:
    """A running server and the loop that it runs in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, upsim: Running, http: aiohttp.ClientSession) -> None:
        self.loop, self.upsim, self.http = loop, upsim, http


@contextmanager
def running() -> Iterator[Server]:
    """A server for many tenants."""
    loop = asyncio.new_event_loop()
    context = serve(Settings(port=0, http_port="off"))
    upsim = loop.run_until_complete(context.__aenter__())

    async def connect() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(ssl=trusting(Path(upsim.ca).read_text()))
        return aiohttp.ClientSession(upsim.https, connector=connector)

    http = loop.run_until_complete(connect())
    try:
        yield Server(loop, upsim, http)
    finally:
        loop.run_until_complete(http.close())
        loop.run_until_complete(context.__aexit__(None, None, None))
        loop.close()


class Office:
    """One tenant. `printers` and `shares` are ids by name; the share `Pull` is that of the pull-print printer."""

    def __init__(self, server: Server, seed: str) -> None:
        self._server = server
        self._tokens: dict[str, str] = {}
        self.printers: dict[str, str] = {}
        self.shares: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        body = {"seed": seed, "frozenAt": "2026-01-05T10:00:00Z"}
        self.tenant = self.call("POST", "/_upsim/tenants", json=body).body["tenant"]["id"]
        self.control("PUT", "/settings", {"limits": {"profile": "off", "own": LIMITS}})
        for name in PRINTERS:
            made = self.control(
                "POST", "/simulated-printers", {"displayName": name, "share": name}, expect=201
            ).body
            self.printers[name], self.shares[name] = made["id"], made["shareId"]
            self.control("DELETE", f"/printers/{made['id']}/simulation", expect=204)
            key = self.control("GET", f"/printers/{made['id']}/device-key").body
            self._keys[name] = b64encode(f"{key['userName']}:{key['key']}".encode()).decode()
        self.graph(
            "admin", "PATCH", f"/beta/print/shares/{self.shares['Second']}", {"holdJobsForSecureRelease": True}
        )
        pull = {
            "displayName": "Pull",
            "members": list(PRINTERS[:2]),
            "share": {"displayName": "Pull", "allowAllUsers": True},
        }
        made = self.control("POST", "/pull-printers", pull, expect=201).body
        self.printers["Pull"], self.shares["Pull"] = made["id"], made["share"]["id"]

    def close(self) -> None:
        """The tenant is gone with all it had."""
        self.call("DELETE", f"/_upsim/tenants/{self.tenant}")

    def run(self, awaitable: Any) -> Any:
        return self._server.loop.run_until_complete(awaitable)

    def call(self, method: str, path: str, **options: Any) -> Reply:
        return self.run(self._call(method, path, **options))

    def control(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Reply:
        reply = self.call(method, f"/_upsim/tenants/{self.tenant}{path}", json=body)
        assert reply.status == expect, reply
        return reply

    def release(self, number: str, user: str, printer: str) -> Reply:
        """The owner's phone releases a held job, at a printer or where it was sent."""
        body = {"user": f"{user}@contoso.example", **({"printer": printer} if printer else {})}
        return self.call("POST", f"/_upsim/tenants/{self.tenant}/jobs/{number}/release", json=body)

    def graph(self, user: str, method: str, path: str, body: Any = None) -> Reply:
        """A call of a user, who signs in when there is need."""
        for _ in range(2):
            if user not in self._tokens:
                self._tokens[user] = self._sign_in(user)
            headers = {"Authorization": f"Bearer {self._tokens[user]}"}
            reply = self.call(method, path if path[:5] == "/beta" else f"/v1.0{path}", json=body, headers=headers)
            if reply.status != 401:
                break
            del self._tokens[user]
        return reply

    def upload(self, url: str, content: bytes) -> Reply:
        """The whole document as one range."""
        headers = {"Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}"}
        path = url.removeprefix(self._server.upsim.https)
        return self.call("PUT", path, data=content, headers=headers)

    def device(self, name: str, operation: int, job: int, *parts: bytes, user: str = "") -> raw.Answer | None:
        """What a device is answered, while a user stands before it; None: the connection broke."""
        return self.run(self.device_call(name, operation, job, *parts, user=user))

    async def device_call(
        self, name: str, operation: int, job: int, *parts: bytes, user: str = ""
    ) -> raw.Answer | None:
        body = raw.request(
            operation, raw.of_device(self.printers[name]), _by(user), a(INTEGER, "job-id", job), *parts
        )
        return await self._ipp(name, body)

    def fetchable(self, name: str, user: str = "") -> set[int] | None:
        """Get-Jobs; None: it was not answered."""
        mine = a(BOOLEAN, "my-jobs", True) if user else b""
        body = raw.request(
            raw.GET_JOBS,
            raw.of_device(self.printers[name]),
            _by(user) + mine,
            a(KEYWORD, "which-jobs", "fetchable"),
        )
        answer = self.run(self._ipp(name, body))
        if answer is None or answer.status != raw.OK:
            return None
        return {int.from_bytes(group["job-id"][1][0], "big") for group in answer.all(raw.JOB)}

    async def _ipp(self, name: str, body: bytes) -> raw.Answer | None:
        headers = {"Authorization": f"Basic {self._keys[name]}", "Content-Type": "application/ipp"}
        reply = await self._call("POST", "/printers", data=body, headers=headers)
        return raw.parse(reply.body) if reply.status == 200 else None

    async def _call(self, method: str, path: str, **options: Any) -> Reply:
        try:
            async with self._server.http.request(method, path, **options) as response:
                content = await response.read()
        except aiohttp.ClientError:
            return Reply(0)
        is_json = response.content_type == "application/json" and content
        return Reply(response.status, await response.json() if is_json else content, response.headers)

    def _sign_in(self, user: str) -> str:
        form = {
            "grant_type": "password",
            "client_id": CLIENT,
            "username": f"{user}@contoso.example",
            "password": PEOPLE[user],
            "scope": "https://graph.microsoft.com/.default",
        }
        return str(self.call("POST", f"/{self.tenant}/oauth2/v2.0/token", data=form).body["access_token"])


def _by(user: str) -> bytes:
    return a(URI, "requesting-user-uri", f"mailto:{user}@contoso.example") if user else b""

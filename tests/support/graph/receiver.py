"""A receiver of change notifications as an application runs it: a real HTTP server that can misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web


class Receiver:
    """Keeps what it was sent. `status`: what it answers; `token`: what the handshake gets, None being the right
    one; `is_slow`: it does not answer before `release` is set."""

    def __init__(self) -> None:
        self.url = ""
        self.messages: list[dict[str, Any]] = []
        self.handshakes: list[str] = []
        self.asked = 0
        """Calls that came, answered or not, handshakes aside."""
        self.status = 202
        self.token: str | None = None
        self.content_type = "text/plain"
        self.is_slow = False
        self.release = asyncio.Event()

    @property
    def told(self) -> list[dict[str, Any]]:
        """Every notification, in the order in which it came."""
        return [item for message in self.messages for item in message["value"]]

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.asked += "validationToken" not in request.query
        if self.is_slow:
            await self.release.wait()
        if "validationToken" in request.query:
            self.handshakes.append(request.path_qs)
            text = request.query["validationToken"] if self.token is None else self.token
            return web.Response(text=text, content_type=self.content_type, status=200)
        self.messages.append(orjson.loads(body))
        return web.Response(status=self.status)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """With `tls` over HTTPS."""
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        receiver.release.set()
        await runner.cleanup()

"""The connection of an actor: one HTTP session that trusts upsim's CA and reports each call it makes."""

import ssl
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import aiohttp
import orjson

TIMEOUT_SECONDS = 60


class Exchange(NamedTuple):
    """One call as an observer sees it."""

    actor: str
    method: str
    url: str
    status: int
    note: str


Observer = Callable[[Exchange], None]


class ActorError(Exception):
    """An unexpected answer; the message quotes it."""

    def __init__(self, message: str, status: int = 0, ipp_status: int = 0) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status; 0 if it was the expected one."""
        self.ipp_status = ipp_status


class Answer(NamedTuple):
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object."""
        value = orjson.loads(self.body)
        if not isinstance(value, dict):
            raise ActorError("The answer is not a JSON object.")
        return value


def trusting(ca_pem: str) -> ssl.SSLContext:
    """Return a client context that trusts this CA alone."""
    return ssl.create_default_context(cadata=ca_pem)


class Wire:
    """HTTP for one actor. Use it as an asynchronous context manager."""

    def __init__(
        self,
        actor: str,
        base_url: str,
        ca_pem: str,
        observer: Observer | None = None,
        *,
        control_key: str | None = None,
    ) -> None:
        """`control_key` is sent with calls of the control API, where the server asks for one."""
        self.actor = actor
        self._control_key = control_key
        self.base_url = base_url.rstrip("/")
        self._context = trusting(ca_pem)
        self._observer = observer
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._context),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        )
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        url: str,
        *,
        expect: tuple[int, ...] = (200,),
        note: str = "",
        token: str | None = None,
        json: Any = None,
        **options: Any,
    ) -> Answer:
        """Send one request and read the whole answer; a status that is not expected raises `ActorError`."""
        if self._session is None:
            raise ActorError("The wire is not open; use 'async with'.")
        headers = dict(options.pop("headers", {}))
        if url.startswith("/_upsim/"):
            token = token or self._control_key
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if json is not None:
            headers["Content-Type"] = "application/json"
            options["data"] = orjson.dumps(json)
        address = url if "://" in url else self.base_url + url
        async with self._session.request(
            method, address, headers=headers, allow_redirects=False, **options
        ) as response:
            answer = Answer(response.status, dict(response.headers), await response.read())
        self.observe(method, address, answer.status, note)
        if answer.status not in expect:
            raise ActorError(
                f"{method} {address} was answered {answer.status}: {answer.body[:600].decode('utf-8', 'replace')}",
                answer.status,
            )
        return answer

    def observe(self, method: str, url: str, status: int, note: str) -> None:
        """Report a call to the observer."""
        if self._observer is not None:
            self._observer(Exchange(self.actor, method, url, status, note))

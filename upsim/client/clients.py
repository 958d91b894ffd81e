"""The two clients. They differ only in how they wait; httpx is imported when one is made."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar

from upsim.client.ask import Ask, ControlError

if TYPE_CHECKING:
    import httpx

    from upsim.trust.environment import Server

T = TypeVar("T")

TIMEOUT_SECONDS = 330.0
"""Longer than the longest wait that the control API takes."""


class Client:
    """Sends calls and waits for their answers.

    Without `url`: UPSIM_URL, the server that runs here, or the default address. Without `control_key`:
    UPSIM_CONTROL_KEY, or that of the server that runs here. `tenant` is the server's first, `url` its address,
    `verify` what other clients check its certificate with.
    """

    def __init__(
        self, url: str | None = None, *, control_key: str | None = None, server: "Server | None" = None
    ) -> None:
        import httpx

        server, options = _options(url, control_key, server)
        self.url, self.tenant, self.verify = server.https, server.tenant, options["verify"]
        self._http = httpx.Client(**options)

    def send(self, ask: Ask[T]) -> T:
        """The answer, or `ControlError` with the server's own words."""
        return _answer(ask, self._http.request(ask.method, ask.path, json=ask.body))

    def save(self, path: str, file: BinaryIO) -> None:
        """Write what a GET of `path` answers into a file, piece by piece."""
        with self._http.stream("GET", path) as response:
            if not response.is_success:
                response.read()
                _answer(Ask("GET", path, bool), response)
            file.writelines(response.iter_bytes())

    def load(self, path: str, file: BinaryIO) -> Any:
        """POST a file to `path`; the answer's JSON."""
        return _answer(Ask("POST", path, lambda value: value), self._http.post(path, content=file))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient:
    """The same for a running loop. Making one asks the server for its CA, unless it is given as `server`."""

    def __init__(
        self, url: str | None = None, *, control_key: str | None = None, server: "Server | None" = None
    ) -> None:
        import httpx

        server, options = _options(url, control_key, server)
        self.url, self.tenant, self.verify = server.https, server.tenant, options["verify"]
        self._http = httpx.AsyncClient(**options)

    async def send(self, ask: Ask[T]) -> T:
        """The answer, or `ControlError` with the server's own words."""
        return _answer(ask, await self._http.request(ask.method, ask.path, json=ask.body))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _options(url: str | None, control_key: str | None, known: "Server | None") -> "tuple[Server, dict[str, Any]]":
    import ssl

    from upsim.trust import servers

    server = known or servers.introduce(servers.find_url(url))
    key = control_key or servers.find_key(server.https)
    return server, {
        "base_url": server.https,
        "headers": {"Authorization": f"Bearer {key}"} if key else {},
        "verify": ssl.create_default_context(cadata=server.ca_pem),
        "timeout": TIMEOUT_SECONDS,
        "trust_env": False,
    }


def _answer(ask: Ask[T], response: "httpx.Response") -> T:
    if response.is_success:
        is_json = "json" in response.headers.get("Content-Type", "")
        return ask.read((response.json() if is_json else response.text) if response.content else None)
    raise ControlError(response.status_code, _message(response))


def _message(response: "httpx.Response") -> str:
    """The server's words: the control API's, or those of sign-in (RFC 6749 section 5.2)."""
    try:
        answer = response.json()
        return str(answer.get("error_description") or answer["error"]["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return response.text or f"The server answered {response.status_code}."

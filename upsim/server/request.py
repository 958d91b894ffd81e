"""What was asked: method, target, headers and a body that is read once, as it arrives."""

from collections.abc import AsyncIterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Protocol

from aiohttp import ClientError, hdrs, web
from multidict import CIMultiDict, MultiMapping
from yarl import URL

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.connection import Connection


class Body(Protocol):
    """The body of a request. It is read once."""

    async def next_chunk(self) -> bytes:
        """The next chunk of the body; b'' at its end. Raises `ConnectionResetError` if the client leaves."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The chunks that have not been read."""


class Request:
    """A request as it was sent. Nothing of it changes while it is served."""

    __slots__ = ("_query", "body", "connection", "headers", "host", "method", "raw_path", "scheme")

    def __init__(
        self,
        *,
        method: str,
        raw_path: str,
        headers: Mapping[str, str],
        scheme: str,
        host: str,
        body: Body,
        connection: Connection,
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        """Path and query as they were sent, percent-encoded (RFC 9112 section 3.2)."""
        self.headers = headers
        self.scheme = scheme
        self.host = host
        """The Host header: a name, and a port if it is not the scheme's own."""
        self.body = body
        self.connection = connection
        self._query: MultiMapping[str] | None = None

    @classmethod
    def from_http(cls, http: web.BaseRequest) -> "Request":
        """The request that aiohttp parsed."""
        connection = Connection(http)
        return cls(
            method=http.method,
            raw_path=http.raw_path,
            headers=http.headers,
            scheme=http.scheme,
            host=http.host,
            body=HttpBody(http, connection),
            connection=connection,
        )

    def part(self, *, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> "Request":
        """A request that came inside this one, by the same connection."""
        return Request(
            method=method,
            raw_path=raw_path,
            headers=CIMultiDict(headers),
            scheme=self.scheme,
            host=self.host,
            body=HeldBody(body),
            connection=self.connection,
        )

    @property
    def path(self) -> str:
        """The path without the query, percent-encoded."""
        return self.raw_path.partition("?")[0]

    @property
    def query_string(self) -> str:
        """The query, percent-encoded."""
        return self.raw_path.partition("?")[2]

    @property
    def query(self) -> MultiMapping[str]:
        """The parameters of the query, decoded."""
        if self._query is None:
            self._query = URL(self.raw_path, encoded=True).query
        return self._query

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int | None:
        """The length of the body that the client announced, in octets; None where it announced none."""
        announced = self.headers.get(hdrs.CONTENT_LENGTH, "")
        return int(announced) if announced.isascii() and announced.isdigit() else None

    @property
    def cookies(self) -> Mapping[str, str]:
        """Cookies by name; none where the header is malformed."""
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get(hdrs.COOKIE, "")).items()}
        except CookieError:
            return {}


class HttpBody:
    """A body that arrives over HTTP.

    A client that waits for `100 Continue` gets it when the first chunk is read.
    """

    __slots__ = ("_connection", "_http", "_is_expected")

    def __init__(self, http: web.BaseRequest, connection: Connection) -> None:
        self._http = http
        self._connection = connection
        self._is_expected = hdrs.EXPECT in http.headers

    async def next_chunk(self) -> bytes:
        if self._is_expected:
            self._is_expected = False
            if self._http.headers[hdrs.EXPECT].lower() == "100-continue":
                self._connection.invite_body()
        try:
            return await self._http.content.readany()
        except ClientError as error:
            raise ConnectionResetError("the client left in the middle of its request") from error
        except web.RequestPayloadError as error:
            encoding = self._http.headers.get(hdrs.CONTENT_ENCODING)
            detail = (
                f"The body is not what its Content-Encoding '{encoding}' says."
                if encoding
                else "The body is not framed as HTTP/1.1 asks (RFC 9112 section 7)."
            )
            raise Refusal(RefusalKind.INVALID, detail, reason="body-malformed") from error

    async def chunks(self) -> AsyncIterator[bytes]:
        while chunk := await self.next_chunk():
            yield chunk


class HeldBody:
    """A body that is at hand whole."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    async def next_chunk(self) -> bytes:
        octets, self._octets = self._octets, b""
        return octets

    async def chunks(self) -> AsyncIterator[bytes]:
        if octets := await self.next_chunk():
            yield octets

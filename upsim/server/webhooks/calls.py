"""Calls to receivers: the handshake and notifications. Nothing else in upsim calls anywhere.

This machine may always be called, over http or https; any other host only where the operator named it.
"""

import asyncio
import secrets
import ssl
from collections.abc import Iterable
from typing import Any

import aiohttp
import orjson
from yarl import URL

from upsim.domain import clouds
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.loopback import is_loopback
from upsim.services.deliveries import Answered

ANSWER_BYTES_MAX = 4096
"""More than this of an answer is not read."""


class Webhooks:
    """The client. Its session and trust are made by the first call."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._hosts = frozenset(clouds.plain(name) for name in hosts)
        self._ca_pems: list[str] = []
        self._session: aiohttp.ClientSession | None = None

    def trust(self, ca_pem: str) -> None:
        """Take receivers whose certificate one of these CAs signed; raises `ValueError` if there are none."""
        ssl.create_default_context(cadata=ca_pem)
        self._ca_pems.append(ca_pem)

    def allows(self, url: str) -> bool:
        """Whether the operator lets upsim call this host. Microsoft's own are never called."""
        host = (URL(url).host or "").lower()
        if is_loopback(host):
            return True
        if not host or clouds.is_microsoft(host):
            return False
        return host in self._hosts or any(
            host.endswith(pattern[1:]) for pattern in self._hosts if pattern.startswith("*.")
        )

    def check(self, url: str, target: str, *, takes_http: bool) -> None:
        """Refuse a URL that cannot be called, in words that say what to do."""
        try:
            parsed = URL(url)
        except ValueError:
            parsed = URL()
        if (
            parsed.scheme not in {"https", "http"}
            or not parsed.host
            or (parsed.scheme == "http" and not takes_http)
        ):
            raise _refused(f"{target} must be an absolute https URL.", target)
        if parsed.user or parsed.fragment:
            raise _refused(f"{target} may carry no user name and no fragment.", target)
        if not self.allows(url):
            detail = (
                f"upsim calls this machine only. To let it call '{parsed.host}', start it with --webhook-hosts."
            )
            raise _refused(detail, target)

    async def validate(self, url: str, timeout_seconds: float) -> Answered:
        """The handshake: the receiver answers 200, text/plain, with the token of the query."""
        token = f"Validation: Testing client application reachability {secrets.token_urlsafe(16)}"
        asked = str(URL(url).update_query(validationToken=token))
        answered, headers, body = await self._post(asked, b"", "text/plain; charset=utf-8", timeout_seconds)
        if answered.outcome != "delivered":
            return answered
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if answered.status != 200 or kind != "text/plain":
            shown = f"{answered.status} {kind or 'without Content-Type'}"
            return Answered(
                outcome="wrong-token",
                status=answered.status,
                detail=f"The answer was {shown}, not 200 text/plain.",
            )
        if body.decode("utf-8", "replace") != token:
            return Answered(
                outcome="wrong-token", status=200, detail="The body is not the validation token, URL-decoded."
            )
        return answered

    async def notify(self, url: str, message: dict[str, Any], timeout_seconds: float) -> Answered:
        """Send notifications; any 2xx takes them."""
        if not self.allows(url):
            return Answered(outcome="forbidden", detail="The operator no longer allows this host.")
        answered, _, _ = await self._post(url, orjson.dumps(message), "application/json", timeout_seconds)
        return answered

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(
        self, url: str, body: bytes, content_type: str, timeout_seconds: float
    ) -> tuple[Answered, dict[str, str], bytes]:
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                self._open().post(
                    URL(url, encoded=True),
                    data=body,
                    headers={"Content-Type": content_type},
                    allow_redirects=False,
                ) as response,
            ):
                content = await response.content.read(ANSWER_BYTES_MAX)
                while len(content) < ANSWER_BYTES_MAX and (more := await response.content.read(ANSWER_BYTES_MAX)):
                    content += more
        except TimeoutError:
            return _failed("timeout", f"There was no answer within {timeout_seconds:g} s."), {}, b""
        except (aiohttp.ClientError, OSError) as error:
            return _failed("unreachable", str(error) or type(error).__name__), {}, b""
        if 200 <= response.status < 300:
            return Answered(outcome="delivered", status=response.status), dict(response.headers), content
        refusal = Answered(outcome="refused", status=response.status, detail=f"The answer was {response.status}.")
        return refusal, {}, content

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            named = bool(self._hosts)
            context = ssl.create_default_context(cadata=None if named or not self._ca_pems else self._ca_pems[0])
            for pem in self._ca_pems:
                context.load_verify_locations(cadata=pem)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context),
                timeout=aiohttp.ClientTimeout(total=None),
                headers={"User-Agent": "upsim"},
            )
        return self._session


def _failed(outcome: Any, detail: str) -> Answered:
    return Answered(outcome=outcome, detail=detail[:300])


def _refused(detail: str, target: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, detail, reason="subscription-invalid", target=target)

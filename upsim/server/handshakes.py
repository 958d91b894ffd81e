"""What goes wrong before a request is there to answer, said where its author looks.

A client that speaks plain HTTP to the HTTPS port, one that does not trust upsim's CA, one that is too old for
TLS 1.2: none of them gets as far as an API. The first is answered, all of them are logged with what mends it.
"""

import logging
import ssl
from typing import Any

log = logging.getLogger("upsim.tls")

_PLAIN_HTTP = "this port speaks HTTPS; write https:// instead of http:// in the client's authority or base URL"

_NO_TRUST = "A client does not trust upsim's CA: run it under 'upsim exec', or set what 'upsim env' prints."

HINTS = {
    "HTTP_REQUEST": f"A client spoke plain HTTP: {_PLAIN_HTTP}.",
    "TLSV1_ALERT_UNKNOWN_CA": _NO_TRUST,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _NO_TRUST,
    "SSLV3_ALERT_BAD_CERTIFICATE": "A client refused upsim's certificate: the name that it calls is not in it; "
    "start with --public-url https://NAME:PORT.",
    "UNSUPPORTED_PROTOCOL": "A client offered no TLS 1.2 or newer, and upsim speaks no older: raise its version.",
}
"""By the reason that OpenSSL gives."""

_ANSWER = (
    "HTTP/1.1 400 This port speaks HTTPS\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}"
)


class ExplainingContext(ssl.SSLContext):
    """A server context whose connections explain why their handshake failed."""

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *arguments: Any, **named: Any
    ) -> ssl.SSLObject:
        made = super().wrap_bio(incoming, outgoing, *arguments, **named)
        if isinstance(made, _Handshake):
            made.outgoing = outgoing
        return made


class _Handshake(ssl.SSLObject):
    outgoing: ssl.MemoryBIO | None = None

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            _explain(error)
            if error.reason == "HTTP_REQUEST" and self.outgoing is not None:
                text = f"upsim: {_PLAIN_HTTP}.\n"
                self.outgoing.write(_ANSWER.format(length=len(text), text=text).encode())
                # Asks asyncio to send what is there and to wait: the client reads the answer and hangs up.
                raise ssl.SSLWantReadError from error
            raise

    def read(self, *arguments: Any) -> Any:
        """As `SSLObject.read`. TLS 1.3 clients refuse a certificate only after the server's handshake."""
        try:
            first = super().read(*arguments)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            _explain(error)
            raise
        self.read = super().read  # type: ignore[method-assign]  # nothing is left to explain
        return first


ExplainingContext.sslobject_class = _Handshake


def _explain(error: ssl.SSLError) -> None:
    if hint := HINTS.get(error.reason or ""):
        log.warning("%s", hint, extra={"refused": (error.reason or "").lower().replace("_", "-")})

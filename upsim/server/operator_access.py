"""Who may call the control API: whoever runs the server."""

import hmac

from upsim.domain.clouds import plain
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.server.loopback import is_address, is_loopback
from upsim.server.request import Request


def check_operator(call: Call) -> None:
    """Refuse a caller that does not have the control key.

    Without a key the control API answers only this machine, and no page of another origin that is open there.
    """
    if call.site.control_key is not None:
        _check_control_key(call.site.control_key, call.request)
        return
    if not call.request.connection.is_local:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "The control API answers only callers on this machine. Start upsim with --control-key to open it to "
            "others who have the key.",
            reason="operator-only",
        )
    name = plain(call.request.host)
    if not (is_loopback(name) or is_address(name) or name in _own_names(call)):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The control API does not answer under the name {name}, which a page may have made its own. Call "
            "localhost, or start upsim with --public-url.",
            reason="name-foreign",
        )
    origin = call.request.headers.get("Origin")
    if origin and origin != call.base_url:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The control API does not answer pages of {origin}. Call it from a program.",
            reason="origin-foreign",
        )


def _check_control_key(key: str, request: Request) -> None:
    """The key is a bearer token (RFC 6750 section 2.1). No page can send it unasked, so origins do not matter."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not sent:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "The control API of this server needs its control key: send 'Authorization: Bearer KEY', or set "
            "UPSIM_CONTROL_KEY for upsim's own commands and clients.",
            reason="control-key-missing",
        )
    if not hmac.compare_digest(sent.strip().encode(), key.encode()):
        raise Refusal(
            RefusalKind.FORBIDDEN, "This is not the control key of this server.", reason="control-key-wrong"
        )


def _own_names(call: Call) -> set[str]:
    """The names beside localhost that whoever runs the server gave it."""
    return {plain(url.partition("://")[2]) for url in (call.site.public_url, call.site.addresses.https) if url}

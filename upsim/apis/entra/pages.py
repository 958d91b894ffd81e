"""Pages that a person sees. Jinja2 is loaded with the first of them; nothing is fetched from anywhere."""

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from aiohttp import web

from upsim.apis.entra import errors
from upsim.apis.entra.audit import note
from upsim.apis.entra.errors import describe, entra_error
from upsim.domain.refusals import Refusal
from upsim.server.context import Call

if TYPE_CHECKING:
    from jinja2 import Environment

SEEN_BY_PEOPLE = ("entra.authorize", "entra.admin-consent")
"""Operations, by the beginnings of their ids, whose refusals a person sees in a browser."""
SUBMIT_SCRIPT = "document.forms[0].submit()"
"""The only script there is: it sends the form of a `form_post` answer on."""

_SCRIPT_HASH = base64.b64encode(hashlib.sha256(SUBMIT_SCRIPT.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_SCRIPT_HASH}'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def page(call: Call, template: str, status: int = 200, **values: Any) -> web.Response:
    """Return a template of `templates/`, filled in; everything in it is escaped."""
    text = _environment().get_template(template).render(call=call, script=SUBMIT_SCRIPT, **values)
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def problem(call: Call, refusal: Refusal) -> web.Response:
    """Return a refusal that must not reach the client application, shown to the person."""
    call.facts["refused"] = refusal.reason
    note(call, refusal)
    return _problem(call, refusal)


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Refuse with a page where a person sees it, and with JSON where a client library reads it."""
    if call.operation is not None and call.operation.id.startswith(SEEN_BY_PEOPLE):
        return _problem(call, refusal)
    return errors.refuse(call, refusal)


def _problem(call: Call, refusal: Refusal) -> web.Response:
    row = entra_error(refusal)
    return page(call, "message.html", row.status, title="Sign-in failed", text=describe(refusal), is_error=True)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("upsim.apis.entra"), autoescape=True, trim_blocks=True)

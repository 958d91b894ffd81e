"""The browser's session: a cookie that names a `BrowserSession` of the tenant."""

from aiohttp import web

from upsim.apis.entra.requests import Form, unwrap
from upsim.server.context import Call
from upsim.services import browser_sessions
from upsim.services.browser_sessions import SESSION_SECONDS, Visitor

COOKIE = "upsim-session"
INTERACTIVE = frozenset(
    {
        "interaction-needed",
        "password-needed",
        "password-wrong",
        "user-unknown",
        "user-disabled",
        "user-locked",
        "sign-in-throttled",
        "second-factor-needed",
        "consent-missing",
        "administrator-consent-needed",
    }
)
"""Reasons that the person at the page can do something about; the client application is not told of them yet."""


async def sign_in(call: Call, fields: Form, account: str) -> str:
    """Open a session for the account chosen, with the password if one was typed; returns its id."""
    password = fields.get("password") or None
    outcome = await call.write(browser_sessions.open_session, Visitor(account=account, password=password))
    session_id: str = unwrap(outcome).id
    return session_id


def session_id(call: Call) -> str:
    """Return the session id of the browser's cookie."""
    return call.request.cookies.get(COOKIE, "")


def set_session(call: Call, response: web.Response, session: str) -> web.Response:
    """Set the cookie of a browser session."""
    response.set_cookie(
        COOKIE,
        session,
        max_age=SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=call.base_url.startswith("https:"),
    )
    return response

"""User info (OpenID Connect Core section 5.3) and sign-out (OpenID Connect RP-Initiated Logout 1.0)."""

from typing import Any

from aiohttp import web

from upsim.apis.entra import browser, pages
from upsim.apis.entra.claims import pairwise
from upsim.apis.entra.redirects import redirect, with_state
from upsim.apis.entra.requests import enter_tenant, read_form
from upsim.server.context import Call, json_response
from upsim.services import authorizations, browser_sessions
from upsim.services.grants import tenant_of_secret


async def user_info(call: Call) -> web.StreamResponse:
    """Describe the user of the access token; `sub` is that of the id_token, as section 5.3.2 asks."""
    caller = call.caller
    answer: dict[str, Any] = {"sub": pairwise(caller.user_id, caller.app_id), "name": caller.display_name}
    if "email" in caller.scopes:
        answer["email"] = caller.user_principal_name
    return json_response(answer)


async def enter_tenant_of_session(call: Call) -> None:
    """Resolve signing out: the browser's session names the tenant, or the path does."""
    await enter_tenant(call, secret=browser.session_id(call))


async def log_out(call: Call) -> web.StreamResponse:
    """Forget the browser's session; go back only to where a client of the tenant is registered."""
    fields = {**call.request.query, **(await read_form(call) if call.request.method == "POST" else {})}
    session = browser.session_id(call)
    if session and tenant_of_secret(session) == call.tenant_id:
        await call.write(browser_sessions.close_session, session)
    back = fields.get("post_logout_redirect_uri", "")
    may_go_back = await call.read(authorizations.is_registered_anywhere, back)
    if may_go_back:
        response = redirect(back, with_state({}, fields))
    else:
        text = "You signed out of your account. You may close this page."
        response = pages.page(call, "message.html", title="Signed out", text=text, is_error=False)
    response.del_cookie(browser.COOKIE, path="/")
    return response


async def explain_error(call: Call) -> web.StreamResponse:
    """Explain an error number; `error_uri` leads here."""
    number = "".join(filter(str.isdecimal, call.request.query.get("code", "")))[:12]
    text = (
        f"AADSTS{number or '?'}: the error's own description says what is wrong and how to mend it. Microsoft's "
        "page 'Microsoft Entra authentication and authorization error codes' lists the numbers."
    )
    return pages.page(call, "message.html", title="About this error", text=text, is_error=False)

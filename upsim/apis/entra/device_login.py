"""Where a person, or a test, answers a device's sign-in (RFC 8628 section 3.3).

The code alone says which tenant it belongs to: all tenants are searched for it.
"""

from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.entra import browser, pages
from upsim.apis.entra.audit import note
from upsim.apis.entra.errors import describe, entra_error
from upsim.apis.entra.requests import Form, read_form
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import DeviceCode
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.services import browser_sessions, client_authentication, device_codes, identity, tenants
from upsim.services.ports import SYSTEM


async def show(call: Call) -> web.StreamResponse:
    """Return the page to type the code; `otc` or `user_code` in the query fills it in."""
    query = call.request.query
    user_code = query.get("user_code") or query.get("otc", "")
    return pages.page(call, "device_code.html", user_code=user_code, problem="")


async def answer(call: Call) -> web.StreamResponse:
    """Return the code, then the account, then the person's answer; each step is a POST of the page's form."""
    form = await read_form(call)
    user_code = form.get("user_code", "")
    try:
        code = await _find(call, user_code)
    except Refusal as refusal:
        note(call, refusal)
        values = {"user_code": user_code, "problem": describe(refusal)}
        return pages.page(call, "device_code.html", entra_error(refusal).status, **values)
    if form.get("answer") == "deny":
        await call.write(device_codes.deny, code.user_code)
        return _done(call, "You declined. You may close this page; the device will be notified.")
    session = browser.session_id(call)
    try:
        session = await _signed_in(call, form, session)
        await call.write(device_codes.approve_in_session, code.user_code, session)
    except Refusal as refusal:
        response = await _ask(call, form, code, refusal)
    else:
        response = _done(call, "You have signed in on your device. You may close this page.")
    return browser.set_session(call, response, session) if session else response


class Approval(Struct, frozen=True):
    """The body of an approval."""

    user_principal_name: str = ""


async def approve(call: Call) -> web.StreamResponse:
    """Return the operator approves in the name of a user, for tests without a browser."""
    code = await _find(call, call.parameters["user_code"])
    user_name = (await read_as(call, Approval, "an approval")).user_principal_name
    if not user_name:
        raise client_authentication.parameter_missing("userPrincipalName")
    await call.write(device_codes.approve_as, code.user_code, user_name)
    return json_response({"userCode": code.user_code, "state": "approved", "tenantId": call.tenant_id})


async def deny(call: Call) -> web.StreamResponse:
    """Return the operator declines."""
    code = await _find(call, call.parameters["user_code"])
    await call.write(device_codes.deny, code.user_code)
    return json_response({"userCode": code.user_code, "state": "denied", "tenantId": call.tenant_id})


async def _find(call: Call, user_code: str) -> DeviceCode:
    for tenant in await call.site.store.read(SYSTEM, tenants.list_all):
        code = await call.site.store.read(tenant.id, lambda tx: device_codes.find(tx, user_code))
        if code is not None:
            await call.enter(tenant.id)
            return code
    raise Refusal(
        RefusalKind.NOT_FOUND,
        f"The code '{user_code}' is not waiting for anybody: it is mistyped, expired or answered already.",
        reason="user-code-unknown",
    )


async def _signed_in(call: Call, form: Form, session: str) -> str:
    """Return the session of the account that was chosen, or in which a second factor was just given."""
    if form.get("account"):
        return await browser.sign_in(call, form, form["account"])
    if form.get("second_factor") != "approve":
        raise Refusal(RefusalKind.UNAUTHENTICATED, "", reason="interaction-needed")
    await call.write(browser_sessions.confirm_second_factor, session)
    return session


def _done(call: Call, text: str) -> web.Response:
    return pages.page(call, "message.html", title="Done", text=text, is_error=False)


async def _ask(call: Call, form: Form, code: DeviceCode, refusal: Refusal) -> web.Response:
    note(call, refusal)
    application = await call.read(client_authentication.find_application, code.app_id)
    values: dict[str, Any] = {
        "application": application,
        "fields": {"user_code": code.user_code},
        "account": form.get("account", ""),
        "is_device": True,
    }
    if refusal.reason == "second-factor-needed":
        return pages.page(call, "second_factor.html", **values)
    problem = describe(refusal) if refusal.reason not in {"interaction-needed", "password-needed"} else ""
    users = await call.read(identity.users)
    return pages.page(call, "sign_in.html", users=users, problem=problem, **values)

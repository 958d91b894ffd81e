"""The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2).

A request that names a user of the tenant in `login_hint`, and does not ask for a prompt, is answered at once if
that user needs no password: tests have no browser. Otherwise a person chooses an account on a page, which sends
its form here again with the request's own parameters.

What is wrong with the client or its redirect URI is shown on a page and never redirected (RFC 6749 section
4.1.2.1); what the person can mend is asked on a page; everything else is reported to the client.
"""

from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.entra import browser, pages
from upsim.apis.entra.audit import note
from upsim.apis.entra.errors import describe, entra_error
from upsim.apis.entra.redirects import redirect, with_state
from upsim.apis.entra.requests import enter_tenant, read_form, read_scope
from upsim.domain.application import Application
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.services import authorizations, browser_sessions, identity
from upsim.services.authorizations import AuthorizationRequest, Consented

ANSWERS = frozenset({"account", "password", "second_factor", "consent"})
"""Fields that the page adds to the client's own parameters."""
PROMPTS_FOR_ACCOUNT = frozenset({"login", "select_account"})


class Asked(Struct, frozen=True, kw_only=True):
    """An authorization request whose client and redirect URI are good."""

    request: AuthorizationRequest
    application: Application
    redirect_uri: str
    fields: dict[str, str]

    @property
    def is_silent(self) -> bool:
        return self.request.prompt == "none"

    @property
    def is_answer(self) -> bool:
        """Whether the page sent this, not the client."""
        return not ANSWERS.isdisjoint(self.fields)

    @property
    def own_fields(self) -> dict[str, str]:
        """The client's parameters, for the page to send again."""
        return {name: value for name, value in self.fields.items() if name not in ANSWERS}


async def authorize(call: Call) -> web.StreamResponse:
    try:
        asked = await _accept(call)
    except Refusal as refusal:
        return pages.problem(call, refusal)
    session = browser.session_id(call)
    try:
        await call.read(authorizations.check_request, asked.request, call.base_url)
        session = await _signed_in(call, asked, session)
        code = await _code(call, asked, session)
    except Refusal as refusal:
        if asked.is_silent or refusal.reason not in browser.INTERACTIVE:
            return _tell(call, asked, _error(call, refusal))
        response = await _ask(call, asked, session, refusal)
    else:
        response = _tell(call, asked, _success(code, session))
    return browser.set_session(call, response, session) if session else response


async def enter_tenant_of_user(call: Call) -> None:
    """Resolve: the path names the tenant; at a shared authority the user who signs in does."""
    fields = await _fields(call)
    await enter_tenant(call, user_name=fields.get("account") or fields.get("login_hint", ""))


async def _fields(call: Call) -> dict[str, str]:
    form = await read_form(call) if call.request.method == "POST" else {}
    return {**call.request.query, **form}


async def _accept(call: Call) -> Asked:
    fields = await _fields(call)
    names = set(AuthorizationRequest.__struct_fields__) - {"scope"}
    given: dict[str, Any] = {name: fields[name] for name in names if name in fields}
    request = AuthorizationRequest(**{"client_id": "", **given, "scope": read_scope(call, fields)})
    call.facts["client"] = request.client_id
    application, redirect_uri = await call.write(authorizations.check_client, request)
    return Asked(request=request, application=application, redirect_uri=redirect_uri, fields=fields)


async def _signed_in(call: Call, asked: Asked, session: str) -> str:
    """Return the session to go on with: opened now for an account that was chosen, or the one the browser has."""
    fields, hint = asked.fields, asked.request.login_hint
    if "account" in fields:
        return await browser.sign_in(call, fields, fields["account"])
    if asked.is_answer:
        if fields.get("second_factor") == "approve":
            await call.write(browser_sessions.confirm_second_factor, session)
        return session
    if asked.request.prompt in PROMPTS_FOR_ACCOUNT:
        raise Refusal(RefusalKind.UNAUTHENTICATED, "", reason="interaction-needed")
    found = await call.read(browser_sessions.find_session, session) if session else None
    if hint and (found is None or found[1].user_principal_name.lower() != hint.lower()):
        return await browser.sign_in(call, {}, hint)
    return session


async def _code(call: Call, asked: Asked, session: str) -> str:
    answer = asked.fields.get("consent", "")
    if answer == "no":
        raise Refusal(
            RefusalKind.FORBIDDEN, "The user declined to consent to the application.", reason="consent-declined"
        )
    if asked.request.prompt == "consent" and not asked.is_answer:
        await call.read(browser_sessions.signed_in_user, session)
        raise Refusal(
            RefusalKind.FORBIDDEN, "", reason="consent-missing", missing=tuple(asked.request.scope.split())
        )
    consented = Consented(is_given=answer in {"yes", "everyone"}, for_everyone=answer == "everyone")
    code: str = await call.write(
        authorizations.new_code, asked.request, asked.redirect_uri, session, consented, call.base_url
    )
    return code


async def _ask(call: Call, asked: Asked, session: str, refusal: Refusal) -> web.Response:
    """Return the page on which the person can mend what was refused."""
    note(call, refusal)
    found = await call.read(browser_sessions.find_session, session) if session else None
    values: dict[str, Any] = {
        "application": asked.application,
        "fields": asked.own_fields,
        "user": found[1] if found else None,
        "missing": refusal.facts.get("missing", ()),
        "account": asked.fields.get("account", asked.request.login_hint),
    }
    if refusal.reason == "second-factor-needed":
        return pages.page(call, "second_factor.html", **values)
    if refusal.reason == "consent-missing":
        return pages.page(call, "consent.html", **values)
    problem = describe(refusal) if refusal.reason not in {"interaction-needed", "password-needed"} else ""
    users = await call.read(identity.users)
    return pages.page(call, "sign_in.html", users=users, problem=problem, **values)


def _success(code: str, session: str) -> dict[str, str]:
    """RFC 6749 section 4.1.2, and the session state of OpenID Connect Session Management section 2."""
    return {"code": code, "session_state": session.rpartition(".")[2][:22]}


def _error(call: Call, refusal: Refusal) -> dict[str, str]:
    """RFC 6749 section 4.1.2.1."""
    call.facts["refused"] = refusal.reason
    note(call, refusal)
    row = entra_error(refusal)
    return {
        "error": "login_required" if refusal.reason in {"interaction-needed", "password-needed"} else row.error,
        "error_description": f"{describe(refusal)} Trace ID: {call.request_id}",
        "error_uri": f"{call.base_url}/error?code={row.number}",
    }


def _tell(call: Call, asked: Asked, answer: dict[str, str]) -> web.Response:
    """Send the answer to the redirect URI in the response mode asked for (OAuth 2.0 Multiple Response Types)."""
    answer = with_state(answer, asked.fields)
    mode = asked.request.response_mode
    if mode == "form_post":
        return pages.page(call, "form_post.html", action=asked.redirect_uri, fields=answer)
    return redirect(asked.redirect_uri, answer, in_fragment=mode == "fragment")

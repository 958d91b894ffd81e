"""Admin consent (Microsoft identity platform, "Admin consent URI"): one administrator accepts for everyone."""

from aiohttp import web

from upsim.apis.entra import pages
from upsim.apis.entra.audit import note
from upsim.apis.entra.errors import describe
from upsim.apis.entra.redirects import redirect, with_state
from upsim.apis.entra.requests import Form, read_form, tenant_of, unwrap
from upsim.domain.application import Application
from upsim.domain.refusals import Refusal
from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.services import authorizations, browser_sessions, consent, identity
from upsim.services.authorizations import AuthorizationRequest
from upsim.services.browser_sessions import Visitor


async def admin_consent(call: Call) -> web.StreamResponse:
    """Ask, and send the answer to the redirect URI as `admin_consent=True`, or an error."""
    form = await read_form(call) if call.request.method == "POST" else {}
    fields = {**call.request.query, **form}
    tenant = tenant_of(call)
    try:
        request = AuthorizationRequest(
            client_id=fields.get("client_id", ""), redirect_uri=fields.get("redirect_uri", "")
        )
        application, redirect_uri = await call.write(authorizations.check_client, request)
    except Refusal as refusal:
        return pages.problem(call, refusal)
    problem = ""
    try:
        if fields.get("consent") == "no":
            return redirect(redirect_uri, with_state({"error": "access_denied"}, fields))
        if fields.get("consent") == "everyone":
            await _give(call, application, fields)
            answer = {"tenant": tenant.id, "admin_consent": "True", "scope": fields.get("scope", "")}
            return redirect(redirect_uri, with_state(answer, fields))
    except Refusal as refusal:
        note(call, refusal)
        problem = describe(refusal)
    return await _ask(call, tenant, application, fields, problem)


async def _give(call: Call, application: Application, fields: Form) -> None:
    visitor = Visitor(account=fields.get("account", ""), password=fields.get("password") or None)
    session = unwrap(await call.write(browser_sessions.open_session, visitor))
    await call.write(consent.give_as_administrator, application.id, session.id)


async def _ask(call: Call, tenant: Tenant, application: Application, fields: Form, problem: str) -> web.Response:
    users = [user for user in await call.read(identity.users) if user.is_global_administrator]
    required = (application.required_graph, application.required_universal_print)
    names = [name for held in required for name in (*held.delegated, *held.application)]
    carried = {name: value for name, value in fields.items() if name not in {"account", "consent", "password"}}
    return pages.page(
        call,
        "admin_consent.html",
        tenant=tenant,
        application=application,
        fields=carried,
        names=names,
        users=users,
        problem=problem,
    )

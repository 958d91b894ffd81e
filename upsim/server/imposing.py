"""What tests and limits impose on calls, between the check of permissions and the handler.

A tenant on which nothing is imposed costs a call two look-ups in its own tenant; what a rule needs is imported
when there is one.
"""

import asyncio

import orjson
from aiohttp import web

from upsim.domain.injection import Answer, Injection
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server import connection
from upsim.server.context import Call
from upsim.server.operation import Api, Open, Operation
from upsim.server.patience import Asked, Patience
from upsim.server.site import Site

FAULTS: dict[int, RefusalKind] = {
    400: RefusalKind.INVALID,
    401: RefusalKind.UNAUTHENTICATED,
    403: RefusalKind.FORBIDDEN,
    404: RefusalKind.NOT_FOUND,
    405: RefusalKind.METHOD_NOT_ALLOWED,
    409: RefusalKind.NOT_POSSIBLE,
    410: RefusalKind.GONE,
    412: RefusalKind.PRECONDITION,
    413: RefusalKind.TOO_LARGE,
    415: RefusalKind.FORMAT_UNSUPPORTED,
    429: RefusalKind.THROTTLED,
    500: RefusalKind.INTERNAL,
    501: RefusalKind.NOT_EMULATED,
    503: RefusalKind.UNAVAILABLE,
}
"""In whose words an API puts an imposed status."""
REASON = "imposed"
"""The reason of refusals that a test imposed."""


async def impose(site: Site, patience: Patience, call: Call, operation: Operation) -> None:
    """Count the call, refuse it, delay it, cut it: whatever the tenant's rules and limits say."""
    tenant = call.tenant
    if tenant is None or call.imposed_on is operation or operation.is_entry or operation.access is Open.OPERATOR:
        return
    call.imposed_on = operation
    if patience:
        watch(call, patience, tenant)
    imposed = tenant.imposed
    if imposed.offline_printers and _speaks_for(call) & {*imposed.offline_printers}:
        connection.reset(call.connection)
        raise connection.Cut("a fault holds the printer offline")
    if imposed.injections:
        await _meet(site, call, tenant, operation)
    if operation.access is not Open.ANYONE and _is_counted(tenant, call.api):
        from upsim.services import limits

        await site.store.write(tenant.id, lambda tx: limits.admit_request(tx, call.caller.app_id))


def is_free(tenant: Tenant, api: Api) -> bool:
    """Whether there is nothing to impose on calls of an API."""
    return not (tenant.imposed.injections or tenant.imposed.offline_printers or _is_counted(tenant, api))


def _is_counted(tenant: Tenant, api: Api) -> bool:
    """Whether calls of the API count against a limit that the tenant has."""
    return api.request_limit is not None and tenant.settings.limits.value(api.request_limit) is not None


async def conclude(site: Site, patience: Patience, call: Call) -> None:
    """What happens once the call was served: the effects that rules have afterwards, and what was told."""
    from upsim.services import injections

    for rule in call.injected:
        if rule.after:
            call.tell(await injections.have_effects(site.store, call.tenant_id, rule.after, call.subject))
    refusal = call.refusal
    if refusal is not None and call.tenant is not None:
        seconds = refusal.facts.get("retry_after_seconds")
        if seconds and refusal.kind in {RefusalKind.THROTTLED, RefusalKind.UNAVAILABLE}:
            patience.tell(_asked(call), call.tenant.clock.read(site.now()), seconds)


def as_imposed(response: web.Response, refusal: Refusal) -> web.Response:
    """The API's answer with what the test wants to be different."""
    answer = refusal.facts.get("answer")
    if not isinstance(answer, Answer):
        return response
    if answer.status is not None:
        response.set_status(answer.status)
    if isinstance(answer.body, str):
        response.body = answer.body.encode()
    elif answer.body is not None:
        response.body = orjson.dumps(answer.body)
        response.headers["Content-Type"] = "application/json"
    response.headers.update(answer.headers)
    return response


async def _meet(site: Site, call: Call, tenant: Tenant, operation: Operation) -> None:
    from upsim.services import injections

    now = tenant.clock.read(site.now())
    candidates = [rule for rule in tenant.imposed.injections if rule.names(operation.id) and not rule.is_over(now)]
    if not candidates:
        return
    named = dict(call.about)
    fired, call.subject = await site.store.write(
        tenant.id, lambda tx: injections.meet(tx, candidates, call.caller, named)
    )
    call.injected = [*call.injected, *fired]
    for rule in fired:
        await _fire(site, call, rule)


def _named(rule: Injection) -> str:
    return f"fault {rule.name or rule.id}"


async def _fire(site: Site, call: Call, rule: Injection) -> None:
    if rule.before:
        from upsim.services import injections

        call.tell(await injections.have_effects(site.store, call.tenant_id, rule.before, call.subject))
        if "printer-offline" in rule.before and call.subject.printer_id in _speaks_for(call):
            # The call itself is the first that does not come through.
            connection.reset(call.connection)
            raise connection.Cut(_named(rule))
    if rule.delay_seconds:
        await asyncio.sleep(rule.delay_seconds)  # noqa: TID251 - the client's patience is real
    if rule.connection is not None:
        (connection.reset if rule.connection == "reset" else connection.abort_tls)(call.connection)
        raise connection.Cut(_named(rule))
    if rule.truncate_after_bytes is not None or rule.bytes_per_second is not None:
        call.is_hampered = True
        connection.hamper(call.connection, rule.truncate_after_bytes, rule.bytes_per_second, _named(rule))
    if rule.expire_token:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "Lifetime validation failed, the token is expired.",
            reason="token-expired",
        )
    if rule.answer is not None:
        raise _refusal(rule.answer)


def _refusal(answer: Answer) -> Refusal:
    status = answer.status or 503
    facts = {
        "retry_after_seconds": answer.retry_after_seconds,
        "code": answer.code or None,
        "message": answer.message or None,
        "http_status": answer.status,
    }
    return Refusal(
        FAULTS.get(status) or (RefusalKind.INVALID if status < 500 else RefusalKind.UNAVAILABLE),
        answer.message or "A test imposed this answer.",
        reason=REASON,
        answer=answer,
        **{name: value for name, value in facts.items() if value is not None},
    )


def _speaks_for(call: Call) -> set[str]:
    """The printers whose device calls: itself, or for a connector the one that it names."""
    if call.caller.kind != "device":
        return set()
    return {call.caller.printer_id, call.about.get("printer", "")}


def watch(call: Call, patience: Patience, tenant: Tenant) -> None:
    """Take down how much too early a caller comes who was told to wait."""
    call.early_seconds = patience.check(_asked(call), tenant.clock.read(call.site.now()))


def _asked(call: Call) -> Asked:
    operation = call.operation.id if call.operation else ""
    return Asked(call.tenant_id, call.caller.name, operation, call.request.raw_path.partition("?")[0])

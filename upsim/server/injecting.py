"""What the tenant's injections and limits do to a call before its handler runs, and after it.

A tenant without any costs a call two look-ups in its own record; what an injection needs is imported when there
is one.
"""

import asyncio

import orjson
from aiohttp import web

from upsim.domain.injection import Answer, Injection
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server.connection import Cut, Impairment
from upsim.server.context import Call
from upsim.server.early_retries import Retried
from upsim.server.operation import Open, Operation

KINDS: dict[int, RefusalKind] = {
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
"""The kind of refusal that stands for an injected status, so that an API says it in its own dialect."""
REASON = "injected"
"""The reason of refusals that a test injected."""


async def inject(call: Call, operation: Operation, tenant: Tenant) -> None:
    """Count the call, refuse it, delay it, cut it: whatever the tenant's injections and limits say."""
    site = call.site
    if site.early_retries.waiting:
        call.early_seconds = site.early_retries.check(_retried(call), tenant.clock.read(site.now()))
    imposed = tenant.imposed
    if imposed.offline_printers and _printers_of_device(call) & {*imposed.offline_printers}:
        call.request.connection.reset()
        raise Cut("an injection holds the printer offline")
    if imposed.injections:
        await _meet(call, tenant, operation)
    limit = call.api.request_limit
    if (
        limit is not None
        and operation.access is not Open.ANYONE
        and tenant.settings.limits.value(limit) is not None
    ):
        from upsim.services import limits

        await site.store.write(tenant.id, lambda tx: limits.admit_request(tx, call.caller.app_id))


async def conclude(call: Call) -> None:
    """Do what injections do once the call was served, and note a caller that was told to wait."""
    site = call.site
    for injection in call.injected:
        if injection.after:
            await _have_effects(call, injection.after)
    refusal = call.refusal
    if refusal is not None and call.tenant is not None:
        seconds = refusal.facts.get("retry_after_seconds")
        if seconds and refusal.kind in {RefusalKind.THROTTLED, RefusalKind.UNAVAILABLE}:
            site.early_retries.wait(_retried(call), call.tenant.clock.read(site.now()), seconds)


def as_injected(response: web.Response, refusal: Refusal) -> web.Response:
    """The API's refusal with what the test wants to be different in it."""
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


async def _meet(call: Call, tenant: Tenant, operation: Operation) -> None:
    from upsim.services import injections

    now = tenant.clock.read(call.site.now())
    candidates = [each for each in tenant.imposed.injections if each.names(operation.id) and not each.is_over(now)]
    if not candidates:
        return
    named = dict(call.named)
    fired, call.subject = await call.site.store.write(
        tenant.id, lambda tx: injections.meet(tx, candidates, call.caller, named)
    )
    call.injected = [*call.injected, *fired]
    for injection in fired:
        await _fire(call, injection)


async def _fire(call: Call, injection: Injection) -> None:
    connection, name = call.request.connection, f"injection {injection.name or injection.id}"
    if injection.before:
        await _have_effects(call, injection.before)
        if "printer-offline" in injection.before and call.subject.printer_id in _printers_of_device(call):
            # The call itself is the first that does not come through.
            connection.reset()
            raise Cut(name)
    if injection.delay_seconds:
        await asyncio.sleep(injection.delay_seconds)  # noqa: TID251 - the client waits in real time
    if injection.connection is not None:
        if injection.connection == "reset":
            connection.reset()
        else:
            connection.abort_tls()
        raise Cut(name)
    if injection.truncate_after_bytes is not None or injection.bytes_per_second is not None:
        call.impairment = Impairment(injection.truncate_after_bytes, injection.bytes_per_second, name)
    if injection.expire_token:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "Lifetime validation failed, the token is expired.",
            reason="token-expired",
        )
    if injection.answer is not None:
        raise _refusal(injection.answer)


async def _have_effects(call: Call, effects: tuple[str, ...]) -> None:
    from upsim.services import injections

    call.report(await injections.have_effects(call.site.store, call.tenant_id, effects, call.subject))  # type: ignore[arg-type]


def _refusal(answer: Answer) -> Refusal:
    status = answer.status or 503
    facts = {
        "retry_after_seconds": answer.retry_after_seconds,
        "code": answer.code or None,
        "message": answer.message or None,
        "http_status": answer.status,
    }
    return Refusal(
        KINDS.get(status) or (RefusalKind.INVALID if status < 500 else RefusalKind.UNAVAILABLE),
        answer.message or "A test injected this answer.",
        reason=REASON,
        answer=answer,
        **{name: value for name, value in facts.items() if value is not None},
    )


def _printers_of_device(call: Call) -> set[str]:
    """The printers that the calling device speaks for: itself, or for a connector the one that it names."""
    if call.caller.kind != "device":
        return set()
    return {call.caller.printer_id, call.named.get("printer", "")}


def _retried(call: Call) -> Retried:
    operation = call.operation.id if call.operation else ""
    return Retried(call.tenant_id, call.caller.name, operation, call.request.path)

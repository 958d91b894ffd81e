"""The way of every request, of every API: six steps and three endings.

`Pipeline._answer` lists the steps, `Pipeline.serve` the endings. An HTTP request, a request inside a `$batch` and
an IPP operation go through them once. What differs between APIs is in their `Api` value: how they refuse, which
audiences they accept, which headers they always send.

The steps are in this order for a reason. A caller is identified before anything of the body is read, so that
nobody without a token makes upsim parse. The body may then say which operation is meant (IPP) or of which tenant
(a token request); only after that can permissions be checked, and injections and limits apply, once.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import quote

from aiohttp import hdrs, web

from upsim.domain.caller import NOBODY
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server import hints
from upsim.server.authentication import Authenticator, claimed_audience
from upsim.server.authorization import admits, check_unit
from upsim.server.client_keys import KeyAuthenticator, is_basic
from upsim.server.connection import Cut, send_impaired
from upsim.server.context import Call
from upsim.server.injecting import as_injected, conclude, inject
from upsim.server.journal import Entry, Refused
from upsim.server.operation import Api, Open, Operation
from upsim.server.operator_access import check_operator
from upsim.server.request import Request
from upsim.server.router import Match, Miss, Router, Target
from upsim.server.site import Site

log = logging.getLogger("upsim")
access_log = logging.getLogger("upsim.access")

_PREFLIGHT_SECONDS = "86400"
SECRET_PARAMETERS = ("badge", "user_code")
"""Parts of paths that are as good as a key."""


class Pipeline:
    """Serves every API on one listener. An instance is the handler of an aiohttp low-level server."""

    def __init__(self, site: Site, load_apis: Callable[[], Iterable[Api]], first: Api) -> None:
        """`first` is there at once and answers what no API claims; the others are loaded when one is needed."""
        self._site = site
        self._load_apis = load_apis
        self._apis: tuple[Api, ...] = ()
        self._first = first
        self._router = Router([first])
        self._authenticator = Authenticator(site.store, site.keyring)
        self._keys = KeyAuthenticator(site.store)

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answer an HTTP request."""
        return await self.serve(Call(self._site, Request.from_http(http), self._first, self.serve))

    async def serve(self, call: Call) -> web.StreamResponse:
        """Answer a call, and end it: refused in the dialect of the API that was asked, decorated, recorded."""
        api: Api | None = None
        try:
            try:
                response = await self._answer(call)
            except Refusal as refusal:
                hints.add(call, refusal)
                api, response = await self._refuse(call, refusal)
            except ConnectionError:
                await self._record(call, None)
                raise
            except Exception:
                log.exception("%s failed", _line(call), extra=_identified(call))
                failure = Refusal(RefusalKind.INTERNAL, f"upsim failed; its log has request {call.request_id}.")
                api, response = await self._refuse(call, failure)
            if not response.prepared and not call.is_part:
                _decorate(call, response, api or call.api)
            await self._record(call, response)
            if call.impairment is not None and isinstance(response, web.Response) and not call.is_part:
                return await send_impaired(response, call.request.connection, call.impairment)
            return response
        except Cut as cut:
            log.info("Connection cut: %s.", cut)
            raise
        finally:
            # What refers to the call from within it would keep it, and files that it reads, until the collector
            # comes: the traceback of a refusal, and the IPP request.
            if call.refusal is not None:
                call.refusal.__traceback__ = call.refusal.__context__ = call.refusal.__cause__ = None
            if call.content is not None:
                call.hold_content(None)

    # Steps

    async def _answer(self, call: Call) -> web.StreamResponse:
        """The steps, in their order."""
        try:
            operation = self._route(call)
        except Refusal:
            if _is_preflight(call.request) and call.api.is_for_browsers:
                return _preflight(call)
            raise
        if call.request.method == "OPTIONS" and operation.method != "OPTIONS":
            return _preflight(call)
        await self._identify(call, operation)
        operation = await self._resolve(call, operation)
        await self._authorize(call, operation)
        await self._inject(call, operation)
        return await operation.handler(call)

    def _route(self, call: Call) -> Operation:
        """Find the operation that lies at the path. From here on the call has the API that refuses."""
        path = call.request.path
        match = self._router.match(path)
        if isinstance(match, Miss) and not self._apis:
            self._loaded()
            match = self._router.match(path)
        if isinstance(match, Miss):
            if not call.is_part:
                call.api = self._claimant(call, path)
            raise _unknown(match.segment)
        target = _target(call, match)
        if call.is_part and target.api is not call.api:
            raise _unknown(path.strip("/").partition("/")[0])
        call.api, call.version, call.parameters = target.api, target.version, match.parameters
        if call.microsoft is not None and not call.is_part:
            _check_host(call, target)
        call.operation = target.operation
        return target.operation

    async def _identify(self, call: Call, operation: Operation) -> None:
        """Find out who is calling; a part of a batch is called by the batch's caller."""
        if operation.access in {Open.ANYONE, Open.OPERATOR} or call.caller is not NOBODY:
            return
        request, api = call.request, call.api
        authorization = request.headers.get(hdrs.AUTHORIZATION)
        if authorization is None and api.admit_anonymous and (admitted := await api.admit_anonymous(call)):
            call.caller = admitted
            await call.enter(admitted.tenant_id)
            return
        if api.takes_keys and authorization is not None and is_basic(authorization):
            is_private = request.is_secure or request.connection.is_local
            call.caller, call.tenant = await self._keys.authenticate(authorization, is_private=is_private)
        else:
            call.caller, call.tenant = await self._authenticator.authenticate(
                authorization, api.audiences, call.began_at, is_continuous=api.is_continuous
            )
        call.tenant_id = call.caller.tenant_id

    async def _resolve(self, call: Call, operation: Operation) -> Operation:
        """Read just enough of the request to know which operation is meant, and of which tenant."""
        if operation.resolve is None:
            return operation
        call.operation = await operation.resolve(call) or operation
        return call.operation

    async def _authorize(self, call: Call, operation: Operation) -> None:
        """Check that the caller may run the operation."""
        access = operation.access
        if access is Open.OPERATOR:
            check_operator(call)
        elif not isinstance(access, Open) and not admits(access, call.caller):
            await check_unit(call)

    async def _inject(self, call: Call, operation: Operation) -> None:
        """Apply the injections and limits of the call's tenant."""
        if call.tenant is not None and operation.access is not Open.OPERATOR:
            await inject(call, operation, call.tenant)

    # Endings

    async def _refuse(self, call: Call, refusal: Refusal) -> tuple[Api, web.Response]:
        """Say a refusal in the dialect of the API that was asked; returns that API as well."""
        call.refusal = refusal
        call.facts["refused"] = refusal.reason or refusal.kind.name.lower()
        if call.tenant is None and (tenant_id := call.tenant_id or refusal.facts.get("tenant_id")):
            with suppress(Refusal):
                await call.enter(tenant_id)
        if call.api.on_refusal is not None:
            with suppress(Refusal):  # where the store is away, the first refusal has said so
                await call.api.on_refusal(call, refusal)
        api = self._dialect(call)
        return api, as_injected(api.refuse(call, refusal), refusal)

    async def _record(self, call: Call, response: web.StreamResponse | None) -> None:
        """Count the call, apply what injections do afterwards, and write the journal and the log."""
        operation, site = call.operation, self._site
        operation_id = operation.id if operation else ""
        status = response.status if response is not None else 0
        duration = (site.now() - call.began_at).total_seconds()
        if site.metrics is not None:
            site.metrics.served(operation_id, status, duration)
            if call.refusal is not None:
                site.metrics.refused(operation_id, call.api.name, call.refusal.kind)
            if call.injected:
                site.metrics.fired(operation_id, len(call.injected))
        is_control = call.api is self._first or (operation is not None and operation.access is Open.OPERATOR)
        if not is_control:
            if call.injected or call.refusal:
                try:
                    await conclude(call)
                except Refusal as refusal:
                    log.warning("What an injection does afterwards was not done: %s", refusal.detail)
            site.journals.record(_entry(call, response, operation_id, duration))
        if response is not None and not call.is_part and access_log.isEnabledFor(logging.INFO):
            extra = {
                **_identified(call),
                "status": status,
                **call.facts,
                "duration_ms": round(duration * 1000, 1),
            }
            access_log.info("%s %d", _line(call), status, extra=extra)

    # APIs

    def _dialect(self, call: Call) -> Api:
        """The API that a refusal is worded by: the control API for its own operations, else the one asked.

        Under one of Microsoft's names that of the service which has the name.
        """
        if call.operation is not None and call.operation.access is Open.OPERATOR:
            return self._first
        if call.microsoft is None or call.microsoft[1] in call.api.services:
            return call.api
        service = call.microsoft[1]
        return next((api for api in self._loaded() if service in api.services), call.api)

    def _claimant(self, call: Call, path: str) -> Api:
        """The API that refuses a path at which nothing lies: by host name, else by the beginning of the path."""
        if call.microsoft is not None:
            service = call.microsoft[1]
            return next((api for api in self._loaded() if service in api.services), self._first)
        collapsed = "/" + "/".join(filter(None, path.lower().split("/")))
        for api in self._apis:
            if any(collapsed == prefix or collapsed.startswith(prefix + "/") for prefix in api.prefixes):
                return api
        return self._first

    def _loaded(self) -> tuple[Api, ...]:
        if not self._apis:
            self._apis = tuple(self._load_apis())
            self._router = Router(self._apis)
        return self._apis


def _unknown(segment: str) -> Refusal:
    return Refusal(
        RefusalKind.NOT_FOUND,
        f"Resource not found for the segment '{segment}'.",
        reason="segment-unknown",
        segment=segment,
    )


def _target(call: Call, match: Match) -> Target:
    """The operation of the method. HEAD is GET without the body; OPTIONS concerns all of them."""
    method = call.request.method
    target = match.targets.get(method)
    if target is None and method == "HEAD":
        target = match.targets.get("GET")
    if target is None and method == "OPTIONS":
        target = next(iter(match.targets.values()))
    if target is None:
        if not call.is_part:
            call.api = match.api
        allowed = ", ".join(sorted(match.targets))
        raise Refusal(
            RefusalKind.METHOD_NOT_ALLOWED,
            f"{method} is not allowed here; allowed: {allowed}.",
            reason="method-not-allowed",
            allowed=allowed,
        )
    if target.rivals and not call.is_part:  # several APIs have the path: the caller's token is for one of them
        audience = claimed_audience(call.request.headers.get("Authorization"))
        target = next((each for each in target.rivals if audience in each.api.audiences), target)
    return target


def _check_host(call: Call, target: Target) -> None:
    """Refuse, under one of Microsoft's names, what the real host does not serve."""
    assert call.microsoft is not None  # noqa: S101 - the caller checked
    if call.microsoft[1] not in target.services:
        raise Refusal(
            RefusalKind.NOT_FOUND,
            f"{call.request.host} does not serve this path; the {target.api.name} part of the service does.",
            reason="host-path-unknown",
        )


def _is_preflight(request: Request) -> bool:
    """Whether a page asks if it may send a request (Fetch standard, section 3.2.2).

    It is answered alike for paths at which nothing lies: else the page could not read the refusal of its request.
    """
    return request.method == "OPTIONS" and {"Origin", "Access-Control-Request-Method"} <= request.headers.keys()


def _preflight(call: Call) -> web.Response:
    """The answer to a CORS preflight (Fetch standard, section 3.2)."""
    if not call.api.is_for_browsers:
        return web.Response(status=204)
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": call.request.headers.get("Access-Control-Request-Headers", "*"),
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )


def _decorate(call: Call, response: web.StreamResponse, api: Api) -> None:
    """Put the headers on an answer that every answer of its API has."""
    call.date(response)
    if api.decorate is not None:
        api.decorate(call, response)
    if api.is_for_browsers and hdrs.ORIGIN in call.request.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "*"


def _entry(call: Call, response: web.StreamResponse | None, operation_id: str, duration: float) -> Entry:
    """The journal's record of a finished call."""
    request, tenant, refusal = call.request, call.tenant, call.refusal
    body = getattr(response, "body", None)
    return Entry(
        began_at=call.began_at,
        method=request.method,
        target=request.raw_path,
        scheme=request.scheme,
        host=request.host,
        headers=request.headers,
        sent=call.sent,
        tenant=tenant,
        operation_id=operation_id,
        named=call.named,
        caller=call.caller,
        request_id=call.request_id,
        status=response.status if response is not None else 0,
        answer_headers=response.headers if response is not None else {},
        answer=call.answered or (body if isinstance(body, bytes) else b""),
        duration=duration,
        events=call.events,
        change=call.change,
        point=call.change or (call.site.store.latest_change(tenant.id) if tenant else 0),
        injected=call.injected,
        refusal=None
        if refusal is None
        else Refused(
            kind=refusal.kind,
            reason=refusal.reason,
            detail=refusal.detail,
            limit=refusal.facts.get("limit"),
            retry_after_seconds=refusal.facts.get("retry_after_seconds"),
        ),
        early_seconds=call.early_seconds,
        is_part=call.is_part,
    )


def _line(call: Call) -> str:
    """Method and path for a log. The query string is left out, and what opens something by itself."""
    path = call.request.path
    for name in SECRET_PARAMETERS:
        if value := call.parameters.get(name):
            path = path.replace(quote(value, safe=""), "...").replace(value, "...")
    return f"{call.request.method} {path}"


def _identified(call: Call) -> dict[str, str]:
    """The fields that a line of the log is found by."""
    return {
        "operation": call.operation.id if call.operation else "",
        "caller": call.caller.name,
        "tenant": call.tenant_id,
        "request_id": call.request_id,
        "client_request_id": call.client_request_id,
    }

"""The way of every request: row, caller, permission, handler, answer.

One function, read from top to bottom. What differs between APIs is in their `Api` value: how they refuse,
which audiences they take, which headers they always send.
"""

import hmac
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import quote

from aiohttp import hdrs, web

from upsim.domain.caller import NOBODY, Caller
from upsim.domain.clouds import plain
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server import hints
from upsim.server.authentication import Authenticator, claimed_audience
from upsim.server.authorization import check_unit, opens
from upsim.server.client_keys import KeyAuthenticator, is_basic
from upsim.server.context import Call
from upsim.server.imposing import as_imposed, conclude, impose
from upsim.server.loopback import is_address, is_local, is_loopback
from upsim.server.operation import DISPATCHED, Api, Open, Operation
from upsim.server.repeats import Repeats
from upsim.server.router import Match, Miss, Router, Target
from upsim.server.site import Site

log = logging.getLogger("upsim")
access_log = logging.getLogger("upsim.access")

_PREFLIGHT_SECONDS = "86400"
SECRET_PARAMETERS = ("badge", "user_code")
"""Parts of paths that are as good as a key."""


class Gateway:
    """Serves every API on one listener. An instance is the handler of an aiohttp low-level server."""

    def __init__(self, site: Site, load_apis: Callable[[], Iterable[Api]], first: Api) -> None:
        """`first` is there at once and answers what no API claims; the others are loaded when one is needed."""
        self._site = site
        self._load_apis = load_apis
        self._apis: tuple[Api, ...] = ()
        self._fallback = first
        self._router = Router([first])
        self._authenticator = Authenticator(site.store, site.keyring)
        self._keys = KeyAuthenticator(site.store)
        self.journals = site.journals
        self.patience = site.patience
        self._repeats = Repeats(site.patience)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; whatever happens, in the dialect of the API that was asked."""
        call = Call(self._site, request)
        call.gateway, call.api = self, self._fallback
        path = request.raw_path.partition("?")[0]
        try:
            operation = self._find(call, path).operation
            if request.method == "OPTIONS" and operation.method != "OPTIONS":
                return _preflight(call.api, request)
            response = None
            if operation.is_entry:
                call.operation = operation  # so that a failure to look is told as one of this row
                response = await self._repeats.repeat(call)
            if response is None:
                response = await self.perform(call, operation)
        except Refusal as refusal:
            hints.add(call, refusal)
            call.api = self._api_to_refuse(call, path, call.api)
            if call.operation is None and call.api.is_for_browsers and _is_preflight(request):
                return _preflight(call.api, request)
            response = await self._refuse(call, refusal)
        except ConnectionError:
            await self._conclude(call, None)
            call.leave()
            raise
        except Exception:
            log.exception("%s failed", _line(call), extra=_identified(call))
            response = await self._refuse(call, _failure(call))
        if not response.prepared:
            _finish(call, response)
        if call.repeatable is not None:
            self._repeats.keep(call, call.repeatable)
        await self._conclude(call, response)
        if access_log.isEnabledFor(logging.INFO):
            _log(call, response)
        call.leave()
        return response

    async def perform(self, call: Call, operation: Operation) -> web.StreamResponse:
        """Check the caller against a row and run it. An API that dispatches inside a body calls this again."""
        call.operation = operation
        if operation.access is Open.OPERATOR:
            asked, call.api = call.api, self._fallback  # the control API refuses in its own words
            _check_operator(call)
            call.api = asked
        elif operation.access is not Open.ANYONE:
            if call.caller is NOBODY:
                call.caller, call.tenant = await self._identify(call)
                call.tenant_id = call.caller.tenant_id
            if operation.access is not Open.CALLER and not opens(call.caller, operation.access):
                await check_unit(call)
        await impose(self._site, self.patience, call, operation)
        if hdrs.EXPECT in call.request.headers and operation.method not in DISPATCHED:
            await _invite_body(call.request)
        return await operation.handler(call)

    async def enter(self, call: Call) -> None:
        """The handler found out which tenant it is about: its rules hold from here on."""
        call.tenant = await self._site.store.tenant(call.tenant_id)
        if call.operation is not None:
            await impose(self._site, self.patience, call, call.operation)

    async def serve_part(self, call: Call, operation: Operation) -> web.StreamResponse:
        """A part of a batch, like a call of its own: counted, refused and written down by itself."""
        try:
            response = await self.perform(call, operation)
        except Refusal as refusal:
            response = await self._refuse(call, refusal)
        except ConnectionError:
            raise
        except Exception:
            log.exception("%s failed", _line(call), extra=_identified(call))
            response = await self._refuse(call, _failure(call))
        await self._conclude(call, response)
        call.leave()
        return response

    async def _refuse(self, call: Call, refusal: Refusal) -> web.Response:
        call.refusal = refusal
        call.facts["refused"] = refusal.reason or refusal.kind.name.lower()
        if call.tenant is None and (tenant_id := call.tenant_id or refusal.facts.get("tenant_id")):
            call.tenant_id = tenant_id
            with suppress(Refusal):
                call.tenant = await self._site.store.tenant(tenant_id)
        return as_imposed(call.api.refuse(call, refusal), refusal)

    async def _conclude(self, call: Call, response: web.StreamResponse | None) -> None:
        operation = call.operation
        status = response.status if response is not None else 0
        duration = call.duration = (self._site.now() - call.began_at).total_seconds()
        if self._site.metrics is not None:
            self._site.metrics.served(call, status, duration)
        if operation is not None and (operation.access is Open.OPERATOR or call.api is self._fallback):
            return
        if call.injected or call.refusal:
            await conclude(self._site, self.patience, call)
        self.journals.record(call, status, response)

    async def _identify(self, call: Call) -> tuple[Caller, Tenant]:
        request, api = call.request, call.api
        authorization = request.headers.get(hdrs.AUTHORIZATION)
        if authorization is None and api.admit_unknown and (admitted := await api.admit_unknown(call)):
            return admitted, await self._site.store.tenant(admitted.tenant_id)
        if api.takes_keys and authorization is not None and is_basic(authorization):
            is_private = request.secure or is_local(request)
            return await self._keys.authenticate(authorization, is_private=is_private)
        call.proof, tenant = await self._authenticator.authenticate(
            authorization, api.audiences, call.began_at, is_continuous=api.is_continuous
        )
        return call.proof.caller, tenant

    def _find(self, call: Call, path: str) -> Target:
        """What the call asks for. From here on it is its API that refuses."""
        match = self._router.match(path)
        if isinstance(match, Miss):
            match = self._match_loaded(path)
        call.api = match.api
        method = call.request.method
        target = match.targets.get(method) or _without_row(method, match)
        call.parameters, call.version = match.parameters, target.version
        if target.rivals:
            target = _rightful(call, target)
            call.api = target.api
        if call.microsoft is not None:
            _check_host(call, target)
        return target

    def _match_loaded(self, path: str) -> Match:
        """What lies at a path that the APIs which are there do not know."""
        self._loaded()
        found = self._router.match(path)
        if isinstance(found, Miss):
            raise Refusal(
                RefusalKind.NOT_FOUND,
                f"Resource not found for the segment '{found.segment}'.",
                reason="segment-unknown",
                segment=found.segment,
            )
        return found

    def _api_to_refuse(self, call: Call, path: str, asked: Api) -> Api:
        """In whose dialect: under one of Microsoft's names that of its owner, else by the path."""
        if call.microsoft is not None:
            service = call.microsoft[1]
            if service in asked.services:
                return asked
            return next((api for api in self._loaded() if service in api.services), asked)
        return asked if asked is not self._fallback else self._api_of(path)

    def _loaded(self) -> tuple[Api, ...]:
        if not self._apis:
            self._apis = tuple(self._load_apis())
            self._router = Router(self._apis)
        return self._apis

    def _api_of(self, path: str) -> Api:
        collapsed = "/" + "/".join(filter(None, path.lower().split("/")))
        for api in self._apis:
            if any(collapsed == prefix or collapsed.startswith(prefix + "/") for prefix in api.prefixes):
                return api
        return self._fallback


def _line(call: Call) -> str:
    """Method and path for a log. The query string is left out, and what opens something by itself."""
    path = call.request.raw_path.partition("?")[0]
    for name in SECRET_PARAMETERS:
        if value := call.parameters.get(name):
            path = path.replace(quote(value, safe=""), "...").replace(value, "...")
    return f"{call.request.method} {path}"


def _failure(call: Call) -> Refusal:
    """What a client reads of a mistake of upsim, whose traceback only the log has."""
    return Refusal(RefusalKind.INTERNAL, f"upsim failed; its log has request {call.request_id}.")


def _without_row(method: str, match: Match) -> Target:
    """What a method means that no row of the path has: HEAD is GET without the body, OPTIONS concerns them all."""
    if method == "HEAD" and "GET" in match.targets:
        return match.targets["GET"]
    if method == "OPTIONS":
        return next(iter(match.targets.values()))
    allowed = ", ".join(sorted(match.targets))
    raise Refusal(
        RefusalKind.METHOD_NOT_ALLOWED,
        f"{method} is not allowed here; allowed: {allowed}.",
        reason="method-not-allowed",
        allowed=allowed,
    )


def _rightful(call: Call, target: Target) -> Target:
    """Of several APIs that serve a path, the one that the caller's token is for."""
    audience = claimed_audience(call.request.headers.get("Authorization"))
    chosen = next((each for each in target.rivals if audience in each.api.audiences), target)
    call.version = chosen.version
    return chosen


def _check_host(call: Call, target: Target) -> None:
    """Under one of Microsoft's names only what the real host serves is there; under any other name, everything."""
    assert call.microsoft is not None  # noqa: S101 - the caller looked
    if call.microsoft[1] not in target.services:
        raise Refusal(
            RefusalKind.NOT_FOUND,
            f"{call.request.host} does not serve this path; the {target.api.name} part of the service does.",
            reason="host-path-unknown",
        )


async def _invite_body(request: web.BaseRequest) -> None:
    """Answer `Expect: 100-continue` (RFC 9110 section 10.1.1) once the caller may send.

    libcups sends it with every request, curl and .NET with large bodies.
    """
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


def _check_operator(call: Call) -> None:
    """The control API answers whoever has its key.

    Without a key it answers only this machine, and no page of another origin that somebody there has open.
    """
    if call.site.control_key is not None:
        _check_control_key(call.site.control_key, call.request)
        return
    if not is_local(call.request):
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


def _check_control_key(key: str, request: web.BaseRequest) -> None:
    """The key as a bearer token (RFC 6750 section 2.1). No page can send it unasked, so origins do not matter."""
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


def _is_preflight(request: web.BaseRequest) -> bool:
    """A page's question whether it may send a request (Fetch standard, section 3.2.2).

    It is answered alike for paths that nothing lies at: else the page could not read the refusal of its request.
    """
    return request.method == "OPTIONS" and {"Origin", "Access-Control-Request-Method"} <= request.headers.keys()


def _preflight(api: Api, request: web.BaseRequest) -> web.Response:
    """The answer to a CORS preflight (Fetch standard, section 3.2)."""
    if not api.is_for_browsers:
        return web.Response(status=204)
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", "*"),
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )


def _finish(call: Call, response: web.StreamResponse) -> None:
    api = call.api
    call.date(response)
    if api.decorate is not None:
        api.decorate(call, response)
    if api.is_for_browsers and hdrs.ORIGIN in call.request.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "*"


def _log(call: Call, response: web.StreamResponse) -> None:
    """One line a request."""
    duration_ms = round(call.duration * 1000, 1)
    extra = {**_identified(call), "status": response.status, **call.facts, "duration_ms": duration_ms}
    access_log.info("%s %d", _line(call), response.status, extra=extra)


def _identified(call: Call) -> dict[str, str]:
    """What a line of the log is found by."""
    return {
        "operation": call.operation.id if call.operation else "",
        "caller": call.caller.name,
        "tenant": call.tenant_id,
        "request_id": call.request_id,
        "client_request_id": call.client_request_id,
    }

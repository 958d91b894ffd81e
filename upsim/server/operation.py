"""The row type of the table of operations.

A row is one operation of one API: a method and a path template, an IPP operation, or an OAuth grant. Routing,
permissions, limits, injections by name, the fidelity ledger and the served list of operations all read the same
rows; adding an operation is adding a row.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any, Literal

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.domain.caller import Caller
from upsim.domain.clouds import Service
from upsim.domain.limits import LimitName
from upsim.domain.refusals import Refusal


class Evidence(Struct, frozen=True):
    """What a row's behaviour rests on, and where to read it."""

    level: Literal["documented", "observed", "inferred", "chosen"]
    source: str


DISPATCHED = frozenset({"IPP", "GRANT"})
"""Methods of rows that lie behind another row, which decides by the body."""


class Support(Enum):
    """How far upsim goes."""

    EMULATED = "emulated"
    PARTIAL = "partial"
    NOT_EMULATED = "not emulated"


class Scopes(Struct, frozen=True, cache_hash=True):
    """Permissions that open a row, least privileged first. An empty tuple: that kind of token never does."""

    delegated: tuple[str, ...] = ()
    application: tuple[str, ...] = ()
    administrator: bool = False
    """Whether a user must also hold the Printer Administrator role."""
    within_units: bool = False
    """Whether that role over an administrative unit is enough, for the printers in it."""
    delegated_beside: tuple[str, ...] = ()
    """Of these too the token must hold one; empty: nothing more is asked."""
    application_beside: tuple[str, ...] = ()


class Open(Enum):
    """Rows that ask for no permission."""

    ANYONE = "anyone"
    """Sign-in pages, token endpoints, URLs that carry their own secret."""
    CALLER = "any caller with a valid token"
    """Entries that dispatch to rows of their own, such as the IPP endpoint."""
    OPERATOR = "operator"
    """The control API: whoever runs the server."""


Access = Scopes | Open


class Operation(Struct, frozen=True, kw_only=True):
    """One row. `id` is dotted and stable (`graph.printer.get`, `ipp.send-document`, `entra.token.refresh`)."""

    id: str
    method: str
    """An HTTP method, `IPP` for an IPP operation, `GRANT` for an OAuth grant type."""
    path: str
    """A path template below the API's roots, an IPP operation keyword, or a grant type."""
    handler: Callable[[Any], Awaitable[web.StreamResponse]]
    """Runs the operation for a `Call`."""
    access: Access
    evidence: Evidence
    summary: str
    versions: tuple[str, ...] = ("",)
    """Roots of the API under which the row is served, such as `v1.0` and `beta`."""
    success: tuple[int, ...] = (200,)
    support: Support = Support.EMULATED
    note: str = ""
    """What a partial row leaves out, or why a row is not emulated."""
    code: int | None = None
    """The IPP operation code."""
    resolve: Callable[[Any], Awaitable["Operation | None"]] | None = None
    """Reads just enough of a `Call` to enter its tenant; returns the operation that is meant, None: this one."""
    is_entry: bool = False
    """Whether `resolve` always leads to another operation, which is then what is counted, limited and injected."""
    takes: Any = None
    """What the body must be, in the API's own terms, where the handler does not tell."""
    services: frozenset[Service] | None = None
    """Under which of Microsoft's host names the row answers, where not under all of its API's."""


class Convention(Struct, frozen=True):
    """What holds for all rows of an API alike, and what it rests on."""

    what: str
    evidence: Evidence


class Api(Struct, frozen=True, kw_only=True):
    """A protocol API as the server hosts it."""

    name: str
    table: tuple[Operation, ...]
    conventions: tuple[Convention, ...] = ()
    """For the fidelity ledger, which lists the rows."""
    roots: dict[str, str] = msgspec.field(default_factory=lambda: {"": ""})
    """Version to path prefix, such as `{"v1.0": "/v1.0"}`."""
    prefixes: tuple[str, ...] = ()
    """Paths below these that match no row are this API's to refuse."""
    services: frozenset[Service] = frozenset()
    """Under which of Microsoft's host names the API answers; under any other name it always does."""
    audiences: frozenset[str] = frozenset()
    """Audiences of access tokens that the API accepts."""
    refuse: Callable[[Any, Refusal], web.Response]
    """Write a refusal in the API's own dialect."""
    on_refusal: Callable[[Any, Refusal], Awaitable[None]] | None = None
    """Called with a `Call` that is refused, before the refusal is worded."""
    decorate: Callable[[Any, web.StreamResponse], None] | None = None
    """Put the API's standing headers on an answer."""
    request_limit: LimitName | None = None
    """The limit that calls of the API count against, where a tenant has it."""
    name_subject: Callable[[Any], Mapping[str, str]] | None = None
    """What a call is about, by the names that path parameters have; None: the path parameters."""
    is_continuous: bool = False
    """Whether tokens of clients that can answer a claims challenge end with their user's sessions."""
    takes_keys: bool = False
    """Whether clients without tokens may send a short key instead (`upsim.server.client_keys`)."""
    admit_anonymous: Callable[[Any], Awaitable[Caller | None]] | None = None
    """Who a client without credentials is to an entry of the API; None, or no one: it has to send some."""
    is_for_browsers: bool = False
    """Whether pages of other origins may call it (CORS)."""

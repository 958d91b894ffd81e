"""The query options of a request ($select, $expand, $filter, paging) and the view of its caller."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import hdrs
from msgspec import Struct
from msgspec.structs import replace
from multidict import istr

from upsim.apis.graph.model import schema_of
from upsim.domain.caller import Caller
from upsim.domain.clouds import Service
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.services.ports import Transaction
from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.query import QueryOptions, parse_query
from upsim.wire.odata.validation import check_query

Json = dict[str, Any]
NO_METADATA = "odata.metadata=none"
PREFER = istr("Prefer")
ALL_MEMBERS = "include-unknown-enum-members"
PAGE_SIZE_MAX = 1000
"""The most that one page carries, whatever `$top` says."""

NONE = QueryOptions()
"""No option at all, as answers to POST and PATCH are represented."""


class View(Struct, frozen=True):
    """The representation that one request of one caller gets."""

    base_url: str
    version: str
    caller: Caller
    knows_later_members: bool = False
    """Whether the client asked for enum members above the sentinel."""
    is_list: bool = False
    """Whether what is shown is one of many, which leaves out some members."""
    shared_printers: frozenset[str] | None = None
    """Ids of the printers that are shared, where they were read for a whole page."""
    viewpoint_of: str = ""
    """The user whose `viewPoint` of shares is shown even in a list."""
    is_bare: bool = False
    """Whether the client asked for no metadata (`odata.metadata=none`, OData JSON 4.01 section 3.1.3)."""
    url_of: Callable[[Service], str] = lambda _: ""
    """Where the other parts of the service are for this client."""

    @property
    def root(self) -> str:
        return f"{self.base_url}/{self.version}"

    @property
    def is_beta(self) -> bool:
        return self.version == "beta"

    def context(self, path: str) -> str:
        """Return an `@odata.context` of this version."""
        return f"{self.root}/$metadata#{path}"


def view_of(call: Call) -> View:
    """Return the view of a request's caller."""
    headers = call.request.headers
    preferred, accepted = headers.get(PREFER), headers.get(hdrs.ACCEPT, "")
    return View(
        call.base_url,
        call.version,
        call.caller,
        knows_later_members=preferred is not None and ALL_MEMBERS in preferred.lower(),
        is_bare=NO_METADATA in accepted,
        url_of=call.url_of,
    )


@contextmanager
def reading_query() -> Iterator[None]:
    """Turn errors of the OData codec into refusals."""
    try:
        yield
    except BadQuery as error:
        raise Refusal(RefusalKind.INVALID, error.message, reason="query-invalid", target=error.option) from error


def read_options(call: Call, type_name: str) -> QueryOptions:
    """Return the query options of a request for things of a type, checked against it."""
    query = query_of(call)
    if not query:
        return NONE
    with reading_query():
        options = parse_query(query)
        check_query(options, schema_of(call.version), type_name)
    return options


def query_of(call: Call) -> str:
    """Return the query string, still percent-encoded."""
    return call.request.raw_path.partition("?")[2]


def ignoring(options: QueryOptions, unsupported: frozenset[str], tx: Transaction) -> QueryOptions:
    """Return the options without those that the collection does not take; the tenant may want them refused."""
    extra = options.given & unsupported
    if not extra:
        return options
    if tx.tenant.settings.queries.unsupported_options == "refuse":
        names = ", ".join(sorted(extra))
        raise Refusal(
            RefusalKind.INVALID,
            f"The query option {names} is not supported on this resource.",
            reason="option-unsupported",
            target=names,
        )
    nothing: Any = {name[1:]: getattr(NONE, name[1:]) for name in extra}
    return replace(options, **nothing)

"""Input of the control API's handlers: the types of bodies and query parameters, and the tenant of the path."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from upsim.domain.refusals import Refusal
from upsim.domain.tenant import Tenant
from upsim.server.context import Call, Handler
from upsim.server.control_bodies import body_text, unusable
from upsim.services import tenants
from upsim.services.ports import SYSTEM

H = TypeVar("H", bound=Callable[..., Any])


def taking(body: Any = None, *, query: Any = None) -> Callable[[H], H]:
    """Say, for the description, of what type the body or the query parameters of a handler are."""

    def mark(handler: H) -> H:
        handler.takes, handler.query = body, query  # type: ignore[attr-defined]
        return handler

    return mark


def taken_by(handler: Handler) -> Any:
    """Return the type of a handler's body."""
    return _resolved(getattr(handler, "takes", None))


def query_of(handler: Handler) -> Any:
    """Return the type whose members are a handler's query parameters."""
    return _resolved(getattr(handler, "query", None))


def _resolved(kind: Any) -> Any:
    """Return a type that is loaded when it is asked for is given as a function."""
    return kind if kind is None or isinstance(kind, type) else kind()


@contextmanager
def explained(call: Call, under: tuple[str, ...]) -> Iterator[None]:
    """Report where in the body a seed is flawed. `under` is the path of the tenant in it."""
    try:
        yield
    except Refusal as refusal:
        if "flaws" not in refusal.facts:
            raise
        raise unusable("The seed is not usable", body_text(call).problems(refusal, under=under)) from refusal


async def tenant_named(call: Call) -> Tenant:
    """Return the tenant that the path names, by id or domain."""
    name = call.parameters["tenant"]
    return await call.site.store.read(SYSTEM, lambda tx: tenants.named(tx, name))

"""Reading bodies of the control API: typed, and refused with a sentence where they do not fit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.server.operation import Handler
from upsim.services import tenants
from upsim.services.ports import SYSTEM

if TYPE_CHECKING:
    from upsim.server.seed_files import Problem, SeedText

T = TypeVar("T")
H = TypeVar("H", bound=Callable[..., Any])


def taking(body: Any = None, *, query: Any = None) -> Callable[[H], H]:
    """Say, for the description, of what type the body or the query parameters of a handler are."""

    def mark(handler: H) -> H:
        handler.takes, handler.query = body, query  # type: ignore[attr-defined]
        return handler

    return mark


def taken_by(handler: Handler) -> Any:
    """The type of a handler's body."""
    return _resolved(getattr(handler, "takes", None))


def query_of(handler: Handler) -> Any:
    """The type whose members are a handler's query parameters."""
    return _resolved(getattr(handler, "query", None))


def _resolved(kind: Any) -> Any:
    """A type that is loaded when it is asked for is given as a function."""
    return kind if kind is None or isinstance(kind, type) else kind()


def read_query(call: Call, kind: type[T]) -> T:
    """The query parameters as `kind`; one that it does not have is refused."""
    given = dict(call.request.query)
    known = {field.encode_name for field in msgspec.structs.fields(kind)}  # type: ignore[arg-type]
    if unknown := [name for name in given if name not in known]:
        raise Refusal(
            RefusalKind.INVALID,
            f"There is no parameter {', '.join(unknown)} here; there is {', '.join(sorted(known))}.",
            reason="query-unknown",
        )
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(
            RefusalKind.INVALID, f"The query cannot be used: {error}.", reason="query-invalid"
        ) from error


async def read_as(call: Call, kind: type[T], what: str) -> T:
    """The body as `kind`; `what` completes 'The body is not ...'."""
    try:
        return msgspec.convert(await call.json(), kind)
    except msgspec.ValidationError as error:
        from upsim.server.seed_files import Problem

        typed = _typed(call)
        found = typed.mistakes(msgspec.json.decode(call.sent or b"{}"), kind) or [Problem(1, "", f"{error}.")]
        raise _refusal(f"The body is not {what}", found) from error


@contextmanager
def explained(call: Call, under: tuple[str, ...]) -> Iterator[None]:
    """Tell where in the body a seed is flawed. `under` is where in it the tenant stands."""
    try:
        yield
    except Refusal as refusal:
        if "flaws" not in refusal.facts:
            raise
        raise _refusal("The seed is not usable", _typed(call).problems(refusal, under=under)) from refusal


def _typed(call: Call) -> "SeedText":
    from upsim.server.seed_files import SeedText

    return SeedText("body", call.sent.decode(errors="replace"), "json")


def _refusal(what: str, problems: "list[Problem]") -> Refusal:
    said = " ".join(f"{problem}" for problem in problems)
    listed = [msgspec.to_builtins(problem) for problem in problems]
    return Refusal(RefusalKind.INVALID, f"{what}: {said}", reason="body-invalid", problems=listed)


async def tenant_named(call: Call) -> Tenant:
    """The tenant that the path names, by id or domain."""
    name = call.parameters["tenant"]
    return await call.site.store.read(SYSTEM, lambda tx: tenants.named(tx, name))

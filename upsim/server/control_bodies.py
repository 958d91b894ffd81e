"""Reading what the control API is sent: typed, and refused with the nearest known name where it does not fit.

Rows of other APIs that are for whoever runs the server read with it as well.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, Handler
from upsim.server.spelling import Spelling, camel, from_json, respelled

if TYPE_CHECKING:
    from upsim.server.seed_files import Problem, SeedText

T = TypeVar("T")


def check_query(call: Call, kind: Any) -> None:
    """Refuse a query parameter that `kind` has no member for; None has none at all."""
    known = [camel(field.encode_name) for field in msgspec.structs.fields(kind)] if kind else []
    unknown = [name for name in call.request.query if name not in known]
    if unknown:
        from upsim.server.typed_reading import nearest

        found = " ".join(f"'{name}' is no query parameter here; {nearest(name, known)}" for name in unknown)
        raise Refusal(RefusalKind.INVALID, found, reason="query-unknown")


def checking_query(handler: Handler, kind: Callable[[], Any]) -> Handler:
    """The handler behind a check of the query parameters; `kind` gives the type whose members they are."""

    @wraps(handler)
    async def check_first(call: Call) -> web.StreamResponse:
        if call.request.query_string:
            check_query(call, kind())
        return await handler(call)

    return check_first


def read_query(call: Call, kind: type[T]) -> T:
    """The query parameters as `kind`; one that it does not have is refused."""
    check_query(call, kind)
    try:
        given = respelled(dict(call.request.query), kind, Spelling.JSON, Spelling.TOML)
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(
            RefusalKind.INVALID, f"The query cannot be used: {_in_camel(error)}.", reason="query-invalid"
        ) from error


async def read_as(call: Call, kind: type[T], what: str) -> T:
    """The body as `kind`; `what` completes 'The body is not ...'."""
    document = await call.json()
    try:
        return from_json(document, kind)  # type: ignore[no-any-return]
    except msgspec.ValidationError as error:
        from upsim.server.seed_files import Problem

        found = body_text(call).mistakes(document, kind) or [Problem(1, "", f"{error}.")]
        raise unusable(f"The body is not {what}", found) from error


async def read_part(call: Call, kind: Any, what: str) -> dict[str, Any]:
    """Those members of `kind` that the body names, spelled as in Python; they are checked, none must be there."""
    document = await call.json()
    found = body_text(call).mistakes(document, kind, is_part=True)
    if found:
        raise unusable(f"The body is not {what}", found)
    members: dict[str, Any] = respelled(document, kind, Spelling.JSON, Spelling.TOML)
    return members


def body_text(call: Call) -> "SeedText":
    """The body as it was typed, which knows the lines of its mistakes."""
    from upsim.server.seed_files import SeedText

    return SeedText("body", call.sent.decode(errors="replace"), "json")


def unusable(what: str, problems: "list[Problem]") -> Refusal:
    """The refusal of a body with all that is wrong in it."""
    said = " ".join(f"{problem}" for problem in problems)
    listed = [msgspec.to_builtins(problem) for problem in problems]
    return Refusal(RefusalKind.INVALID, f"{what}: {said}", reason="body-invalid", problems=listed)


def _in_camel(error: msgspec.ValidationError) -> str:
    text, separator, place = str(error).partition("`$.")
    return f"{text}{separator}{camel(place)}"

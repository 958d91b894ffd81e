"""Whether a row's permissions, and its role, open it to a caller."""

from upsim.domain.caller import Caller
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.server.operation import Scopes
from upsim.services import access as reach


def opens(caller: Caller, access: Scopes) -> bool:
    """Whether the caller's token and roles open the row; False: within an administrative unit only.

    Refuses with `FORBIDDEN` where they do not open it at all.
    """
    check_permissions(caller, access)
    if not lacks_role(caller, access):
        return True
    if not access.within_units:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "The signed-in user must be a Printer Administrator.",
            reason="administrator-needed",
        )
    return False


async def check_unit(call: Call) -> None:
    """Refuse with `FORBIDDEN` unless the caller administers a unit with what the path names."""
    named = {f"{name}_id": call.parameters[name] for name in ("printer", "share") if name in call.parameters}
    await call.read(reach.check_unit_administrator, call.caller, **named)


def check_permissions(caller: Caller, access: Scopes) -> None:
    """Refuse with `FORBIDDEN` unless the token holds a permission of the row, and one of those beside it."""
    if caller.kind == "user":
        _check(caller.scopes, access.delegated, access.delegated_beside, "delegated")
    else:
        _check(caller.permissions, access.application, access.application_beside, "application")


def lacks_role(caller: Caller, access: Scopes) -> bool:
    """Whether the row asks users for a role that this one does not hold over the whole tenant."""
    return access.administrator and caller.kind == "user" and not caller.is_printer_administrator


def _check(held: frozenset[str], opening: tuple[str, ...], beside: tuple[str, ...], kind: str) -> None:
    if not opening:
        raise Refusal(
            RefusalKind.FORBIDDEN, f"This call does not take a token with {kind} permissions.", reason="token-kind"
        )
    for needed in (opening, beside):
        if needed and held.isdisjoint(needed):
            raise Refusal(
                RefusalKind.FORBIDDEN,
                f"The token has none of the {kind} permissions that open this call: {', '.join(needed)}.",
                reason="scope-missing",
                needed=needed,
            )

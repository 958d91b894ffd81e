"""Whether a caller's token, and role, admit it to an operation."""

from upsim.domain.caller import Caller
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.server.operation import Scopes
from upsim.services import access as reach


def admits(access: Scopes, caller: Caller) -> bool:
    """Whether the operation is open to the caller; False: only for what is in a unit that it administers.

    Raises `Refusal(FORBIDDEN)` where the caller is not admitted at all.
    """
    is_user = caller.kind == "user"
    kind, held = ("delegated", caller.scopes) if is_user else ("application", caller.permissions)
    opening = access.delegated if is_user else access.application
    if not opening:
        raise Refusal(
            RefusalKind.FORBIDDEN, f"This call does not take a token with {kind} permissions.", reason="token-kind"
        )
    for needed in (opening, access.delegated_beside if is_user else access.application_beside):
        if needed and held.isdisjoint(needed):
            raise Refusal(
                RefusalKind.FORBIDDEN,
                f"The token has none of the {kind} permissions that open this call: {', '.join(needed)}.",
                reason="scope-missing",
                needed=needed,
            )
    if not (access.administrator and is_user) or caller.is_printer_administrator:
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

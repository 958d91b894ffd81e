"""Whether a row's permissions open it to a caller."""

from upsim.domain.caller import Caller
from upsim.domain.faults import Fault, Refused
from upsim.server.operation import Open, Scopes


def authorize(caller: Caller, access: Scopes | Open) -> None:
    """Refuse with `FORBIDDEN` unless the caller's token opens the row."""
    if isinstance(access, Open):
        return
    if caller.kind == "user":
        _check(caller.scopes, access.delegated, "delegated")
        if access.administrator and not caller.is_printer_administrator:
            raise Refused(
                Fault.FORBIDDEN,
                "The signed-in user must be a Printer Administrator.",
                reason="administrator-needed",
            )
    else:
        _check(caller.permissions, access.application, "application")


def _check(held: frozenset[str], opening: tuple[str, ...], kind: str) -> None:
    if not opening:
        raise Refused(
            Fault.FORBIDDEN, f"This call does not take a token with {kind} permissions.", reason="token-kind"
        )
    if held.isdisjoint(opening):
        raise Refused(
            Fault.FORBIDDEN,
            f"The token has none of the {kind} permissions that open this call: {', '.join(opening)}.",
            reason="scope-missing",
            needed=opening,
        )

"""printerStatus: a projection of printer-state and printer-state-reasons (RFC 8011 sections 5.4.11 and 12)."""

import re
from functools import cache

from upsim.apis.graph.model import members_before_sentinel, schema_of
from upsim.apis.graph.selection import Json, View
from upsim.domain.printer import Printer, PrinterState
from upsim.wire.odata.schema import EnumType

_STATES = {
    None: "unknown",
    PrinterState.IDLE: "idle",
    PrinterState.PROCESSING: "processing",
    PrinterState.STOPPED: "stopped",
}
STATE_OF = {name: state for state, name in _STATES.items() if state is not None}
"""IPP states by Graph's names, for the status that an application PATCHes."""

_OWN_WORDS = {
    "opc-near-eol": "opticalPhotoConductorNearEndOfLife",
    "opc-life-over": "opticalPhotoConductorLifeOver",
    "stopped-partly": "stoppedPartially",
}
_SEVERITY = re.compile(r"-(report|warning|error)$")


def represent_printer_status(view: View, printer: Printer) -> Json:
    """Return the status; members above the enum's sentinel only for clients that ask for them."""
    state = _STATES[printer.state]
    details = [_shown(view, member_of(reason)) for reason in printer.state_reasons]
    status: Json = {
        "state": state,
        "details": list(dict.fromkeys(details)),
        "description": printer.state_message,
    }
    if view.is_beta:
        legacy = _legacy()
        status["processingState"] = state
        status["processingStateDescription"] = printer.state_message
        status["processingStateReasons"] = [each for each in status["details"] if each in legacy]
    return status


def member_of(reason: str) -> str:
    """Return the printerProcessingStateDetail of a printer-state-reasons keyword; `other` where there is none."""
    keyword = _SEVERITY.sub("", reason)
    head, *rest = keyword.split("-")
    member = _OWN_WORDS.get(keyword) or head + "".join(word.capitalize() for word in rest)
    return member if member in _details().members else "other"


def reason_of(member: str) -> str:
    """Return the keyword of a printerProcessingStateDetail."""
    for keyword, own in _OWN_WORDS.items():
        if member == own:
            return keyword
    return re.sub(r"(?<!^)([A-Z])", lambda match: "-" + match[1].lower(), member)


def _shown(view: View, member: str) -> str:
    known = view.knows_later_members or member in _early()
    return member if known else "unknownFutureValue"


@cache
def _details() -> EnumType:
    found = schema_of("v1.0").type("printerProcessingStateDetail")
    assert isinstance(found, EnumType)  # noqa: S101 - our own model
    return found


@cache
def _early() -> frozenset[str]:
    return members_before_sentinel(_details())


@cache
def _legacy() -> frozenset[str]:
    found = schema_of("beta").type("printerProcessingStateReason")
    return frozenset(found.members) if isinstance(found, EnumType) else frozenset()

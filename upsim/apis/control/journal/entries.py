"""An entry of the journal as data and as text."""

from typing import Any

from upsim.apis.control.journal import redaction
from upsim.domain.caller import Caller
from upsim.server.journal import Entry
from upsim.wire.ipp import text
from upsim.wire.ipp.decode import Decoder, Malformed
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.registry.lookup import status_keyword
from upsim.wire.ipp.tags import GroupTag

Json = dict[str, Any]
IPP = "application/ipp"


def represent(entry: Entry, *, with_messages: bool = False) -> Json:
    """Return an entry as JSON. Headers and bodies are added `with_messages`."""
    shown: Json = {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "operation": entry.operation_id,
        "method": entry.method,
        "path": entry.path,
        "query": redaction.query(entry.query),
        "status": entry.status,
        "ippStatus": ipp_status(entry),
        "caller": _caller(entry.caller),
        "printers": sorted(entry.printers),
        "jobs": sorted(entry.jobs),
        "requestId": entry.request_id,
        "durationMs": round(entry.duration * 1000, 3),
        "isPart": entry.is_part,
        "refused": _refused(entry),
        "injections": [{"id": rule.id, "name": rule.name} for rule in entry.injected],
        "limit": entry.refusal.limit if entry.refusal else None,
        "earlySeconds": entry.early_seconds or None,
        "events": [{"name": event.name, "subject": event.subject, "facts": event.facts} for event in entry.events],
        "change": entry.change or None,
        "point": entry.point,
    }
    if with_messages:
        shown["request"] = _message(entry.headers, entry.sent, is_request=True)
        shown["response"] = _message(entry.answer_headers, entry.answer, is_request=False)
    return shown


def ipp_status(entry: Entry) -> str | None:
    """Return the keyword of an IPP answer's status."""
    code = entry.answer[2:4]
    if len(code) < 2 or entry.answer_headers.get("Content-Type") != IPP:
        return None
    number = int.from_bytes(code)
    return status_keyword(number) or f"0x{number:04x}"


def line(entry: Entry) -> str:
    """Return an entry in one line."""
    answered = str(entry.status) if entry.status else "cut off"
    if (status := ipp_status(entry)) is not None:
        answered += f" {status}"
    parts = [f"#{entry.number}", f"{entry.at:%H:%M:%S.%f}"[:-3], entry.operation_id or "-", f"-> {answered}"]
    parts.append(f"({entry.caller.name})")
    parts += [f"[{event.name} {event.subject}]" for event in entry.events]
    parts += [f"[injection {rule.name or rule.id}]" for rule in entry.injected]
    if entry.early_seconds:
        parts.append(f"[{entry.early_seconds:g} s too early]")
    if entry.refusal:
        parts.append(f"refused: {entry.refusal.detail}")
    return " ".join(parts)


def decode(octets: bytes) -> Message | None:
    """Return an IPP message, or None where the octets are none."""
    decoder = Decoder()
    try:
        return decoder.feed(octets) or decoder.finish()
    except Malformed:
        return None


def _message(headers: Any, octets: bytes, *, is_request: bool) -> Json:
    shown: Json = {"headers": redaction.headers(headers)}
    kind = str(headers.get("Content-Type", ""))
    if kind.startswith(IPP):
        message = decode(octets) if octets else None
        if message is not None:
            shown["ipp"] = _ipp(message)
            shown["text"] = (text.format_request if is_request else text.format_response)(message)
        return shown
    shown["body"] = redaction.body(octets, kind)
    return shown


def _ipp(message: Message) -> Json:
    """Return the attributes of a message by group, each as it is written in text."""
    groups = []
    for group in message.groups:
        attributes = {item.name: text.format_attribute(item).partition(" = ")[2] for item in group}
        try:
            name = GroupTag(group.tag).name.lower().replace("_", "-")
        except ValueError:
            name = f"0x{group.tag:02x}"
        groups.append({"group": name, "attributes": attributes})
    return {"code": message.code, "requestId": message.request_id, "groups": groups}


def _caller(caller: Caller) -> Json:
    return {
        "kind": caller.kind,
        "name": caller.name,
        "userId": caller.user_id or None,
        "application": caller.app_id or None,
        "printer": caller.printer_id or None,
    }


def _refused(entry: Entry) -> Json | None:
    refusal = entry.refusal
    if refusal is None:
        return None
    return {
        "kind": refusal.kind.name.lower(),
        "reason": refusal.reason or None,
        "detail": refusal.detail,
        "retryAfterSeconds": refusal.retry_after_seconds,
    }

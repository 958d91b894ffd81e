"""The journal's entries, a line each."""

from typing import Any


def line(entry: dict[str, Any]) -> str:
    """Number, time, operation, answer, caller, what it caused and why it was refused."""
    answered = str(entry["status"] or "cut off")
    if entry["ippStatus"]:
        answered += f" {entry['ippStatus']}"
    what = entry["operation"] or f"{entry['method']} {entry['path']}"
    parts = [f"#{entry['number']}", entry["at"][11:23], what, f"-> {answered}", f"({entry['caller']['name']})"]
    parts += [f"[{event['name']} {event['subject']}]" for event in entry["events"]]
    parts += [f"[injection {injection['name'] or injection['id']}]" for injection in entry["injections"]]
    if entry["earlySeconds"]:
        parts.append(f"[{entry['earlySeconds']:g} s too early]")
    if entry["refused"]:
        parts.append(f"refused: {entry['refused']['detail']}")
    return " ".join(parts)

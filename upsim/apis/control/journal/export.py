"""The journal for other eyes: HTTP Archive 1.2 (HAR) for tools, a transcript for people."""

from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from upsim.apis.control.journal import redaction
from upsim.apis.control.journal.entries import Json, line, represent
from upsim.server.journal import Entry
from upsim.version import VERSION

BODY_SHOWN_MAX = 4_000
"""Characters of a body in a transcript."""


def as_har(entries: Iterable[Entry]) -> Json:
    """HTTP Archive 1.2. Members that begin with `_` are our own, as the format provides."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "upsim", "version": VERSION},
            "entries": [_har_entry(entry) for entry in entries],
        }
    }


def as_transcript(entries: Iterable[Entry]) -> str:
    """Return each call with its messages, as text."""
    return "\n".join(_passage(entry) for entry in entries)


def _har_entry(entry: Entry) -> Json:
    shown = represent(entry, with_messages=True)
    query = redaction.query(entry.query)
    url = f"{entry.scheme}://{entry.host}{entry.path}" + (f"?{query}" if query else "")
    milliseconds = entry.duration * 1000
    request: Json = {
        "method": entry.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(shown["request"]["headers"].items()),
        "queryString": _pairs(parse_qsl(query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(entry.sent),
    }
    if sent := _text(shown["request"]):
        request["postData"] = {"mimeType": entry.headers.get("Content-Type", ""), "text": sent}
    return {
        "startedDateTime": entry.at.isoformat(),
        "time": milliseconds,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": _phrase(entry.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(shown["response"]["headers"].items()),
            "content": {
                "size": len(entry.answer),
                "mimeType": entry.answer_headers.get("Content-Type", ""),
                "text": _text(shown["response"]),
            },
            "redirectURL": redaction.query(entry.answer_headers.get("Location", "")),
            "headersSize": -1,
            "bodySize": len(entry.answer),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_upsim": {name: value for name, value in shown.items() if name not in {"request", "response"}},
    }


def _passage(entry: Entry) -> str:
    shown = represent(entry, with_messages=True)
    query = redaction.query(entry.query)
    target = entry.path + (f"?{query}" if query else "")
    answered = f"{entry.status} {_phrase(entry.status)}" if entry.status else "cut off"
    ended = entry.at + timedelta(seconds=entry.duration)
    return "\n".join(
        [
            line(entry),
            f"> {entry.method} {target}",
            *_lines(">", shown["request"]),
            f"< {answered} ({ended:%H:%M:%S.%f})",
            *_lines("<", shown["response"]),
            "",
        ]
    )


def _lines(mark: str, message: Json) -> list[str]:
    lines = [f"{mark} {name}: {value}" for name, value in message["headers"].items()]
    body = _text(message)
    if len(body) > BODY_SHOWN_MAX:
        body = f"{body[:BODY_SHOWN_MAX]} ... ({len(body)} characters)"
    return lines + [f"{mark}   {each}" for each in body.splitlines()]


def _text(message: Json) -> str:
    if "text" in message:
        return str(message["text"])
    body = message.get("body")
    if body is None:
        return ""
    return body if isinstance(body, str) else orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _pairs(items: Iterable[tuple[str, Any]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in items]


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""

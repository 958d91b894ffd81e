"""Redaction of secrets in everything that the journal shows, by the names under which clients send them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson

REDACTED = "(redacted)"

_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-upsim-key"})
_FIELDS = frozenset(
    {
        "access_token",
        "assertion",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "device_code",
        "id_token",
        "id_token_hint",
        "login_ticket",
        "password",
        "passwd",
        "refresh_token",
        "request",
        "secret",
        "tempauthtoken",
        "tokens",
        "value_token",
    }
)
_JSON_ONLY_SHOWN = frozenset({"code", "request", "tokens"})
"""Names that are secrets in forms and mean something else in JSON, such as Graph's error.code."""
_IN_TEXT = re.compile(r"(?i)\b(" + "|".join(sorted(_FIELDS)) + r")=[^&\s\"'<>]+")
_SCHEME = re.compile(r"^\s*(\w+)\s+\S")


def headers(found: Mapping[str, str]) -> dict[str, str]:
    """Headers, of an Authorization only the scheme."""
    return {str(name): _header(name, value) for name, value in found.items()}


def query(text: str) -> str:
    """Return a query string or a form."""
    if not text:
        return ""
    fields = parse_qsl(text, keep_blank_values=True)
    if not fields:
        return text
    shown = [(name, REDACTED if name.lower() in _FIELDS else value) for name, value in fields]
    return urlencode(shown, quote_via=quote, safe="()$,/:'@*")


def body(octets: bytes, content_type: str) -> Any:
    """Return a body as JSON, as a form or as text; anything else as its length."""
    kind = content_type.partition(";")[0].strip().lower()
    if not octets:
        return None
    if kind.endswith("json") or octets[:1] in {b"{", b"["}:
        try:
            return _json(orjson.loads(octets))
        except orjson.JSONDecodeError:
            pass
    if kind == "application/x-www-form-urlencoded":
        return query(octets.decode(errors="replace"))
    try:
        return _IN_TEXT.sub(lambda match: f"{match[1]}={REDACTED}", octets.decode())
    except UnicodeDecodeError:
        return f"({len(octets)} octets)"


def _header(name: str, value: str) -> str:
    if name.lower() not in _HEADERS:
        return _IN_TEXT.sub(lambda match: f"{match[1]}={REDACTED}", value)
    scheme = _SCHEME.match(value)
    return f"{scheme[1]} {REDACTED}" if name.lower() == "authorization" and scheme else REDACTED


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: REDACTED
            if name.lower() in _FIELDS and name.lower() not in _JSON_ONLY_SHOWN and isinstance(item, str)
            else _json(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, str) and "=" in value:
        return _IN_TEXT.sub(lambda match: f"{match[1]}={REDACTED}", value)
    return value

"""JSON batch requests: OData JSON Format 4.01 section 19, with the rules of Graph's ``$batch``.

The payload is JSON already decoded. ``parse_batch`` refuses the whole batch (400) when any part of it is
malformed; what a single request answers is the business of the service.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from .errors import BadQuery

REQUESTS_MAX = 20

# RFC 4918 section 11.4, the status of a request whose ``dependsOn`` failed.
FAILED_DEPENDENCY = 424

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_VERSION = re.compile(r"/(v1\.0|beta)(?=[/?]|\Z)", re.IGNORECASE)


class BatchRequest(Struct, frozen=True):
    """One request. ``url`` is what follows the version: ``/print/shares?$top=2``.

    Header names are in lower case. ``body`` is a JSON value, or bytes for any other content type.
    """

    id: str
    method: str
    url: str
    version: str | None = None
    headers: Mapping[str, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    body: Any = None
    depends_on: tuple[str, ...] = ()


def parse_batch(payload: Any, *, requests_max: int = REQUESTS_MAX) -> tuple[BatchRequest, ...]:
    """Read and check a whole batch, in the order it was written."""
    items = payload.get("requests") if isinstance(payload, Mapping) else None
    if not isinstance(items, list) or not items:
        raise BadQuery("Invalid batch payload format.")
    if len(items) > requests_max:
        raise BadQuery(f"Number of batch request steps exceeds the maximum value of {requests_max}.")
    requests = tuple(_read_request(item) for item in items)
    seen: set[str] = set()
    for request in requests:
        if request.id in seen:
            raise BadQuery(f"Request id '{request.id}' is used more than once in the batch.")
        seen.add(request.id)
    execution_order(requests)
    return requests


def execution_order(requests: Sequence[BatchRequest]) -> list[tuple[BatchRequest, ...]]:
    """Groups to run one after another; the requests of one group may run together."""
    _check_dependencies(requests)
    waiting = list(requests)
    done: set[str] = set()
    groups = []
    while waiting:
        ready = tuple(request for request in waiting if done.issuperset(request.depends_on))
        if not ready:
            ids = ", ".join(f"'{request.id}'" for request in waiting)
            raise BadQuery(f"The requests {ids} of the batch depend on each other.")
        groups.append(ready)
        done.update(request.id for request in ready)
        waiting = [request for request in waiting if request.id not in done]
    return groups


def failed_dependency(request: BatchRequest, statuses: Mapping[str, int]) -> str | None:
    """Return the id of a request that this one needed and that failed; then it answers ``FAILED_DEPENDENCY``."""
    return next((needed for needed in request.depends_on if statuses.get(needed, 200) >= 400), None)


def _check_dependencies(requests: Sequence[BatchRequest]) -> None:
    known = {request.id for request in requests}
    for request in requests:
        for needed in request.depends_on:
            if needed not in known:
                raise BadQuery(f"Request '{request.id}' depends on '{needed}', which is not in the batch.")


def _read_request(item: Any) -> BatchRequest:
    if not isinstance(item, Mapping):
        raise BadQuery("Invalid batch payload format.")
    request_id = _required(item, "id")
    method = _required(item, "method").upper()
    if method not in _METHODS:
        raise BadQuery(f"The method '{method}' of request '{request_id}' is not supported in a batch.")
    version, url = _read_url(request_id, _required(item, "url"))
    headers = _read_headers(request_id, item.get("headers"))
    return BatchRequest(
        id=request_id,
        method=method,
        url=url,
        version=version,
        headers=headers,
        body=_read_body(request_id, item.get("body"), headers.get("content-type")),
        depends_on=_read_depends_on(request_id, item),
    )


def _required(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise BadQuery(f"Invalid batch payload format: every request needs the string property '{name}'.")
    return value


def _read_url(request_id: str, text: str) -> tuple[str | None, str]:
    """Return the version, if written, and the URL after it; SDKs send absolute URLs of whatever host they know."""
    url = "/" + _ORIGIN.sub("", text, count=1).partition("#")[0].lstrip("/")
    match = _VERSION.match(url)
    if match is not None:
        url = "/" + url[match.end() :].lstrip("/")
    path = unquote(url.partition("?")[0])
    if path.rstrip("/").lower().endswith("/$batch"):
        raise BadQuery(f"Request '{request_id}' is itself a batch, which is not supported.")
    return (match[1].lower() if match else None), url


def _read_headers(request_id: str, headers: Any) -> Mapping[str, str]:
    if headers is None:
        return MappingProxyType({})
    if not isinstance(headers, Mapping) or not all(isinstance(value, str) for value in headers.values()):
        raise BadQuery(f"The headers of request '{request_id}' must be an object of strings.")
    return MappingProxyType({str(name).lower(): value for name, value in headers.items()})


def _read_body(request_id: str, body: Any, content_type: str | None) -> Any:
    if body is None:
        return None
    if content_type is None:
        raise BadQuery(f"Write request with id '{request_id}' does not contain a Content-Type header.")
    if _is_json(content_type):
        return body
    try:
        return _from_base64(body)
    except (TypeError, ValueError):
        raise BadQuery(
            f"The body of request '{request_id}' must be a base64url string, because it is not JSON."
        ) from None


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _from_base64(body: Any) -> bytes:
    """Return the standard asks for base64url; Graph's Python SDK sends plain base64."""
    if not isinstance(body, str):
        raise TypeError("not a string")
    text = body.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _read_depends_on(request_id: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    # Graph's Python SDK writes the key in its own spelling.
    needed = item.get("dependsOn") or item.get("depends_on") or []
    if not isinstance(needed, list) or not all(isinstance(each, str) for each in needed):
        raise BadQuery(f"The dependsOn of request '{request_id}' must be a list of request ids.")
    return tuple(dict.fromkeys(needed))

"""Refusals of the IPP API.

An IPP refusal normally rides on HTTP 200 with an IPP status; only transport and authentication problems are HTTP
errors. So a call without a usable token is HTTP 401, one whose body is no IPP message down to its header is
HTTP 400 or 415, and everything said about a request that could be read is an IPP response.
"""

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web
from multidict import istr

from upsim.apis.ipp.request import CONTENT_TYPE, IppRequest, encode_answer
from upsim.domain.attributes import AttributeValue
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import TenantSettings
from upsim.server.context import Call
from upsim.server.ipp_attributes import represent_attribute
from upsim.server.refusals import HTTP_STATUS, remedies
from upsim.wire.ipp import build
from upsim.wire.ipp.status import Status
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute, AttributeGroup

STATUS: dict[RefusalKind, Status] = {
    RefusalKind.UNAUTHENTICATED: Status.CLIENT_ERROR_NOT_AUTHENTICATED,
    RefusalKind.FORBIDDEN: Status.CLIENT_ERROR_NOT_AUTHORIZED,
    RefusalKind.NOT_FOUND: Status.CLIENT_ERROR_NOT_FOUND,
    RefusalKind.GONE: Status.CLIENT_ERROR_GONE,
    RefusalKind.ALREADY_EXISTS: Status.CLIENT_ERROR_NOT_POSSIBLE,
    RefusalKind.INVALID: Status.CLIENT_ERROR_BAD_REQUEST,
    RefusalKind.NOT_POSSIBLE: Status.CLIENT_ERROR_NOT_POSSIBLE,
    RefusalKind.NOT_FETCHABLE: Status.CLIENT_ERROR_NOT_FETCHABLE,
    RefusalKind.FORMAT_UNSUPPORTED: Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED,
    RefusalKind.TOO_LARGE: Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE,
    RefusalKind.ATTRIBUTES_UNSUPPORTED: Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
    RefusalKind.CONFLICTING: Status.CLIENT_ERROR_CONFLICTING_ATTRIBUTES,
    RefusalKind.PRECONDITION: Status.CLIENT_ERROR_NOT_POSSIBLE,
    RefusalKind.METHOD_NOT_ALLOWED: Status.CLIENT_ERROR_BAD_REQUEST,
    RefusalKind.THROTTLED: Status.SERVER_ERROR_BUSY,
    RefusalKind.NOT_ACCEPTING: Status.SERVER_ERROR_NOT_ACCEPTING_JOBS,
    RefusalKind.NOT_EMULATED: Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED,
    RefusalKind.UNAVAILABLE: Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
    RefusalKind.INTERNAL: Status.SERVER_ERROR_INTERNAL_ERROR,
}

STATUS_OF_REASON: dict[str, Status] = {
    "ipp-version": Status.SERVER_ERROR_VERSION_NOT_SUPPORTED,
    "ipp-charset": Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED,
    "ipp-value-too-long": Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG,
    "compression-unsupported": Status.CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED,
    "compression-error": Status.CLIENT_ERROR_COMPRESSION_ERROR,
    "document-format-error": Status.CLIENT_ERROR_DOCUMENT_FORMAT_ERROR,
    "second-document": Status.SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED,
    "too-many-subscriptions": Status.CLIENT_ERROR_TOO_MANY_SUBSCRIPTIONS,
    "not-settable": Status.CLIENT_ERROR_ATTRIBUTES_NOT_SETTABLE,
}
"""Where IPP has a status of its own for one reason of a kind."""

STATUS_OF_SETTING: dict[str, Callable[[TenantSettings], str]] = {
    "not-fetchable": lambda settings: settings.ipp.not_fetchable_status,
    "job-ended": lambda settings: settings.ipp.finished_job_update_status,
}
"""Reasons whose status the tenant chooses, as a keyword of `_CHOSEN`."""

_CHOSEN = {
    "not-fetchable": Status.CLIENT_ERROR_NOT_FETCHABLE,
    "not-possible": Status.CLIENT_ERROR_NOT_POSSIBLE,
    "internal-error": Status.SERVER_ERROR_INTERNAL_ERROR,
}

_STATUS_NAMES = {status.name.lower().replace("_", "-"): status for status in Status}

STATUS_MESSAGE_OCTETS_MAX = 255
"""status-message is text(255), RFC 8011 section 4.1.6.2."""


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Return the refusal as an IPP response, or as an HTTP error where there is no IPP request to answer."""
    request = call.content
    if not isinstance(request, IppRequest) or refusal.kind is RefusalKind.UNAUTHENTICATED:
        return _refuse_http(refusal)
    if "http_status" in refusal.facts and "code" not in refusal.facts:
        return _refuse_http(refusal)
    settings = call.settings
    if refusal.kind is RefusalKind.THROTTLED and settings.limits.ipp_answer == "http-429":
        return _refuse_http(refusal)
    status = status_of(refusal, settings)
    groups = [
        build.group(GroupTag.OPERATION, build.text("status-message", _shortened(refusal.detail))),
        *_unsupported(request, refusal.facts.get("attributes") or {}),
    ]
    body = encode_answer(request.header, groups, status)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE, **remedies(refusal)})


def status_of(refusal: Refusal, settings: TenantSettings) -> Status:
    """Return the IPP status of a refusal: as an injection or a setting chose it, else by reason, else by kind."""
    if (injected := _STATUS_NAMES.get(refusal.facts.get("code", ""))) is not None:
        return injected
    if refusal.kind is RefusalKind.THROTTLED and settings.limits.ipp_answer in _STATUS_NAMES:
        return _STATUS_NAMES[settings.limits.ipp_answer]
    if choose := STATUS_OF_SETTING.get(refusal.reason):
        return _CHOSEN[choose(settings)]
    return STATUS_OF_REASON.get(refusal.reason, STATUS[refusal.kind])


# `istr` is folded to lower case once, where a plain name is at every answer.
_REQUEST_ID, _CLIENT_REQUEST_ID = istr("request-id"), istr("client-request-id")
_CORRELATION_ID = istr("x-ms-correlation-id")


def decorate(call: Call, response: web.StreamResponse) -> None:
    """Correlation headers; clients print them when something went wrong."""
    headers, request_id = response.headers, call.request_id
    headers[_REQUEST_ID] = headers[_CORRELATION_ID] = request_id
    headers[_CLIENT_REQUEST_ID] = call.request.headers.get(_CLIENT_REQUEST_ID) or request_id


def _refuse_http(refusal: Refusal) -> web.Response:
    response = web.Response(text=refusal.detail + "\n", status=HTTP_STATUS[refusal.kind])
    if refusal.kind is RefusalKind.UNAUTHENTICATED:
        # Basic first: libcups gives up at a Bearer challenge that it meets before one that it knows.
        response.headers.add("WWW-Authenticate", 'Basic realm="upsim"')
        response.headers.add("WWW-Authenticate", 'Bearer error="invalid_token"')
    response.headers.update(remedies(refusal))
    return response


def _unsupported(request: IppRequest, attributes: dict[str, Any]) -> list[AttributeGroup]:
    """Return the unsupported attributes group (RFC 8011 section 4.1.7): what was sent, as it was sent."""
    if not attributes:
        return []
    sent = {item.name: item for group in request.message.groups for item in group.attributes}
    listed = [_offending(name, value, sent.get(name)) for name, value in attributes.items()]
    return [build.group(GroupTag.UNSUPPORTED, *listed)]


def _offending(name: str, value: Any, sent: Attribute | None) -> Attribute:
    """Return one attribute; a value of None says that the attribute as a whole is not supported."""
    if value is None:
        return build.unsupported(name)
    if isinstance(value, Iterable) and not isinstance(value, str):
        values = tuple(value)
        if values and all(isinstance(item, AttributeValue) for item in values):
            return represent_attribute(name, values)
    return sent or build.keyword(name, str(value))


def _shortened(text: str) -> str:
    return text.encode()[:STATUS_MESSAGE_OCTETS_MAX].decode(errors="ignore")

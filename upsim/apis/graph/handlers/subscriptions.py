"""Subscriptions to change notifications: the receiver must answer a validation token before one is made."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from yarl import URL

from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.bodies import Body, taking
from upsim.apis.graph.navigation import represent
from upsim.apis.graph.selection import Json, view_of
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.services import change_subscriptions, deliveries
from upsim.services.ports import Transaction
from upsim.wire.odata.literals import read_moment

CONTEXT = "subscriptions/$entity"
REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
WRITABLE = frozenset(
    {
        *REQUIRED,
        "applicationId",
        "clientState",
        "creatorId",
        "encryptionCertificate",
        "encryptionCertificateId",
        "includeResourceData",
        "latestSupportedTlsVersion",
        "lifecycleNotificationUrl",
        "notificationQueryOptions",
        "notificationUrlAppId",
    }
)
"""Microsoft's sample sends `applicationId` itself; the ids are the token's, whatever is sent."""


async def list_all(call: Call) -> web.Response:
    load = partial(change_subscriptions.list_own, caller=call.caller)
    return await many(call, "subscription", "subscriptions", load)


async def get(call: Call) -> web.Response:
    load = partial(change_subscriptions.get, caller=call.caller, subscription_id=call.parameters["subscription"])
    return await one(call, "subscription", CONTEXT, load)


@taking(Body("subscription", WRITABLE, required=REQUIRED))
async def create(call: Call, given: Json) -> web.Response:
    view = view_of(call)
    wanted = _wanted(given, view.root)
    await _check_urls(call, wanted)
    await call.read(change_subscriptions.check, call.caller, wanted)
    for url in filter(None, (wanted.notification_url, wanted.lifecycle_url)):
        await _validate(call, url)

    def unit(tx: Transaction) -> Json:
        return represent(tx, view, "subscription", change_subscriptions.create(tx, call.caller, wanted))

    return entity_response(view, CONTEXT, await call.write(unit), 201)


@taking(Body("subscription", frozenset({"expirationDateTime"}), required=("expirationDateTime",)))
async def renew(call: Call, given: Json) -> web.Response:
    view, expires_at = view_of(call), _moment(given["expirationDateTime"])

    def unit(tx: Transaction) -> Json:
        changed = change_subscriptions.renew(tx, call.caller, call.parameters["subscription"], expires_at)
        return represent(tx, view, "subscription", changed)

    return entity_response(view, CONTEXT, await call.write(unit))


async def delete(call: Call) -> web.Response:
    await call.write(change_subscriptions.delete, call.caller, call.parameters["subscription"])
    return web.Response(status=204)


def _wanted(given: dict[str, Any], root: str) -> change_subscriptions.NewSubscription:
    if given.get("includeResourceData") or given.get("encryptionCertificate"):
        raise _invalid("Print resources are not told with resource data.", "includeResourceData")
    return change_subscriptions.NewSubscription(
        resource=given["resource"],
        change_type=given["changeType"],
        notification_url=given["notificationUrl"],
        expires_at=_moment(given["expirationDateTime"]),
        query_options=given.get("notificationQueryOptions"),
        lifecycle_url=given.get("lifecycleNotificationUrl"),
        client_state=given.get("clientState"),
        tls_version=given.get("latestSupportedTlsVersion"),
        root=root,
    )


async def _check_urls(call: Call, wanted: change_subscriptions.NewSubscription) -> None:
    takes_http = await call.read(lambda tx: tx.tenant.settings.webhooks.http == "accept")
    webhooks = call.site.webhooks
    webhooks.check(wanted.notification_url, "notificationUrl", takes_http=takes_http)
    if wanted.lifecycle_url is None:
        return
    webhooks.check(wanted.lifecycle_url, "lifecycleNotificationUrl", takes_http=takes_http)
    if URL(wanted.lifecycle_url).host != URL(wanted.notification_url).host:
        raise _invalid(
            "lifecycleNotificationUrl must have the host of notificationUrl.", "lifecycleNotificationUrl"
        )


async def _validate(call: Call, url: str) -> None:
    """Make the handshake; the receiver's answer is written to the delivery log, whatever it was."""
    seconds = await call.read(lambda tx: tx.tenant.settings.webhooks.validation_seconds)
    answer = await call.site.webhooks.validate(url, seconds)
    await call.write(deliveries.validated, url, answer)
    if answer.outcome != "delivered":
        raise Refusal(
            RefusalKind.INVALID,
            f"Subscription validation request failed. {answer.detail}",
            reason="subscription-validation",
        )


def _moment(text: str) -> datetime:
    moment = read_moment(text)
    if moment is None:
        raise _invalid("expirationDateTime is no instant.", "expirationDateTime")
    if not isinstance(moment, datetime):
        raise _invalid("expirationDateTime needs a time of day.", "expirationDateTime")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _invalid(detail: str, target: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, detail, reason="subscription-invalid", target=target)

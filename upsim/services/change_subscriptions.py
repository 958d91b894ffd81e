"""Subscriptions to change notifications: make, look at, renew, delete (Microsoft Graph, subscription).

Making one takes two units: `check` before the receiver is asked whether it wants to be called, `create` after.
"""

import re
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.application import Application
from upsim.domain.caller import Caller
from upsim.domain.change_subscription import (
    CLIENT_STATE_MAX,
    About,
    ChangeDelivery,
    ChangeNotice,
    ChangeSubscription,
)
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import printers, tasks
from upsim.services.ports import Transaction

_RESOURCES: tuple[tuple[About, str, re.Pattern[str]], ...] = (
    ("tasks", "created", re.compile(r"/?print/taskDefinitions/([^/?]+)/tasks/?", re.IGNORECASE)),
    ("jobs", "updated", re.compile(r"/?print/printers/([^/?]+)/jobs/?", re.IGNORECASE)),
)
_FETCHABLE = re.compile(r"\$filter\s*=\s*isFetchable\s+eq\s+true", re.IGNORECASE)
_PERMISSIONS: dict[About, frozenset[str]] = {
    "tasks": frozenset({"PrintTaskDefinition.ReadWrite.All"}),
    "jobs": frozenset({"Printer.Read.All", "Printer.ReadWrite.All"}),
}
TLS_VERSIONS = ("v1_0", "v1_1", "v1_2", "v1_3")


class NewSubscription(Struct, frozen=True, kw_only=True):
    """What an application asks for."""

    resource: str
    change_type: str
    notification_url: str
    expires_at: datetime
    query_options: str | None = None
    lifecycle_url: str | None = None
    client_state: str | None = None
    tls_version: str | None = None
    root: str


def check(tx: Transaction, caller: Caller, wanted: NewSubscription) -> tuple[About, str]:
    """Check a new subscription; return what it is about and the id of the definition or printer."""
    about, target_id = _target(wanted)
    if caller.permissions.isdisjoint(_PERMISSIONS[about]):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The token has none of the application permissions that open this resource: "
            f"{', '.join(sorted(_PERMISSIONS[about]))}.",
            reason="scope-missing",
        )
    if about == "tasks":
        target_id = tasks.get_definition(tx, caller, target_id).id
    else:
        target_id = printers.get(tx, target_id).id
        _check_room(tx, target_id)
    _check_words(wanted, about)
    _check_expiry(tx, wanted.expires_at)
    return about, target_id


def create(tx: Transaction, caller: Caller, wanted: NewSubscription) -> ChangeSubscription:
    """The subscription, once its receiver has answered."""
    about, target_id = check(tx, caller, wanted)
    application = tx.get(Application, caller.app_id)
    subscription = ChangeSubscription(
        id=tx.new_id(),
        app_id=caller.app_id,
        creator_id=application.service_principal_id if application else caller.app_id,
        about=about,
        target_id=target_id,
        change_type=wanted.change_type,
        resource=wanted.resource,
        query_options=wanted.query_options,
        notification_url=wanted.notification_url,
        lifecycle_url=wanted.lifecycle_url,
        client_state=wanted.client_state,
        tls_version=wanted.tls_version,
        root=wanted.root,
        created_at=tx.now,
        expires_at=wanted.expires_at,
    )
    tx.put(subscription)
    tx.emit(Event(name="subscription.created", subject=subscription.id, facts={"app": caller.app_id}))
    return subscription


def list_own(tx: Transaction, caller: Caller) -> list[ChangeSubscription]:
    """The live subscriptions of the calling application, oldest first."""
    now = tx.now
    return tx.find(
        Query(entity=ChangeSubscription, owner=caller.app_id, accepts=lambda item: item.expires_at > now)
    )


def get(tx: Transaction, caller: Caller, subscription_id: str) -> ChangeSubscription:
    """A subscription of the calling application; another's, or one that expired, is as good as absent."""
    found = tx.get(ChangeSubscription, subscription_id.lower())
    if found is None or found.app_id != caller.app_id or found.expires_at <= tx.now:
        raise NotFound("subscription", subscription_id)
    return found


def renew(tx: Transaction, caller: Caller, subscription_id: str, expires_at: datetime) -> ChangeSubscription:
    """A new end."""
    subscription = get(tx, caller, subscription_id)
    _check_expiry(tx, expires_at)
    renewed = replace(subscription, expires_at=expires_at)
    tx.put(renewed)
    tx.emit(Event(name="subscription.renewed", subject=renewed.id, facts={"app": caller.app_id}))
    return renewed


def delete(tx: Transaction, caller: Caller, subscription_id: str) -> None:
    """End a subscription; what it was still to be told is dropped."""
    forget(tx, get(tx, caller, subscription_id), "deleted")


def expire(tx: Transaction, subscription: ChangeSubscription) -> None:
    """The subscription's time is up."""
    forget(tx, subscription, "expired")


def forget(tx: Transaction, subscription: ChangeSubscription, what: str) -> None:
    """A subscription is gone, with all that waits for it."""
    for notice in tx.find(Query(entity=ChangeNotice, parent=subscription.id)):
        tx.delete(notice)
    delivery = tx.get(ChangeDelivery, subscription.id)
    if delivery is not None:
        tx.delete(delivery)
    tx.delete(subscription)
    tx.emit(Event(name=f"subscription.{what}", subject=subscription.id, facts={"app": subscription.app_id}))


def _target(wanted: NewSubscription) -> tuple[About, str]:
    for about, change_type, pattern in _RESOURCES:
        found = pattern.fullmatch(wanted.resource)
        if found is None:
            continue
        if wanted.change_type != change_type:
            raise _invalid(
                f"Subscriptions to {about} of the print service take changeType '{change_type}' alone.",
                "changeType",
            )
        return about, found[1].lower()
    raise _invalid(
        f"The resource '{wanted.resource}' takes no subscription; the print service tells of "
        "'print/taskDefinitions/{id}/tasks' and 'print/printers/{id}/jobs'. A filter goes into "
        "notificationQueryOptions.",
        "resource",
    )


def _check_words(wanted: NewSubscription, about: About) -> None:
    if about == "jobs" and not _FETCHABLE.fullmatch(wanted.query_options or ""):
        raise _invalid(
            "A subscription to jobs needs the notificationQueryOptions '$filter = isFetchable eq true'.",
            "notificationQueryOptions",
        )
    if about == "tasks" and wanted.query_options:
        raise _invalid("A subscription to tasks takes no notificationQueryOptions.", "notificationQueryOptions")
    if len(wanted.client_state or "") > CLIENT_STATE_MAX:
        raise _invalid(f"clientState may have {CLIENT_STATE_MAX} characters.", "clientState")
    if wanted.tls_version is not None and wanted.tls_version not in TLS_VERSIONS:
        raise _invalid(
            f"latestSupportedTlsVersion is one of {', '.join(TLS_VERSIONS)}.", "latestSupportedTlsVersion"
        )


def _check_expiry(tx: Transaction, expires_at: datetime) -> None:
    minutes = tx.tenant.settings.webhooks.subscription_minutes_max
    if expires_at <= tx.now:
        raise _invalid("expirationDateTime has passed.", "expirationDateTime")
    if expires_at > tx.now + timedelta(minutes=minutes):
        raise _invalid(f"A subscription to print resources lasts {minutes} minutes at most.", "expirationDateTime")


def _check_room(tx: Transaction, printer_id: str) -> None:
    """The documentation allows one subscription for each print queue."""
    live = tx.find(
        Query(entity=ChangeSubscription, parent=printer_id, accepts=lambda item: item.expires_at > tx.now)
    )
    if len(live) >= tx.tenant.settings.webhooks.printer_subscriptions_max:
        raise Refusal(
            RefusalKind.ALREADY_EXISTS, "The printer has a subscription already.", reason="subscription-exists"
        )


def _invalid(detail: str, target: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, detail, reason="subscription-invalid", target=target)

"""Subscriptions and notices as IPP shows them (RFC 3995 sections 5.3, 5.4 and 9.1)."""

import uuid

from upsim.apis.ipp import addresses
from upsim.apis.ipp.errors import status_of
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.domain.event_subscription import EventSubscription, Notice
from upsim.domain.refusals import Refusal
from upsim.domain.tenant import TenantSettings
from upsim.services.event_subscriptions import EVENTS_DEFAULT, PULL_METHOD, SubscriptionTemplate
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute, AttributeGroup


def read_templates(message: Message) -> list[SubscriptionTemplate]:
    """Return the subscription groups of a request, in their order."""
    return [_read_template(group) for group in message.all_groups(GroupTag.SUBSCRIPTION)]


def _read_template(group: AttributeGroup) -> SubscriptionTemplate:
    """Return one subscription group of a request."""
    user_data = group.value("notify-user-data")
    return SubscriptionTemplate(
        pull_method=group.string("notify-pull-method") or "",
        events=group.strings("notify-events") or EVENTS_DEFAULT,
        lease_seconds=group.integer("notify-lease-duration"),
        time_interval_seconds=group.integer("notify-time-interval") or 0,
        user_data=user_data.hex() if isinstance(user_data, bytes) else "",
        charset=group.string("notify-charset") or "utf-8",
        language=group.string("notify-natural-language") or "en-us",
    )


def represent_outcome(made: EventSubscription | Refusal | None, settings: TenantSettings) -> AttributeGroup:
    """Return the result of one subscription group (RFC 3995 section 11.1.1.2); empty for a validation."""
    if made is None:
        return AttributeGroup(GroupTag.SUBSCRIPTION)
    if isinstance(made, Refusal):
        return build.group(GroupTag.SUBSCRIPTION, build.enum("notify-status-code", status_of(made, settings)))
    attributes = [build.integer("notify-subscription-id", made.number)]
    if made.job_number is None:
        attributes.append(build.integer("notify-lease-duration", made.lease_seconds))
    return build.group(GroupTag.SUBSCRIPTION, *attributes)


def represent_subscription(
    subscription: EventSubscription, request: IppRequest, requested: Requested
) -> AttributeGroup:
    """Return the subscription's group, with those of its attributes that were asked for."""
    target = request.printer
    attributes = [
        build.integer("notify-subscription-id", subscription.number),
        build.uri("notify-subscription-uuid", _uuid(subscription, target)),
        build.uri("notify-printer-uri", request.printer_uri),
        build.integer("notify-sequence-number", subscription.sequence),
        build.integer("notify-printer-up-time", target.seconds(target.now)),
        build.keyword("notify-pull-method", PULL_METHOD),
        build.keyword("notify-events", *subscription.events),
        build.charset("notify-charset", subscription.charset),
        build.natural_language("notify-natural-language", subscription.language),
        build.integer("notify-time-interval", subscription.time_interval_seconds),
        build.octets("notify-user-data", bytes.fromhex(subscription.user_data)),
    ]
    if subscription.job_number is None:
        attributes += _lease(subscription, target)
    else:
        attributes.append(build.integer("notify-job-id", subscription.job_number))
    groups = ("subscription-template", "subscription-description")
    wanted = [item for item in attributes if requested.admits(item.name, groups)]
    return AttributeGroup(GroupTag.SUBSCRIPTION, tuple(wanted))


def represent_notice(
    subscription: EventSubscription, notice: Notice, target: Target, base_url: str
) -> AttributeGroup:
    """Return the notice's group (RFC 3995 section 9.1): who, what, when, and how the job or the printer stood."""
    attributes = [
        build.charset("notify-charset", subscription.charset),
        build.natural_language("notify-natural-language", subscription.language),
        build.uri("notify-printer-uri", addresses.printer_uri(base_url, target.id)),
        build.integer("notify-subscription-id", subscription.number),
        build.uri("notify-subscription-uuid", _uuid(subscription, target)),
        build.integer("notify-sequence-number", notice.sequence),
        build.keyword("notify-subscribed-event", notice.event),
        build.text("notify-text", notice.text),
        build.octets("notify-user-data", bytes.fromhex(subscription.user_data)),
        build.integer("printer-up-time", target.seconds(notice.at)),
    ]
    if notice.job_number is not None:
        name = "job-id" if subscription.job_number is None else "notify-job-id"
        attributes += [
            build.integer(name, notice.job_number),
            build.enum("job-state", notice.job_state or 0),
            build.keyword("job-state-reasons", *(notice.job_reasons or ("none",))),
        ]
    else:
        attributes += [
            build.enum("printer-state", notice.printer_state or 0),
            build.keyword("printer-state-reasons", *(notice.printer_reasons or ("none",))),
            build.boolean("printer-is-accepting-jobs", notice.is_accepting_jobs),
        ]
    return AttributeGroup(GroupTag.EVENT_NOTIFICATION, tuple(attributes))


def _lease(subscription: EventSubscription, target: Target) -> list[Attribute]:
    """notify-lease-expiration-time is on the clock of printer-up-time; 0 is never."""
    end = target.seconds(subscription.expires_at) if subscription.expires_at else 0
    return [
        build.integer("notify-lease-duration", subscription.lease_seconds),
        build.integer("notify-lease-expiration-time", end),
    ]


def _uuid(subscription: EventSubscription, target: Target) -> str:
    """Stable: of version 5, from the printer's id and the subscription's."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{target.printer.id}/{subscription.id}").urn

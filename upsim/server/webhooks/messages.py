"""The body of a notification (Microsoft Graph, changeNotificationCollection)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from upsim.domain.change_subscription import ChangeNotice, ChangeSubscription


def write_message(
    tenant_id: str, subscription: ChangeSubscription, notices: Sequence[ChangeNotice]
) -> dict[str, Any]:
    """Several things that happened, told together."""
    head = {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": _instant(subscription.expires_at),
        "changeType": subscription.change_type,
        "tenantId": tenant_id,
        "clientState": subscription.client_state,
    }
    return {"value": [head | {"resource": notice.resource, "resourceData": notice.data} for notice in notices]}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

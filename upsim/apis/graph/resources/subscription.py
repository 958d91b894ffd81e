"""subscription."""

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.change_subscription import ChangeSubscription
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


def represent_subscription(
    tx: Transaction,  # noqa: ARG001
    view: View,  # noqa: ARG001
    subscription: ChangeSubscription,
    options: QueryOptions = NONE,  # noqa: ARG001
) -> Json:
    """Return a subscription; what print does not offer (resource data, and so its encryption) is null."""
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.app_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": subscription.query_options,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": instant(subscription.expires_at),
        "creatorId": subscription.creator_id,
        "includeResourceData": None,
        "latestSupportedTlsVersion": subscription.tls_version or "v1_2",
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }

"""The log of change notifications."""

from upsim.client.ask import Ask, Json, asked, tenant_path, values


def list_all(tenant: str, *, subscription: str | None = None) -> Ask[list[Json]]:
    """Each attempt to deliver one and how it ended, oldest first."""
    return Ask("GET", asked(tenant_path(tenant, "/deliveries"), subscription=subscription), values)

"""Forged tokens, keys, and why sign-ins were refused."""

from upsim.client.ask import Ask, Json, given, tenant_path, values


def forge(tenant: str, **wish: object) -> Ask[Json]:
    """A token as the test wishes it; the members are those of `POST /_upsim/tokens`."""
    return Ask("POST", "/_upsim/tokens", dict, {"tenant": tenant, **given(**wish)})


def rotate_keys() -> Ask[Json]:
    """Sign with a new key from now on."""
    return Ask("POST", "/_upsim/signing-keys", dict)


def refusals(tenant: str, limit: int = 100) -> Ask[list[Json]]:
    """Refused sign-ins and token requests with why, the newest first."""
    return Ask("GET", tenant_path(tenant, f"/sign-in-refusals?limit={limit}"), values)

"""A tenant's settings, by group; named as in Python or JSON. docs/reference/tenant-settings.md has them all."""

from upsim.client.ask import Ask, Json, camel_throughout, tenant_path


def get(tenant: str) -> Ask[Json]:
    """The value of each, by group."""
    return Ask("GET", _path(tenant), _values)


def described(tenant: str) -> Ask[list[Json]]:
    """Each with its value, its default, its range and its meaning."""
    return Ask("GET", _path(tenant), lambda answer: list(answer["members"]))


def choose(tenant: str, settings: Json) -> Ask[Json]:
    """Choose settings: what is not named is as the service does it. The answer has all values."""
    return Ask("PUT", _path(tenant), _values, camel_throughout(settings))


def change(tenant: str, settings: Json) -> Ask[Json]:
    """Choose what is named, keep the rest. The answer has all values."""
    return Ask("PATCH", _path(tenant), _values, camel_throughout(settings))


def _path(tenant: str) -> str:
    return tenant_path(tenant, "/settings")


def _values(answer: Json) -> Json:
    return dict(answer["values"])

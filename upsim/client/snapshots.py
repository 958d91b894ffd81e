"""Snapshots of a tenant, going back and forth, forks and differences.

A point is `now`, a snapshot by name or id, `change:N`, or `call:N`, a call of the journal by number or request id.
"""

from urllib.parse import quote, urlencode

from upsim.client.ask import Ask, Json, given, nothing, tenant_path


def list_all(tenant: str) -> Ask[list[Json]]:
    """The snapshots in the order of the tenant's history."""
    return Ask("GET", tenant_path(tenant, "/snapshots"), _value)


def get(tenant: str, name: str) -> Ask[Json]:
    """One of them, by name or id."""
    return Ask("GET", tenant_path(tenant, f"/snapshots/{quote(name, safe='')}"), dict)


def take(tenant: str, name: str | None = None, *, at: str | None = None) -> Ask[Json]:
    """Keep a point under a name."""
    return Ask("POST", tenant_path(tenant, "/snapshots"), dict, given(name=name, at=at))


def delete(tenant: str, name: str) -> Ask[None]:
    """Keep it no longer."""
    return Ask("DELETE", tenant_path(tenant, f"/snapshots/{quote(name, safe='')}"), nothing)


def restore(tenant: str, to: str, *, same_instant: bool = False) -> Ask[Json]:
    """Make the tenant what it was at a point. The answer's `before` is the change to go to to undo it."""
    return Ask("POST", tenant_path(tenant, "/restore"), dict, {"to": to, "sameInstant": same_instant})


def fork(tenant: str, *, at: str | None = None, id: str | None = None, domain: str | None = None) -> Ask[Json]:  # noqa: A002 - the API's word
    """A tenant of its own that goes on from a point; the answer is its directory."""
    return Ask("POST", tenant_path(tenant, "/fork"), dict, given(id=id, domain=domain) | given(**{"from": at}))


def diff(tenant: str, first: str, second: str = "now") -> Ask[list[Json]]:
    """What is otherwise at the second point than at the first, field by field."""
    query = urlencode({"from": first, "to": second})
    return Ask("GET", tenant_path(tenant, f"/diff?{query}"), _value)


def _value(answer: Json) -> list[Json]:
    return list(answer["value"])


def export_path(tenant: str, *, at: str = "now") -> str:
    """Where the tenant is to be had as a file: for `Client.save`."""
    return tenant_path(tenant, f"/export?{urlencode({'at': at})}")


def import_path(*, id: str | None = None, domain: str | None = None) -> str:  # noqa: A002 - the API's word
    """Where such a file makes a tenant, under its own id and domain unless told: for `Client.load`."""
    return f"/_upsim/import?{urlencode(given(id=id, domain=domain))}"


def text_path(tenant: str, first: str, second: str = "now") -> str:
    """Where a difference is to be had to read: for `Client.save`."""
    query = urlencode({"from": first, "to": second, "format": "text"})
    return tenant_path(tenant, f"/diff?{query}")

"""Pull-print printers (Universal Print Anywhere) and their members, each by id or display name."""

from collections.abc import Sequence
from urllib.parse import quote

from upsim.client.ask import Ask, Json, given, nothing, tenant_path, values


def list_all(tenant: str) -> Ask[list[Json]]:
    """Every pull-print printer with its members and its share."""
    return Ask("GET", tenant_path(tenant, "/pull-printers"), values)


def get(tenant: str, printer: str) -> Ask[Json]:
    """One of them."""
    return Ask("GET", _path(tenant, printer), dict)


def create(
    tenant: str,
    display_name: str,
    *,
    options: Json | None = None,
    all_printers: bool = False,
    members: Sequence[str] = (),
    share: str | None = None,
) -> Ask[Json]:
    """A new one; `options` are those of the control API. With `share` also a share of this name for everybody."""
    named = share and {"displayName": share, "allowAllUsers": True}
    body = given(displayName=display_name, options=options, share=named, members=list(members) or None)
    return Ask("POST", tenant_path(tenant, "/pull-printers"), dict, {**body, "allPrinters": all_printers})


def change(
    tenant: str,
    printer: str,
    *,
    display_name: str | None = None,
    options: Json | None = None,
    all_printers: bool | None = None,
) -> Ask[Json]:
    """Another name, other options, or the switch that makes every configured printer a member."""
    body = given(displayName=display_name, options=options, allPrinters=all_printers)
    return Ask("PATCH", _path(tenant, printer), dict, body)


def share(
    tenant: str, printer: str, display_name: str, *, users: Sequence[str] = (), groups: Sequence[str] = ()
) -> Ask[Json]:
    """Share one with the users and groups that are named, or else with everybody; its share is changed."""
    body = {
        "displayName": display_name,
        "allowAllUsers": not users and not groups,
        "allowedUsers": list(users),
        "allowedGroups": list(groups),
    }
    return Ask("PUT", _path(tenant, printer, "/share"), dict, body)


def unshare(tenant: str, printer: str) -> Ask[None]:
    """Take its share away."""
    return Ask("DELETE", _path(tenant, printer, "/share"), nothing)


def delete(tenant: str, printer: str) -> Ask[None]:
    """Take one away that has no share; jobs that wait on it are aborted."""
    return Ask("DELETE", _path(tenant, printer), nothing)


def add_member(tenant: str, printer: str, member: str) -> Ask[Json]:
    """Let its jobs be released at a printer."""
    return Ask("PUT", _path(tenant, printer, f"/members/{quote(member, safe='')}"), dict)


def remove_member(tenant: str, printer: str, member: str) -> Ask[Json]:
    """Let nothing more be released at a printer."""
    return Ask("DELETE", _path(tenant, printer, f"/members/{quote(member, safe='')}"), dict)


def _path(tenant: str, printer: str, rest: str = "") -> str:
    return tenant_path(tenant, f"/pull-printers/{quote(printer, safe='')}{rest}")

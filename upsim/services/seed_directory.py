"""People and applications as somebody typed them, and what they become: in seed files and while the server runs.

Names stand for ids: users by user principal name, roles by display name, permissions by name or published id.
Ids that are not given are derived from the tenant's id and the name, so that the same seed makes the same tenant.
"""

import base64
import binascii
import uuid
from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

import msgspec
from msgspec import Struct

from upsim.domain.administrative_unit import AdministrativeUnit
from upsim.domain.api_permissions import find_permission
from upsim.domain.application import (
    GRAPH_APP_ID,
    UNIVERSAL_PRINT_APP_ID,
    Application,
    Consent,
    UserConsent,
    consent_id,
)
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.user import Group, Role, User
from upsim.services.ports import Transaction

NAMES_MAX = 5000
"""So many names are looked through for one that was meant."""
Name = Annotated[str, msgspec.Meta(min_length=1)]


class SeedUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person. `roles` are display names of directory roles."""

    user_principal_name: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
    password: str
    id: str | None = None
    display_name: str | None = None
    roles: tuple[str, ...] = ()
    is_enabled: bool = True
    is_locked: bool = False
    needs_second_factor: bool = False
    """Multi-factor sign-in: password grants are refused, the page asks for a second step."""
    asks_for_password: bool = False
    """Whether the page asks for the password; else choosing the account signs in."""


class SeedGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A group. `members` are user principal names of the same tenant."""

    display_name: Name
    id: str | None = None
    members: tuple[str, ...] = ()


class SeedAdministrativeUnit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the directory. `members` are users, groups and printers, by name or id."""

    display_name: Name
    id: str | None = None
    members: tuple[str, ...] = ()
    printer_administrators: tuple[str, ...] = ()
    """User principal names of those who administer the unit's printers, and no others."""


class SeedUserConsent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one user allowed the application to do in their name."""

    user: str
    graph: tuple[str, ...] = ()
    universal_print: tuple[str, ...] = ()


class SeedApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An application registration and its service principal, with the consent that was given."""

    id: Name
    display_name: Name
    service_principal_id: str | None = None
    secret: str | None = None
    secret_expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    certificates: tuple[str, ...] = ()
    """Certificates that its assertions are signed with, each as PEM or as base64 of its DER."""
    allows_public_flows: bool = False
    redirect_uris: tuple[str, ...] = ()
    graph: Consent = Consent()
    """Consented for everyone, on Microsoft Graph."""
    universal_print: Consent = Consent()
    """Consented for everyone, on the Universal Print service."""
    required_graph: Consent = Consent()
    """What the registration asks for; consent makes it held."""
    required_universal_print: Consent = Consent()
    user_consents: tuple[SeedUserConsent, ...] = ()
    needs_assignment: bool = False
    assigned_users: tuple[str, ...] = ()


def make_user(tx: Transaction, seed: SeedUser) -> User:
    return User(
        id=(seed.id or derived(tx.tenant_id, "user", seed.user_principal_name)).lower(),
        user_principal_name=seed.user_principal_name,
        display_name=seed.display_name or seed.user_principal_name.partition("@")[0],
        password=seed.password,
        roles=tuple(_role(name) for name in seed.roles),
        is_enabled=seed.is_enabled,
        is_locked=seed.is_locked,
        needs_second_factor=seed.needs_second_factor,
        asks_for_password=seed.asks_for_password,
    )


def make_group(tx: Transaction, seed: SeedGroup) -> Group:
    return Group(
        id=(seed.id or derived(tx.tenant_id, "group", seed.display_name)).lower(),
        display_name=seed.display_name,
        members=tuple(_user_id(tx, name, f"The group '{seed.display_name}'") for name in seed.members),
    )


def make_unit(tx: Transaction, seed: SeedAdministrativeUnit) -> AdministrativeUnit:
    who = f"The administrative unit '{seed.display_name}'"
    return AdministrativeUnit(
        id=(seed.id or derived(tx.tenant_id, "administrative unit", seed.display_name)).lower(),
        display_name=seed.display_name,
        members=tuple(_member_id(tx, name, who) for name in seed.members),
        printer_administrators=tuple(_user_id(tx, name, who) for name in seed.printer_administrators),
    )


def make_application(tx: Transaction, seed: SeedApplication) -> Application:
    who = f"The application '{seed.display_name}'"
    return Application(
        id=seed.id.lower(),
        display_name=seed.display_name,
        service_principal_id=seed.service_principal_id or derived(tx.tenant_id, "service principal", seed.id),
        secret=seed.secret,
        secret_expires_at=seed.secret_expires_at,
        certificates=tuple(_certificate(text, who) for text in seed.certificates),
        allows_public_flows=seed.allows_public_flows,
        redirect_uris=seed.redirect_uris,
        graph=_consent(GRAPH_APP_ID, seed.graph, who),
        universal_print=_consent(UNIVERSAL_PRINT_APP_ID, seed.universal_print, who),
        required_graph=_consent(GRAPH_APP_ID, seed.required_graph, who),
        required_universal_print=_consent(UNIVERSAL_PRINT_APP_ID, seed.required_universal_print, who),
        needs_assignment=seed.needs_assignment,
        assigned_users=tuple(_user_id(tx, name, who) for name in seed.assigned_users),
    )


def make_user_consents(tx: Transaction, seed: SeedApplication) -> list[UserConsent]:
    """What users, not the administrator, allowed the application."""
    who = f"The application '{seed.display_name}'"
    made = []
    for item in seed.user_consents:
        user_id = _user_id(tx, item.user, who)
        made.append(
            UserConsent(
                id=consent_id(seed.id.lower(), user_id),
                app_id=seed.id.lower(),
                user_id=user_id,
                graph=_names(GRAPH_APP_ID, item.graph, "delegated", who),
                universal_print=_names(UNIVERSAL_PRINT_APP_ID, item.universal_print, "delegated", who),
            )
        )
    return made


def typed_user(user: User) -> SeedUser:
    """The user as it would be typed."""
    return SeedUser(
        user_principal_name=user.user_principal_name,
        password=user.password,
        id=user.id,
        display_name=user.display_name,
        roles=tuple(role.display_name for role in user.roles),
        is_enabled=user.is_enabled,
        is_locked=user.is_locked,
        needs_second_factor=user.needs_second_factor,
        asks_for_password=user.asks_for_password,
    )


def typed_group(tx: Transaction, group: Group) -> SeedGroup:
    """The group as it would be typed."""
    return SeedGroup(id=group.id, display_name=group.display_name, members=_user_names(tx, group.members))


def typed_unit(tx: Transaction, unit: AdministrativeUnit) -> SeedAdministrativeUnit:
    """The administrative unit as it would be typed."""
    return SeedAdministrativeUnit(
        id=unit.id,
        display_name=unit.display_name,
        members=_user_names(tx, unit.members),
        printer_administrators=_user_names(tx, unit.printer_administrators),
    )


def typed_application(tx: Transaction, application: Application) -> SeedApplication:
    """The application as it would be typed, with the consents that users gave it since."""
    consents = tx.find(Query(entity=UserConsent, parent=application.id))
    return SeedApplication(
        id=application.id,
        display_name=application.display_name,
        service_principal_id=application.service_principal_id,
        secret=application.secret,
        secret_expires_at=application.secret_expires_at,
        certificates=application.certificates,
        allows_public_flows=application.allows_public_flows,
        redirect_uris=application.redirect_uris,
        graph=application.graph,
        universal_print=application.universal_print,
        required_graph=application.required_graph,
        required_universal_print=application.required_universal_print,
        user_consents=tuple(
            SeedUserConsent(user=given.user_id, graph=given.graph, universal_print=given.universal_print)
            for given in consents
        ),
        needs_assignment=application.needs_assignment,
        assigned_users=_user_names(tx, application.assigned_users),
    )


def derived(*names: str) -> str:
    """A GUID that depends on the names alone (RFC 9562 section 5.5)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "upsim:" + "/".join(names)))


def _role(display_name: str) -> Role:
    for role in Role:
        if role.display_name.lower() == display_name.lower():
            return role
    known = ", ".join(role.display_name for role in Role)
    raise _unusable(f"There is no role '{display_name}'; upsim knows {known}.", display_name)


def find_user(tx: Transaction, name: str, who: str) -> User:
    """The user with this user principal name or id; `who` names them."""
    user = tx.first(Query(entity=User, key=name.lower())) or tx.get(User, name.lower())
    if user is None:
        known = [each.user_principal_name for each in tx.find(Query(entity=User, limit=NAMES_MAX))]
        raise _unusable(f"{who} names '{name}', who is no user of the tenant.{_nearest(name, known)}", name)
    return user


def _user_id(tx: Transaction, name: str, who: str) -> str:
    return find_user(tx, name, who).id


def _member_id(tx: Transaction, name: str, who: str) -> str:
    """The id of a user, a group or a printer of the tenant, by id or name."""
    if "@" in name:
        return _user_id(tx, name, who)
    for kind in (User, Group, Printer):
        if tx.get(kind, name.lower()) is not None:
            return name.lower()
    group = tx.first(Query(entity=Group, key=name.lower()))
    if group is not None:
        return group.id
    printers = tx.find(
        Query(entity=Printer, accepts=lambda each: each.display_name.lower() == name.lower(), limit=2)
    )
    if len(printers) != 1:
        problem = "which two printers are called; give an id" if printers else "which is no group and no printer"
        raise _unusable(f"{who} names '{name}', {problem}.", name)
    return printers[0].id


def _nearest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _user_names(tx: Transaction, ids: tuple[str, ...]) -> tuple[str, ...]:
    """User principal names; what is no user keeps its id."""
    users = [(identifier, tx.get(User, identifier)) for identifier in ids]
    return tuple(user.user_principal_name if user else identifier for identifier, user in users)


def _consent(resource: str, consent: Consent, who: str) -> Consent:
    return Consent(
        delegated=_names(resource, consent.delegated, "delegated", who),
        application=_names(resource, consent.application, "application", who),
    )


def _names(resource: str, names: tuple[str, ...], kind: str, who: str) -> tuple[str, ...]:
    return tuple(_permission(resource, name, kind, who) for name in names)


def _permission(resource: str, name: str, kind: str, who: str) -> str:
    """The permission's proper name. Of Graph's other permissions, which are hundreds, any name will do."""
    found = find_permission(resource, name)
    if found is None:
        if resource == GRAPH_APP_ID and not name.lower().startswith(("print", "connectors.")):
            return name
        other = UNIVERSAL_PRINT_APP_ID if resource == GRAPH_APP_ID else GRAPH_APP_ID
        hint = "; that is a permission of the other resource" if find_permission(other, name) else ""
        label = "Microsoft Graph" if resource == GRAPH_APP_ID else "Universal Print"
        raise _unusable(f"{who} names '{name}', which is no permission of {label}{hint}.", name)
    if getattr(found, kind) is None:
        raise _unusable(f"{who} names '{found.name}', which does not exist as {kind} permission.", name)
    return found.name


def _certificate(text: str, who: str) -> str:
    """Base64 of the DER, whichever of both was typed."""
    joined = "".join(line.strip() for line in text.splitlines() if not line.startswith("-----"))
    try:
        der = base64.b64decode(joined, validate=True)
    except binascii.Error:
        der = b""
    if not der.startswith(b"\x30"):
        raise _unusable(f"{who} has a certificate that is neither PEM nor base64 of DER.")
    return joined


def _unusable(detail: str, named: str = "") -> Refusal:
    """`named`: what in the seed is wrong, so that its line can be found."""
    return Refusal(RefusalKind.INVALID, detail, reason="seed-unusable", named=named)

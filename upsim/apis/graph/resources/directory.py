"""user, group and organization: the few members that printing clients read."""

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.tenant import Tenant
from upsim.domain.user import Group, User
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


def represent_user(tx: Transaction, view: View, user: User, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    given, _, family = user.display_name.rpartition(" ")
    return {
        "id": user.id,
        "displayName": user.display_name,
        "userPrincipalName": user.user_principal_name,
        "givenName": given or user.display_name,
        "surname": family if given else None,
        "mail": user.user_principal_name,
        "jobTitle": None,
        "officeLocation": None,
        "accountEnabled": user.is_enabled,
    }


def represent_group(tx: Transaction, view: View, group: Group, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    return {
        "id": group.id,
        "displayName": group.display_name,
        "description": None,
        "groupTypes": [],
        "mailEnabled": False,
        "securityEnabled": True,
    }


def represent_organization(tenant: Tenant) -> Json:
    return {
        "id": tenant.id,
        "displayName": tenant.display_name,
        "createdDateTime": instant(tenant.created_at),
        "tenantType": "AAD",
        "verifiedDomains": [
            {"name": domain, "isDefault": index == 0, "isInitial": index == 0, "type": "Managed"}
            for index, domain in enumerate(tenant.domains)
        ],
    }

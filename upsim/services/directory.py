"""People, groups and the organization, as far as printing clients ask for them."""

from upsim.domain.caller import Caller
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.domain.user import Group, User
from upsim.services.ports import Transaction


def me(tx: Transaction, caller: Caller) -> User:
    """The signed-in user."""
    if caller.kind != "user":
        raise Refusal(
            RefusalKind.INVALID,
            "/me request is only valid with delegated authentication flow.",
            reason="user-needed",
        )
    return get_user(tx, caller.user_id)


def get_user(tx: Transaction, name: str) -> User:
    """A user by id or user principal name."""
    user = user_called(tx, name)
    if user is None:
        raise absent(name)
    return user


def user_called(tx: Transaction, name: str) -> User | None:
    """The same, or None."""
    return tx.get(User, name.lower()) or tx.first(Query(entity=User, key=name.lower()))


def get_group(tx: Transaction, group_id: str) -> Group:
    group = tx.get(Group, group_id.lower())
    if group is None:
        raise absent(group_id)
    return group


def list_users(tx: Transaction) -> list[User]:
    """Everyone, in the order of their ids: the directory keeps no dates."""
    return tx.find(Query(entity=User))


def list_groups(tx: Transaction) -> list[Group]:
    return tx.find(Query(entity=Group))


def get_organization(tx: Transaction, tenant_id: str) -> Tenant:
    """The caller's own tenant; others are not to be seen."""
    if tenant_id.lower() != tx.tenant.id.lower():
        raise absent(tenant_id)
    return tx.tenant


def absent(identifier: str) -> Refusal:
    """The directory's own words for an unknown id (Graph error Request_ResourceNotFound)."""
    return Refusal(
        RefusalKind.NOT_FOUND,
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not "
        "present.",
        reason="directory-object-unknown",
        target=identifier,
    )

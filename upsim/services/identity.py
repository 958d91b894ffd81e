"""Who someone is: which tenant a name means, which user a name and password prove.

Tenants are rows of the system, so `resolve_tenant` runs under `SYSTEM`; all else runs in a
tenant.
"""

import hmac
import re
from datetime import timedelta

from msgspec.structs import replace

from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import SignInFailures, SignInPolicy
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services import tenants
from upsim.services.ports import Transaction

SHARED_AUTHORITIES = frozenset({"common", "organizations", "consumers"})
"""Authorities that name no tenant. Entra finds the tenant by the user; so does upsim, where a user is named."""
POLICY_ID = "policy"
NAMED_TENANTS_MAX = 3

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.IGNORECASE)


def resolve_tenant(tx: Transaction, name: str, user_name: str = "") -> Tenant:
    """The tenant with this id or verified domain.

    A shared authority means the tenant of the user's domain, else the one that has existed longest.
    """
    lowered = name.lower()
    if lowered in SHARED_AUTHORITIES:
        return _tenant_of_user(tx, user_name)
    tenant = tx.get(Tenant, lowered) or tx.get(Tenant, name) or _by_domain(tx, lowered)
    if tenant is not None:
        return tenant
    if _GUID.fullmatch(name) or _DOMAIN.fullmatch(name):
        raise Refusal(
            RefusalKind.INVALID,
            f"Tenant '{name}' not found. Use the id or a verified domain of a tenant of this server{_some(tx)}.",
            reason="tenant-unknown",
        )
    raise Refusal(
        RefusalKind.INVALID,
        f"Specified tenant identifier '{name}' is neither a valid DNS name, nor a GUID, nor a shared authority.",
        reason="tenant-malformed",
    )


def _some(tx: Transaction) -> str:
    """Tenants to use instead."""
    named = [f"{tenant.domain} ({tenant.id})" for tenant in tenants.list_all(tx)[:NAMED_TENANTS_MAX]]
    return f": {', '.join(named)}" if named else ""


def policy(tx: Transaction) -> SignInPolicy:
    """How strictly the tenant judges."""
    return tx.get(SignInPolicy, POLICY_ID) or SignInPolicy(id=POLICY_ID)


def users(tx: Transaction, limit: int = 50) -> list[User]:
    """Accounts to offer on the sign-in page."""
    return tx.find(Query(entity=User, accepts=lambda user: user.is_enabled, limit=limit))


def find_user(tx: Transaction, name: str) -> User:
    """The enabled user with this user principal name or id."""
    user = tx.first(Query(entity=User, key=name.lower())) or tx.get(User, name.lower())
    if user is None and policy(tx).is_lenient and "@" in name:
        user = _newcomer(tx, name)
    if user is None:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"The user account {name} does not exist in the {tx.tenant.domain} directory. "
            "Sign in with a user of this tenant.",
            reason="user-unknown",
        )
    if not user.is_enabled:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"The user account {name} is disabled; an administrator must enable it.",
            reason="user-disabled",
        )
    return user


def authenticate_user(tx: Transaction, name: str, password: str) -> User | Refusal:
    """The user whom name and password prove.

    A wrong password is returned as a refusal, not raised, because that it was wrong must be remembered.
    """
    user = find_user(tx, name)
    check_unlocked(tx, user)
    if policy(tx).is_lenient or hmac.compare_digest(user.password.encode(), password.encode()):
        return user
    _count_failure(tx, user)
    return Refusal(
        RefusalKind.UNAUTHENTICATED,
        f"Error validating credentials of {name} due to invalid username or password.",
        reason="password-wrong",
    )


def check_unlocked(tx: Transaction, user: User) -> None:
    """Refuse a locked user, and one with too many wrong passwords behind them."""
    if user.is_locked:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"The account {user.user_principal_name} is locked, too many sign-in attempts with an incorrect "
            "user ID or password.",
            reason="user-locked",
        )
    failures = tx.get(SignInFailures, user.id)
    if failures and failures.expires_at > tx.now and failures.count >= policy(tx).failures_max:
        seconds = int((failures.expires_at - tx.now).total_seconds()) + 1
        raise Refusal(
            RefusalKind.THROTTLED,
            f"Too many wrong passwords for {user.user_principal_name}; try again in {seconds} seconds.",
            reason="sign-in-throttled",
            retry_after_seconds=seconds,
        )


def check_second_factor(user: User) -> None:
    """Refuse a user for whom a password alone is not enough."""
    if user.needs_second_factor:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"{user.user_principal_name} must use multi-factor authentication to access the resource. "
            "Sign in through the browser instead.",
            reason="second-factor-needed",
        )


def _count_failure(tx: Transaction, user: User) -> None:
    tx.forget_expired(SignInFailures)
    rule = policy(tx)
    before = tx.get(SignInFailures, user.id)
    if before is None or before.expires_at <= tx.now:
        expires_at = tx.now + timedelta(seconds=rule.failures_seconds)
        before = SignInFailures(id=user.id, count=0, expires_at=expires_at)
    tx.put(replace(before, count=before.count + 1))


def _tenant_of_user(tx: Transaction, user_name: str) -> Tenant:
    _, _, domain = user_name.lower().partition("@")
    named = _by_domain(tx, domain) if domain else None
    oldest = named or next(iter(tenants.list_all(tx)), None)
    if oldest is None:
        raise Refusal(
            RefusalKind.INVALID, "This server has no tenant yet; make one first.", reason="tenant-unknown"
        )
    return oldest


def _by_domain(tx: Transaction, domain: str) -> Tenant | None:
    found = tx.first(Query(entity=Tenant, key=domain))
    if found is None:
        holds = lambda tenant: domain in (other.lower() for other in tenant.domains)  # noqa: E731
        found = tx.first(Query(entity=Tenant, accepts=holds, limit=1))
    return found


def _newcomer(tx: Transaction, name: str) -> User:
    user = User(id=tx.new_id(), user_principal_name=name, display_name=name.partition("@")[0], password="")
    tx.put(user)
    return user

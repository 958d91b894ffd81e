"""Signed in at a browser: who sits there, and for how long that is believed."""

from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import BrowserSession
from upsim.domain.user import User
from upsim.services import grants, identity
from upsim.services.ports import Transaction

SESSION_SECONDS = 24 * 3600
"""How long a browser stays signed in."""


class Visitor(Struct, frozen=True, kw_only=True):
    """Who sits at the browser: the account chosen, and the password if one was typed."""

    account: str
    password: str | None = None


def open_session(tx: Transaction, visitor: Visitor) -> BrowserSession | Refusal:
    """Sign the visitor in at this browser. A wrong password is returned, see `identity`."""
    user = identity.find_user(tx, visitor.account)
    if visitor.password is not None:
        proved = identity.authenticate_user(tx, visitor.account, visitor.password)
        if isinstance(proved, Refusal):
            return proved
    elif user.asks_for_password:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"{user.user_principal_name} must enter a password.",
            reason="password-needed",
        )
    identity.check_unlocked(tx, user)
    tx.forget_expired(BrowserSession)
    expires_at = tx.now + timedelta(seconds=SESSION_SECONDS)
    session = BrowserSession(id=grants.new_secret_of(tx), user_id=user.id, expires_at=expires_at)
    tx.put(session)
    return session


def find_session(tx: Transaction, session_id: str) -> tuple[BrowserSession, User] | None:
    """The session behind a cookie and its user, if both are still good."""
    session = tx.get(BrowserSession, session_id)
    user = tx.get(User, session.user_id) if session else None
    if session is None or session.expires_at <= tx.now or user is None or not user.is_enabled:
        return None
    return session, user


def close_session(tx: Transaction, session_id: str) -> None:
    """Sign out; refresh tokens stay good, as in OpenID Connect RP-Initiated Logout."""
    session = tx.get(BrowserSession, session_id)
    if session is not None:
        tx.delete(session)


def confirm_second_factor(tx: Transaction, session_id: str) -> None:
    """The user pressed the button that stands for a second factor."""
    found = find_session(tx, session_id)
    if found is not None:
        tx.put(replace(found[0], has_second_factor=True))


def signed_in_user(tx: Transaction, session_id: str) -> User:
    """The user of a session that has proved enough."""
    found = find_session(tx, session_id)
    if found is None:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "Session information is not sufficient for single-sign-on. Sign in first: without prompt=none, or "
            "with login_hint naming a user of the tenant who needs no password.",
            reason="interaction-needed",
        )
    session, user = found
    if not session.has_second_factor:
        identity.check_second_factor(user)
    return user

"""Signing in on a device without a browser (RFC 8628): the code a person types elsewhere, the device's polls."""

from datetime import timedelta

from msgspec.structs import replace

from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import DeviceCode, DeviceCodeState
from upsim.domain.user import User
from upsim.services import grants, identity, permissions
from upsim.services.browser_sessions import signed_in_user
from upsim.services.client_authentication import Credential, authenticate, find_application, parameter_missing
from upsim.services.grants import Grant
from upsim.services.ports import Transaction

USER_CODE_LENGTH = 9
"""As long as Entra's."""
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""No vowels, so no words; no 0 and 1, which look like letters (RFC 8628 section 6.1)."""
SLOW_DOWN_SECONDS = 5
"""What every `slow_down` adds to the interval (RFC 8628 section 3.5)."""


def start(tx: Transaction, app_id: str, scope: str, own_url: str) -> DeviceCode:
    """A new pair of codes. The scopes are remembered: some clients do not repeat them when they poll."""
    if not scope:
        raise parameter_missing("scope")
    application = find_application(tx, app_id)
    permissions.read_scopes(tx, scope, own_url)
    tx.forget_expired(DeviceCode)
    settings = tx.tenant.settings
    code = DeviceCode(
        id=grants.new_secret_of(tx),
        user_code=_new_user_code(tx),
        app_id=application.id,
        scopes=tuple(scope.split()),
        interval_seconds=settings.tokens.device_code_interval_seconds,
        issued_at=tx.now,
        expires_at=tx.now + timedelta(seconds=settings.tokens.device_code_seconds),
    )
    tx.put(code)
    return code


def find(tx: Transaction, user_code: str) -> DeviceCode | None:
    """The code that waits for a person, if it is one of this tenant's and has not expired."""
    found = tx.first(Query(entity=DeviceCode, key=user_code.strip().upper()))
    return found if found is not None and found.expires_at > tx.now else None


def approve(tx: Transaction, user_code: str, user: User) -> None:
    """The user signs the device in."""
    code = _waiting(tx, user_code)
    application = find_application(tx, code.app_id)
    grants.check_assignment(application, user)
    tx.put(replace(code, state=DeviceCodeState.APPROVED, user_id=user.id))


def approve_in_session(tx: Transaction, user_code: str, session_id: str) -> None:
    """The user of a browser session signs the device in."""
    approve(tx, user_code, signed_in_user(tx, session_id))


def approve_as(tx: Transaction, user_code: str, user_name: str) -> None:
    """The operator approves in a user's name, without a password."""
    approve(tx, user_code, identity.find_user(tx, user_name))


def deny(tx: Transaction, user_code: str) -> None:
    """Somebody declines."""
    tx.put(replace(_waiting(tx, user_code), state=DeviceCodeState.DENIED))


def redeem(tx: Transaction, credential: Credential, device_code: str, scope: str, own_url: str) -> Grant | Refusal:
    """Tokens once a person approved. `authorization_pending` is returned, because the poll must be remembered."""
    if not device_code:
        raise parameter_missing("device_code")
    client = authenticate(tx, credential, is_public_flow=True)
    code = tx.get(DeviceCode, device_code)
    if code is None or code.app_id != client.application.id:
        raise Refusal(
            RefusalKind.INVALID,
            "Bad verification code: the device_code was not issued to this application, or was used already.",
            reason="device-code-unknown",
        )
    if code.expires_at <= tx.now:
        raise Refusal(
            RefusalKind.GONE,
            "Verification code expired before it was approved. Start the sign-in again.",
            reason="device-code-expired",
        )
    if code.state is DeviceCodeState.DENIED:
        raise Refusal(
            RefusalKind.FORBIDDEN, "User declined to consent to access the app.", reason="device-code-declined"
        )
    if code.state is DeviceCodeState.PENDING or code.user_id is None:
        return _pending(tx, code)
    tx.delete(code)
    user = identity.find_user(tx, code.user_id)
    openid = [item for item in code.scopes if item in permissions.OPENID_SCOPES]
    asked = dict.fromkeys([*(scope.split() or code.scopes), *openid])
    return grants.for_user(tx, client, user, " ".join(asked), own_url)


def _waiting(tx: Transaction, user_code: str) -> DeviceCode:
    code = find(tx, user_code)
    if code is None or code.state is not DeviceCodeState.PENDING:
        raise Refusal(
            RefusalKind.NOT_FOUND,
            f"The code '{user_code}' is not waiting for anybody: it is mistyped, expired or answered already.",
            reason="user-code-unknown",
        )
    return code


def _pending(tx: Transaction, code: DeviceCode) -> Refusal:
    """What a poll meets before anybody answered; sooner than the interval allows, the interval grows."""
    is_frozen = tx.tenant.clock.frozen_at is not None  # a stopped clock cannot tell how fast anybody polls
    allowed_at = code.polled_at and code.polled_at + timedelta(seconds=code.interval_seconds)
    if allowed_at is not None and tx.now < allowed_at - timedelta(seconds=0.5) and not is_frozen:
        tx.put(replace(code, polled_at=tx.now, interval_seconds=code.interval_seconds + SLOW_DOWN_SECONDS))
        return Refusal(
            RefusalKind.THROTTLED,
            f"The device polls too fast. Wait {code.interval_seconds + SLOW_DOWN_SECONDS} seconds between polls.",
            reason="polling-too-fast",
        )
    tx.put(replace(code, polled_at=tx.now))
    return Refusal(
        RefusalKind.NOT_POSSIBLE,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        reason="authorization-pending",
    )


def _new_user_code(tx: Transaction) -> str:
    octets = tx.new_secret(USER_CODE_LENGTH * 2).encode()[:USER_CODE_LENGTH]
    return "".join(USER_CODE_LETTERS[octet % len(USER_CODE_LETTERS)] for octet in octets)

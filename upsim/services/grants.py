"""Redeeming what a client holds for tokens: codes, refresh tokens, passwords, its own credential (RFC 6749).

The answer is a `Grant`: everything that tokens are made of. Writing and signing claims is the API's part.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.application import Application
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import AuthorizationCode, RefreshToken
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services import identity, permissions
from upsim.services.client_authentication import Client, Credential, Proof, authenticate, parameter_missing
from upsim.services.permissions import Resource
from upsim.services.ports import Transaction

REFRESH_TOKENS_PER_USER_MAX = 100
"""The oldest are forgotten beyond this."""


class Grant(Struct, frozen=True, kw_only=True):
    """What a token request was granted."""

    tenant: Tenant
    application: Application
    proof: Proof
    resource: Resource
    permissions: tuple[str, ...]
    """Scopes of a user's token, roles of an application's or device's."""
    answer: str = ""
    """The `scope` of the answer."""
    openid: tuple[str, ...] = ()
    user: User | None = None
    printer_id: str = ""
    nonce: str = ""
    refresh_token: str | None = None
    issued_at: datetime
    valid_seconds: int
    is_multi_factor: bool = False


def client_credentials(tx: Transaction, credential: Credential, scope: str, own_url: str) -> Grant:
    """A token for the application itself (RFC 6749 section 4.4). Changes nothing, but in a lenient tenant."""
    client = authenticate(tx, credential)
    if not scope:
        raise parameter_missing("scope")
    request = permissions.read_scopes(tx, scope, own_url)
    granted = permissions.app_only(client.application, request)
    return Grant(
        tenant=tx.tenant,
        application=client.application,
        proof=client.proof,
        resource=request.resource,
        permissions=granted.permissions,
        issued_at=tx.now,
        valid_seconds=tx.tenant.settings.tokens.user_seconds,
    )


def password(
    tx: Transaction, credential: Credential, user_name: str, password: str, scope: str, own_url: str
) -> Grant | Refusal:
    """A user's tokens for name and password (RFC 6749 section 4.3). A wrong one is returned, see `identity`."""
    for name, value in (("username", user_name), ("password", password), ("scope", scope)):
        if not value:
            raise parameter_missing(name)
    client = authenticate(tx, credential, is_public_flow=True)
    user = identity.authenticate_user(tx, user_name, password)
    if isinstance(user, Refusal):
        return user
    identity.check_second_factor(user)
    return for_user(tx, client, user, scope, own_url)


def redeem_code(
    tx: Transaction,
    credential: Credential,
    code: str,
    redirect_uri: str,
    code_verifier: str,
    scope: str,
    own_url: str,
) -> Grant:
    """Tokens for an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.5); a code is good once."""
    if not code:
        raise parameter_missing("code")
    client = authenticate(tx, credential, is_public_flow=True)
    held = _usable_code(tx, client, code)
    if redirect_uri != held.redirect_uri:
        raise Refusal(
            RefusalKind.INVALID,
            f"The reply address '{redirect_uri}' does not match the reply address '{held.redirect_uri}' "
            "provided when requesting Authorization code.",
            reason="redirect-mismatch",
        )
    _check_verifier(held, code_verifier)
    tx.put(replace(held, is_redeemed=True))
    user = identity.find_user(tx, held.user_id)
    scopes = " ".join(held.scopes)
    openid = [item for item in held.scopes if item in permissions.OPENID_SCOPES]
    asked = " ".join(dict.fromkeys([*scope.split(), *openid])) if scope else scopes
    return replace(for_user(tx, client, user, asked, own_url), nonce=held.nonce)


def refresh(tx: Transaction, credential: Credential, refresh_token: str, scope: str, own_url: str) -> Grant:
    """Tokens for a refresh token (RFC 6749 section 6), also for another resource than before.

    A new refresh token comes with every answer; as with Entra, the one used stays good until it expires.
    """
    if not refresh_token:
        raise parameter_missing("refresh_token")
    client = authenticate(tx, credential, is_public_flow=True)
    held = tx.get(RefreshToken, refresh_token)
    if held is None or held.app_id != client.application.id:
        raise Refusal(
            RefusalKind.INVALID,
            "The provided value for the input parameter 'refresh_token' is not valid: it was not issued to this "
            "application by this tenant. Sign the user in again.",
            reason="refresh-token-unknown",
        )
    if held.expires_at <= tx.now:
        raise Refusal(
            RefusalKind.GONE,
            "The refresh token has expired due to inactivity. The token was issued on "
            f"{held.issued_at:%Y-%m-%dT%H:%M:%SZ}. Sign the user in again.",
            reason="refresh-token-expired",
        )
    user = identity.find_user(tx, held.user_id)
    ended = user.sessions_valid_from
    if held.is_revoked or (ended is not None and held.issued_at < ended):
        raise Refusal(
            RefusalKind.GONE,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed. "
            "Sign the user in again.",
            reason="refresh-token-revoked",
        )
    asked = scope or " ".join(held.scopes)
    openid = [item for item in held.scopes if item in permissions.OPENID_SCOPES]
    return for_user(tx, client, user, " ".join(dict.fromkeys([*asked.split(), *openid])), own_url)


def on_behalf_of(
    tx: Transaction, credential: Credential, assertion: dict[str, object], scope: str, own_url: str
) -> Grant:
    """A user's token for a service that the user called (Microsoft identity platform, "On-Behalf-Of flow").

    `assertion` are the claims of the user's token, its signature already checked.
    """
    client = authenticate(tx, credential)
    if not scope:
        raise parameter_missing("scope")
    if str(assertion.get("tid")) != tx.tenant_id or assertion.get("scp") is None:
        raise _bad_assertion("it is not a user's access token of this tenant")
    if str(assertion.get("aud", "")).removeprefix("api://") != client.application.id:
        raise _bad_assertion(
            f"its audience is '{assertion.get('aud')}', not application '{client.application.id}'"
        )
    expires = assertion.get("exp")
    if not isinstance(expires, int | float) or expires <= tx.now.timestamp():
        raise Refusal(
            RefusalKind.GONE,
            "Assertion is not within its valid time range. Ensure that the access token is not expired before "
            "using it for user assertion.",
            reason="assertion-expired",
        )
    user = identity.find_user(tx, str(assertion.get("oid", "")))
    return for_user(tx, client, user, scope, own_url)


def for_user(
    tx: Transaction, client: Client, user: User, scope: str, own_url: str, *, is_multi_factor: bool = False
) -> Grant:
    """Tokens for a user who is signed in; with a refresh token if `offline_access` is among the scopes."""
    application = client.application
    check_assignment(application, user)
    request = permissions.read_scopes(tx, scope, own_url)
    granted = permissions.delegated(tx, application, user, request)
    refresh_token = None
    if "offline_access" in request.openid:
        refresh_token = _new_refresh_token(tx, application, user, scope)
    tx.emit(Event(name="token.issued", subject=user.id, facts={"application": application.id}))
    return Grant(
        tenant=tx.tenant,
        application=application,
        proof=client.proof,
        resource=request.resource,
        permissions=granted.permissions,
        answer=granted.answer,
        openid=request.openid,
        user=user,
        refresh_token=refresh_token,
        issued_at=tx.now,
        valid_seconds=tx.tenant.settings.tokens.user_seconds,
        is_multi_factor=is_multi_factor,
    )


def check_assignment(application: Application, user: User) -> None:
    """Refuse a user who is not assigned to an application that asks for it."""
    if application.needs_assignment and user.id not in application.assigned_users:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The signed in user {user.user_principal_name} is not assigned to a role for the application "
            f"'{application.id}'({application.display_name}). Add the user to assigned_users.",
            reason="user-not-assigned",
        )


def new_secret_of(tx: Transaction) -> str:
    """A secret that names its tenant, so that it can be redeemed at a shared authority such as /common."""
    return f"1.{tx.tenant_id}.{tx.new_secret()}"


def tenant_of_secret(secret: str) -> str:
    """The tenant id in a secret of `new_secret_of`, or nothing."""
    parts = secret.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == "1" else ""


def _usable_code(tx: Transaction, client: Client, code: str) -> AuthorizationCode:
    held = tx.get(AuthorizationCode, code)
    if held is None or held.app_id != client.application.id:
        raise Refusal(
            RefusalKind.INVALID,
            "The provided value for the input parameter 'code' is not valid: it was not issued to this "
            "application by this tenant.",
            reason="code-unknown",
        )
    if held.is_redeemed:
        raise Refusal(
            RefusalKind.GONE,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an "
            "existing refresh token.",
            reason="code-redeemed",
        )
    if held.expires_at <= tx.now:
        raise Refusal(
            RefusalKind.GONE,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new "
            "interactive authorization request for this user and resource.",
            reason="code-expired",
        )
    return held


def _check_verifier(held: AuthorizationCode, verifier: str) -> None:
    if not held.code_challenge:
        return
    if not verifier:
        raise Refusal(
            RefusalKind.INVALID,
            "The request must contain 'code_verifier', because the authorization request had a code_challenge.",
            reason="verifier-missing",
        )
    if held.code_challenge_method.upper() == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(verifier.encode(), held.code_challenge.rstrip("=").encode()):
        raise Refusal(
            RefusalKind.INVALID,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            reason="verifier-wrong",
        )


def _new_refresh_token(tx: Transaction, application: Application, user: User, scope: str) -> str:
    tx.forget_expired(RefreshToken)
    held = RefreshToken(
        id=new_secret_of(tx),
        app_id=application.id,
        user_id=user.id,
        scopes=tuple(scope.split()),
        issued_at=tx.now,
        expires_at=tx.now + timedelta(seconds=tx.tenant.settings.tokens.refresh_seconds),
    )
    tx.put(held)
    surplus = Query(
        entity=RefreshToken,
        owner=user.id,
        is_newest_first=True,
        accepts=lambda other: other.id != held.id,  # on a stopped clock, all are equally new
        skip=REFRESH_TOKENS_PER_USER_MAX - 1,
        limit=16,
    )
    for forgotten in tx.find(surplus):
        tx.delete(forgotten)
    return held.id


def _bad_assertion(why: str) -> Refusal:
    return Refusal(
        RefusalKind.UNAUTHENTICATED,
        f"Assertion failed signature validation or is not for this application: {why}. "
        "Send the access token that the user's client got for this application.",
        reason="assertion-invalid",
    )

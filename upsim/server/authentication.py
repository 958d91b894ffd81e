"""Who is calling: the bearer token, checked.

A verified token is remembered until it expires, because an RS256 check costs a hundred times a dictionary
look-up. Expiry is judged on the tenant's clock at every call, remembered or not.
"""

from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any

from upsim.domain.caller import Caller
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server.keys import Keyring
from upsim.services import sessions
from upsim.services.ports import Store
from upsim.wire.jose import tokens

VERIFIED_TOKENS_MAX = 4096
TAIL = slice(-64, None)
"""Of an `Authorization` header: what it is looked up by, the signature's end, for to hash all of it costs more."""

EARLY = timedelta(seconds=300)
"""How long before its time a token is good: clocks differ."""
_INSTANT_MAX = datetime.max.replace(tzinfo=UTC).timestamp() - 1


class Verified:
    """A token whose signature fits: whom it proves to whom, and from and until when."""

    __slots__ = ("audience", "authorization", "caller", "expires", "good_from", "is_challengeable")

    def __init__(self, authorization: str, claims: dict[str, Any]) -> None:
        self.authorization = authorization
        self.audience = str(claims.get("aud", "")).rstrip("/")
        self.good_from = _instant(claims.get("nbf", 0)) - EARLY
        self.expires = _instant(claims["exp"])
        self.caller = _caller(claims)
        capabilities = claims.get("xms_cc") or ()
        self.is_challengeable = self.caller.kind == "user" and any(
            str(one).lower() == "cp1" for one in capabilities
        )


class Authenticator:
    """Turns an `Authorization` header into a `Caller`, or refuses with `UNAUTHENTICATED` and a reason."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._verified: OrderedDict[str, Verified] = OrderedDict()

    async def authenticate(
        self, authorization: str | None, audiences: frozenset[str], real: datetime, *, is_continuous: bool = False
    ) -> tuple[Caller, Tenant]:
        """Return the caller whom the bearer token proves, and its tenant.

        The token must be for one of `audiences` and good at a real instant.

        `is_continuous`: a token whose client can answer a claims challenge ends with its user's sessions.
        """
        sent = authorization or ""
        verified = self._verified.get(sent[TAIL])
        if verified is None or verified.authorization != sent:
            verified = await self._verify(sent)
            self._keep(verified)
        try:
            tenant = await self._store.tenant(verified.caller.tenant_id)
        except NotFound as error:
            raise _unauthenticated("The token's tenant does not exist.", "token-tenant") from error
        now = tenant.clock.read(real)
        if not verified.good_from <= now < verified.expires:
            raise _untimely(verified, tenant, now)
        if verified.audience not in audiences:
            raise _unauthenticated(
                "Invalid audience: the token is for another resource.", "token-audience", tenant.id
            )
        if is_continuous and verified.is_challengeable:
            user_id, not_before = verified.caller.user_id, (verified.good_from + EARLY).timestamp()
            await self._store.read(tenant.id, lambda tx: sessions.challenge(tx, user_id, not_before))
        return verified.caller, tenant

    async def _verify(self, authorization: str) -> Verified:
        token = _bearer(authorization)
        try:
            header, _ = tokens.read_unverified(token)
            key = await self._keyring.public_key(str(header.get("kid", "")))
            if key is None:
                raise _unauthenticated(
                    "Signing key is invalid: the token names no key of upsim.", "token-signature"
                )
            return Verified(authorization, tokens.verify(token, key))
        except tokens.MalformedTokenError as error:
            raise _unauthenticated(f"The token is not a valid JWT: {error}.", "token-malformed") from error
        except tokens.WrongSignatureError as error:
            raise _unauthenticated("Invalid signature of the token.", "token-signature") from error
        except (KeyError, TypeError, ValueError) as error:
            raise _unauthenticated("The token lacks a claim that upsim needs.", "token-malformed") from error

    def _keep(self, verified: Verified) -> None:
        self._verified[verified.authorization[TAIL]] = verified
        if len(self._verified) > VERIFIED_TOKENS_MAX:
            self._verified.popitem(last=False)


def _untimely(verified: Verified, tenant: Tenant, now: datetime) -> Refusal:
    if now >= verified.expires:
        return _unauthenticated("Lifetime validation failed, the token is expired.", "token-expired", tenant.id)
    return _unauthenticated("Lifetime validation failed, the token is not yet valid.", "token-early", tenant.id)


def claimed_audience(authorization: str | None) -> str:
    """For whom a bearer token says it is, unverified; empty where it says nothing that can be read."""
    try:
        _, claims = tokens.read_unverified(_bearer(authorization))
    except (Refusal, tokens.MalformedTokenError):
        return ""
    return str(claims.get("aud", "")).rstrip("/")


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise _unauthenticated("Access token is empty.", "token-missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("The Authorization header must be 'Bearer' and a token.", "token-missing")
    return token.strip()


def _instant(value: Any) -> datetime:
    """A NumericDate (RFC 7519 section 2); a test may forge one beyond every calendar."""
    return datetime.fromtimestamp(min(max(float(value), EARLY.total_seconds()), _INSTANT_MAX), UTC)


def _caller(claims: dict[str, Any]) -> Caller:
    is_device = bool(claims.get("deviceid"))
    kind = "device" if is_device else "user" if claims.get("scp") is not None else "application"
    return Caller(
        kind=kind,  # type: ignore[arg-type]
        tenant_id=str(claims["tid"]),
        app_id=str(claims.get("appid") or claims.get("azp") or ""),
        user_id=str(claims.get("oid", "")) if kind == "user" else "",
        user_principal_name=str(claims.get("upn") or claims.get("preferred_username") or ""),
        display_name=str(claims.get("name", "")),
        printer_id=str(claims.get("deviceid", "")),
        scopes=frozenset(str(claims.get("scp") or "").split()),
        permissions=frozenset(str(role) for role in claims.get("roles") or ()),
        roles=frozenset(str(role) for role in claims.get("wids") or ()),
    )


def _unauthenticated(detail: str, reason: str, tenant_id: str = "") -> Refusal:
    return Refusal(RefusalKind.UNAUTHENTICATED, detail, reason=reason, tenant_id=tenant_id)

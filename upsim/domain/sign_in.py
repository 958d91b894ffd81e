"""Short-lived credentials of signing in: each is used once, or until it expires on the tenant's clock."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from upsim.domain.entity import Entity, Index


class SigningKey(Entity, frozen=True, kw_only=True):
    """A key that signs tokens; `id` is its `kid`. All tenants share it, so it is a row of the system."""

    kind: ClassVar[str] = "signing-key"

    private_key_pem: str
    certificate_der_base64: str
    created_at: datetime

    def index(self) -> Index:
        return Index(at=self.created_at)


class AuthorizationCode(Entity, frozen=True, kw_only=True):
    """An OAuth authorization code (RFC 6749 section 4.1); `id` is the code."""

    kind: ClassVar[str] = "authorization-code"

    app_id: str
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    expires_at: datetime
    is_redeemed: bool = False

    def index(self) -> Index:
        return Index(owner=self.app_id, due=self.expires_at)


class DeviceCodeState(StrEnum):
    """The state of a device code (RFC 8628 section 3.5)."""

    PENDING = "authorization_pending"
    APPROVED = "approved"
    DENIED = "authorization_declined"


class DeviceCode(Entity, frozen=True, kw_only=True):
    """A device authorization (RFC 8628); `id` is the device code, `user_code` what the user types."""

    kind: ClassVar[str] = "device-code"

    user_code: str
    app_id: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    interval_seconds: int = 5
    """The least time between two polls of the client; it grows with every `slow_down`."""
    state: DeviceCodeState = DeviceCodeState.PENDING
    user_id: str | None = None
    polled_at: datetime | None = None

    def index(self) -> Index:
        return Index(owner=self.app_id, key=self.user_code.upper(), at=self.issued_at, due=self.expires_at)


class RefreshToken(Entity, frozen=True, kw_only=True):
    """A refresh token; `id` is its secret. One serves several resources, as Entra's do."""

    kind: ClassVar[str] = "refresh-token"

    app_id: str
    user_id: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    is_revoked: bool = False

    def index(self) -> Index:
        return Index(owner=self.user_id, at=self.issued_at, due=self.expires_at)


class DeviceNonce(Entity, frozen=True, kw_only=True):
    """A nonce of the device token flow; `id` is its value. It is deleted when used."""

    kind: ClassVar[str] = "device-nonce"

    expires_at: datetime

    def index(self) -> Index:
        return Index(due=self.expires_at)


class BrowserSession(Entity, frozen=True, kw_only=True):
    """A browser in which a user has signed in; `id` is the cookie's value."""

    kind: ClassVar[str] = "browser-session"

    user_id: str
    has_second_factor: bool = False
    expires_at: datetime

    def index(self) -> Index:
        return Index(owner=self.user_id, due=self.expires_at)


class SignInFailures(Entity, frozen=True, kw_only=True):
    """Wrong passwords of one user within a short time; `id` is the user's id."""

    kind: ClassVar[str] = "sign-in-failures"

    count: int
    expires_at: datetime

    def index(self) -> Index:
        return Index(due=self.expires_at)


class SignInPolicy(Entity, frozen=True, kw_only=True):
    """How strictly the tenant checks sign-ins. `id` is always `policy`; without a row: strictly."""

    kind: ClassVar[str] = "sign-in-policy"

    is_lenient: bool = False
    """Unknown applications and users are created, any credential is accepted, consent is given."""
    failures_max: int = 10
    """Wrong passwords of a user before sign-in is throttled."""
    failures_seconds: int = 60
    """How long a wrong password counts, and so how long a throttled user waits at most."""


class SignInRefusal(Entity, frozen=True, kw_only=True):
    """A sign-in or token request that was refused, and why; one line of the tenant's audit log.

    `id` counts up. It never holds a secret: no password, code, token or assertion.
    """

    kind: ClassVar[str] = "sign-in-refusal"

    at: datetime
    operation: str
    grant: str = ""
    app_id: str = ""
    user: str = ""
    address: str = ""
    request_id: str
    correlation_id: str
    reason: str
    number: int
    """The number of Entra's error, AADSTS without the letters."""
    detail: str

    def index(self) -> Index:
        return Index(at=self.at)

"""The keys that sign tokens: rows of the system, shared by all tenants and by every node on the same store.

A key is made when first needed, parsed once and kept. Its `kid` is stored with it, so clients that cached the
key set stay content across restarts.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from upsim.domain.query import Query
from upsim.domain.sign_in import SigningKey
from upsim.services.ports import SYSTEM, Store, Transaction

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    from upsim.wire.jose.keys import NewKey

PUBLISHED_KEYS_MAX = 3
"""The newest key signs, the ones before it still verify; older ones are forgotten at a rotation."""
_REPEATABLE_SINCE = datetime(2024, 1, 1, tzinfo=UTC)
"""When certificates of keys begin that follow from a seed: they must not depend on when they are made."""


class _Loaded(NamedTuple):
    kid: str
    private_key: "RSAPrivateKey"
    public_key: "RSAPublicKey"
    certificate_der: bytes


class Keyring:
    """Signing keys over a store. Another node may have made or rotated one: unknown kids are looked up again."""

    def __init__(self, store: Store, now: Callable[[], datetime], seed: str | None = None) -> None:
        """`seed`: keys follow from it."""
        self._store = store
        self._now = now
        self._seed = seed
        self._loaded: dict[str, _Loaded] = {}
        """By kid, newest first."""
        self._making = asyncio.Lock()

    async def signing_key(self) -> tuple[str, "RSAPrivateKey"]:
        """The kid and the key that new tokens are signed with; made now if there is none yet."""
        if not self._loaded:
            await self._load_or_make()
        newest = next(iter(self._loaded.values()))
        return newest.kid, newest.private_key

    async def sign(self, claims: dict[str, Any], *, has_thumbprint: bool = False) -> str:
        """A token signed with the newest key.

        `has_thumbprint`: its header names the certificate by `x5t` too, which is how kids are made. Signing in a
        thread of its own would take longer: it then waits for the interpreter that the loop holds.
        """
        from upsim.wire.jose import tokens

        kid, key = await self.signing_key()
        headers = {"x5t": kid} if has_thumbprint else None
        return tokens.sign(claims, key, kid, headers)

    async def public_key(self, kid: str) -> "RSAPublicKey | None":
        """The public half of one key, or None where no key has this kid."""
        if kid not in self._loaded:
            await self._load()
        loaded = self._loaded.get(kid)
        return loaded.public_key if loaded else None

    async def published(self, issuer: str = "") -> list[dict[str, Any]]:
        """The key set that clients fetch (RFC 7517 section 5), newest key first."""
        from upsim.wire.jose.keys import public_jwk

        await self.signing_key()
        await self._load()
        return [public_jwk(key.public_key, key.kid, key.certificate_der, issuer) for key in self._loaded.values()]

    async def rotate(self) -> str:
        """Sign with a new key from now on; returns its kid. Tokens signed before stay valid."""
        async with self._making:
            made = await self._make()
            await self._store.write(SYSTEM, lambda tx: _put_newest(tx, made))
        await self._load()
        return made.id

    async def _load_or_make(self) -> None:
        async with self._making:  # callers that wait here find the key made
            await self._load()
            if self._loaded:
                return
            made = await self._make()
            await self._store.write(SYSTEM, lambda tx: _put_first(tx, made))
        await self._load()

    async def _load(self) -> None:
        rows = await self._store.read(SYSTEM, _newest_first)
        self._loaded = {row.id: self._loaded.get(row.id) or _parse(row) for row in rows}

    async def _make(self) -> SigningKey:
        from upsim.wire.jose import keys

        now = self._now()
        if self._seed is None:
            made = await asyncio.to_thread(keys.new_key, now)
        else:
            ordinal = len(await self._store.read(SYSTEM, _newest_first)) + 1
            made = await asyncio.to_thread(_repeatable_key, f"{self._seed}/signing-key/{ordinal}")
        return SigningKey(
            id=keys.thumbprint_sha1(made.certificate_der),
            private_key_pem=made.private_key_pem,
            certificate_der_base64=base64.b64encode(made.certificate_der).decode(),
            created_at=now,
        )


def _repeatable_key(secret: str) -> "NewKey":
    from upsim.wire import repeatable_rsa
    from upsim.wire.jose import keys

    serial = int.from_bytes(hashlib.blake2b(secret.encode(), digest_size=16).digest()) | 1
    return keys.new_key(_REPEATABLE_SINCE, repeatable_rsa.private_key(secret), serial)


def _newest_first(tx: Transaction) -> list[SigningKey]:
    return tx.find(Query(entity=SigningKey, is_newest_first=True, limit=PUBLISHED_KEYS_MAX))


def _put_first(tx: Transaction, made: SigningKey) -> None:
    if not _newest_first(tx):  # another node may have been quicker
        tx.put(made)


def _put_newest(tx: Transaction, made: SigningKey) -> None:
    tx.put(made)
    for forgotten in tx.find(Query(entity=SigningKey, is_newest_first=True, skip=PUBLISHED_KEYS_MAX)):
        tx.delete(forgotten)


def _parse(row: SigningKey) -> _Loaded:
    from upsim.wire.jose.keys import load_private_key

    key = load_private_key(row.private_key_pem)
    return _Loaded(row.id, key, key.public_key(), base64.b64decode(row.certificate_der_base64))

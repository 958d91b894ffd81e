"""Ending what a user signed in to, and continuous access evaluation: tokens end before their time.

A client that said it can answer claims challenges (capability CP1) is asked for a fresh token when its user's
sessions were revoked; any other keeps its access token until that expires (Microsoft identity platform, "Claims
challenges, claims requests, and client capabilities").
"""

import base64

import msgspec
from msgspec.structs import replace

from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import RefreshToken
from upsim.domain.user import User
from upsim.services.ports import Transaction

REFRESHED_SECONDS = 1
"""How far a token may begin after now, where a challenge asks for it: instants in tokens are whole seconds."""


def revoke(tx: Transaction, user: User) -> User:
    """End every session of a user: refresh tokens are no good, and clients that can are asked to sign in again."""
    for held in tx.find(Query(entity=RefreshToken, owner=user.id)):
        tx.put(replace(held, is_revoked=True))
    ended = replace(user, sessions_valid_from=tx.now)
    tx.put(ended)
    tx.emit(Event(name="user.sessions-revoked", subject=user.id))
    return ended


def carried(tx: Transaction, before: User, after: User) -> User:
    """A user who is described anew: another password ends the sessions, and ended ones stay so."""
    after = replace(after, sessions_valid_from=before.sessions_valid_from)
    return revoke(tx, after) if after.password != before.password else after


def challenge(tx: Transaction, user_id: str, not_before: float) -> None:
    """Refuse a token that began before its user's sessions ended; the refusal says which token would do."""
    user = tx.get(User, user_id)
    if user is not None and user.is_enabled and user.sessions_valid_from is None:
        return
    ended = tx.now if user is None or not user.is_enabled else user.sessions_valid_from or tx.now
    good_from = int(ended.timestamp()) + REFRESHED_SECONDS
    if user is not None and user.is_enabled and not_before >= good_from:
        return
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(good_from)}}}
    raise Refusal(
        RefusalKind.UNAUTHENTICATED,
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: "
        "TokenIssuedBeforeRevocationTimestamp. Get a new token with the claims of this answer.",
        reason="claims-challenge",
        claims=base64.b64encode(msgspec.json.encode(wanted)).decode(),
        tenant_id=tx.tenant_id,
    )

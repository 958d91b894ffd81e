"""Badges: the administrator's collection of cards, and a device's look-up of the user behind one.

The service provisions a collection asynchronously, and remembers look-ups for a while; how long either takes is
the tenant's choice.
"""

from datetime import timedelta

from msgspec.structs import replace

from upsim.domain.badge import (
    Badge,
    BadgeCollection,
    BadgeOperation,
    CachedLookup,
    Holder,
    entity_id,
)
from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import directory
from upsim.services.ports import Transaction


def list_collections(tx: Transaction) -> list[BadgeCollection]:
    """The tenant's collection, also while it is being made or deleted, or none."""
    return [each for each in tx.find(Query(entity=BadgeCollection)) if each.exists(tx.now)]


def create_collection(tx: Transaction) -> BadgeOperation:
    """Ask for the tenant's collection. It has at most one."""
    if list_collections(tx):
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            "The tenant has a badge collection already; list the collections and use that.",
            reason="collection-exists",
        )
    settings = tx.tenant.settings
    ready_at = tx.now + timedelta(seconds=settings.badges.provisioning_seconds)
    collection = BadgeCollection(
        id=settings.badges.collection_id,
        created_at=tx.now,
        ready_at=ready_at,
        settled_at=ready_at + timedelta(seconds=settings.badges.settling_seconds),
    )
    operation = BadgeOperation(
        id=tx.new_id(), collection_id=collection.id, created_at=tx.now, ready_at=collection.ready_at
    )
    tx.put(collection)
    tx.put(operation)
    tx.emit(Event(name="badge-collection.requested", subject=collection.id))
    return operation


def get_operation(tx: Transaction, operation_id: str) -> tuple[BadgeOperation, int | None]:
    """The making of a collection, and how many seconds it still takes; None when it has succeeded."""
    operation = tx.get(BadgeOperation, operation_id.lower())
    if operation is None:
        raise NotFound("operation", operation_id)
    left = (operation.ready_at - tx.now).total_seconds()
    return operation, max(1, round(left)) if left > 0 else None


def get_collection(tx: Transaction, collection_id: str) -> BadgeCollection:
    """A collection that is ready; one that is still being made is as good as absent."""
    collection = tx.get(BadgeCollection, collection_id)
    if collection is None or not collection.is_ready(tx.now):
        raise NotFound("badge collection", collection_id)
    return collection


def delete_collection(tx: Transaction, collection_id: str) -> None:
    """Ask for the end of a collection. Its badges are of no use from now on."""
    collection = tx.get(BadgeCollection, collection_id)
    if collection is None or collection.gone_at is not None:
        raise NotFound("badge collection", collection_id)
    for badge in tx.find(Query(entity=Badge, parent=collection.id)):
        tx.delete(badge)
    seconds = tx.tenant.settings.badges.provisioning_seconds
    tx.put(replace(collection, gone_at=tx.now + timedelta(seconds=seconds)))
    tx.emit(Event(name="badge-collection.deleted", subject=collection.id))


def list_badges(tx: Transaction, collection_id: str) -> list[Badge]:
    """Every badge, oldest first, where the tenant has the list; the service has none today."""
    _settled(tx, collection_id)
    if tx.tenant.settings.badges.listing == "not-implemented":
        raise Refusal(
            RefusalKind.NOT_EMULATED,
            "Badges cannot be listed, as the service does not list them today; badges.listing = 'served' in the "
            "tenant's settings changes that.",
            reason="badge-list",
        )
    return tx.find(Query(entity=Badge, parent=collection_id))


def add(tx: Transaction, collection_id: str, badge_id: str, holder: Holder) -> Badge:
    """Give a user a badge. Its id must be new; a user may have several."""
    _settled(tx, collection_id)
    if tx.get(Badge, entity_id(collection_id, badge_id)) is not None:
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            f"There is a badge '{badge_id}' already; delete it before it is given to another user.",
            reason="badge-exists",
        )
    badge = Badge(
        id=entity_id(collection_id, badge_id),
        collection_id=collection_id,
        badge_id=badge_id,
        holder=_checked(holder),
        created_at=tx.now,
    )
    tx.put(badge)
    return badge


def get(tx: Transaction, collection_id: str, badge_id: str) -> Badge:
    _settled(tx, collection_id)
    badge = tx.get(Badge, entity_id(collection_id, badge_id))
    if badge is None:
        raise NotFound("badge", badge_id)
    return badge


def update(tx: Transaction, collection_id: str, badge_id: str, holder: Holder) -> Badge:
    """Give the badge to somebody: what was known of the former holder is replaced, not merged."""
    badge = replace(get(tx, collection_id, badge_id), holder=_checked(holder))
    tx.put(badge)
    return badge


def remove(tx: Transaction, collection_id: str, badge_id: str) -> None:
    tx.delete(get(tx, collection_id, badge_id))


def every(tx: Transaction) -> list[Badge]:
    """All badges of the tenant, oldest first."""
    return tx.find(Query(entity=Badge))


def give(tx: Transaction, badge_id: str, user_name: str) -> Badge:
    """Give a user of the tenant a badge at once; a collection that is not there yet is made for it."""
    if not badge_id.strip():
        raise Refusal(RefusalKind.INVALID, "The badge needs an id.", reason="badge-missing")
    user = directory.get_user(tx, user_name)
    holder = Holder(upn=user.user_principal_name, user_id=user.id)
    return add(tx, ready_collection(tx).id, badge_id, holder)


def take(tx: Transaction, badge_id: str) -> None:
    """Take a badge away, wherever it is kept."""
    tx.delete(_named(tx, badge_id))


def ready_collection(tx: Transaction) -> BadgeCollection:
    """The tenant's collection, which takes badges at once."""
    found = next((each for each in list_collections(tx) if each.gone_at is None), None)
    if found is not None and found.is_settled(tx.now):
        return found
    identifier = found.id if found else tx.tenant.settings.badges.collection_id
    ready = BadgeCollection(id=identifier, created_at=tx.now, ready_at=tx.now, settled_at=tx.now)
    tx.put(ready)
    return ready


def look_up(tx: Transaction, caller: Caller, badge_id: str, *, is_fresh: bool = False) -> Holder:
    """Whose badge a printer's device has read. A cached answer is used unless a fresh one is asked for."""
    settings = tx.tenant.settings
    if caller.kind != "device":
        raise Refusal(RefusalKind.FORBIDDEN, "Only a printer's device looks badges up.", reason="device-needed")
    if not settings.badges.enrolled:
        raise Refusal(
            RefusalKind.FORBIDDEN, "The tenant is not enrolled in badge release.", reason="badges-not-enrolled"
        )
    if not badge_id.strip():
        raise Refusal(RefusalKind.INVALID, "badgeId must not be empty.", reason="badge-missing")
    known = tx.get(CachedLookup, badge_id)
    lasting = timedelta(seconds=settings.badges.cache_seconds)
    if known is not None and not is_fresh and tx.now < known.at + lasting:
        return known.holder
    badge = _named(tx, badge_id)
    if settings.badges.cache_seconds > 0:
        tx.put(CachedLookup(id=badge_id, holder=badge.holder, at=tx.now))
    return badge.holder


def _named(tx: Transaction, badge_id: str) -> Badge:
    badge = tx.first(Query(entity=Badge, key=badge_id, limit=1))
    if badge is None:
        raise NotFound("badge", badge_id)
    return badge


def _settled(tx: Transaction, collection_id: str) -> None:
    collection = tx.get(BadgeCollection, collection_id)
    if collection is None or not collection.is_settled(tx.now):
        raise Refusal(RefusalKind.NOT_FOUND, "Badge collection not found.", reason="collection-missing")


def _checked(holder: Holder) -> Holder:
    name, at, domain = holder.upn.partition("@")
    if not (name and at and domain):
        raise Refusal(
            RefusalKind.INVALID, f"upn must be a user principal name, not '{holder.upn}'.", reason="upn-invalid"
        )
    return holder

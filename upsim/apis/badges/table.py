"""The rows of the badge interfaces, a private preview that is known from Microsoft's badge release sample."""

from upsim.apis.badges import handlers
from upsim.apis.badges.errors import refuse
from upsim.domain.application import UNIVERSAL_PRINT_AUDIENCES
from upsim.domain.clouds import Service
from upsim.server.context import Handler
from upsim.server.operation import Api, Evidence, Operation, Scopes, Support

_SAMPLE = Evidence("observed", "the requests of Microsoft's BadgeReleaseDemo")
_OLDER = Evidence("observed", "the requests of an earlier BadgeReleaseDemo")
_NAMES = Evidence("inferred", "error messages that Microsoft's BadgeReleaseDemo knows")

_MANAGES = Scopes(
    delegated=("PrintBadges.ReadWrite", "PrintBadgeCollections.ReadWrite"),
    administrator=True,
)
_SEES = Scopes(
    delegated=(
        "PrintBadges.Read",
        "PrintBadgeCollections.Read",
        "PrintBadges.ReadWrite",
        "PrintBadgeCollections.ReadWrite",
    ),
    administrator=True,
)
_READS_BADGES = Scopes(application=("PrintBadges.Read",))
_COLLECTIONS = "/print/badgeCollections"
_COLLECTION = _COLLECTIONS + "/{collection}"
_BADGES = _COLLECTION + "/badges"
_BADGE = _BADGES + "/{badge}"


def _row(
    identifier: str,
    route: str,
    handler: Handler,
    summary: str,
    access: Scopes = _MANAGES,
    evidence: Evidence = _SAMPLE,
    success: tuple[int, ...] = (200,),
    note: str = "",
) -> Operation:
    method, _, path = route.partition(" ")
    return Operation(
        id=f"badges.{identifier}",
        method=method,
        path=path,
        handler=handler,
        access=access,
        evidence=evidence,
        summary=summary,
        success=success,
        versions=("v1.0",),
        support=Support.PARTIAL if note else Support.EMULATED,
        note=note,
        services=frozenset({Service.PRINT_GRAPH}),
    )


def _lookup(identifier: str, route: str, handler: Handler, summary: str, evidence: Evidence) -> Operation:
    method, _, path = route.partition(" ")
    return Operation(
        id=f"badges.lookup.{identifier}",
        method=method,
        path=path,
        handler=handler,
        access=_READS_BADGES,
        evidence=evidence,
        summary=summary,
        services=frozenset({Service.PRINT}),
    )


TABLE = (
    _row("collection.list", f"GET {_COLLECTIONS}", handlers.list_collections, "The tenant's collection.", _SEES),
    _row(
        "collection.create",
        f"POST {_COLLECTIONS}",
        handlers.create_collection,
        "Ask for the tenant's collection.",
        success=(202,),
    ),
    _row(
        "operation.get",
        "GET /print/operations/{operation}",
        handlers.get_operation,
        "How the making of a collection stands.",
        _SEES,
    ),
    _row("collection.get", f"GET {_COLLECTION}", handlers.get_collection, "A collection.", _SEES, evidence=_OLDER),
    _row(
        "collection.delete",
        f"DELETE {_COLLECTION}",
        handlers.delete_collection,
        "Ask for the end of a collection.",
        success=(202,),
    ),
    _row(
        "badge.list",
        f"GET {_BADGES}",
        handlers.list_badges,
        "The badges of a collection.",
        _SEES,
        evidence=_NAMES,
        note="501 as the service, unless the tenant's badges.listing is 'served'",
    ),
    _row("badge.add", f"POST {_BADGES}", handlers.add, "Give a user a badge.", success=(201,)),
    _row("badge.get", f"GET {_BADGE}", handlers.get, "A badge.", _SEES),
    _row("badge.update", f"PATCH {_BADGE}", handlers.update, "Replace the holder of a badge."),
    _row("badge.delete", f"DELETE {_BADGE}", handlers.remove, "Take a badge away.", success=(204,)),
    _lookup("v2", "POST /api/v2.0/badges/lookup", handlers.look_up, "Whose badge a device has read.", _SAMPLE),
    _lookup(
        "v1",
        "GET /api/v1.0/badges/{badge}",
        handlers.look_up_by_path,
        "Whose badge a device has read, as older devices ask.",
        _OLDER,
    ),
)

API = Api(
    name="badges",
    table=TABLE,
    roots={"": "", "v1.0": "/v1.0"},
    prefixes=("/v1.0/print/badgecollections",),
    services=frozenset({Service.PRINT_GRAPH, Service.PRINT}),
    audiences=UNIVERSAL_PRINT_AUDIENCES,
    refuse=refuse,
)

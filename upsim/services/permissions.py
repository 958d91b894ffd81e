"""What a token may carry: the scopes that a client asked for, against what it was given consent to.

A scope is a resource and a permission in one string, `https://graph.microsoft.com/PrintJob.Create`; a bare name
means Microsoft Graph, `/.default` means all that consent exists for (Microsoft identity platform, "Scopes and
permissions"). Scopes are answered in the spelling in which they were asked, because clients look tokens up by it.
"""

from urllib.parse import urlsplit

from msgspec import Struct

from upsim.domain.application import (
    GRAPH_APP_ID,
    UNIVERSAL_PRINT_APP_ID,
    Application,
    UserConsent,
    consent_id,
)
from upsim.domain.clouds import CLOUDS, Service
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.user import User
from upsim.services.identity import policy
from upsim.services.ports import Transaction

OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes of OpenID Connect Core section 5.4 and section 11; they belong to no resource."""
DEFAULT = ".default"


class Resource(Struct, frozen=True, kw_only=True):
    """What a token is for. `audience` is its `aud`, however the client spelled the resource."""

    app_id: str
    audience: str
    display_name: str
    is_custom: bool = False
    """An application of the tenant's own, which judges its scopes itself."""


GRAPH = Resource(app_id=GRAPH_APP_ID, audience="https://graph.microsoft.com", display_name="Microsoft Graph")
UNIVERSAL_PRINT = Resource(
    app_id=UNIVERSAL_PRINT_APP_ID, audience="https://print.print.microsoft.com", display_name="Universal Print"
)
_BUILT_IN = {
    GRAPH.app_id: GRAPH,
    UNIVERSAL_PRINT.app_id: UNIVERSAL_PRINT,
    **{f"https://{cloud.host(Service.GRAPH)}": GRAPH for cloud in CLOUDS},
    **{f"https://{cloud.host(Service.PRINT)}": UNIVERSAL_PRINT for cloud in CLOUDS},
}
"""By id and by the names of every cloud. Tokens have the public cloud's audience whatever the name."""


class ScopeRequest(Struct, frozen=True, kw_only=True):
    """A `scope` parameter, understood."""

    resource: Resource
    spelled: dict[str, str]
    """Permission name in lower case to the scope as the client wrote it."""
    prefix: str
    """What the client writes before a permission's name: `https://graph.microsoft.com/`, or nothing."""
    openid: tuple[str, ...]

    @property
    def is_default(self) -> bool:
        return DEFAULT in self.spelled

    @property
    def names(self) -> list[str]:
        return [scope.rpartition("/")[2] for scope in self.spelled.values()]


class Granted(Struct, frozen=True):
    """Permissions by their proper names, and the `scope` to answer with."""

    permissions: tuple[str, ...]
    answer: str


def read_scopes(tx: Transaction, scopes: str, own_url: str) -> ScopeRequest:
    """The one resource that the scopes are for, and what is asked of it. `own_url` is an alias of Graph."""
    openid: list[str] = []
    spelled: dict[str, str] = {}
    resources: dict[str, tuple[Resource, str]] = {}
    for scope in dict.fromkeys(scopes.split()):
        if scope.lower() in OPENID_SCOPES:
            openid.append(scope.lower())
            continue
        prefix, _, name = scope.rpartition("/")
        if not name:
            raise _bad_scope(f"The scope '{scope}' names no permission. Write it as resource/permission.")
        resource = find_resource(tx, prefix, own_url)
        resources.setdefault(resource.app_id, (resource, prefix + "/" if prefix else ""))
        spelled[name.lower()] = scope
    if len(resources) > 1:
        listed = ", ".join(resource.audience for resource, _ in resources.values())
        raise _bad_scope(
            f"The scopes belong to more than one resource ({listed}). Ask for one resource at a time.",
            reason="scope-resources",
        )
    if DEFAULT in spelled and len(spelled) > 1:
        raise _bad_scope(
            "'.default' cannot be combined with other scopes of a resource. Ask for one or the other."
        )
    resource, prefix = next(iter(resources.values()), (GRAPH, ""))
    return ScopeRequest(resource=resource, spelled=spelled, prefix=prefix, openid=tuple(openid))


def find_resource(tx: Transaction, identifier: str, own_url: str) -> Resource:
    """The resource with this URI or application id; nothing means Graph."""
    wanted = identifier.rstrip("/").lower()
    found = GRAPH if not wanted else _BUILT_IN.get(wanted)
    if found is None and _host(wanted) == _host(own_url):
        found = GRAPH
    if found is None:
        application = tx.get(Application, wanted.removeprefix("api://"))
        if application is not None:
            found = Resource(
                app_id=application.id,
                audience=application.id,
                display_name=application.display_name,
                is_custom=True,
            )
    if found is None:
        raise Refusal(
            RefusalKind.INVALID,
            f"The resource principal named {identifier} was not found in the tenant named "
            f"{tx.tenant.display_name}. Known are {GRAPH.audience}, {UNIVERSAL_PRINT.audience} and api:// with "
            "the id of an application of the tenant.",
            reason="resource-unknown",
        )
    return found


def delegated(tx: Transaction, application: Application, user: User, request: ScopeRequest) -> Granted:
    """What the application may do in the user's name; refused where consent is missing."""
    held = consented(tx, application, user, request.resource)
    missing = missing_consent(tx, application, user, request)
    if missing:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The user or administrator has not consented to use the application with ID '{application.id}' named "
            f"'{application.display_name}'. Consent is missing for {', '.join(missing)} on "
            f"{request.resource.display_name}; give it in the sign-in page or in the application's seed.",
            reason="consent-missing",
            missing=tuple(missing),
        )
    if request.is_default:
        spelled = [f"{request.prefix}{name}" for name in held.values()]
        return Granted(tuple(held.values()), _answer(request, [*spelled, *request.spelled.values()]))
    names = [held.get(name, scope.rpartition("/")[2]) for name, scope in request.spelled.items()]
    return Granted(tuple(names), _answer(request, list(request.spelled.values())))


def missing_consent(
    tx: Transaction, application: Application, user: User, request: ScopeRequest
) -> tuple[str, ...]:
    """Names of permissions that are asked for and that nobody consented to."""
    if request.resource.is_custom or policy(tx).is_lenient:
        return ()
    held = consented(tx, application, user, request.resource)
    if not request.is_default:
        return tuple(name for name in request.names if name.lower() not in held)
    required = application.required_on(request.resource.app_id).delegated
    if not required and not held:
        raise Refusal(
            RefusalKind.INVALID,
            f"Invalid resource. The client has requested access to {request.resource.display_name}, which is not "
            f"listed in the requested permissions in the client's application registration. Give application "
            f"'{application.id}' permissions on it, or ask for scopes by name.",
            reason="resource-not-required",
        )
    return tuple(name for name in required if name.lower() not in held)


def consented(tx: Transaction, application: Application, user: User, resource: Resource) -> dict[str, str]:
    """Delegated permissions by lower-case name: the administrator's consent and the user's own together."""
    own = tx.get(UserConsent, consent_id(application.id, user.id))
    names = application.consent_for(resource.app_id).delegated
    names += own.consent_for(resource.app_id) if own else ()
    return {name.lower(): name for name in names}


def app_only(application: Application, request: ScopeRequest) -> Granted:
    """Application permissions; they are only ever given all together, as `.default`."""
    if not request.is_default or len(request.spelled) != 1:
        asked = " ".join([*request.spelled.values(), *request.openid])
        raise _bad_scope(
            f"The provided value for scope {asked} is not valid. Client credential flows must have a scope value "
            f"with /.default suffixed to the resource identifier, such as {GRAPH.audience}/.default.",
            reason="scope-not-default",
        )
    return Granted(application.consent_for(request.resource.app_id).application, "")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _answer(request: ScopeRequest, scopes: list[str]) -> str:
    """`offline_access` is never listed, as in Entra's answers."""
    shown = [scope for scope in request.openid if scope != "offline_access"]
    return " ".join(dict.fromkeys([*scopes, *shown]))


def _bad_scope(detail: str, reason: str = "scope-malformed") -> Refusal:
    return Refusal(RefusalKind.INVALID, detail, reason=reason)

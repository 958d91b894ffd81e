"""Giving consent: a user for themselves, an administrator for everyone.

Follows "Overview of permissions and consent in the Microsoft identity platform".
"""

from msgspec.structs import replace

from upsim.domain.api_permissions import FOR_USERS_TO_GIVE
from upsim.domain.application import GRAPH_APP_ID, Application, Consent, UserConsent, consent_id
from upsim.domain.events import Event
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.user import User
from upsim.services import permissions
from upsim.services.browser_sessions import signed_in_user
from upsim.services.client_authentication import find_application
from upsim.services.permissions import ScopeRequest
from upsim.services.ports import Transaction


def give(
    tx: Transaction, application: Application, user: User, scopes: ScopeRequest, *, for_everyone: bool
) -> None:
    """Record consent to what is missing for `scopes`."""
    missing = permissions.missing_consent(tx, application, user, scopes)
    if not missing:
        return
    is_administrator = user.is_global_administrator
    if not is_administrator and (for_everyone or any(name.lower() not in FOR_USERS_TO_GIVE for name in missing)):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"An administrator must consent to {', '.join(missing)} for application '{application.display_name}'; "
            f"{user.user_principal_name} cannot.",
            reason="administrator-consent-needed",
        )
    resource = scopes.resource.app_id
    if for_everyone:
        tx.put(_with_delegated(application, resource, missing))
    else:
        tx.put(_with_own(tx, application, user, resource, missing))
    tx.emit(
        Event(name="consent.given", subject=application.id, facts={"user": user.id, "permissions": list(missing)})
    )


def give_as_administrator(tx: Transaction, app_id: str, session_id: str) -> Application:
    """Consent for everyone to all that the application's registration asks for."""
    user = signed_in_user(tx, session_id)
    application = find_application(tx, app_id)
    if not user.is_global_administrator:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"Only a Global Administrator can consent for the whole tenant; {user.user_principal_name} is none.",
            reason="administrator-consent-needed",
        )
    consented = replace(
        application,
        graph=_union(application.graph, application.required_graph),
        universal_print=_union(application.universal_print, application.required_universal_print),
    )
    tx.put(consented)
    tx.emit(Event(name="consent.given", subject=app_id, facts={"user": user.id, "permissions": ["*"]}))
    return consented


def _with_delegated(application: Application, resource: str, names: tuple[str, ...]) -> Application:
    added = Consent(delegated=names)
    if resource == GRAPH_APP_ID:
        return replace(application, graph=_union(application.graph, added))
    return replace(application, universal_print=_union(application.universal_print, added))


def _with_own(
    tx: Transaction, application: Application, user: User, resource: str, names: tuple[str, ...]
) -> UserConsent:
    identifier = consent_id(application.id, user.id)
    own = tx.get(UserConsent, identifier) or UserConsent(id=identifier, app_id=application.id, user_id=user.id)
    if resource == GRAPH_APP_ID:
        return replace(own, graph=tuple(dict.fromkeys(own.graph + names)))
    return replace(own, universal_print=tuple(dict.fromkeys(own.universal_print + names)))


def _union(held: Consent, added: Consent) -> Consent:
    return Consent(
        delegated=tuple(dict.fromkeys(held.delegated + added.delegated)),
        application=tuple(dict.fromkeys(held.application + added.application)),
    )

"""Signing in through the browser (RFC 6749 section 4.1.1): may this client ask, who is the user, the code."""

from datetime import timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from upsim.domain.application import Application
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import AuthorizationCode
from upsim.services import consent, grants, permissions
from upsim.services.browser_sessions import signed_in_user
from upsim.services.client_authentication import ANY_REDIRECT, find_application
from upsim.services.ports import Transaction

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1"})
"""Registered with `http`, these match any port (RFC 8252 section 7.3)."""
CHALLENGE_METHODS = frozenset({"", "plain", "S256"})


class AuthorizationRequest(Struct, frozen=True, kw_only=True):
    """What the client asked; the names are those of RFC 6749, RFC 7636 and OpenID Connect."""

    client_id: str
    redirect_uri: str = ""
    response_type: str = ""
    response_mode: str = ""
    scope: str = ""
    nonce: str = ""
    prompt: str = ""
    login_hint: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


class Consented(Struct, frozen=True, kw_only=True):
    """What was answered to the question for consent."""

    is_given: bool = False
    for_everyone: bool = False
    """Whether an administrator answered for all users of the tenant."""


def check_client(tx: Transaction, request: AuthorizationRequest) -> tuple[Application, str]:
    """The application and where to send the answer. What is refused here must never be sent to the client."""
    application = find_application(tx, request.client_id)
    redirect_uri = request.redirect_uri
    if not redirect_uri and len(application.redirect_uris) == 1:
        redirect_uri = application.redirect_uris[0]
    if not any(fits(redirect_uri, registered) for registered in application.redirect_uris):
        raise Refusal(
            RefusalKind.INVALID,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs "
            f"configured for the application '{application.id}'. Configured are: "
            f"{', '.join(application.redirect_uris) or 'none'}.",
            reason="redirect-unregistered",
        )
    return application, redirect_uri


def fits(redirect_uri: str, registered: str) -> bool:
    """Whether a redirect URI is the registered one; on the loopback interface any port will do."""
    if registered == ANY_REDIRECT:
        return bool(redirect_uri) and redirect_uri.isprintable()
    if redirect_uri == registered:
        return True
    try:
        asked, known = urlsplit(redirect_uri), urlsplit(registered)
        _ = asked.port  # raises for a port that is no number
    except ValueError:
        return False
    return (
        asked.scheme == known.scheme == "http"
        and asked.hostname == known.hostname
        and asked.hostname in LOOPBACK_HOSTS
        and "@" not in asked.netloc
        and asked.path.rstrip("/") == known.path.rstrip("/")
        and asked.query == known.query
        and not asked.fragment
    )


def check_request(tx: Transaction, request: AuthorizationRequest, own_url: str) -> None:
    """Refuse what the client got wrong; it is told by a redirect."""
    if request.response_type != "code":
        raise Refusal(
            RefusalKind.INVALID,
            f"response_type '{request.response_type}' is not enabled for the application. Use 'code'.",
            reason="response-type-unsupported",
        )
    if request.response_mode not in {"", "query", "fragment", "form_post"}:
        raise Refusal(
            RefusalKind.INVALID,
            f"The response_mode '{request.response_mode}' is not supported. Use query, fragment or form_post.",
            reason="response-mode-unsupported",
        )
    if request.code_challenge_method not in CHALLENGE_METHODS:
        raise Refusal(
            RefusalKind.INVALID,
            f"The code_challenge_method '{request.code_challenge_method}' is not supported. Use S256 or plain.",
            reason="challenge-method-unsupported",
        )
    if not request.scope:
        raise Refusal(
            RefusalKind.INVALID,
            "The request must contain the parameter 'scope', such as 'openid profile'.",
            reason="parameter-missing",
            target="scope",
        )
    permissions.read_scopes(tx, request.scope, own_url)


def new_code(
    tx: Transaction,
    request: AuthorizationRequest,
    redirect_uri: str,
    session_id: str,
    consented: Consented,
    own_url: str,
) -> str:
    """An authorization code for the session's user, once consent is complete."""
    user = signed_in_user(tx, session_id)
    application = find_application(tx, request.client_id)
    grants.check_assignment(application, user)
    scopes = permissions.read_scopes(tx, request.scope, own_url)
    if consented.is_given:
        consent.give(tx, application, user, scopes, for_everyone=consented.for_everyone)
        application = find_application(tx, request.client_id)
    permissions.delegated(tx, application, user, scopes)
    tx.forget_expired(AuthorizationCode)
    code = AuthorizationCode(
        id=grants.new_secret_of(tx),
        app_id=application.id,
        user_id=user.id,
        redirect_uri=redirect_uri,
        scopes=tuple(request.scope.split()),
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        code_challenge_method=request.code_challenge_method or ("plain" if request.code_challenge else ""),
        expires_at=tx.now + timedelta(seconds=tx.tenant.settings.tokens.authorization_code_seconds),
    )
    tx.put(code)
    return code.id


def is_registered_anywhere(tx: Transaction, redirect_uri: str) -> bool:
    """Whether some application of the tenant may be sent to this URI."""
    holds = Query(
        entity=Application,
        accepts=lambda application: any(fits(redirect_uri, known) for known in application.redirect_uris),
        limit=1,
    )
    return tx.first(holds) is not None

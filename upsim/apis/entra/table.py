"""Every operation of the identity API, and the API itself.

`{tenant}` is a GUID, a verified domain, or a shared authority. Some stock clients write the version twice
(`/v2.0/v2.0/`) or a slash twice; the router skips empty segments, the doubled version has rows of its own.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from upsim.apis.entra import (
    admin_consent,
    audit,
    authorize,
    device_login,
    discovery,
    errors,
    operator,
    pages,
    requests,
    token,
    user_info,
)
from upsim.apis.entra.grants import device_code
from upsim.apis.entra.requests import V2
from upsim.domain.clouds import Service
from upsim.domain.sign_in import SignInPolicy
from upsim.server.context import Call, Handler
from upsim.server.operation import Access, Api, Evidence, Open, Operation, Scopes
from upsim.services.forging import WantedToken

V1 = "v1"

_DOCS = "https://learn.microsoft.com/entra/identity-platform/"
_OIDC = Evidence("documented", _DOCS + "v2-protocols-oidc")
_CODE_FLOW = Evidence("documented", _DOCS + "v2-oauth2-auth-code-flow")
_DEVICE_FLOW = Evidence("documented", _DOCS + "v2-oauth2-device-code")
_ADMIN_CONSENT = Evidence("documented", _DOCS + "v2-admin-consent")
_MSAL = Evidence("observed", "requests of MSAL for Python 1.39 and msal-node 7.2")
_OURS = Evidence("chosen", "upsim's own")


_USER_INFO = frozenset({Service.LOGIN, Service.GRAPH})
"""Entra serves it at Microsoft Graph's name; clients find it in the configuration."""


def _row(
    identifier: str,
    route: str,
    handler: Handler,
    evidence: Evidence,
    summary: str,
    version: str = V2,
    access: Access = Open.ANYONE,
    services: frozenset[Service] | None = None,
    takes: Any = None,
    resolve: Callable[[Call], Awaitable[Operation | None]] | None = None,
) -> Operation:
    method, _, path = route.partition(" ")
    return Operation(
        id=f"entra.{identifier}",
        method=method,
        path=path,
        handler=handler if access is Open.OPERATOR else audit.audited(handler),
        access=access,
        evidence=evidence,
        summary=summary,
        versions=(version,),
        services=services,
        takes=takes,
        resolve=resolve,
        is_entry=resolve is token.resolve,
    )


_CONFIGURATION = ".well-known/openid-configuration"

_DISCOVERY = (
    _row(
        "discovery.openid",
        f"GET /{{tenant}}/v2.0/{_CONFIGURATION}",
        discovery.openid_configuration,
        _OIDC,
        "OpenID configuration of the v2.0 endpoints.",
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "discovery.openid-doubled",
        f"GET /{{tenant}}/v2.0/v2.0/{_CONFIGURATION}",
        discovery.openid_configuration,
        _MSAL,
        "The same for an authority that ends in /v2.0.",
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "discovery.openid-v1",
        f"GET /{{tenant}}/{_CONFIGURATION}",
        discovery.openid_configuration,
        _OIDC,
        "OpenID configuration of the v1 endpoints.",
        V1,
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "discovery.keys",
        "GET /{tenant}/discovery/v2.0/keys",
        discovery.keys,
        _OIDC,
        "The signing keys.",
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "discovery.keys-v1",
        "GET /{tenant}/discovery/keys",
        discovery.keys,
        _OIDC,
        "The signing keys.",
        V1,
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "discovery.instance",
        "GET /{tenant}/discovery/instance",
        discovery.instance,
        _MSAL,
        "Which hosts belong to one cloud.",
    ),
    _row(
        "discovery.user-realm",
        "GET /{tenant}/userrealm/{user}",
        discovery.user_realm,
        _MSAL,
        "Whether a user's password is checked here.",
    ),
)

_SIGN_IN = (
    _row(
        "authorize",
        "GET /{tenant}/oauth2/v2.0/authorize",
        authorize.authorize,
        _CODE_FLOW,
        "Sign in and get an authorization code.",
        resolve=authorize.enter_tenant_of_user,
    ),
    _row(
        "authorize-post",
        "POST /{tenant}/oauth2/v2.0/authorize",
        authorize.authorize,
        _CODE_FLOW,
        "The same with the parameters in a form, and the sign-in page's own form.",
        resolve=authorize.enter_tenant_of_user,
    ),
    _row(
        "authorize-v1",
        "GET /{tenant}/oauth2/authorize",
        authorize.authorize,
        _CODE_FLOW,
        "Sign in for a resource of the v1 endpoints.",
        V1,
        resolve=authorize.enter_tenant_of_user,
    ),
    _row(
        "authorize-post-v1",
        "POST /{tenant}/oauth2/authorize",
        authorize.authorize,
        _CODE_FLOW,
        "The same with the parameters in a form.",
        V1,
        resolve=authorize.enter_tenant_of_user,
    ),
    _row(
        "device-code",
        "POST /{tenant}/oauth2/v2.0/devicecode",
        device_code.start,
        _DEVICE_FLOW,
        "Begin a device sign-in.",
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "device-code-v1",
        "POST /{tenant}/oauth2/devicecode",
        device_code.start,
        _DEVICE_FLOW,
        "Begin a device sign-in, v1.",
        V1,
        resolve=requests.enter_tenant_of_path,
    ),
    _row("device-login", "GET /devicelogin", device_login.show, _DEVICE_FLOW, "The page to type a device's code."),
    _row("device-login-answer", "POST /devicelogin", device_login.answer, _DEVICE_FLOW, "The page's form."),
    _row(
        "admin-consent",
        "GET /{tenant}/v2.0/adminconsent",
        admin_consent.admin_consent,
        _ADMIN_CONSENT,
        "An administrator consents for everyone.",
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "admin-consent-answer",
        "POST /{tenant}/v2.0/adminconsent",
        admin_consent.admin_consent,
        _ADMIN_CONSENT,
        "The page's form.",
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "admin-consent-v1",
        "GET /{tenant}/adminconsent",
        admin_consent.admin_consent,
        _ADMIN_CONSENT,
        "An administrator consents for everyone, v1.",
        V1,
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "admin-consent-answer-v1",
        "POST /{tenant}/adminconsent",
        admin_consent.admin_consent,
        _ADMIN_CONSENT,
        "The page's form.",
        V1,
        resolve=requests.enter_tenant_of_path,
    ),
    _row(
        "logout",
        "GET /{tenant}/oauth2/v2.0/logout",
        user_info.log_out,
        _OIDC,
        "Sign out of the browser.",
        resolve=user_info.enter_tenant_of_session,
    ),
    _row(
        "logout-post",
        "POST /{tenant}/oauth2/v2.0/logout",
        user_info.log_out,
        _OIDC,
        "Sign out by a form.",
        resolve=user_info.enter_tenant_of_session,
    ),
    _row(
        "logout-v1",
        "GET /{tenant}/oauth2/logout",
        user_info.log_out,
        _OIDC,
        "Sign out of the browser, v1.",
        V1,
        resolve=user_info.enter_tenant_of_session,
    ),
    _row("error", "GET /error", user_info.explain_error, _OURS, "What error_uri leads to."),
)

_TOKENS = (
    _row(
        "token",
        "POST /{tenant}/oauth2/v2.0/token",
        token.not_reached,
        _CODE_FLOW,
        "Tokens, by grant type.",
        resolve=token.resolve,
    ),
    _row(
        "token-doubled",
        "POST /{tenant}/v2.0/oauth2/v2.0/token",
        token.not_reached,
        _MSAL,
        "The same for an authority that ends in /v2.0.",
        resolve=token.resolve,
    ),
    _row(
        "token-v1",
        "POST /{tenant}/oauth2/token",
        token.not_reached,
        _CODE_FLOW,
        "Tokens of the v1 endpoint.",
        V1,
        resolve=token.resolve,
    ),
    _row(
        "user-info",
        "GET /oidc/userinfo",
        user_info.user_info,
        _OIDC,
        "Who the access token is about.",
        access=Scopes(delegated=("openid",)),
        services=_USER_INFO,
    ),
    _row(
        "user-info-post",
        "POST /oidc/userinfo",
        user_info.user_info,
        _OIDC,
        "Who the access token is about.",
        access=Scopes(delegated=("openid",)),
        services=_USER_INFO,
    ),
)

_OPERATOR = (
    _row(
        "operator.approve",
        "POST /_upsim/device-codes/{user_code}/approve",
        device_login.approve,
        _OURS,
        "Approve a device sign-in in the name of a user.",
        access=Open.OPERATOR,
        takes=device_login.Approval,
    ),
    _row(
        "operator.deny",
        "POST /_upsim/device-codes/{user_code}/deny",
        device_login.deny,
        _OURS,
        "Decline a device sign-in.",
        access=Open.OPERATOR,
    ),
    _row(
        "operator.forge",
        "POST /_upsim/tokens",
        operator.forge,
        _OURS,
        "Forge a token.",
        access=Open.OPERATOR,
        takes=WantedToken,
    ),
    _row(
        "operator.rotate",
        "POST /_upsim/signing-keys",
        operator.rotate,
        _OURS,
        "Rotate the signing key.",
        access=Open.OPERATOR,
    ),
    _row(
        "operator.policy",
        "GET /_upsim/tenants/{tenant}/sign-in-policy",
        operator.show_policy,
        _OURS,
        "How strictly a tenant judges sign-ins.",
        access=Open.OPERATOR,
    ),
    _row(
        "operator.policy-change",
        "PATCH /_upsim/tenants/{tenant}/sign-in-policy",
        operator.change_policy,
        _OURS,
        "Make a tenant lenient or strict.",
        access=Open.OPERATOR,
        takes=SignInPolicy,
    ),
    _row(
        "operator.sign-in-refusals",
        "GET /_upsim/tenants/{tenant}/sign-in-refusals",
        audit.show,
        _OURS,
        "The audit log: refused sign-ins and token requests of a tenant, with why.",
        access=Open.OPERATOR,
        takes=audit.Listed,
    ),
    _row(
        "operator.sign-in-refusals-homeless",
        "GET /_upsim/sign-in-refusals",
        audit.show_homeless,
        _OURS,
        "The same of requests that named no tenant of this server.",
        access=Open.OPERATOR,
        takes=audit.Listed,
    ),
)

TABLE: tuple[Operation, ...] = (*_DISCOVERY, *_SIGN_IN, *_TOKENS, *token.GRANTS, *_OPERATOR)

API = Api(
    name="entra",
    table=TABLE,
    roots={V2: "", V1: "", "": ""},
    prefixes=("/common", "/organizations", "/consumers", "/devicelogin", "/oidc", "/error"),
    services=frozenset({Service.LOGIN}),
    audiences=frozenset({"https://graph.microsoft.com"}),
    refuse=pages.refuse,
    on_refusal=audit.on_refusal,
    decorate=errors.decorate,
    is_for_browsers=True,
)

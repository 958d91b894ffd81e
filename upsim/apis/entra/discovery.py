"""Documents that clients read before they sign in: OpenID Connect Discovery 1.0, keys, instance and realm.

Every address is built from the request, so that any name or port that reaches upsim works.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from upsim.apis.entra.claims import REGION, issuer
from upsim.apis.entra.requests import V2, tenant_of
from upsim.domain import clouds
from upsim.domain.clouds import Service
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.services.identity import SHARED_AUTHORITIES

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""A client whose authority is this machine may ask the login host of Microsoft's that is redirected here."""
_CACHED = {"Cache-Control": "max-age=86400, private"}
_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "oid", "tid", "ver", "email")


async def openid_configuration(call: Call) -> web.StreamResponse:
    """OpenID Connect Discovery section 4.2, for both versions of the endpoints."""
    tenant = tenant_of(call)
    asked = call.parameters["tenant"].lower()
    is_shared = asked in SHARED_AUTHORITIES
    is_v2 = call.version == V2
    root = f"{call.base_url}/{asked if is_shared else tenant.id}"
    oauth2 = f"{root}/oauth2/v2.0" if is_v2 else f"{root}/oauth2"
    document: dict[str, Any] = {
        "token_endpoint": f"{oauth2}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys" if is_v2 else f"{root}/discovery/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "password"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        # Entra's shared authorities answer with this literal, for the client to fill in from `tid`.
        "issuer": issuer(call, tenant, is_v2=is_v2, name="{tenantid}" if is_shared else ""),
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"{call.base_url}/oidc/userinfo",
        "authorization_endpoint": f"{oauth2}/authorize",
        "device_authorization_endpoint": f"{oauth2}/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{oauth2}/logout",
        "claims_supported": _CLAIMS,
        "tenant_region_scope": None if is_shared else REGION,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": urlsplit(call.url_of(Service.GRAPH)).netloc,
    }
    return json_response(document, headers=_CACHED)


async def keys(call: Call) -> web.StreamResponse:
    """Return the key set that tokens are checked with (RFC 7517 section 5)."""
    tenant = tenant_of(call)
    is_shared = call.parameters["tenant"].lower() in SHARED_AUTHORITIES
    named = issuer(call, tenant, is_v2=True, name="{tenantid}" if is_shared else "")
    return json_response({"keys": await call.site.keyring.published(named)}, headers=_CACHED)


async def instance(call: Call) -> web.StreamResponse:
    """List the hosts of each cloud, for clients that check the authority they were given."""
    asked = _split(call.request.query.get("authorization_endpoint", ""))
    own = urlsplit(call.base_url)
    located = clouds.locate(asked.hostname or "")
    is_login = located is not None and located[1] is Service.LOGIN
    if asked.hostname and not is_login and asked.hostname not in {own.hostname, *_LOOPBACK}:
        raise Refusal(
            RefusalKind.INVALID,
            f"Unknown or invalid instance '{asked.hostname}'. Use {own.netloc} or a host of Microsoft's that is "
            "redirected to upsim.",
            reason="instance-unknown",
        )
    network = clouds.login_hosts(asked.netloc if is_login else own.netloc)
    local = [name for name in (own.netloc, own.hostname, asked.hostname) if name and name not in network]
    name = next(iter(filter(None, asked.path.split("/"))), call.parameters["tenant"])
    return json_response(
        {
            "tenant_discovery_endpoint": f"{call.base_url}/{name}/v2.0/.well-known/openid-configuration",
            "api-version": call.request.query.get("api-version", "1.1"),
            "metadata": [_cloud(network, network[1])] + ([_cloud(local, local[0])] if local else []),
        },
        headers=_CACHED,
    )


def _cloud(names: Iterable[str], preferred_cache: str) -> dict[str, Any]:
    """Return names that are one authority, the first being the one to call."""
    aliases = list(dict.fromkeys(names))
    return {"preferred_network": aliases[0], "preferred_cache": preferred_cache, "aliases": aliases}


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


async def user_realm(call: Call) -> web.StreamResponse:
    """Return whether a user's password is checked here (`Managed`): MSAL asks before the password grant."""
    domain = call.parameters["user"].rpartition("@")[2]
    return json_response(
        {
            "ver": "1.0",
            "account_type": "Managed",
            "domain_name": domain,
            "cloud_instance_name": "microsoftonline.com",
            "cloud_audience_urn": "urn:federation:MicrosoftOnline",
        }
    )

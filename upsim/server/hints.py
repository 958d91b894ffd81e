"""What mends a client that is not set up for upsim: the one flag or setting, by the library that is calling.

A stock client that is pointed at another host often fails far from the cause: it leaves the token out without a
word, or looks its authority up elsewhere. The refusal and the log then name the way out. Under Microsoft's own
names nothing is said, for there clients need no flag.
"""

import logging
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from upsim.domain.clouds import plain
from upsim.domain.refusals import Refusal
from upsim.server.context import Call

log = logging.getLogger("upsim.hints")


class _Library(NamedTuple):
    """A client library, known by a part of what it says of itself; `{host}` is upsim's name without port."""

    marks: tuple[str, ...]
    text: str


_EXEC = "or run it under 'upsim exec', where no flag is needed"

_GRAPH_LIBRARIES = (
    _Library(
        ("kiota-python", "graph-python"),
        'AzureIdentityAuthenticationProvider(credential, allowed_hosts=["{host}"]), the host without port',
    ),
    _Library(
        ("kiota-dotnet", "graph-dotnet"),
        'new AzureIdentityAuthenticationProvider(credential, allowedHosts: new[] {{ "{host}" }}), without port',
    ),
    _Library(
        ("kiota-java", "graph-java"),
        'new AzureIdentityAuthenticationProvider(credential, new String[] {{ "{host}" }}, scopes), without port',
    ),
    _Library(
        ("kiota-go", "graph-go", "khttp"),
        'NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(credential, scopes, []string{{"{host}"}})',
    ),
    _Library(
        ("powershell",),
        "Connect-MgGraph sends tokens to Microsoft's names only: redirect them with 'upsim exec -- pwsh' or "
        "'upsim hosts'",
    ),
    _Library(
        ("graph-js", "node", "undici"),
        'microsoft-graph-client: Client.initWithMiddleware({{ ..., customHosts: new Set(["{host}"]) }}), the host '
        "without port",
    ),
)
"""The last is matched by what Node.js says of itself, because graph-js leaves its own mark out with the token."""

_LOGIN_LIBRARIES = (
    _Library(("msal.python",), "MSAL for Python: instance_discovery=False"),
    _Library(("msal.js", "msal.node"), 'msal-node: auth.knownAuthorities: ["{host_and_port}"], with port'),
    _Library(("msal.net", "msal.core", "msal.desktop"), "MSAL.NET: .WithInstanceDiscovery(false)"),
    _Library(("msal.java",), "MSAL4J: .instanceDiscovery(false)"),
    _Library(("msal.go",), "MSAL for Go: WithInstanceDiscovery(false)"),
    _Library(("azsdk-python", "azsdk-js", "azsdk-java", "azsdk-net", "azsdk-go"), "disable_instance_discovery"),
)
_EVERY_LOGIN_LIBRARY = (
    "instance_discovery=False (MSAL for Python), disable_instance_discovery=True (Azure Identity), "
    "knownAuthorities (msal-node), WithInstanceDiscovery(false) (MSAL.NET)"
)


def add(call: Call, refusal: Refusal) -> None:
    """Say in the refusal and in the log what mends the client, where that is known."""
    find = _BY_REASON.get(refusal.reason)
    hint = find(call) if find and call.microsoft is None else ""
    if hint:
        refusal.detail = f"{refusal.detail} {hint}"
        note(call, hint)


def note(call: Call, hint: str) -> None:
    """Put the hint beside the request's log line, and once a server into the log by itself."""
    call.facts["hint"] = hint
    if hint not in call.site.hints_given:
        call.site.hints_given.add(hint)
        log.warning("%s", hint)


def watch(call: Call) -> None:
    """Note what a client will refuse although upsim answers it: Microsoft's take no http authority."""
    row = call.operation
    if (
        row is not None
        and row.id.startswith("entra.discovery")
        and not call.request.is_secure
        and not call.site.public_url
    ):
        note(call, f"Microsoft's login libraries take no http authority: use {call.site.addresses.https}.")


def _token_missing(call: Call) -> str:
    if call.request.headers.get("Authorization"):
        return ""
    agent = _agent(call)
    library = next((each for each in _GRAPH_LIBRARIES if any(mark in agent for mark in each.marks)), None)
    if library is None:
        return ""
    if not call.request.is_secure:
        secure = call.site.addresses.https
        return f"This library sends no token over plain HTTP: give it the base URL {secure}, {_EXEC}."
    text = library.text.format(host=plain(call.request.host))
    return f"This library sent no token, as it does to hosts that it was not told to trust: {text}; {_EXEC}."


def _instance_unknown(call: Call) -> str:
    agent = _agent(call)
    library = next((each for each in _LOGIN_LIBRARIES if any(mark in agent for mark in each.marks)), None)
    text = library.text.format(host_and_port=call.request.host) if library else _EVERY_LOGIN_LIBRARY
    return f"A client that was told of another authority asks for it here unless told not to: {text}."


def _segment_unknown(call: Call) -> str:
    """A discovery document that was asked for beside its place."""
    path = call.request.raw_path.partition("?")[0].lower()
    if ".well-known" not in path and "openid-configuration" not in path:
        return ""
    base = call.base_url
    return (
        f"The authority lacks its tenant or is misspelled: {base}/TENANT, with the configuration at "
        f"{urlsplit(base).scheme}://{call.request.host}/TENANT/v2.0/.well-known/openid-configuration."
    )


_BY_REASON: dict[str, Callable[[Call], str]] = {
    "token-missing": _token_missing,
    "instance-unknown": _instance_unknown,
    "segment-unknown": _segment_unknown,
}


def _agent(call: Call) -> str:
    headers = call.request.headers
    names = ("User-Agent", "SdkVersion", "x-client-sku")
    return " ".join(headers.get(name, "") for name in names).lower()

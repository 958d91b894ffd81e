"""`upsim doctor`: checks of what prevents clients on this machine from using upsim, each with a remedy.

It reads and changes nothing, and connects to this machine only.
"""

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, NamedTuple

from upsim.domain import clouds
from upsim.server.loopback import is_loopback
from upsim.trust import formats, hosts_file
from upsim.trust.addresses import address_of
from upsim.trust.environment import Server
from upsim.trust.servers import NoServer, date_of, find_url, introduce

Level = Literal["ok", "note", "problem"]

CLOCK_SECONDS_MAX = 300
"""How far a clock may be off before tokens and assertions are refused."""
EXPIRES_SOON = timedelta(days=14)
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


class Finding(NamedTuple):
    """The result of one check; `remedy` is a command that mends it."""

    topic: str
    level: Level
    text: str
    remedy: str = ""


class Patient(NamedTuple):
    """The subject of the checks: the server if one runs, the variables, the ports of the next `upsim serve`."""

    url: str
    server: Server | None
    refusal: str
    environment: Mapping[str, str]
    ports: tuple[int, ...] = (8443, 8080)
    hosts: Path = hosts_file.PATH


def examine(url: str | None, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Run every check, in the order in which a client would meet its problem."""
    asked = find_url(url, environment)
    try:
        patient = Patient(asked, introduce(asked), "", environment)
    except NoServer as error:
        patient = Patient(asked, None, str(error), environment)
    return [finding for check in CHECKS for finding in check(patient)]


def check_server(patient: Patient) -> list[Finding]:
    """Check whether a server runs and is ready."""
    if patient.server is None:
        return [Finding("server", "problem", patient.refusal.partition(". Start")[0] + ".", "upsim serve")]
    return [Finding("server", "ok", f"upsim answers at {patient.url}.")]


def check_ports(patient: Patient) -> list[Finding]:
    """Check whether the ports of the next server are free; skipped while one runs."""
    if patient.server is not None:
        return []
    return [
        Finding(
            "ports", "problem", f"Port {port} is held by another program.", "upsim serve --port 0 --http-port 0"
        )
        if is_taken(port)
        else Finding("ports", "ok", f"Port {port} is free.")
        for port in patient.ports
    ]


def check_names(_: Patient) -> list[Finding]:
    """Check whether localhost resolves to the address that upsim listens on."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}
    except OSError as error:
        return [Finding("names", "problem", f"localhost cannot be resolved: {error}.", "use 127.0.0.1 in URLs")]
    if "127.0.0.1" not in found:
        shown = ", ".join(sorted(found))
        return [Finding("names", "problem", f"localhost leads to {shown} only.", "upsim serve --host ::1")]
    return [Finding("names", "ok", "localhost leads to 127.0.0.1.")]


def check_hosts_file(patient: Patient) -> list[Finding]:
    """Check whether the hosts file still redirects Microsoft's names."""
    try:
        names = hosts_file.redirected(patient.hosts.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []
    if not names:
        return []
    text = f"{patient.hosts} leads {len(names)} of Microsoft's names elsewhere, {names[0]} among them."
    return [Finding("hosts file", "note", text, hosts_file.UNDO)]


def check_proxies(patient: Patient) -> list[Finding]:
    """Check whether calls to this machine would be sent to a proxy, and Microsoft's names past upsim's."""
    given = {name: value for name, value in patient.environment.items() if name.lower() in _PROXIES and value}
    if not given:
        return [Finding("proxies", "ok", "No proxy is set.")]
    exempt = (patient.environment.get("no_proxy") or patient.environment.get("NO_PROXY") or "").replace(" ", "")
    found = []
    if "*" not in exempt.split(",") and not {"localhost", "127.0.0.1"} <= set(exempt.split(",")):
        names = ", ".join(sorted(given))
        text = f"{names} would send calls to this machine to a proxy."
        found.append(Finding("proxies", "problem", text, "export NO_PROXY=localhost,127.0.0.1,::1"))
    for name, value in sorted(given.items()):
        proxy = address_of(value if "://" in value else f"http://{value}")
        if is_loopback(proxy.host) and not is_taken(proxy.port, proxy.host):
            text = f"{name} names {value}, where nobody listens any more."
            found.append(Finding("proxies", "problem", text, f"unset {name}"))
    led_past = [name for name in exempt.split(",") if clouds.is_microsoft(name.lstrip("*."))]
    if led_past:
        text = f"NO_PROXY leads {', '.join(led_past)} past every proxy, upsim's too."
        found.append(Finding("proxies", "problem", text, "take them out of NO_PROXY, or use 'upsim exec'"))
    return found or [Finding("proxies", "ok", "This machine is called without a proxy.")]


_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


def check_trust(patient: Patient) -> list[Finding]:
    """Check whether the bundles that variables name exist and hold the CA of the server."""
    found = []
    for name in BUNDLES:
        value = patient.environment.get(name, "")
        if value and not Path(value).is_file():
            found.append(Finding("trust", "problem", f"{name} names {value}, which is no file.", _SET))
        elif patient.server is not None and not (value and _holds(Path(value), patient.server.ca_pem)):
            reason = f"{value} lacks upsim's CA" if value else "is not set"
            found.append(Finding("trust", "note", f"{name}: {reason}; its programs do not trust upsim.", _SET))
        elif value:
            found.append(Finding("trust", "ok", f"{name} names {value}."))
    return found


_SET = 'eval "$(upsim env)"'


def check_certificates(patient: Patient) -> list[Finding]:
    """Check whether the CA or the certificate expires soon."""
    if patient.server is None:
        return []
    ends = formats.load(patient.server.ca_pem).not_valid_after_utc
    if ends - _now() < EXPIRES_SOON:
        return [Finding("certificates", "problem", f"upsim's CA ends on {ends:%Y-%m-%d}.", _RENEW)]
    return [Finding("certificates", "ok", f"upsim's CA is valid until {ends:%Y-%m-%d}.")]


_RENEW = "stop upsim, remove ca.pem and ca-key.pem from its folder 'tls', start it, and export the CA again"


def check_clock(patient: Patient) -> list[Finding]:
    """Check whether the server's clock agrees with this machine's."""
    if patient.server is None:
        return []
    off = abs((parsedate_to_datetime(date_of(patient.server)) - _now()).total_seconds())
    if off > CLOCK_SECONDS_MAX:
        text = (
            f"The clocks of this machine and of upsim's are {off:.0f} seconds apart; assertions will be refused."
        )
        return [Finding("clock", "problem", text, "set both clocks, for instance with chrony or w32tm /resync")]
    return [Finding("clock", "ok", "The clocks agree.")]


CHECKS: tuple[Callable[[Patient], list[Finding]], ...] = (
    check_server,
    check_ports,
    check_names,
    check_hosts_file,
    check_proxies,
    check_trust,
    check_certificates,
    check_clock,
)


def is_taken(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether something listens on the port of this machine."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _holds(bundle: Path, ca_pem: str) -> bool:
    try:
        context = ssl.create_default_context(cafile=str(bundle))
    except (OSError, ssl.SSLError):
        return False
    return ssl.PEM_cert_to_DER_cert(ca_pem) in context.get_ca_certs(binary_form=True)


def _now() -> datetime:
    """Return the time of the machine's own clock."""
    return datetime.now(UTC)  # noqa: TID251

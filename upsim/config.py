"""Settings of the server: flag, then `UPSIM_...` variable, then `upsim.toml`, then default.

One struct names every option. The command line, the variables and the file are all read into it, and a key
that it does not have is an error.
"""

import difflib
import os
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Struct

FILE_NAME = "upsim.toml"
PREFIX = "UPSIM_"
NOT_OPTIONS = frozenset(
    {
        "UPSIM_BROWSER",
        "UPSIM_CA",
        "UPSIM_CONFIG",
        "UPSIM_HTTP_URL",
        "UPSIM_PROXY",
        "UPSIM_REQUIRE_PEERS",
        "UPSIM_TENANT",
        "UPSIM_URL",
    }
)
"""Variables that begin like options and are none."""


class ConfigError(Exception):
    """A setting that is unknown or has a value that it cannot have; the message says which and how to mend it."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a server runs."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8443
    """HTTPS port; 0 takes a free one."""
    http_port: int | Literal["off"] = 8080
    """Plain HTTP port for curl and simple devices; 0 takes a free one, `off` opens none."""
    listen_443: bool = False
    """Listen on port 443 too, for clients that a hosts file redirects (`upsim hosts`)."""
    proxy_port: int | Literal["off"] = "off"
    """Port of a proxy that leads Microsoft's host names to upsim; 0 takes a free one."""
    proxy_allow: str = ""
    """Hosts beside Microsoft's that the proxy may call, with commas between: names, `*.example.com`, or `*`."""
    data: str | None = None
    """Folder for state, documents and keys; without it the state is in memory and ends with the process."""
    store: str | None = None
    """`postgresql://...`: keep the state there, so that several servers may share it."""
    documents: str | None = None
    """`s3://bucket/prefix?endpoint=http://...&region=...`: keep documents there; default: files in `data`."""
    store_connections: Annotated[int, msgspec.Meta(ge=2)] = 8
    """Connections that one server holds to a shared store."""
    store_timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    """How long a request waits for a shared store before it is answered 503."""
    node: str | None = None
    """Name of this server in logs, metrics and readiness; default: the machine's name and the process's number."""
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Server processes on this machine that share the port and, through `store`, the state."""
    reuse_port: bool = False
    """Listen although others listen on the same port; the system shares connections out."""
    seed: str | None = None
    """TOML file with the tenants to begin with; default: the Contoso sample."""
    random_seed: str | None = None
    """Any text: what is random in the server follows from it, so that the same calls get the same answers."""
    public_url: str | None = None
    """Scheme and host that absolute URLs start with; default: as each request came in."""
    webhook_hosts: str = ""
    """Hosts beside this machine that notifications may be sent to, with commas between: names, `*.example.com`."""
    webhook_ca: str | None = None
    """PEM file of CAs that receivers of change notifications may have, beside upsim's own."""
    print_json: bool = False
    """Print one JSON line on stdout when ready, instead of the screen."""
    ready_file: str | None = None
    """Write the same JSON to this file when ready."""
    metrics: bool = False
    """Serve metrics for Prometheus at `/_upsim/metrics`; needs `upsim[metrics]`."""
    log_format: Literal["text", "json"] = "text"
    """How a line of the log is written, on stderr."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"


def load(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> Settings:
    """The settings, from every source. `flags` are those that were given on the command line."""
    path = file or Path(environment.get("UPSIM_CONFIG", FILE_NAME))
    layers = [_from_file(path, is_required=file is not None), _from_environment(environment), dict(flags)]
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= layer
    return _convert(merged)


def node_name(settings: Settings) -> str:
    """What this server is called among those that share a store."""
    return settings.node or f"{socket.gethostname()}-{os.getpid()}"


def _from_file(path: Path, *, is_required: bool) -> dict[str, Any]:
    if not path.is_file():
        if is_required:
            raise ConfigError(f"There is no file {path}.")
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    keyed = {key.replace("-", "_"): value for key, value in values.items()}
    _check_names(keyed, str(path), lambda name: name)
    return keyed


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name not in NOT_OPTIONS
    }
    _check_names(given, "the environment", lambda name: PREFIX + name.upper())
    return given


def _check_names(given: Mapping[str, Any], where: str, spell: Any) -> None:
    for name in given:
        if name not in Settings.__struct_fields__:
            close = difflib.get_close_matches(name, Settings.__struct_fields__, n=1)
            hint = f" Did you mean {spell(close[0])}?" if close else ""
            raise ConfigError(f"{where} sets {spell(name)}, which upsim does not know.{hint}")


def _convert(values: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"A setting has a wrong value: {error}.") from error

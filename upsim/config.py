"""Settings of the server: flag, then `UPSIM_...` variable, then `upsim.toml`, then default.

One struct names every option. The flags of `upsim serve`, the variables, the file and docs/reference/settings.md
follow from it, and a name that it does not have is an error.
"""

import difflib
import os
import socket
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

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


def _meta(description: str, default: str = "", *, is_secret: bool = False, **limits: Any) -> msgspec.Meta:
    """Return the description of an option. `default` describes one that is no value."""
    return msgspec.Meta(description=description, extra={"default": default, "secret": is_secret}, **limits)


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a server runs. Flags, variables, keys of the file and their page follow from this table."""

    host: Annotated[str, _meta("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _meta("HTTPS port; 0 takes a free one.")] = 8443
    http_port: Annotated[int | Literal["off"], _meta("Plain HTTP port, 0 for a free one, or 'off'.")] = 8080
    listen_443: Annotated[bool, _meta("Listen on port 443 too, for `upsim hosts`.")] = False
    proxy_port: Annotated[
        int | Literal["off"],
        _meta("Port of a proxy that leads Microsoft's hosts here, 0 for a free one, or 'off'."),
    ] = "off"
    proxy_allow: Annotated[
        str,
        _meta(
            "Other hosts that the proxy may call, with commas between: NAME, *.DOMAIN, or *; never Microsoft's."
        ),
    ] = ""
    data: Annotated[
        str | None, _meta("Folder that keeps state, documents and keys.", "none: they end with the process")
    ] = None
    store: Annotated[
        str | None, _meta("postgresql://...: share the state with other servers.", "none", is_secret=True)
    ] = None
    documents: Annotated[
        str | None,
        _meta("s3://bucket/prefix?endpoint=http://...&region=...: keep documents there.", "in --data"),
    ] = None
    store_connections: Annotated[int, _meta("Connections that one server holds to a shared store.", ge=2)] = 8
    store_timeout_seconds: Annotated[
        float, _meta("How long a request waits for a shared store before it is answered 503.", gt=0)
    ] = 5.0
    node: Annotated[str | None, _meta("Name of this server in logs, metrics and readiness.", "HOST-PID")] = None
    workers: Annotated[
        int, _meta("Processes on this machine that share the port; needs --store.", ge=1, le=64)
    ] = 1
    reuse_port: Annotated[
        bool, _meta("Listen although others listen on the port too; the system shares connections out.")
    ] = False
    loop: Annotated[
        Literal["auto", "uvloop", "asyncio"],
        _meta("Event loop: asyncio's own, uvloop (winloop on Windows), or auto: uvloop where it is installed."),
    ] = "asyncio"
    seed: Annotated[
        str | None,
        _meta(
            "File with the tenants to begin with, or the name of a shipped seed.",
            "the Contoso sample",
        ),
    ] = None
    random_seed: Annotated[
        str | None, _meta("Any text; what is random follows from it, so that answers repeat.", "none")
    ] = None
    public_url: Annotated[
        str | None, _meta("Scheme and host that absolute URLs start with.", "as each request came in")
    ] = None
    webhook_hosts: Annotated[
        str,
        _meta("Hosts beside this machine that notifications may go to, with commas between: NAME, *.DOMAIN."),
    ] = ""
    webhook_ca: Annotated[
        str | None, _meta("PEM file of CAs that receivers of notifications may have, beside upsim's own.", "none")
    ] = None
    control_key: Annotated[
        Annotated[str, msgspec.Meta(min_length=8)] | None,
        _meta(
            "What callers of the control API must send as bearer token; then they may come from other machines.",
            "none: only this machine may call it",
            is_secret=True,
        ),
    ] = None
    print_json: Annotated[bool, _meta("Print one JSON line on stdout when ready, instead of the screen.")] = False
    ready_file: Annotated[str | None, _meta("Write the same JSON to this file when ready.", "none")] = None
    metrics: Annotated[bool, _meta("Serve metrics for Prometheus at /_upsim/metrics; needs upsim[metrics].")] = (
        False
    )
    log_format: Annotated[Literal["text", "json"], _meta("How a line of the log is written, on stderr.")] = "text"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _meta("The least serious lines that are written.")
    ] = "info"


class Option(NamedTuple):
    """One option, by each of its names."""

    name: str
    description: str
    default: Any
    default_text: str
    kind: Any
    """Its type, as annotated."""
    is_secret: bool

    @property
    def flag(self) -> str:
        return f"--{self.key}"

    @property
    def key(self) -> str:
        return self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


@cache
def options() -> tuple[Option, ...]:
    """Return every option, in the order of the table."""
    return tuple(map(_option, msgspec.structs.fields(Settings)))


def _option(field: msgspec.structs.FieldInfo) -> Option:
    kind, meta = get_args(field.type)[:2]
    text = meta.extra["default"] or _default_text(field.default)
    return Option(field.name, meta.description, field.default, text, kind, meta.extra["secret"])


def _default_text(value: Any) -> str:
    if value == "":
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


class Origin(NamedTuple):
    """Where the value of an option comes from."""

    kind: Literal["flag", "variable", "file", "default"]
    name: str
    """The flag, the variable, or the file with its key; empty for a default."""


def load(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> Settings:
    """Return the settings, from every source. `flags` are those that were given on the command line."""
    return load_with_origins(flags, environment, file)[0]


def load_with_origins(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> tuple[Settings, dict[str, Origin]]:
    """Return the same, and where each value comes from."""
    path = file or Path(environment.get("UPSIM_CONFIG", FILE_NAME))
    merged: dict[str, Any] = {}
    origins = {option.name: Origin("default", "") for option in options()}
    for option_name, value in _from_file(path, is_required=file is not None).items():
        merged[option_name] = value
        origins[option_name] = Origin("file", f"{path}: {option_name.replace('_', '-')}")
    for option_name, value in _from_environment(environment).items():
        merged[option_name] = value
        origins[option_name] = Origin("variable", PREFIX + option_name.upper())
    for option_name, value in flags.items():
        merged[option_name] = value
        origins[option_name] = Origin("flag", f"--{option_name.replace('_', '-')}")
    return _convert(merged, origins), origins


def node_name(settings: Settings) -> str:
    """Return the name of this server among those that share a store."""
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


def _convert(values: dict[str, Any], origins: Mapping[str, Origin]) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$.")
        name = path.rstrip("`")
        where = f"{origins[name].name} has" if name in origins else "A setting has"
        raise ConfigError(f"{where} a wrong value: {text}.") from error

"""Running a server in the foreground: logs, signals, the ready screen or the ready line."""

import asyncio
import gc
import logging
import os
import shutil
import signal
import ssl
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from upsim.config import Settings, node_name
from upsim.server.loops import loop_factory
from upsim.server.records import Record, on_record
from upsim.server.spelling import camel


@contextmanager
def _authorities_unread() -> Iterator[None]:
    """Keep aiohttp from parsing the machine's CA bundle at import: a fifth of the time that a start takes.

    The contexts that its client makes then trust nobody, so they fail closed. Whatever upsim calls outside, it
    calls with a context of its own.
    """
    read = ssl.SSLContext.load_default_certs
    ssl.SSLContext.load_default_certs = lambda *_: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        ssl.SSLContext.load_default_certs = read  # type: ignore[method-assign]


with _authorities_unread():
    from upsim.app import serve

log = logging.getLogger("upsim")

_NODE: dict[str, str] = {}
"""Which server writes, where it has a name: logs of several nodes are read together."""
_BUILT_IN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object a line; what was passed as `extra` stands beside the message, in camelCase."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_NODE,
            **{camel(name): value for name, value in _extra(record).items()},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Text(logging.Formatter):
    """Time, message, and what matters of the extras."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        extra = _extra(record)
        names = ("operation", "tenant", "caller", "request_id", "refused", "hint")
        shown = [f"{name}={extra[name]}" for name in names if extra.get(name)]
        text = " ".join([moment, record.getMessage(), *shown])
        return text + "\n" + self.formatException(record.exc_info) if record.exc_info else text


def run(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM; both drain and stop within a second."""
    log_to_stderr(settings)
    with asyncio.Runner(loop_factory=loop_factory(settings.loop)) as runner:
        runner.run(_run(settings))


async def _run(settings: Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    # Code and tables stay, so the garbage collector need not walk through them at each full collection: that holds
    # every call up for 20 ms, once in a few thousand. A program that embeds a server collects as it likes.
    async with serve(settings, settled=gc.freeze) as running:
        if not settings.reuse_port:  # to stop one of several processes on a port says nothing to the others
            running.site.stop = stopped.set
        with left_on_record(settings, running.https):
            announce(settings, running.as_json())
            await stopped.wait()


def left_on_record(settings: Settings, url: str) -> AbstractContextManager[None]:
    """Let commands find the server, unless it is one of several processes on its port."""
    if settings.reuse_port:
        return nullcontext()
    data = str(Path(settings.data).resolve()) if settings.data else None
    return on_record(Record(url=url, pid=os.getpid(), data=data, control_key=settings.control_key))


def announce(settings: Settings, ready: dict[str, Any]) -> None:
    """Say that the server is ready, in the way that the settings ask for; `ready` is the ready line."""
    line = orjson.dumps(ready)
    if settings.ready_file:
        part = Path(settings.ready_file + ".part")
        part.write_bytes(line + b"\n")
        part.replace(settings.ready_file)
    if settings.print_json:
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    elif settings.log_format == "json":
        log.info("ready", extra={"https": ready["https"], "http": ready["http"], "ca": ready["ca"]})
    else:
        sys.stderr.write(screen(ready))


def screen(ready: dict[str, Any]) -> str:
    """Return the start screen: addresses, who can sign in, what to try next."""
    https = ready["https"]
    rows = [
        "",
        "  upsim is ready",
        "",
        f"  Graph          {https}/v1.0   {https}/beta",
        f"  Sign-in        {https}/<tenant>",
        f"  Registration   {https}/api/v1.0/register",
        f"  IPP            {https}/printers",
        f"  Control        {https}/_upsim/tenants",
        f"  Plain HTTP     {ready['http'] or 'off'}",
        *([f"  HTTPS proxy    {ready['proxy']}"] if ready["proxy"] else []),
        f"  CA file        {ready['ca']}",
        "",
    ]
    rows += _directory(ready)
    rows += ["  Next, in another terminal:", "", f"      {program()} demo", ""]
    return "\n".join(rows) + "\n"


def program() -> str:
    """Return the command of this upsim: one that is not on the path is shown with its folder."""
    called = sys.argv[0]
    return "upsim" if shutil.which("upsim") or Path(called).stem != "upsim" else called


def _directory(directory: dict[str, object]) -> list[str]:
    tenant, users, applications = (directory[key] for key in ("tenant", "users", "applications"))
    rows = [f"  Tenant {tenant['domain']}  {tenant['id']}"]  # type: ignore[index]
    for user in users:  # type: ignore[attr-defined]
        roles = f"  ({', '.join(user['roles'])})" if user["roles"] else ""
        rows.append(f"    user {user['userPrincipalName']}  password {user['password']}{roles}")
    for application in applications:  # type: ignore[attr-defined]
        secret = f"secret {application['secret']}" if application["secret"] else "public client"
        rows.append(f"    app  {application['appId']}  {application['displayName']}, {secret}")
    return [*rows, ""]


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _BUILT_IN}


def log_to_stderr(settings: Settings) -> None:
    _NODE["node"] = node_name(settings)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else Text())
    # Other libraries say only what is wrong: at their lower levels they write headers that nobody should see.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(settings.log_level.upper())

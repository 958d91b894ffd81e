"""How far a request walks: the functions of upsim that it enters, their files, and the turns between layers.

    python -m tools.walk                 # a table
    python -m tools.walk --show start    # the functions of one request too, in the order in which they are entered

A server runs in this process and gets real requests on loopback. The first of each only warms: it imports modules
and makes keys. The longest of the others counts. Not counted are functions of other libraries, comprehensions,
generator expressions, and the server's background work (due work, sweeping, deliveries). A turn is an entry into a
function of another layer than the function entered before; a layer is a package of upsim.

tests/architecture/test_walk.py holds these numbers as upper bounds. For the numbers of another checkout:
PYTHONPATH=/that/checkout python tools/walk.py
"""

import argparse
import asyncio
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

import upsim
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.app import Running, serve
from upsim.config import Settings
from upsim.shipped import fixtures
from upsim.wire.ipp import build
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag

PACKAGE = Path(upsim.__file__).resolve().parent
DOCUMENT = b"%PDF-1.7\n" + bytes(range(256)) * 40
PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SERVICE = ("0c0a7050-0000-4000-8000-00000000d002", "Contoso-secret-1")
THROTTLED_TENANT = "0c0a7050-0000-4000-8000-00000000a0f1"
THROTTLED_SERVICE = ("0c0a7050-0000-4000-8000-00000000d0f1", "Throttled-secret-1")
THROTTLED = f"""
[[tenants]]
id = "{THROTTLED_TENANT}"
display_name = "Throttled"
domains = ["throttled.example"]
[tenants.settings.limits.own]
graph-requests = 1
[[tenants.applications]]
id = "{THROTTLED_SERVICE[0]}"
service_principal_id = "0c0a7050-0000-4000-8000-00000000e0f1"
display_name = "Throttled Service"
secret = "{THROTTLED_SERVICE[1]}"
redirect_uris = ["http://localhost"]
[tenants.applications.graph]
application = ["PrintTaskDefinition.ReadWrite.All"]
"""
WARM_WALKS = 4
BACKGROUND = {"worker", "sweep", "courier", "signals"}
"""Modules whose tasks and callbacks run whatever is asked."""
_NOT_FUNCTIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<module>"}


@dataclass
class Walk:
    """The functions that one request entered, in order. A coroutine that resumes is not entered again."""

    entered: list[CodeType] = field(default_factory=list)

    @property
    def functions(self) -> int:
        return len(set(self.entered))

    @property
    def files(self) -> int:
        return len({code.co_filename for code in self.entered})

    @property
    def turns(self) -> int:
        """How often the next function entered lies in another layer than the one before."""
        layers = [layer(code) for code in self.entered]
        return sum(a != b for a, b in pairwise(layers))

    def by_layer(self) -> dict[str, int]:
        """Distinct functions of each layer."""
        return dict(Counter(layer(code) for code in set(self.entered)).most_common())


def layer(code: CodeType) -> str:
    """Return the package of upsim, or its module, that a function belongs to."""
    return Path(code.co_filename).relative_to(PACKAGE).parts[0].removesuffix(".py")


class Profiler:
    """Notes the functions of upsim that are entered while it is on, in every thread begun after `installed`."""

    def __init__(self) -> None:
        self._walk: Walk | None = None
        self._frames: set[FrameType] = set()
        """Kept so that a coroutine that goes on is known, and no later frame is mistaken for it."""

    @contextmanager
    def installed(self) -> Iterator[None]:
        threading.setprofile(self._noticed)
        sys.setprofile(self._noticed)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def on(self) -> Iterator[Walk]:
        self._walk = walk = Walk()
        try:
            yield walk
        finally:
            self._walk = None
            self._frames.clear()

    def _noticed(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if self._walk is None or event != "call" or not code.co_filename.startswith(f"{PACKAGE}/"):
            return
        if code.co_name in _NOT_FUNCTIONS or frame in self._frames or _is_background(frame):
            return
        self._frames.add(frame)
        self._walk.entered.append(code)


def _is_background(frame: FrameType) -> bool:
    """Return whether the outermost function of upsim on the stack belongs to background work."""
    outermost, above = frame, frame.f_back
    while above is not None:
        if above.f_code.co_filename.startswith(f"{PACKAGE}/"):
            outermost = above
        above = above.f_back
    return Path(outermost.f_code.co_filename).stem in BACKGROUND


async def walks() -> dict[str, Walk]:
    """Return the longest warm walk of each request."""
    profiler = Profiler()
    with tempfile.TemporaryDirectory() as folder, profiler.installed():
        seed = Path(folder) / "seed.toml"
        seed.write_text((fixtures() / "contoso.toml").read_text(encoding="utf-8") + THROTTLED, encoding="utf-8")
        async with serve(Settings(port=0, http_port=0, seed=str(seed), data=folder)) as running:
            return await _walk_all(running, profiler)


async def _walk_all(running: Running, profiler: Profiler) -> dict[str, Walk]:
    tenant = str(running.tenants[0]["tenant"]["id"])  # type: ignore[index]
    taken: dict[str, list[Walk]] = {}
    assert running.http is not None
    port = urlsplit(running.http).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(name: str, expected: int, *request: Any) -> bytes:
        """Send a request and note what it enters until its answer is there."""
        with profiler.on() as walk:
            writer.write(_http(*request))
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            at = lower.find(b"content-length:")
            length = int(lower[at + 15 : lower.index(b"\r", at)]) if at >= 0 else 0
            body = await reader.readexactly(length)
        if int(head.split()[1]) != expected:
            raise SystemExit(f"{name} was answered {head!r} {body[:300]!r}")
        if request[1] == "/printers" and body[2:4] != b"\0\0":
            raise SystemExit(f"{name} was answered {body[:300]!r}")
        taken.setdefault(name, []).append(walk)
        return body

    async with Wire("walk", running.https, Path(running.ca).read_text()) as wire:
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Walk")
        await device.prove_itself()
        await device.describe_itself()
        share = await admin.share(device.printer_id, "Walk")
        as_admin = {"Authorization": f"Bearer {await admin.token()}"}
        throttled = {"Authorization": f"Bearer {await _service_token(wire)}"}
        for _ in range(1 + WARM_WALKS):
            await _print_once(ask, admin, device, share, as_admin)
            await ask("token", 200, "POST", f"/{tenant}/oauth2/v2.0/token", _FORM, _client_credentials(*SERVICE))
        await wire.call("GET", "/v1.0/print/taskDefinitions", token=throttled["Authorization"].partition(" ")[2])
        for _ in range(1 + WARM_WALKS):
            await ask("429", 429, "GET", "/v1.0/print/taskDefinitions", throttled)
    writer.close()
    names = ("start", "acknowledge", "upload", "token", "429")
    return {name: max(taken[name][1:], key=lambda walk: walk.functions) for name in names}


async def _print_once(
    ask: Callable[..., Awaitable[bytes]], user: Person, device: PrinterDevice, share: str, headers: dict[str, str]
) -> None:
    jobs = f"/print/shares/{share}/jobs"
    job = await user.graph("POST", jobs, json={"configuration": {}}, expect=(201,), note="")
    session = await user.graph(
        "POST",
        f"{jobs}/{job['id']}/documents/{job['documents'][0]['id']}/createUploadSession",
        json={"properties": {"documentName": "a.pdf", "contentType": "application/pdf", "size": len(DOCUMENT)}},
        expect=(200,),
        note="",
    )
    url = urlsplit(session["uploadUrl"])
    span = {"Content-Range": f"bytes 0-{len(DOCUMENT) - 1}/{len(DOCUMENT)}"}
    await ask("upload", 201, "PUT", f"{url.path}?{url.query}", span, DOCUMENT)
    await ask("start", 200, "POST", f"/v1.0{jobs}/{job['id']}/start", headers)
    as_device = {"Authorization": f"Bearer {device.token}", "Content-Type": "application/ipp"}
    await ask("acknowledge", 200, "POST", "/printers", as_device, _acknowledge(device.printer_id, int(job["id"])))


def _acknowledge(printer: str, job: int) -> bytes:
    group = build.group(
        GroupTag.OPERATION,
        build.charset("attributes-charset", "utf-8"),
        build.natural_language("attributes-natural-language", "en-us"),
        build.uri("printer-uri", f"ipps://print.print.microsoft.com/printers/{printer}"),
        build.uri("output-device-uuid", f"urn:uuid:{printer}"),
        build.integer("job-id", job),
    )
    return encode(Message((2, 0), Operation.ACKNOWLEDGE_JOB, 1, (group,)))


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _client_credentials(client: str, secret: str) -> bytes:
    scope = "https://graph.microsoft.com/.default"
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": scope}
    return urlencode(form).encode()


async def _service_token(wire: Wire) -> str:
    answer = await wire.call(
        "POST",
        f"/{THROTTLED_TENANT}/oauth2/v2.0/token",
        data=_client_credentials(*THROTTLED_SERVICE),
        headers=_FORM,
    )
    return str(orjson.loads(answer.body)["access_token"])


def _http(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.walk", description="How far a request walks.")
    parser.add_argument("--show", metavar="NAME", help="list the functions of this request too")
    show = parser.parse_args().show
    found = asyncio.run(walks())
    print(f"{'request':12} functions  files  turns  layers")
    for name, walk in found.items():
        layers = ", ".join(f"{each} {count}" for each, count in walk.by_layer().items())
        print(f"{name:12} {walk.functions:9} {walk.files:6} {walk.turns:6}  {layers}")
    if show:
        for code in dict.fromkeys(found[show].entered):
            print(f"{Path(code.co_filename).relative_to(PACKAGE)}:{code.co_firstlineno} {code.co_qualname}")


if __name__ == "__main__":
    main()

"""With a seed and a frozen clock the same calls get the same answers, byte for byte."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from upsim.actors import person, printer
from upsim.actors.person import UNIVERSAL_PRINT_SCOPE, Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Answer, Wire
from upsim.app import Running, serve
from upsim.config import Settings
from upsim.shipped import fixtures
from upsim.wire.ipp import build
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
PUBLIC = "https://upsim.example"
"""What URLs in answers begin with: two servers have not the same port."""
TENANT = "0c0a7050-0000-4000-8000-0000000000a9"
NEW_TENANT = {
    "like": "contoso.example",
    "id": TENANT,
    "domain": "again.example",
    "seed": "7",
    "frozenAt": "2026-01-05T10:00:00Z",
    "settings": {"registration": {"seconds": 0}},
}


class Recorder(Wire):
    """Keeps every answer: its status, all of its headers and its body."""

    def __init__(self, running: Running) -> None:
        super().__init__("test", PUBLIC, Path(running.ca).read_text())
        self._here = running.https
        self.answers: list[tuple[str, Answer]] = []

    async def call(self, method: str, url: str, **options: Any) -> Answer:
        path = url.removeprefix(PUBLIC)
        answer = await super().call(method, self._here + path, **options)
        self.answers.append((f"{method} {path}", answer))
        return answer


@pytest.fixture(autouse=True)
def clients_that_repeat_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients' own randomness is no concern of the server, but their calls must be the same."""
    key = printer._new_key()
    monkeypatch.setattr(printer, "_new_key", lambda: key)
    monkeypatch.setattr(person.secrets, "token_urlsafe", lambda octets: "v" * octets)


@asynccontextmanager
async def fresh_server(folder: Path) -> AsyncIterator[Running]:
    """A server with a random seed of its own, and in it the tenant."""
    store = engines.shared_store()
    data = str(folder) if store else None
    settings = Settings(
        port=0, http_port="off", random_seed="42", public_url=PUBLIC, store=store, data=data, node="one"
    )
    async with serve(settings) as running:
        async with Recorder(running) as wire:
            await wire.call("POST", "/_upsim/tenants", json=NEW_TENANT, expect=(201,))
        yield running


async def journey(running: Running) -> list[tuple[str, Answer]]:
    """Sign in, register, describe, share, print over Graph and over IPP, fetch and report; and be refused."""
    document = fixtures() / "sample.pdf"
    async with Recorder(running) as wire:
        admin = Person(wire, TENANT, PUBLIC_CLIENT, "admin@contoso.example")
        alex = Person(wire, TENANT, PUBLIC_CLIENT, "alex@contoso.example")
        await admin.sign_in_with_browser()
        await alex.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()
        await device.describe_itself()
        share_id = await admin.share(device.printer_id, "Floor")
        await alex.print(share_id, document, {"copies": 2})
        await print_over_ipp(wire, await alex.token(UNIVERSAL_PRINT_SCOPE), share_id, document.read_bytes())
        jobs = await device.fetchable_jobs()
        assert jobs == [1, 2]
        for job_id in jobs:
            await device.acknowledge(job_id)
            await device.ipp(
                Operation.FETCH_DOCUMENT, build.integer("job-id", job_id), build.integer("document-number", 1)
            )
            await device.report(job_id, 9, "job-completed-successfully")
        token = await admin.token()
        for path in (
            "printers",
            "shares",
            f"shares/{share_id}/jobs",
            f"printers/{device.printer_id}",
            "connectors",
        ):
            await wire.call("GET", f"/v1.0/print/{path}", token=token)
        await wire.call("GET", "/v1.0/print/printers/none", token=token, expect=(404,))
        await wire.call("POST", f"/v1.0/print/shares/{share_id}/jobs", token=token, json={"x": 1}, expect=(400,))
        await wire.call("GET", f"/{TENANT}/discovery/v2.0/keys")
        await wire.call("POST", f"/{TENANT}/oauth2/v2.0/token", data={"grant_type": "none"}, expect=(400,))
        return wire.answers


async def print_over_ipp(wire: Recorder, token: str, share_id: str, document: bytes) -> None:
    group = build.group(
        GroupTag.OPERATION,
        build.charset("attributes-charset", "utf-8"),
        build.natural_language("attributes-natural-language", "en-us"),
        build.uri("printer-uri", f"ipps://upsim.example/printers/{share_id}"),
        build.name_("job-name", "Report"),
        build.mime("document-format", "application/pdf"),
    )
    message = encode(Message((2, 0), Operation.PRINT_JOB, 1, (group,)))
    headers = {"Content-Type": "application/ipp"}
    answer = await wire.call(
        "POST", f"/printers/{share_id}", token=token, data=message + document, headers=headers
    )
    assert answer.body[2:4] == b"\0\0"


def check_same(first: list[tuple[str, Answer]], second: list[tuple[str, Answer]]) -> None:
    assert [asked for asked, _ in first] == [asked for asked, _ in second]
    for (asked, one), (_, two) in zip(first, second, strict=True):
        assert one == two, asked


async def test_two_fresh_servers_give_the_same_answers(tmp_path: Path) -> None:
    told, strangers = [], []
    for name in ("one", "two"):
        async with fresh_server(tmp_path / name) as running:
            told.append(await journey(running))
            async with Recorder(running) as wire:
                refusal = await wire.call("GET", "/v1.0/print/printers", expect=(401,))
                strangers.append(refusal.headers["request-id"])
    assert len(told[0]) > 30
    check_same(*told)
    assert strangers[0] == strangers[1]  # its time is real: it is nobody's call


async def test_date_is_the_tenants_time(tmp_path: Path) -> None:
    async with fresh_server(tmp_path) as running:
        answers = [answer for _, answer in await journey(running)]
    assert {answer.headers["Date"] for answer in answers} == {"Mon, 05 Jan 2026 10:00:00 GMT"}


async def test_a_tenant_that_was_reset_gives_the_same_answers(tmp_path: Path) -> None:
    async with fresh_server(tmp_path) as running:
        first = await journey(running)
        async with Recorder(running) as wire:
            await wire.call("POST", f"/_upsim/tenants/{TENANT}/reset")
        check_same(first, await journey(running))

"""A server that is killed over and over, between calls and while one is under way, loses nothing that it answered.

A user prints job after job; the points at which the server dies are drawn with a fixed seed. After each start what
was answered is looked at, and at the end every document. `make kill` takes a hundred points.
"""

import asyncio
import io
import os
import random
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from tests.support.processes import Process
from upsim.actors.person import Person
from upsim.actors.wire import Answer, Wire

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
HERE = "/_upsim/tenants/contoso.example"
POINTS = int(os.environ.get("UPSIM_KILL_POINTS", "12"))
LIMITLESS = {"limits": {"profile": "off"}}
DEAD = (aiohttp.ClientError, OSError)


class Death(Exception):
    """The server died before it answered: nobody knows what became of the call."""


class Rig:
    """A server over one data folder, and the call after which, or in the middle of which, it dies next."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self.process = Process("--data", str(folder))
        self.deaths = 0
        self._aim()

    def _aim(self) -> None:
        self._calls_left = self._random.randrange(1, 9)
        self._turns = self._random.choice([None, 0, 1, 2, 5, 10, 20])
        """None: when the call was answered; else so many turns of the loop after it was sent."""

    def die(self) -> None:
        self.process.kill()
        self.deaths += 1
        self.process = Process("--data", str(self._folder))
        self._aim()

    async def call(self, wire: Wire, method: str, path: str, **options: Any) -> Answer:
        """A call that the server may not survive."""
        self._calls_left -= 1
        if self._calls_left > 0:
            return await wire.call(method, path, **options)
        turns = self._turns
        task = asyncio.ensure_future(wire.call(method, path, **options))
        if turns is None:
            answer = await task
            self.die()
            return answer
        for _ in range(turns):
            await asyncio.sleep(0)  # noqa: TID251 - no time passes: the loop turns once
        self.die()
        try:
            return await task
        except DEAD as error:
            raise Death from error

    @asynccontextmanager
    async def user(self) -> AsyncIterator[tuple[Wire, str]]:
        """A wire to the server that lives now, and a user's token."""
        async with Wire("test", self.process.https, Path(self.process.ca).read_text()) as wire:
            person = Person(wire, self.process.tenant_id, PUBLIC_CLIENT, "alex@contoso.example")
            await person.sign_in_with_browser()
            yield wire, await person.token()


class Ledger:
    """What was answered: for each job how far it is at least, and what its document is."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.complete: set[str] = set()
        self.started: set[str] = set()


async def print_once(rig: Rig, wire: Wire, token: str, jobs: str, ledger: Ledger) -> None:
    """Create, open a session, send two ranges, start."""

    async def ask(method: str, path: str, body: Any, expect: int) -> Any:
        return (await rig.call(wire, method, path, token=token, json=body, expect=(expect,))).json()

    job = await ask("POST", jobs, {"configuration": {}}, 201)
    number = job["id"]
    pages = 40 if int(number) % 3 else 9000  # parts of a small document are rows, of a large one files
    document = ledger.documents[number] = f"%PDF-1.4 job {number}\n".encode() * pages
    size = len(document)
    path = f"{jobs}/{number}/documents/{job['documents'][0]['id']}/createUploadSession"
    properties = {"documentName": "a.pdf", "contentType": "application/pdf", "size": size}
    session = (await ask("POST", path, {"properties": properties}, 200))["uploadUrl"]
    url = "/" + session.partition("://")[2].partition("/")[2]
    half = size // 2
    for start, end, expect in ((0, half, 202), (half, size, 201)):
        headers = {"Content-Range": f"bytes {start}-{end - 1}/{size}"}
        await rig.call(wire, "PUT", url, data=document[start:end], headers=headers, expect=(expect,))
    ledger.complete.add(number)
    await ask("POST", f"{jobs}/{number}/start", {}, 200)
    ledger.started.add(number)


async def check(wire: Wire, token: str, jobs: str, ledger: Ledger) -> None:
    """Everything that was answered is there; numbers of jobs are given once."""
    answer = await wire.call("GET", f"{jobs}?$top=1000", token=token)
    states = {job["id"]: job["status"]["state"] for job in answer.json()["value"]}
    assert ledger.documents.keys() <= states.keys(), "an answered job is lost"
    assert len(states) == len(answer.json()["value"])
    for number in ledger.started:
        assert states[number] in {"pending", "processing"}, "an answered start is lost"


async def check_documents(wire: Wire, ledger: Ledger) -> None:
    """Every document that was answered as complete is there, whole and unmixed."""
    octets = (await wire.call("GET", f"{HERE}/export")).body
    archive = zipfile.ZipFile(io.BytesIO(octets))
    assert archive.testzip() is None
    rows = {
        row["id"]: row["body"]
        for row in map(_read, archive.read("rows.jsonl").splitlines())
        if row["kind"] == "job"
    }
    for number in ledger.complete:
        parts = rows[number]["document"]["parts"]
        found = b"".join(archive.read(f"documents/{key}") for _, _, key in parts)
        assert found == ledger.documents[number]


def _read(line: bytes) -> Any:

    return orjson.loads(line)


async def test_nothing_that_was_answered_is_lost_wherever_the_server_dies(tmp_path: Path) -> None:
    rig, ledger = Rig(tmp_path / "data", seed=1), Ledger()
    try:
        async with rig.user() as (wire, _):
            await wire.call("PUT", f"{HERE}/settings", json=LIMITLESS)
            wish = {"displayName": "Lab", "share": "Lab", "persona": {"firstPageSeconds": 36000.0}}
            made = (await wire.call("POST", f"{HERE}/simulated-printers", json=wish, expect=(201,))).json()
            await wire.call("PATCH", f"{HERE}/clock", json={"frozen": True})
        jobs = f"/v1.0/print/shares/{made['shareId']}/jobs"
        while rig.deaths < POINTS:
            deaths = rig.deaths
            async with rig.user() as (wire, token):
                await check(wire, token, jobs, ledger)
                while rig.deaths == deaths:
                    try:
                        await print_once(rig, wire, token, jobs, ledger)
                    except (Death, *DEAD):
                        assert rig.deaths > deaths, "it died by itself"
        async with rig.user() as (wire, token):
            await check(wire, token, jobs, ledger)
            await check_documents(wire, ledger)
        assert ledger.started
        code, _, errors = rig.process.stop()
        assert code == 0, errors
    finally:
        rig.process.process.kill()

"""`make rig`: people and devices print over two nodes on one PostgreSQL, of which one is always being killed.

Every document must come once and intact, every job must end, no limit may be exceeded, and each job's webhook must
be notified at least once. Everything is bounded in number and in time.
"""

import argparse
import asyncio
import hashlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bench.nodes import EitherWire, Node
from tests.support.graph.receiver import Receiver, receiving
from tests.support.postgres import PostgresServer
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.simulated_printer import SimulatedPrinter
from upsim.actors.wire import ActorError
from upsim.domain.limits import BY_NAME, LimitName
from upsim.domain.persona import Persona
from upsim.shipped import fixtures

T = TypeVar("T")

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SERVICE = {"client_id": "0c0a7050-0000-4000-8000-00000000d002", "client_secret": "Contoso-secret-1"}
AT_ONCE = 16
"""People who print at the same moment."""
GREEDY = 2
"""People who create jobs as fast as they can, to meet their limit."""
RETRY_SECONDS = 0.2


@dataclass(frozen=True)
class Size:
    """How much is printed, and how unkind the world is."""

    devices: int = 50
    users: int = 200
    jobs: int = 5000
    kill_every_seconds: float = 4.0
    kills_max: int = 10_000
    patience_seconds: float = 1500.0

    @property
    def jobs_per_user_max(self) -> int:
        """The limit of the tenant: enough for what is printed, and for attempts whose answer was lost."""
        return 2 * (self.jobs // self.users + 1) + 10


@dataclass
class Outcome:
    """The counts of a run, and its errors, which must be none."""

    jobs: int = 0
    kills: int = 0
    repeated: int = 0
    """Requests that had to be made again."""
    abandoned: int = 0
    """Jobs whose creation was committed and whose answer was lost."""
    throttled: int = 0
    told: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.jobs} jobs in {self.seconds:.0f} s over {self.kills} kills, {self.repeated} requests "
            f"repeated, {self.abandoned} jobs abandoned by a lost answer, {self.throttled} throttled, "
            f"{self.told} notifications: {len(self.wrong)} wrong"
        )


class SharedRig:
    """Two nodes on a private PostgreSQL with a common folder for documents, and everybody who uses them."""

    def __init__(self, size: Size, postgres: PostgresServer, receiver: Receiver, folder: Path) -> None:
        self._size, self._receiver, self._folder = size, receiver, folder
        arguments = ["--store", postgres.fresh_url(), "--data", str(folder / "data"), "--seed", str(self._seed())]
        self._nodes = [Node(f"rig-{number}", arguments) for number in (1, 2)]
        self._devices: list[SimulatedPrinter] = []
        self._shares: list[str] = []
        self._sent: dict[str, str] = {}
        """SHA-256 of each document that was started, by job."""
        self._admitted: Counter[int] = Counter()
        self._is_over = asyncio.Event()
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """Run the rig from beginning to end."""
        try:
            for node in self._nodes:
                await asyncio.to_thread(node.start)
            async with asyncio.timeout(self._size.patience_seconds), AsyncExitStack() as stack:
                await self._play(stack)
        except TimeoutError:
            self.outcome.wrong.append(f"not done after {self._size.patience_seconds:.0f} s")
        finally:
            for node in self._nodes:
                node.kill()
        return self.outcome

    async def _play(self, stack: AsyncExitStack) -> None:
        wires = [await stack.enter_async_context(self._wire(lane)) for lane in range(AT_ONCE)]
        admin = self._person(wires[0], "admin")
        await admin.sign_in_with_browser()
        await self._set_up(stack, wires[0], admin)
        began = time.monotonic()
        players = [asyncio.create_task(device.run()) for device in self._devices]
        killer = asyncio.create_task(self._kill())
        try:
            greedy = [self._be_greedy(wires[lane], lane) for lane in range(GREEDY)]
            turns = iter(range(self._size.jobs))
            people: dict[int, Person] = {}
            await asyncio.gather(*greedy, *(self._submit(wire, turns, people) for wire in wires))
            await self._until(lambda: self._documents() >= set(self._sent.values()), players)
        finally:
            self._is_over.set()
            await killer
        await self._completed(admin, players)
        await self._until(lambda: self._told() >= set(self._sent), players)
        self.outcome.jobs = len(self._sent)
        self.outcome.seconds = time.monotonic() - began
        for player in players:
            player.cancel()
        await asyncio.gather(*players, return_exceptions=True)
        # Jobs that never got a document are given up in time; that of the tenant is moved.
        clock = f"/_upsim/tenants/{self._tenant_id}/clock/advance"
        await wires[0].call("POST", clock, json={"bySeconds": 7200})
        await admin.sign_in_with_browser()
        self._judge(await self._jobs(admin))

    def _seed(self) -> Path:
        names = [f"user{number}" for number in range(self._size.users)]
        names += [f"greedy{number}" for number in range(GREEDY)]
        people = "".join(
            f'[[tenants.users]]\nuser_principal_name = "{name}@contoso.example"\npassword = "Contoso-1"\n\n'
            for name in names
        )
        seed = self._folder / "seed.toml"
        text = (fixtures() / "contoso.toml").read_text()
        seed.write_text(text.replace("[[tenants.users]]", f"{people}[[tenants.users]]", 1))
        return seed

    def _wire(self, first: int) -> EitherWire:
        return EitherWire("rig", self._nodes, first)

    @property
    def _tenant_id(self) -> str:
        return str(self._nodes[0].ready["tenant"]["id"])

    def _person(self, wire: EitherWire, name: str) -> Person:
        return Person(wire, self._tenant_id, PUBLIC_CLIENT, f"{name}@contoso.example")

    async def _set_up(self, stack: AsyncExitStack, wire: EitherWire, admin: Person) -> None:
        """Limits, printers with a share each, and a subscription to each printer's jobs."""
        own = {"jobs-per-user": self._size.jobs_per_user_max}
        settings = {
            "limits": {"profile": "off", "own": own},
            "registration": {"seconds": 0},
            "webhooks": {"timeoutSeconds": 2, "backoffSeconds": 0.5, "backoffSecondsMax": 2.0},
        }
        await wire.call("PUT", f"/_upsim/tenants/{self._tenant_id}/settings", json=settings)
        form = {**SERVICE, "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        answer = await wire.call("POST", f"/{self._tenant_id}/oauth2/v2.0/token", data=form)
        token = str(answer.json()["access_token"])
        persona = Persona(first_page_seconds=0, seconds_per_page=0)
        for number in range(self._size.devices):
            own_wire = await stack.enter_async_context(self._wire(number))
            device = await PrinterDevice.register(own_wire, admin, f"Printer {number}")
            self._shares.append(await admin.share(device.printer_id, f"Share {number}"))
            self._devices.append(SimulatedPrinter(device, persona))
            await self._subscribe(wire, token, device.printer_id)

    async def _subscribe(self, wire: EitherWire, token: str, printer_id: str) -> None:
        clock = (await wire.call("GET", f"/_upsim/tenants/{self._tenant_id}/clock")).json()["now"]
        wish = {
            "changeType": "updated",
            "resource": f"print/printers/{printer_id}/jobs",
            "notificationQueryOptions": "$filter = isFetchable eq true",
            "notificationUrl": self._receiver.url,
            "expirationDateTime": (datetime.fromisoformat(clock) + timedelta(hours=20)).isoformat(),
            "clientState": "rig",
        }
        await wire.call("POST", "/v1.0/subscriptions", token=token, json=wish, expect=(201,))

    async def _kill(self) -> None:
        """Kill one node after the other and start it again, until all is printed. At the end both are up."""
        for number in range(self._size.kills_max):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), self._size.kill_every_seconds)
            if self._is_over.is_set():
                return
            node = self._nodes[number % len(self._nodes)]
            await asyncio.to_thread(node.kill)
            self.outcome.kills += 1
            await asyncio.to_thread(node.start)

    async def _submit(self, wire: EitherWire, turns: Any, people: dict[int, Person]) -> None:
        """Print one document after the other, as whoever's turn it is."""
        for turn in turns:
            number = turn % self._size.users
            person = people.get(number)
            if person is None:
                person = self._person(wire, f"user{number}")
                await self._insist(person.sign_in_with_browser)
                people[number] = person
            content = b"%%PDF-1.7\n%% job %d\n" % turn + b"x" * (turn * 37 % 20_000) + b"\n%%EOF\n"
            job_id = await self._print(wire, person, self._shares[turn % len(self._shares)], content)
            self._sent[job_id] = hashlib.sha256(content).hexdigest()

    async def _print(self, wire: EitherWire, person: Person, share_id: str, content: bytes) -> str:
        """Return a client that makes each step again until it is answered."""
        jobs = f"/print/shares/{share_id}/jobs"

        def create() -> Awaitable[Any]:
            return person.graph("POST", jobs, json={"configuration": {}}, expect=(201,), note="")

        job = await self._insist(create)
        job_path = f"{jobs}/{job['id']}"
        properties = {"documentName": "a.pdf", "contentType": "application/pdf", "size": len(content)}

        def open_session() -> Awaitable[Any]:
            path = f"{job_path}/documents/{job['documents'][0]['id']}/createUploadSession"
            return person.graph("POST", path, json={"properties": properties}, expect=(200,), note="")

        session = await self._insist(open_session)
        span = {"Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}"}
        await self._insist(
            lambda: wire.call("PUT", session["uploadUrl"], data=content, headers=span, expect=(200, 201))
        )

        async def start() -> None:
            try:
                await person.graph("POST", f"{job_path}/start", expect=(200,), note="")
            except ActorError as error:
                if error.status in {429, 503}:
                    raise
                state = (await person.graph("GET", job_path, expect=(200,), note=""))["status"]["state"]
                if state == "paused":  # it was not the first attempt, whose answer was lost, that started it
                    raise

        await self._insist(start)
        return str(job["id"])

    async def _be_greedy(self, wire: EitherWire, number: int) -> None:
        """Create jobs and never start them, until the limit says no, and then some more."""
        person = self._person(wire, f"greedy{number}")
        await self._insist(person.sign_in_with_browser)
        jobs = f"/print/shares/{self._shares[number % len(self._shares)]}/jobs"

        async def create() -> int:
            wish = {"configuration": {}}
            answer = await wire.call(
                "POST", f"/v1.0{jobs}", json=wish, token=await person.token(), expect=(201, 429, 503)
            )
            if answer.status == 503:
                raise ActorError("the store was away", 503)
            return answer.status

        async def one() -> int:
            return await self._insist(create)

        for _ in range(4):
            statuses = await asyncio.gather(*(one() for _ in range(self._size.jobs_per_user_max // 2)))
            self._admitted[number] += statuses.count(201)
            self.outcome.throttled += statuses.count(429)

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until it is answered. That it may have been done the first time is the asker's to bear."""
        while True:
            try:
                return await ask()
            except (aiohttp.ClientError, OSError, TimeoutError):
                self.outcome.repeated += 1
            except ActorError as error:
                if error.status != 503:
                    raise
                self.outcome.repeated += 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _until(self, is_so: Callable[[], bool], players: list[asyncio.Task[None]]) -> None:
        while not is_so():
            await _pause(players)

    def _documents(self) -> set[str]:
        return {digest for device in self._devices for _, digest in device.printed}

    def _told(self) -> set[str]:
        return {str(item["resourceData"]["id"]) for item in self._receiver.told}

    async def _completed(self, admin: Person, players: list[asyncio.Task[None]]) -> None:
        """Wait until every job that was sent is completed."""
        while True:
            jobs = await self._jobs(admin)
            if all(jobs[job_id]["status"]["state"] == "completed" for job_id in self._sent):
                return
            await _pause(players)

    async def _jobs(self, admin: Person) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for device in self._devices:
            path = f"/print/printers/{device.printer_id}/jobs?$top=1000"
            while path:
                page = await admin.graph("GET", path, expect=(200,), note="")
                found |= {str(job["id"]): job for job in page["value"]}
                path = str(page.get("@odata.nextLink", "")).partition("/v1.0")[2]
        return found

    def _judge(self, jobs: dict[str, dict[str, Any]]) -> None:
        wrong = self.outcome.wrong
        printed = Counter(digest for device in self._devices for _, digest in device.printed)
        wrong += [f"a document was printed {number} times" for number in printed.values() if number != 1]
        by_job = {str(job_id): digest for device in self._devices for job_id, digest in device.printed}
        wrong += [f"job {job_id} changed" for job_id, digest in self._sent.items() if by_job.get(job_id) != digest]
        wrong += [f"job {job_id} was printed and nobody sent it" for job_id in by_job if job_id not in self._sent]
        for job_id, job in jobs.items():
            wanted = "completed" if job_id in self._sent else "aborted"
            if job["status"]["state"] != wanted:
                wrong.append(f"job {job_id} is {job['status']['state']} instead of {wanted}")
        wrong += [f"job {job_id} is gone" for job_id in self._sent if job_id not in jobs]
        self._judge_limits(jobs)
        told = Counter(str(item["resourceData"]["id"]) for item in self._receiver.told)
        wrong += [f"job {job_id} was not told of" for job_id in self._sent if job_id not in told]
        self.outcome.told = sum(told.values())
        greedy = sum(self._admitted.values())
        self.outcome.abandoned = len(jobs) - len(self._sent) - greedy
        if self.outcome.abandoned < 0:
            wrong.append(f"{-self.outcome.abandoned} jobs were answered 201 and are gone")
        if self.outcome.abandoned > self.outcome.repeated:
            wrong.append("more jobs were abandoned than requests repeated")

    def _judge_limits(self, jobs: dict[str, dict[str, Any]]) -> None:
        """Check that no user created more jobs than the limit admits in any window."""
        limit, window = self._size.jobs_per_user_max, timedelta(seconds=_window())
        by_user: dict[str, list[datetime]] = {}
        for job in jobs.values():
            created = datetime.fromisoformat(job["createdDateTime"])
            by_user.setdefault(job["createdBy"]["userPrincipalName"], []).append(created)
        for user, moments in by_user.items():
            moments.sort()
            for first, later in zip(moments, moments[limit:], strict=False):
                if later - first < window:
                    self.outcome.wrong.append(f"{user} created more than {limit} jobs within {window}")
                    break
        if not self.outcome.throttled:
            self.outcome.wrong.append("the limit was never met, so nothing is known of it")


async def _pause(players: list[asyncio.Task[None]]) -> None:
    """Wait a moment; a device that gave up ends the run."""
    for player in players:
        if player.done():
            player.result()
    await asyncio.sleep(RETRY_SECONDS)


def _window() -> int:
    seconds = BY_NAME[LimitName.JOBS_PER_USER].window_seconds
    assert seconds is not None
    return seconds


async def play(size: Size) -> Outcome:
    """Return a shared rig from beginning to end."""
    postgres = PostgresServer()
    try:
        with tempfile.TemporaryDirectory(prefix="upsim-rig-") as folder:
            async with receiving() as receiver:
                return await SharedRig(size, postgres, receiver, Path(folder)).run()
    finally:
        postgres.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.shared_rig", description=__doc__)
    for name in ("devices", "users", "jobs"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Size, name))
    for name in ("kill_every_seconds", "patience_seconds"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(Size, name))
    size = Size(**vars(parser.parse_args()))
    outcome = asyncio.run(play(size))
    print(f"{size.users} users, {size.devices} devices, two nodes: {outcome.line()}")
    for line in outcome.wrong[:20]:
        print(f"  {line}")
    sys.exit(bool(outcome.wrong))


if __name__ == "__main__":
    main()

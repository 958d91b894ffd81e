"""`python -m bench.fleet`: many simulated printers and users at once; every document must come once and intact.

The server is killed in the middle, when all jobs are submitted and part of them is printed, and started again.
"""

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.simulated_printer import SimulatedPrinter
from upsim.actors.wire import Wire
from upsim.domain.persona import Persona
from upsim.shipped import fixtures

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SETTINGS = {"limits": {"profile": "off"}, "registration": {"seconds": 0}}
PATIENCE_SECONDS = 900
AT_ONCE = 16
"""Users who submit at the same moment."""


class Fleet:
    """A server process with a data folder, printers with a share each, and users."""

    def __init__(self, folder: Path, printers: int, users: int, jobs: int) -> None:
        self._folder = folder
        self._printers, self._users, self._jobs = printers, users, jobs
        self._process: subprocess.Popen[str] | None = None
        self._ready: dict[str, Any] = {}
        self.sent: dict[int, str] = {}
        self.devices: list[SimulatedPrinter] = []

    async def run(self) -> dict[str, Any]:
        """Submit and print everything; figures, and what is wrong (which must be nothing)."""
        seed = self._seed()
        try:
            self._start("0", seed)
            async with AsyncExitStack() as stack:
                wires = [await stack.enter_async_context(self._wire()) for _ in range(AT_ONCE)]
                shares = await self._register(stack, wires[0])
                began = time.monotonic()
                players = [asyncio.create_task(device.run()) for device in self.devices]
                await self._submit(wires, shares)
                submitted = time.monotonic() - began
                await asyncio.to_thread(self._restart, seed)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    done = await self._all_completed(wires[0], players)
                took = time.monotonic() - began
                for player in players:
                    player.cancel()
                await asyncio.gather(*players, return_exceptions=True)
            return {"submitted": submitted, "took": took, "wrong": self._wrong(done), "jobs": len(self.sent)}
        finally:
            self._stop()

    def _seed(self) -> Path:
        people = "".join(
            f'[[tenants.users]]\nuser_principal_name = "user{number}@contoso.example"\npassword = "Contoso-1"\n\n'
            for number in range(self._users)
        )
        seed = self._folder / "seed.toml"
        text = (fixtures() / "contoso.toml").read_text()
        seed.write_text(text.replace("[[tenants.users]]", f"{people}[[tenants.users]]", 1))
        return seed

    def _start(self, port: str, seed: Path) -> None:
        arguments = ["--port", port, "--http-port", "off", "--print-json", "--log-level", "error"]
        command = [sys.executable, "-m", "upsim", "serve", *arguments, "--seed", str(seed)]
        self._process = subprocess.Popen(
            [*command, "--data", str(self._folder / "data")], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._ready = json.loads(self._process.stdout.readline())

    def _restart(self, seed: Path) -> None:
        port = str(self._ready["https"].rpartition(":")[2])
        self._stop()
        self._start(port, seed)

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=30)
            self._process = None

    def _wire(self) -> Wire:
        return Wire("fleet", self._ready["https"], Path(self._ready["ca"]).read_text())

    async def _register(self, stack: AsyncExitStack, wire: Wire) -> list[str]:
        tenant = self._ready["tenant"]["id"]
        await wire.call("PUT", f"/_upsim/tenants/{tenant}/settings", json=SETTINGS)
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        persona = Persona(first_page_seconds=0, seconds_per_page=0)
        shares = []
        for number in range(self._printers):
            own = await stack.enter_async_context(self._wire())
            device = await PrinterDevice.register(own, admin, f"Printer {number}")
            shares.append(await admin.share(device.printer_id, f"Share {number}"))
            self.devices.append(SimulatedPrinter(device, persona))
        return shares

    async def _submit(self, wires: list[Wire], shares: list[str]) -> None:
        turns = iter(range(self._jobs))
        people: dict[int, Person] = {}

        async def submit(wire: Wire, lane: int) -> None:
            for turn in turns:
                number = turn % self._users
                person = people.get(number)
                if person is None:
                    name = f"user{number}@contoso.example"
                    person = Person(wire, self._ready["tenant"]["id"], PUBLIC_CLIENT, name)
                    await person.sign_in_with_browser()
                    people[number] = person
                document = self._folder / f"lane{lane}.pdf"
                document.write_bytes(b"%%PDF-1.7\n%% job %d\n" % turn + b"x" * (turn * 37 % 20_000) + b"\n%%EOF\n")
                job_id = await person.print(shares[turn % len(shares)], document, {})
                self.sent[int(job_id)] = hashlib.sha256(document.read_bytes()).hexdigest()

        await asyncio.gather(*[submit(wire, lane) for lane, wire in enumerate(wires)])

    async def _all_completed(self, wire: Wire, players: list[asyncio.Task[None]]) -> dict[int, str]:
        """Wait until as many documents were printed as sent and their jobs ended; the states by job-id."""
        tenant = self._ready["tenant"]["id"]
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        while True:
            for player in players:
                if player.done():
                    player.result()
            if len({job_id for device in self.devices for job_id, _ in device.printed}) >= len(self.sent):
                states: dict[int, str] = {}
                for device in self.devices:
                    page = f"/print/printers/{device.printer_id}/jobs?$top=1000"
                    listed = await admin.graph("GET", page, expect=(200,), note="")
                    states |= {int(job["id"]): job["status"]["state"] for job in listed["value"]}
                if all(states.get(job_id) == "completed" for job_id in self.sent):
                    return states
            await asyncio.sleep(0.2)

    def _wrong(self, states: dict[int, str]) -> list[str]:
        """Return the documents that were printed twice, not at all, or altered."""
        printed: dict[int, list[str]] = {}
        for device in self.devices:
            for job_id, digest in device.printed:
                printed.setdefault(job_id, []).append(digest)
        wrong = [
            f"job {job_id} was printed {len(each)} times" for job_id, each in printed.items() if len(each) != 1
        ]
        wrong += [
            f"job {job_id} changed" for job_id, digest in self.sent.items() if printed.get(job_id) != [digest]
        ]
        return wrong + [f"job {job_id} is {state}" for job_id, state in states.items() if state != "completed"]


async def play(printers: int, users: int, jobs: int) -> dict[str, Any]:
    """Return a fleet from beginning to end."""
    with tempfile.TemporaryDirectory() as folder:
        return await Fleet(Path(folder), printers, users, jobs).run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet")
    for name, default in (("printers", 50), ("users", 200), ("jobs", 2000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    figures = asyncio.run(play(options.printers, options.users, options.jobs))
    print(
        f"{options.printers} printers, {options.users} users: {figures['jobs']} jobs submitted in "
        f"{figures['submitted']:.0f} s and completed in {figures['took']:.0f} s, one kill on the way; "
        f"{len(figures['wrong'])} wrong"
    )
    for line in figures["wrong"][:20]:
        print(f"  {line}")
    sys.exit(bool(figures["wrong"]))


if __name__ == "__main__":
    main()

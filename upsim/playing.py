"""Playing printers and people from the command line: which server, which tenant, who signs in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import Struct

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.simulated_printer import SimulatedPrinter
from upsim.actors.stored_identity import folder_of, load, save
from upsim.actors.wire import ActorError, Wire
from upsim.domain.persona import Persona
from upsim.services import personas
from upsim.trust import servers
from upsim.trust.environment import Server

ENDED = frozenset({"completed", "aborted", "canceled"})
POLL_SECONDS = 0.5


class PlayError(Exception):
    """A command that could not be played; the message is one sentence."""


class Stage(Struct, frozen=True):
    """A tenant of a running upsim, with the people and clients that can sign in to it."""

    wire: Wire
    tenant_id: str
    users: list[dict[str, Any]]
    client_id: str

    async def person(self, name: str) -> Person:
        """Return a user of the tenant, signed in. `name` is a user principal name, or what stands before its @."""
        wanted = name.lower()
        found = [
            user["userPrincipalName"]
            for user in self.users
            if wanted in {user["userPrincipalName"].lower(), user["userPrincipalName"].partition("@")[0].lower()}
        ]
        if not found:
            known = ", ".join(user["userPrincipalName"] for user in self.users)
            raise PlayError(f"The tenant has no user '{name}'; it has {known}.")
        person = Person(self.wire, self.tenant_id, self.client_id, found[0])
        await person.sign_in_with_browser()
        return person

    async def administrator(self) -> Person:
        """Somebody who may register printers."""
        for user in self.users:
            if {"Printer Administrator", "Global Administrator"} & set(user["roles"]):
                return await self.person(user["userPrincipalName"])
        raise PlayError("The tenant has no Printer Administrator who could register a printer.")


@asynccontextmanager
async def stage(server: Server, tenant: str | None) -> AsyncIterator[Stage]:
    """The tenant of a running server, by id or domain; default: the first. Raises `PlayError`."""
    key = servers.find_key(server.https)
    async with Wire("upsim", server.https, server.ca_pem, control_key=key) as wire:
        try:
            tenants = (await wire.call("GET", "/_upsim/tenants")).json()["value"]
            found = [
                each
                for each in tenants
                if tenant is None or tenant.lower() in {each["tenant"]["id"], each["tenant"]["domain"]}
            ]
            if not found:
                raise PlayError(f"There is no tenant '{tenant}' at {server.https}.")
            clients = [each["appId"] for each in found[0]["applications"] if not each["secret"]]
            if not clients:
                raise PlayError("The tenant has no public client to sign in with.")
            yield Stage(wire, found[0]["tenant"]["id"], found[0]["users"], clients[0])
        except (ActorError, aiohttp.ClientError, TimeoutError) as error:
            raise PlayError(str(error) or type(error).__name__) from error


def persona_of(wish: str) -> Persona:
    """Return a persona by name, or from a file."""
    path = Path(wish)
    return personas.read(path) if path.suffix == ".toml" or path.exists() else personas.named(wish)


async def device_of(here: Stage, name: str, tell: Callable[[str], object], share: str | None) -> PrinterDevice:
    """Return the printer of this name with the certificate that it kept; without one it is registered anew."""
    folder = folder_of(here.tenant_id, name)
    identity = load(folder)
    if identity is not None:
        device = PrinterDevice(here.wire, identity)
        try:
            await device.prove_itself()
        except ActorError as error:
            if error.status not in {400, 401, 404}:
                raise
            tell("its certificate is not known here any more; it registers anew")
        else:
            tell(f"comes back as printer {device.printer_id}")
            return device
    administrator = await here.administrator()
    device = await PrinterDevice.register(here.wire, administrator, name)
    save(folder, device.identity)
    tell(f"registered as printer {device.printer_id}; its key is kept in {folder}")
    await administrator.share(device.printer_id, share or name)
    tell(f"shared with everybody as '{share or name}'")
    return device


async def run_printer(
    server: Server,
    tenant: str | None,
    name: str,
    persona: Persona,
    *,
    share: str | None,
    jobs: int | None,
    save_to: Path | None,
    tell: Callable[[str], object],
) -> None:
    """Play a printer until this many jobs have ended."""
    async with stage(server, tenant) as here:
        device = await device_of(here, name, tell, share)
        printer = SimulatedPrinter(device, persona, report=tell, save_to=save_to)
        await printer.run(jobs)


async def tap(
    server: Server,
    tenant: str | None,
    badge: str,
    name: str,
    *,
    tell: Callable[[str], object],
    save_to: Path | None,
) -> str:
    """Hold a badge to the reader of a printer that was run before, or of one inside upsim; what came of it."""
    async with stage(server, tenant) as here:
        identity = load(folder_of(here.tenant_id, name))
        if identity is None:
            return await _tap_inside(here, badge, name, tell)
        printer = PrinterDevice(here.wire, identity)
        await printer.prove_itself()
        owner = await printer.badge_owner(badge)
        tell(f"badge {badge} belongs to {owner.removeprefix('mailto:')}")
        await printer.advertise_badges()
        device = SimulatedPrinter(printer, personas.named("ideal"), report=tell, save_to=save_to)
        await device.print_waiting(user_uri=owner)
        return f"{_jobs(device.ended)} printed"


async def _tap_inside(here: Stage, badge: str, name: str, tell: Callable[[str], object]) -> str:
    """Return the same at a printer that upsim simulates: it prints what is released to it by itself."""
    control = f"/_upsim/tenants/{here.tenant_id}"
    inside = (await here.wire.call("GET", f"{control}/simulated-printers")).json()["value"]
    found = [each["id"] for each in inside if name.lower() in {each["id"], each["displayName"].lower()}]
    if not found:
        raise PlayError(f"There is no printer '{name}' here yet; start it once with: upsim printer run '{name}'")
    path = f"{control}/printers/{found[0]}/tap"
    answer = await here.wire.call("POST", path, json={"badge": badge}, expect=(200, 404, 403, 400))
    if answer.status != 200:
        raise PlayError(answer.json()["error"]["message"])
    released = answer.json()["value"]
    for job in released:
        tell(f"job {job['id']} of {job['user']}: released")
    return f"{_jobs(len(released))} released"


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


async def find_share(person: Person, name: str) -> str:
    """Return the id of a share that the user may print to, by display name or id."""
    listed = await person.graph("GET", "/print/shares", expect=(200,), note="which shares?")
    found = [share for share in listed["value"] if name.lower() in {share["id"], share["displayName"].lower()}]
    if not found:
        known = ", ".join(f"'{share['displayName']}'" for share in listed["value"]) or "none"
        raise PlayError(f"{person.user_principal_name} sees no share '{name}'; there is {known}.")
    return str(found[0]["id"])

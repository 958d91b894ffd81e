"""`upsim demo`: one document through the whole cloud, shown call by call."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from rich.console import Console

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import ActorError, Exchange, Wire

DEFAULT_URL = "https://localhost:8443"
PROCESSING, COMPLETED = 5, 9
_STYLES = {"admin": "magenta", "user": "cyan", "printer": "green"}


class DemoError(Exception):
    """The journey could not be finished; the message says where and what to do."""


def run(*, document: Path | None, url: str | None, save: Path | None, control_key: str | None = None) -> None:
    """Run the journey and print it. Raises `DemoError`."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        asyncio.run(_run(console, document, url, save, control_key))
    except (ActorError, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise DemoError(str(error) or type(error).__name__) from error


async def _run(
    console: Console, document: Path | None, url: str | None, save: Path | None, control_key: str | None
) -> None:
    from upsim.shipped import fixtures

    document = document or fixtures() / "sample.pdf"
    save = save or Path(f"fetched-{document.name}")
    async with _server(console, url, control_key) as (base_url, ca_pem, directory):
        journey = _Journey(console, base_url, ca_pem, directory, control_key)
        await journey.travel(document, save)


class _Journey:
    def __init__(
        self, console: Console, base_url: str, ca_pem: str, directory: dict[str, Any], control_key: str | None
    ) -> None:
        self._control_key = control_key
        self._console = console
        self._base_url = base_url
        self._ca_pem = ca_pem
        self._tenant = directory["tenant"]["id"]
        self._client_id = next(app["appId"] for app in directory["applications"] if not app["secret"])
        administrators = [user for user in directory["users"] if "Printer Administrator" in user["roles"]]
        ordinary = [user for user in directory["users"] if not user["roles"]]
        self._administrator = administrators[0]["userPrincipalName"]
        self._user = (ordinary or administrators)[0]["userPrincipalName"]

    async def travel(self, document: Path, save: Path) -> None:
        """Every step, from sign-in to the proof."""
        async with AsyncExitStack() as stack:
            wires = [await stack.enter_async_context(self._wire(actor)) for actor in ("admin", "user", "printer")]
            admin = Person(wires[0], self._tenant, self._client_id, self._administrator)
            user = Person(wires[1], self._tenant, self._client_id, self._user)

            self._headline("A printer joins the cloud")
            await admin.sign_in_with_browser()
            device = await PrinterDevice.register(wires[2], admin, "Demo printer")
            await device.prove_itself()
            await device.describe_itself()
            share_id = await admin.share(device.printer_id, "Demo share")

            self._headline(f"{self._user} prints {document.name}")
            await user.sign_in_with_device_code()
            job_id = await user.print(share_id, document, {"copies": 1, "colorMode": "auto"})
            await self._show_status(user, share_id, job_id)

            self._headline("The printer releases it")
            digest = await self._release(
                device, int(job_id), save, lambda: self._show_status(user, share_id, job_id)
            )

            self._headline("Cleaning up")
            await admin.graph("DELETE", f"/print/shares/{share_id}", expect=(204,), note="unshare")
            await admin.graph("DELETE", f"/print/printers/{device.printer_id}", expect=(204,), note="unregister")
        self._prove(document, save, digest)

    async def _release(self, device: PrinterDevice, job_id: int, save: Path, show_status: Any) -> str:
        waiting = await device.fetchable_jobs()
        if job_id not in waiting:
            raise DemoError(f"Job {job_id} is not offered to the printer; it sees {waiting}.")
        await device.fetch(job_id)
        await device.acknowledge(job_id)
        digest = await device.fetch_document(job_id, save)
        await device.report(job_id, PROCESSING, "job-printing")
        await show_status()
        await device.report(job_id, COMPLETED, "job-completed-successfully")
        await show_status()
        return digest

    async def _show_status(self, user: Person, share_id: str, job_id: str) -> None:
        job = await user.graph(
            "GET", f"/print/shares/{share_id}/jobs/{job_id}", expect=(200,), note="how is my job?"
        )
        status = job["status"]
        details = ", ".join(status["details"])
        self._console.print(f"          [bold]job {job_id}: {status['state']}[/bold] {details}")

    def _prove(self, document: Path, save: Path, digest: str) -> None:
        sent = hashlib.sha256(document.read_bytes()).hexdigest()
        if sent != digest:
            raise DemoError(f"The document changed on its way: sent {sent}, fetched {digest}.")
        self._console.print(
            f"\n[bold green]The printer has the very bytes that were sent.[/bold green] SHA-256 {digest}"
        )
        self._console.print(f"Saved as {save}. Next: README.md shows the same with Microsoft's own libraries.")

    def _wire(self, actor: str) -> Wire:
        return Wire(actor, self._base_url, self._ca_pem, self._show, control_key=self._control_key)

    def _show(self, exchange: Exchange) -> None:
        path = urlsplit(exchange.url).path
        self._console.print(
            f"  [{_STYLES[exchange.actor]}]{exchange.actor:8}[/] {exchange.method:5} {path} "
            f"[bold]{exchange.status}[/] [dim]{exchange.note}[/]"
        )

    def _headline(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]")


@asynccontextmanager
async def _server(
    console: Console, url: str | None, control_key: str | None
) -> AsyncIterator[tuple[str, str, dict[str, Any]]]:
    """The running server at `url` or on this machine, or one that is started for the journey."""
    for address in [url] if url else [DEFAULT_URL]:
        try:
            ca_pem, directory = await _introduce(address, control_key)
        except (aiohttp.ClientError, OSError) as error:
            if url:
                raise DemoError(f"There is no upsim at {url}: {error}.") from error
        else:
            yield address, ca_pem, directory
            return
    from upsim.app import serve
    from upsim.config import Settings

    console.print("[dim]No upsim runs on this machine, so one is started for the demo.[/dim]")
    async with serve(Settings(port=0, http_port="off")) as running:
        yield running.https, Path(running.ca).read_text(encoding="utf-8"), running.tenants[0]


async def _introduce(url: str, control_key: str | None) -> tuple[str, dict[str, Any]]:
    """The CA and the first tenant of a running upsim.

    The CA cannot be checked by a CA, so this first call trusts whoever answers; everything after it does not.
    """
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=unchecked)) as session,
        session.get(f"{url.rstrip('/')}/_upsim/ca.pem") as response,
    ):
        response.raise_for_status()
        ca_pem = await response.text()
    headers = {"Authorization": f"Bearer {control_key}"} if control_key else {}
    checked = aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=ca_pem))
    async with (
        aiohttp.ClientSession(connector=checked, headers=headers) as session,
        session.get(f"{url.rstrip('/')}/_upsim/tenants") as response,
    ):
        if response.status in {401, 403}:
            raise DemoError(orjson.loads(await response.read())["error"]["message"])
        response.raise_for_status()
        tenants = orjson.loads(await response.read())["value"]
    return ca_pem, tenants[0]

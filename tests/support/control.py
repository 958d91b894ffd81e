"""A shared printer, its administrator and a user, all real clients, and the hand of whoever tests them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Answer, Wire, trusting
from upsim.app import Running

PUBLIC_CLIENT = 0


class Office:
    """`control` is the tester's hand; the others know nothing of it."""

    def __init__(self, upsim: Running, hand: aiohttp.ClientSession, wires: list[Wire]) -> None:
        directory = upsim.tenants[0]
        self.upsim, self.hand = upsim, hand
        self.tenant_id = directory["tenant"]["id"]
        self.base = f"/_upsim/tenants/{self.tenant_id}"
        client = directory["applications"][PUBLIC_CLIENT]["appId"]
        self.client_id = client
        self.wires = wires
        self.admin, self.alex, self.sam = (
            Person(wire, self.tenant_id, client, name)
            for wire, name in zip(
                wires, ("admin@contoso.example", "alex@contoso.example", "sam@contoso.example"), strict=False
            )
        )
        self.device: PrinterDevice
        self.share_id = ""

    async def open(self) -> "Office":
        await self.control("PUT", "/settings", {"registration": {"seconds": 0}})
        for person in (self.admin, self.alex, self.sam):
            await person.sign_in_with_browser()
        self.device = await PrinterDevice.register(self.wires[3], self.admin, "Hall")
        await self.device.prove_itself()
        await self.device.describe_itself()
        self.share_id = await self.admin.share(self.device.printer_id, "Hall")
        return self

    @property
    def jobs(self) -> str:
        return f"/print/shares/{self.share_id}/jobs"

    async def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.hand.request(method, self.base + path, json=body) as response:
            text = await response.text()
            is_json = text[:1] in ("{", "[")
            return response.status, await response.json(content_type=None) if is_json else text

    async def impose(self, **rule: Any) -> dict[str, Any]:
        status, made = await self.control("POST", "/injections", rule)
        assert status == 201, made
        return made

    async def journal(self, query: str = "") -> list[dict[str, Any]]:
        status, found = await self.control("GET", f"/journal?{query}")
        assert status == 200, found
        return found["value"]

    async def as_alex(self, method: str, path: str, **options: Any) -> Answer:
        """A call to Graph by Alex, whatever is answered."""
        return await self.wires[1].call(
            method, f"/v1.0{path}", token=await self.alex.token(), expect=tuple(range(200, 600)), **options
        )

    async def print(self, folder: Path, pages: bytes = b"%PDF-1.4 sample") -> int:
        document = folder / "sample.pdf"
        document.write_bytes(pages)
        return int(await self.alex.print(self.share_id, document, {"copies": 1}))

    async def state_of(self, job_id: int) -> str:
        job = await self.alex.graph("GET", f"{self.jobs}/{job_id}", expect=(200,), note="")
        return str(job["status"]["state"])


@asynccontextmanager
async def opened(upsim: Running) -> AsyncIterator[Office]:
    """An office that is open for as long as the context lasts."""
    ca = Path(upsim.ca).read_text()
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(ssl=trusting(ca))
        hand = await stack.enter_async_context(aiohttp.ClientSession(upsim.https, connector=connector))
        wires = [
            await stack.enter_async_context(Wire(name, upsim.https, ca))
            for name in ("admin", "alex", "sam", "printer")
        ]
        yield await Office(upsim, hand, wires).open()

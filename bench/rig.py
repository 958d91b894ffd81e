"""An upsim process with one described and shared printer, and ready headers for each caller."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.wire.ipp import build
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag

SETTINGS = {"limits": {"profile": "off"}, "ipp": {"openPrinterAttributes": True}}
PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"


@dataclass(frozen=True)
class Rig:
    """The plain port of a running upsim, its printer and share, and headers with tokens."""

    port: int
    process: subprocess.Popen[str]
    printer_id: str
    share_id: str
    as_admin: dict[str, str]
    as_user: dict[str, str]
    as_device: dict[str, str]
    user: Person
    device: PrinterDevice
    https_port: int
    ca: str
    """The file of the server's CA."""

    @property
    def open_uri(self) -> str:
        """The share as CUPS sets up a queue on it."""
        return f"ipp://localhost:{self.port}/printers/{self.share_id}"

    @property
    def get_jobs(self) -> bytes:
        """A Get-Jobs request as Microsoft's sample sends it."""
        printer = self.printer_id
        group = build.group(
            GroupTag.OPERATION,
            build.charset("attributes-charset", "utf-8"),
            build.natural_language("attributes-natural-language", "en-us"),
            build.uri("printer-uri", f"ipps://print.print.microsoft.com/printers/{printer}"),
            build.uri("output-device-uuid", f"urn:uuid:{printer}"),
            build.keyword("which-jobs", "fetchable"),
            build.keyword("requested-attributes", "all"),
        )
        return encode(Message((2, 0), Operation.GET_JOBS, 1, (group,)))


@asynccontextmanager
async def rig(*arguments: str) -> AsyncIterator[Rig]:
    """Start, register, describe, share, sign in. The limits of the service are off."""
    with processes.upsim(*arguments) as (ready, process):
        ca = Path(ready["ca"]).read_text()
        async with Wire("bench", ready["https"], ca) as wire:
            tenant = ready["tenant"]["id"]
            admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
            user = Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example")
            await admin.sign_in_with_browser()
            await user.sign_in_with_browser()
            device = await PrinterDevice.register(wire, admin, "Bench")
            await wire.call("PUT", f"/_upsim/tenants/{tenant}/settings", json=SETTINGS)
            await device.prove_itself()
            await device.describe_itself()
            share_id = await admin.share(device.printer_id, "Bench")
            yield Rig(
                port=int(ready["http"].rsplit(":", 1)[1]),
                process=process,
                printer_id=device.printer_id,
                share_id=share_id,
                as_admin={"Authorization": f"Bearer {await admin.token()}"},
                as_user={"Authorization": f"Bearer {await user.token()}"},
                as_device={"Authorization": f"Bearer {device.token}"},
                user=user,
                device=device,
                https_port=int(ready["https"].rsplit(":", 1)[1]),
                ca=ready["ca"],
            )

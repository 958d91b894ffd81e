"""A document's whole journey under the names of each of Microsoft's clouds, each part at its own host."""

import socket
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import pytest

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Answer, Wire, trusting
from upsim.app import Running
from upsim.domain.clouds import CLOUDS, Cloud, Service
from upsim.shipped import fixtures
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag

CLIENT_ID = "0c0a7050-0000-4000-8000-00000000d001"
TENANT = "contoso.example"
PLACES = (("/v1.0", Service.GRAPH), ("/api/v1.0/register", Service.REGISTRATION), ("/printers", Service.PRINT))


class Loopback(aiohttp.abc.AbstractResolver):
    """Leads every name to this machine, as a proxy or a hosts file would."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[Any]:
        address = {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0}
        return [{**address, "flags": 0}]

    async def close(self) -> None: ...


class CloudWire(Wire):
    """Calls each part of the service by its own name, and remembers which names it called."""

    def __init__(self, cloud: Cloud, upsim: Running) -> None:
        self.cloud, self.port, self.called = cloud, upsim.https.rpartition(":")[2], set[str]()
        self._ca_pem = Path(upsim.ca).read_text()
        super().__init__("test", self.url_of(Service.GRAPH), self._ca_pem)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=trusting(self._ca_pem), resolver=Loopback())
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60))
        return self

    def url_of(self, service: Service) -> str:
        return f"https://{self.cloud.host(service)}:{self.port}"

    async def call(self, method: str, url: str, **options: Any) -> Answer:
        if "://" not in url:
            service = next((place for path, place in PLACES if url.startswith(path)), Service.LOGIN)
            url = self.url_of(service) + url
        self.called.add(urlsplit(url).netloc)
        return await super().call(method, url, **options)


@pytest.mark.parametrize("cloud", CLOUDS, ids=lambda cloud: cloud.name)
async def test_every_url_stays_in_the_cloud(upsim: Running, cloud: Cloud, tmp_path: Path) -> None:
    graph = "https://graph.microsoft.com" if cloud.name == "GCC" else f"https://{cloud.host(Service.GRAPH)}"
    named = CLOUDS[0] if cloud.name == "GCC" else cloud  # Graph's and sign-in's names are the public cloud's
    async with CloudWire(cloud, upsim) as wire:
        admin = Person(wire, TENANT, CLIENT_ID, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        assert device.identity.device_token_url.startswith(wire.url_of(Service.LOGIN) + "/")
        await device.prove_itself()
        await device.describe_itself()
        share_id = await admin.share(device.printer_id, "Share")
        second = await PrinterDevice.register(wire, admin, "Other")
        await admin.share(second.printer_id, "Other")

        job_id = await admin.print(share_id, fixtures() / "sample.pdf", {"copies": 1})
        assert await device.fetchable_jobs() == [int(job_id)]
        await device.fetch(int(job_id))
        await device.acknowledge(int(job_id))
        await device.fetch_document(int(job_id), tmp_path / "fetched")
        assert (tmp_path / "fetched").read_bytes() == (fixtures() / "sample.pdf").read_bytes()

        page = await admin.graph("GET", "/print/shares?$top=1", expect=(200,), note="first page")
        assert page["@odata.nextLink"].startswith(f"{graph}:{wire.port}/v1.0/print/shares?")
        following = await wire.call("GET", page["@odata.nextLink"], token=await admin.token())
        assert len(following.json()["value"]) == 1

        (service,) = (await admin.graph("GET", "/print/services?$expand=endpoints", expect=(200,), note=""))[
            "value"
        ]
        endpoints = {each["id"]: each["uri"] for each in service["endpoints"]}
        assert endpoints["ipp"] == f"https://{named.host(Service.PRINT)}:{wire.port}/printers"
        assert endpoints["discovery"] == f"https://{named.host(Service.DISCOVERY)}:{wire.port}"
        assert endpoints["registration"].startswith(f"https://{named.host(Service.REGISTRATION)}:{wire.port}/")

        message, _ = await device.ipp(Operation.GET_PRINTER_ATTRIBUTES)
        attributes = message.group(GroupTag.PRINTER)
        assert attributes is not None
        uri = f"ipps://{cloud.host(Service.PRINT)}:{wire.port}/printers/{device.printer_id}"
        assert attributes.string("printer-uri-supported") == uri
    hosts = {f"{cloud.host(service)}:{wire.port}" for service in (Service.LOGIN, *(place for _, place in PLACES))}
    assert wire.called == hosts

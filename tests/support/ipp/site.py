"""A running IPP API: one tenant, HTTPS and plain HTTP on loopback, tokens for whoever is asked for."""

import ssl
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from tests.support.engines import open_store
from tests.support.ipp.raw import Answer, parse
from upsim.apis.control.table import API as CONTROL
from upsim.apis.ipp.table import API
from upsim.app import build_site
from upsim.domain.application import UNIVERSAL_PRINT_RESOURCE
from upsim.domain.attributes import Attributes
from upsim.domain.caller import Caller
from upsim.domain.document import Part
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.sign_in import SigningKey
from upsim.domain.tenant import Clock, Tenant, TenantSettings
from upsim.domain.user import Role, User
from upsim.server.http import HttpServer
from upsim.server.keys import Keyring
from upsim.server.pipeline import Pipeline
from upsim.server.site import Site
from upsim.server.tls import TlsFiles
from upsim.services import documents
from upsim.services.jobs import owner
from upsim.services.ports import SYSTEM
from upsim.storage.documents.files import FileBlobs
from upsim.wire.jose.tokens import sign

TENANT = "0c0a7050-0000-4000-8000-00000000a001"
PRINTER = "810a8958-13f4-4044-a09b-a372e8990a6b"
OTHER_PRINTER = "910a8958-13f4-4044-a09b-a372e8990a6b"
SHARE = "a10a8958-13f4-4044-a09b-a372e8990a6b"
START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
DEVICE_ROLES = ("Printers.Read", "PrinterProperties.ReadWrite", "PrintJob.Read", "PrintJob.ReadWriteBasic")
USER_SCOPES = ("Printers.Read", "PrinterProperties.Read", "PrintJob.ReadWrite")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def a_user(name: str, *roles: Role) -> User:
    return User(
        id=str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
        user_principal_name=f"{name}@contoso.example",
        display_name=name.title(),
        password="secret",
        roles=roles,
    )


ADA, BOB, ADMIN = a_user("ada"), a_user("bob"), a_user("admin", Role.PRINTER_ADMINISTRATOR)


class IppSite:
    """The server and what a test needs of it."""

    def __init__(self, site: Site, ca: Path) -> None:
        self.site = site
        self.ca = ca
        self.https = ""
        self.http = ""
        self.session: aiohttp.ClientSession
        self.started_ns = time.time_ns()

    async def do(self, unit: Any, *arguments: Any, **named: Any) -> Any:
        return await self.site.store.write(TENANT, lambda tx: unit(tx, *arguments, **named))

    async def settings(self, **settings: Any) -> None:
        tenant = Tenant(
            id=TENANT,
            display_name="Contoso",
            domains=("contoso.example",),
            seed="seed",
            clock=Clock(frozen_at=START),
            settings=msgspec.convert(settings, TenantSettings),
        )
        await self.site.store.write(SYSTEM, lambda tx: tx.put(tenant))

    async def token(self, **claims: Any) -> str:
        kid, key = await self.site.keyring.signing_key()
        standing = {
            "aud": UNIVERSAL_PRINT_RESOURCE,
            "tid": TENANT,
            "nbf": int(START.timestamp()) - 10,
            "exp": int((START + timedelta(hours=1)).timestamp()),
        }
        return sign({**standing, **claims}, key, kid)

    async def device_token(self, printer_id: str = PRINTER, roles: Iterable[str] = DEVICE_ROLES) -> str:
        return await self.token(deviceid=printer_id, appid="oem", roles=list(roles))

    async def user_token(self, user: User = ADA, scopes: Iterable[str] = USER_SCOPES, **claims: Any) -> str:
        return await self.token(
            oid=user.id,
            upn=user.user_principal_name,
            name=user.display_name,
            appid="native",
            scp=" ".join(scopes),
            wids=[str(role) for role in user.roles],
            **claims,
        )

    async def a_printer(self, printer_id: str = PRINTER, **fields: Any) -> Printer:
        printer = Printer(
            id=printer_id,
            display_name="Lab",
            manufacturer="Contoso",
            model="L1",
            registered_at=START,
            last_seen_at=START,  # so that being heard of changes nothing
            **fields,
        )
        await self.do(lambda tx: tx.put(printer))
        return printer

    async def a_share(self, **fields: Any) -> PrinterShare:
        share = PrinterShare(
            id=SHARE, display_name="Floor", printer_id=PRINTER, created_at=START, allow_all_users=True, **fields
        )
        await self.do(lambda tx: tx.put(share))
        return share

    async def an_uploaded_job(
        self,
        user: User = ADA,
        content: bytes = PDF,
        template: Attributes | None = None,
        pieces: int = 2,
        printer_id: str = PRINTER,
        share_id: str = "",
    ) -> Job:
        """A job whose document came in several ranges."""
        caller = caller_of(user)
        if share_id:
            job = await self.do(owner.create_on_share, caller, share_id, template or {})
        else:
            job = await self.do(owner.create_on_printer, caller, printer_id, template or {})
        session = await self.do(
            documents.create_session,
            caller,
            job.id,
            job.document.id,
            name="a.pdf",
            format="application/pdf",
            size_bytes=len(content),
        )
        step = -(-len(content) // pieces)
        for start in range(0, len(content), step):
            chunk = content[start : start + step]
            blob = await self.site.blobs.create()
            await blob.write(chunk)
            await blob.commit()
            await self.do(documents.record_part, session.id, session.secret, Part(start, len(chunk), blob.key))
        return await self.job(job.id)

    async def a_started_job(self, user: User = ADA, **fields: Any) -> Job:
        job = await self.an_uploaded_job(user, **fields)
        return await self.do(owner.start, caller_of(user), job.id)

    async def job(self, job_id: str | int) -> Job:
        job = await self.do(lambda tx: tx.get(Job, str(job_id)))
        assert job is not None
        return job

    async def jobs(self) -> list[Job]:
        return await self.do(lambda tx: tx.find(Query(entity=Job)))

    async def post(
        self,
        body: bytes | AsyncIterator[bytes],
        token: str | None,
        *,
        path: str = "/printers",
        base: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """One HTTP exchange: status, headers, body."""
        sent = {"Content-Type": "application/ipp", **({"Authorization": f"Bearer {token}"} if token else {})}
        sent |= headers or {}
        async with self.session.post((base or self.https) + path, data=body, headers=sent) as response:
            return response.status, dict(response.headers), await response.read()

    async def ask(self, body: bytes | AsyncIterator[bytes], token: str, **more: Any) -> Answer:
        """One IPP exchange."""
        status, headers, content = await self.post(body, token, **more)
        assert status == 200, content
        assert headers["Content-Type"] == "application/ipp"
        return parse(content)


def caller_of(user: User) -> Caller:
    return Caller(
        kind="user",
        tenant_id=TENANT,
        user_id=user.id,
        user_principal_name=user.user_principal_name,
        display_name=user.display_name,
        roles=frozenset(user.roles),
        scopes=frozenset(USER_SCOPES),
    )


_signing_keys: list[SigningKey] = []


async def _reuse_signing_key(site: Site) -> None:
    """Making an RSA key takes longer than most tests."""
    if not _signing_keys:
        await site.keyring.signing_key()
        _signing_keys.extend(await site.store.read(SYSTEM, lambda tx: tx.find(Query(entity=SigningKey))))
    await site.store.write(SYSTEM, lambda tx: tx.put(_signing_keys[0]))


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[IppSite]:
    """The API on two loopback listeners, over a store in memory, with one printer and three users."""
    store = await open_store(lambda: START)
    site = build_site(
        store=store,
        blobs=FileBlobs(folder / "documents"),
        keyring=Keyring(store, lambda: START),
        now=lambda: START,
        list_operations=lambda: (*CONTROL.table, *API.table),
    )
    tls = TlsFiles(folder / "tls")
    tls.ensure((), datetime.now(UTC))  # noqa: TID251 - certificates live in real time
    running = IppSite(site, tls.ca)
    await running.settings()
    await _reuse_signing_key(site)
    for user in (ADA, BOB, ADMIN):
        await running.do(lambda tx, user=user: tx.put(user))
    await running.a_printer()
    runner = web.ServerRunner(HttpServer(Pipeline(site, lambda: [CONTROL, API], first=CONTROL), access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.context()).start()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.https = f"https://localhost:{runner.addresses[0][1]}"
    running.http = f"http://localhost:{runner.addresses[1][1]}"
    context = ssl.create_default_context(cafile=str(tls.ca))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        running.session = session
        yield running
    await runner.cleanup()
    await store.close()

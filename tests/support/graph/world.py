"""A running Graph API with a clock and tokens that the tests decide, and the people who call it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import orjson

from upsim.app import real_now
from upsim.domain.attributes import Attributes
from upsim.domain.entity import Entity
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import Role
from upsim.server.site import Site
from upsim.services.ports import SYSTEM, Transaction
from upsim.wire.jose import tokens

TENANT = "5b0d7c1e-0000-4000-8000-000000000a01"
OTHER_TENANT = "5b0d7c1e-0000-4000-8000-000000000a02"
ADMIN = "5b0d7c1e-0000-4000-8000-000000000b00"
ADA = "5b0d7c1e-0000-4000-8000-000000000b01"
BOB = "5b0d7c1e-0000-4000-8000-000000000b02"
READERS = "5b0d7c1e-0000-4000-8000-000000000c01"
APP = "5b0d7c1e-0000-4000-8000-000000000901"
OTHER_APP = "5b0d7c1e-0000-4000-8000-000000000902"
USER_SCOPES = "User.Read PrinterShare.ReadBasic.All PrintJob.ReadWrite PrintJob.Create"
ADMIN_SCOPES = (
    "User.Read User.Read.All Group.Read.All Organization.Read.All Printer.Create Printer.FullControl.All "
    "PrinterShare.ReadWrite.All PrintJob.ReadWrite.All PrintConnector.ReadWrite.All PrintSettings.ReadWrite.All "
    "Reports.Read.All"
)
APP_ROLES = (
    "Printer.ReadWrite.All PrintJob.ReadWrite.All PrintJob.Manage.All PrintTaskDefinition.ReadWrite.All "
    "User.Read.All"
)
_numbers = count(1)


@dataclass
class World:
    """A running API and the means to look behind it."""

    url: str
    site: Site
    session: aiohttp.ClientSession
    ca: Path
    kid: str
    private_key: Any
    elapsed: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return real_now() + self.elapsed

    def token(self, **claims: Any) -> str:
        """A signed token; claims given as None are left out."""
        now = real_now()
        everything = {
            "iss": "https://upsim",
            "aud": "https://graph.microsoft.com",
            "tid": TENANT,
            "appid": APP,
            "nbf": int(now.timestamp()) - 10,
            "exp": int((now + timedelta(hours=1)).timestamp()),
            **claims,
        }
        given = {name: value for name, value in everything.items() if value is not None}
        return tokens.sign(given, self.private_key, self.kid)

    def user(self, user_id: str = ADA, scopes: str = USER_SCOPES, *roles: Role, **claims: Any) -> Person:
        name = NAMES_BY_ID.get(user_id, "Somebody")
        upn = f"{name.lower()}@contoso.example"
        given = {"oid": user_id, "scp": scopes, "name": name, "upn": upn, "wids": list(roles), **claims}
        return Person(self, self.token(**given))

    def admin(self, scopes: str = ADMIN_SCOPES, **claims: Any) -> Person:
        return self.user(ADMIN, scopes, Role.PRINTER_ADMINISTRATOR, **claims)

    def app(self, roles: str = APP_ROLES, app_id: str = APP, **claims: Any) -> Person:
        return Person(self, self.token(oid=app_id, appid=app_id, roles=roles.split(), **claims))

    def nobody(self) -> Person:
        return Person(self, None)

    async def put(self, *entities: Entity) -> None:
        def unit(tx: Transaction) -> None:
            for entity in entities:
                tx.put(entity)

        await self.site.store.write(TENANT, unit)

    async def rows(self) -> list[Any]:
        """Everything that the tenant has, to show that nothing changed."""
        query = "SELECT place, kind, id, body FROM entity WHERE until IS NULL ORDER BY place, kind, id"

        def unit(tx: Any) -> list[Any]:
            return [tuple(row) for row in tx._session.execute(query, {})]

        return await self.site.store.read(TENANT, unit)

    def blobs(self) -> list[Path]:
        """Files in the blob store."""
        return [path for path in self.site.blobs._folder.rglob("*") if path.is_file()]  # type: ignore[attr-defined]

    async def job(self, job_id: str) -> Job:
        found = await self.site.store.read(TENANT, lambda tx: tx.get(Job, job_id))
        assert found is not None
        return found

    async def settings(self, **changes: Any) -> None:
        tenant = await self.site.store.read(SYSTEM, lambda tx: tx.get(Tenant, TENANT))
        changed = Tenant(
            id=TENANT,
            display_name=tenant.display_name,
            domains=tenant.domains,
            seed=tenant.seed,
            settings=msgspec.convert(changes, TenantSettings),
        )
        await self.site.store.write(SYSTEM, lambda tx: tx.put(changed))


NAMES_BY_ID = {ADMIN: "Admin", ADA: "Ada", BOB: "Bob"}


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])


@dataclass
class Person:
    """Somebody who calls Graph with a token of their own, or with none."""

    world: World
    token: str | None

    async def call(self, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if json is not None:
            more["data"] = json if isinstance(json, bytes) else orjson.dumps(json)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(more.get("data"), bytes) and len(more["data"]) > 1 << 20:
            more["data"] = io.BytesIO(more["data"])  # aiohttp warns of large bytes
        url = path if path.startswith("https:") else f"{self.world.url}{path}"
        from yarl import URL

        more.setdefault("allow_redirects", False)
        async with self.world.session.request(method, URL(url, encoded=True), headers=headers, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        return await self.call("POST", path, json, **more)

    async def patch(self, path: str, json: Any = None, **more: Any) -> Answer:
        return await self.call("PATCH", path, json, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.call("DELETE", path, **more)

    async def put(self, path: str, data: bytes, content_range: str | None, **more: Any) -> Answer:
        headers = {} if content_range is None else {"Content-Range": content_range}
        return await self.call("PUT", path, data=data, headers=headers, **more)


def a_printer(display_name: str = "Lab 3", attributes: Attributes | None = None, **fields: Any) -> Printer:
    number = next(_numbers)
    return Printer(
        id=fields.pop("id", f"5b0d7c1e-0000-4000-8002-{number:012x}"),
        display_name=display_name,
        manufacturer="Acme",
        model="A100",
        registered_at=datetime(2026, 1, 5, 10, 0, tzinfo=UTC) + timedelta(seconds=number),
        attributes=attributes or {},
        **fields,
    )


def a_share(printer: Printer, display_name: str = "Third floor", **fields: Any) -> PrinterShare:
    number = next(_numbers)
    return PrinterShare(
        id=f"5b0d7c1e-0000-4000-8001-{number:012x}",
        display_name=display_name,
        printer_id=printer.id,
        created_at=datetime(2026, 1, 5, 11, 0, tzinfo=UTC) + timedelta(seconds=number),
        **{"allow_all_users": True, **fields},
    )

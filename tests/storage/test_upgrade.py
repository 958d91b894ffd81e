"""What earlier schemas' upsim left behind opens with this one: state and documents, on both engines."""

import base64
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from tests.support.postgres import PostgresServer
from upsim.actors.person import Person
from upsim.actors.printer import Identity, PrinterDevice
from upsim.actors.wire import Answer, Wire
from upsim.app import serve
from upsim.config import Settings
from upsim.domain.application import ENABLED_PRINTER_APP_ID
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services.ports import SYSTEM, Store
from upsim.storage._sql.statements import SCHEMA_VERSION, migrations
from upsim.storage.postgres.dialect import translated_schema
from upsim.storage.postgres.engine import PostgresStore
from upsim.storage.sqlite.engine import SqliteStore
from upsim.wire import repeatable_rsa

FOLDER = Path(__file__).parent
TENANT = "0c0a7050-0000-4000-8000-00000000a001"
OTHER_TENANT, THIRD_TENANT = "0c0a7050-0000-4000-8000-00000000a002", "0c0a7050-0000-4000-8000-00000000a003"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
PRINTER, SHARE = "50f01822-d3a1-4774-bca1-079560fbf0a8", "a267b085-8767-4cc6-acfd-8d59677fe969"
PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
WAITING = b"%PDF-1.7\nwaits for a newer upsim\n%%EOF\n"


def rows(schema: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table and columns of each row that a schema's upsim left; bodies as they are stored."""
    for line in (FOLDER / f"schema_{schema}.jsonl").read_text().splitlines():
        if not line.startswith("#"):
            ((table, row),) = json.loads(line).items()
            for name in row.keys() & {"body", "facts"}:
                row[name] = json.dumps(row[name]).encode()
            yield table, row


def lay_documents(folder: Path, schema: int) -> None:
    for table, row in rows(schema):
        if table == "document":
            path = folder / row["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(row["content"])


Left = Iterable[tuple[str, dict[str, Any]]]


def a_file(folder: Path, schema: int, left: Left) -> Path:
    path = folder / "upsim.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("\n".join(migrations(0)[:schema]))
    for table, row in left:
        if table != "document":
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
    connection.commit()
    connection.close()
    return path


def a_schema(postgres: PostgresServer, schema: int, left: Left) -> str:
    url = postgres.fresh_url()
    with psycopg.connect(url) as connection:
        for script in migrations(0)[:schema]:
            connection.execute(translated_schema(script))
        for table, row in left:
            if table != "document":
                marks = ", ".join(f"%({name})s" for name in row)
                connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
    return url


def a_data_folder(folder: Path, schema: int = 1) -> Settings:
    a_file(folder, schema, rows(schema))
    lay_documents(folder, schema)
    return Settings(port=0, http_port="off", data=str(folder))


def a_database(folder: Path, postgres: PostgresServer, schema: int = 1) -> Settings:
    url = a_schema(postgres, schema, rows(schema))
    lay_documents(folder, schema)
    return Settings(port=0, http_port="off", store=url, data=str(folder))


class KeyWire(Wire):
    """Sends a short key where the device would send a token: its own key was not kept."""

    key = ""

    async def call(self, method: str, url: str, **options: Any) -> Answer:
        if options.pop("token", None):
            basic = base64.b64encode(f"{PRINTER}:{self.key}".encode()).decode()
            options["headers"] = {**options.get("headers", {}), "Authorization": f"Basic {basic}"}
        return await super().call(method, url, **options)


@pytest.mark.parametrize("engine", ["file", "postgresql"])
async def test_what_the_first_schema_wrote_goes_on(engine: str, tmp_path: Path, request: Any) -> None:
    if engine == "file":
        settings = a_data_folder(tmp_path)
    else:
        settings = a_database(tmp_path, request.getfixturevalue("postgres"))
    async with serve(settings) as upsim:
        ca = Path(upsim.ca).read_text()
        async with Wire("alex", upsim.https, ca) as wire, KeyWire("device", upsim.https, ca) as own:
            alex = Person(wire, TENANT, PUBLIC_CLIENT, "alex@contoso.example")
            await alex.sign_in_with_browser()
            jobs = f"/print/shares/{SHARE}/jobs"
            listed = await alex.graph("GET", jobs, expect=(200,), note="")
            states = {job["id"]: (job["status"]["state"], job["isFetchable"]) for job in listed["value"]}
            assert states == {"1": ("completed", False), "2": ("pending", True)}

            path = f"/_upsim/tenants/{TENANT}/printers/{PRINTER}/device-key"
            own.key = (await wire.call("GET", path)).json()["key"]
            nothing: Any = None
            device = PrinterDevice(own, Identity(PRINTER, nothing, "", "", "", "", ""))
            device.token = "a short key instead"
            assert await device.fetchable_jobs() == [2]
            await device.acknowledge(2)
            assert await device.document(2) == WAITING
            await device.report(2, 9, "job-completed-successfully")
            done = await alex.graph("GET", f"{jobs}/2", expect=(200,), note="")
            assert done["status"]["state"] == "completed"

            document = tmp_path / "next.pdf"
            document.write_bytes(b"%PDF-1.7\nnext\n%%EOF\n")
            assert await alex.print(SHARE, document, {}) == "3"  # numbers go on


@pytest.mark.parametrize("engine", ["file", "postgresql"])
async def test_a_printer_of_the_third_schema_goes_on_with_its_certificate(
    engine: str, tmp_path: Path, request: Any
) -> None:
    if engine == "file":
        settings = a_data_folder(tmp_path, 3)
    else:
        settings = a_database(tmp_path, request.getfixturevalue("postgres"), 3)
    (printer,) = (row for _, row in rows(3) if row.get("kind") == "printer" and "until" not in row)
    certificate = json.loads(printer["body"])["certificate"]["der_base64"]
    async with serve(settings) as upsim, Wire("device", upsim.https, Path(upsim.ca).read_text()) as wire:
        identity = Identity(
            printer_id=printer["id"],
            private_key=repeatable_rsa.private_key("the printer of schema 3"),
            certificate_base64=certificate,
            device_token_url=f"/{TENANT}/oauth2/token",
            resource="https://print.print.microsoft.com",
            client_id=ENABLED_PRINTER_APP_ID,
            redirect_uri="",
        )
        device = PrinterDevice(wire, identity)
        await device.prove_itself()
        assert await device.fetchable_jobs() == [1]
        await device.acknowledge(1)
        assert await device.document(1) == WAITING
        await device.report(1, 9, "job-completed-successfully")
        assert await device.fetchable_jobs() == []


def with_a_second_tenant(left: Left) -> Left:
    """The rows that were left, and the same under another GUID and domain."""
    for table, row in left:
        yield table, row
        copy = {name: renamed(value) for name, value in row.items()}
        if copy != row:
            yield table, copy


def renamed(value: Any) -> Any:
    if isinstance(value, bytes):
        return renamed(value.decode()).encode()
    if not isinstance(value, str):
        return value
    return value.replace(TENANT, OTHER_TENANT).replace("contoso.", "fabrikam.")


@pytest.fixture(params=["file", "postgresql"])
async def upgraded(request: Any, tmp_path: Path) -> AsyncIterator[Store]:
    """A store that schema 3's upsim left with two tenants, opened by this one."""
    left = with_a_second_tenant(rows(3))
    store: Store
    if request.param == "file":
        store = await SqliteStore.open_file(a_file(tmp_path, 3, left), lambda: NOW)
    else:
        url = a_schema(request.getfixturevalue("postgres"), 3, left)
        store = await PostgresStore.open(url, lambda: NOW)
    yield store
    await store.close()


async def test_each_tenant_of_an_older_store_keeps_its_own(upgraded: Store) -> None:
    store = upgraded

    async def users(tenant_id: str, as_of: int | None = None) -> list[str]:
        found = await store.read(tenant_id, lambda tx: tx.find(Query(entity=User)), as_of=as_of)
        return [user.user_principal_name for user in found]

    before = {tenant_id: await users(tenant_id) for tenant_id in (TENANT, OTHER_TENANT)}
    assert "alex@contoso.example" in before[TENANT]
    assert before[OTHER_TENANT] == [name.replace("contoso.", "fabrikam.") for name in before[TENANT]]

    (alex,) = await store.read(TENANT, lambda tx: tx.find(Query(entity=User, key="alex@contoso.example")))
    changes = await store.read(TENANT, lambda tx: tx.change_number)
    await store.write(TENANT, lambda tx: tx.delete(alex))
    assert await users(TENANT) == [name for name in before[TENANT] if name != alex.user_principal_name]
    assert await users(TENANT, changes) == before[TENANT]
    assert await users(OTHER_TENANT) == before[OTHER_TENANT]

    third = Tenant(id=THIRD_TENANT, display_name="Tailwind", domains=("tailwind.example",), seed="3")
    await store.write(SYSTEM, lambda tx: tx.put(third))
    assert await users(THIRD_TENANT) == []
    now = await store.read(OTHER_TENANT, lambda tx: tx.change_number)
    await store.write(THIRD_TENANT, lambda tx: tx.history.copy(OTHER_TENANT, now))
    assert await users(THIRD_TENANT) == before[OTHER_TENANT]
    await store.write(OTHER_TENANT, lambda tx: tx.wipe(for_good=True))
    await store.write(SYSTEM, lambda tx: tx.delete(msgspec.structs.replace(third, id=OTHER_TENANT)))
    with pytest.raises(NotFound):
        await users(OTHER_TENANT)
    assert await users(THIRD_TENANT) == before[OTHER_TENANT]


async def test_the_schema_is_the_newest_afterwards_and_opens_again(tmp_path: Path) -> None:
    settings = a_data_folder(tmp_path)
    for _ in range(2):
        async with serve(settings):
            pass
    connection = sqlite3.connect(tmp_path / "upsim.sqlite")
    assert connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == (str(SCHEMA_VERSION),)
    connection.close()

"""The table's permissions against the facts of Microsoft's permissions data, and every row against every caller.

`permissions.json` beside this file holds the facts: for each method and path the delegated and the application
permissions that open it (permissions data of Microsoft Graph, August 2026).
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.graph.world import ADA, Person, World
from upsim.apis.graph.table import TABLE
from upsim.domain.caller import Caller
from upsim.domain.refusals import Refusal
from upsim.domain.user import Role
from upsim.server.authorization import admits
from upsim.server.operation import Operation, Scopes, Support

FACTS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("permissions.json").read_text(encoding="utf-8")
)
NOT_IN_TABLE = re.compile(r" /print/(reports/|alertSettings)", re.IGNORECASE)
"""In the table as not emulated: the first is in no schema and no SDK, the type of the second is not public."""
REFERENCES = re.compile(r"/allowed(Users|Groups)(/\{id\})?$", re.IGNORECASE)

ROWS = [row for row in TABLE if row.support is not Support.NOT_EMULATED and isinstance(row.access, Scopes)]
EVERY_PERMISSION = sorted({name for fact in FACTS.values() for names in fact.values() for name in names})


def shape(path: str) -> str:
    """A path in lower case, as some facts are, with parameters unnamed and a function without its arguments."""
    path = re.sub(r"(/get\w+archivedprintjobs)(\(.*\))?$", r"\1()", path.lower())
    return re.sub(r"\{\w+\}", "{id}", path)


BY_ROUTE = {f"{row.method} {shape(row.path)}": row for row in TABLE}


def row_of(route: str) -> Operation:
    method, _, path = route.partition(" ")
    if method in {"POST", "DELETE"} and REFERENCES.search(path):
        path += "/$ref"
    return BY_ROUTE[f"{method} {shape(path)}"]


@pytest.mark.parametrize("route", [route for route in FACTS if not NOT_IN_TABLE.search(route)])
def test_the_table_agrees_with_the_facts(route: str) -> None:
    access = row_of(route).access
    assert isinstance(access, Scopes)
    assert sorted(access.delegated) == FACTS[route]["delegated"]
    assert sorted(access.application) == FACTS[route]["application"]


def caller(kind: Any, permissions: set[str], *roles: Role) -> Caller:
    held = frozenset(permissions)
    return Caller(
        kind=kind,
        scopes=held if kind == "user" else frozenset(),
        permissions=held if kind != "user" else frozenset(),
        roles=frozenset(roles),
    )


def is_open(row: Operation, someone: Caller) -> bool:
    assert isinstance(row.access, Scopes)
    try:
        return admits(row.access, someone)
    except Refusal:
        return False


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_permission_and_every_kind_of_caller(row: Operation) -> None:
    access = row.access
    assert isinstance(access, Scopes)
    for permission in EVERY_PERMISSION:
        delegated = {permission, *access.delegated_beside[:1]}
        opens = not delegated.isdisjoint(access.delegated)
        assert is_open(row, caller("user", delegated, Role.PRINTER_ADMINISTRATOR)) is opens
        assert is_open(row, caller("user", delegated, Role.GLOBAL_ADMINISTRATOR)) is opens
        assert is_open(row, caller("user", delegated)) is (opens and not access.administrator)
        assert is_open(row, caller("user", delegated, Role.REPORTS_READER)) is (opens and not access.administrator)
        application = {permission, *access.application_beside[:1]}
        opens = not application.isdisjoint(access.application)
        assert is_open(row, caller("application", application)) is opens


JOB_ROWS = [row for row in ROWS if re.search(r"^/print/(printers|shares|printerShares)/\{\w+\}/jobs", row.path)]


@pytest.mark.parametrize("row", JOB_ROWS, ids=lambda row: row.id)
def test_a_job_takes_a_permission_on_its_printer_or_share_too(row: Operation) -> None:
    access = row.access
    assert isinstance(access, Scopes)
    reading = "Printer" if row.path.startswith("/print/printers/") else "PrinterShare"
    for permission in access.delegated:
        assert not is_open(row, caller("user", {permission}, Role.PRINTER_ADMINISTRATOR))
        assert not is_open(
            row, caller("user", {permission, "PrintConnector.Read.All"}, Role.PRINTER_ADMINISTRATOR)
        )
        assert is_open(row, caller("user", {permission, f"{reading}.Read.All"}, Role.PRINTER_ADMINISTRATOR))
        assert is_open(row, caller("user", {permission, f"{reading}.ReadWrite.All"}, Role.PRINTER_ADMINISTRATOR))
    for permission in access.application:
        assert not is_open(row, caller("application", {permission}))
        assert is_open(row, caller("application", {permission, "Printer.Read.All"}))


ADMINISTRATORS_ONLY = {
    "printer.list", "printer.create", "printer.get", "printer.update", "printer.delete",
    "printer.restore-factory-defaults", "printer.get-capabilities", "printer.connector.list", "share.create",
    "share.update", "share.delete", "share.allowed-user.list", "share.allowed-user.add",
    "share.allowed-user.remove", "share.allowed-group.list", "share.allowed-group.add",
    "share.allowed-group.remove", "printer.job.list", "printer.job.create", "task-trigger.list",
    "task-trigger.create", "connector.list", "connector.get", "connector.update", "connector.delete",
    "settings.get", "settings.update", "operation.get",
}  # fmt: skip
EVERYBODY = {
    "share.list", "share.get", "printer.share.list", "share.job.list", "share.job.create", "share.job.get",
    "share.job.start", "me.recent-share.list", "service.list", "service.get", "service-endpoint.list",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ADMINISTRATORS_ONLY | EVERYBODY))
def test_the_role_is_asked_for_where_the_pages_say_so(name: str) -> None:
    (row,) = (row for row in TABLE if row.id == f"graph.{name}")
    assert isinstance(row.access, Scopes)
    assert row.access.administrator is (name in ADMINISTRATORS_ONLY)


def url(row: Operation) -> str:
    version = row.versions[0]
    nobody = "5b0d7c1e-0000-4000-8000-00000000ffff"
    path = row.path.replace("()", f"(printerId='{nobody}')")
    return f"/{version}{re.sub(r'{[^}]*}', nobody, path)}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_a_row_over_the_wire(world: World, row: Operation) -> None:
    """Without a token 401; without its permission 403; with the wrong kind of token 403; nothing changes."""
    before = await world.rows()
    access = row.access
    assert isinstance(access, Scopes)
    body: Any = {} if row.method in {"POST", "PATCH"} else None
    callers: list[tuple[Person, int]] = [(world.nobody(), 401), (world.admin("openid"), 403)]
    callers.append((world.app("Nothing.At.All"), 403))
    if not access.application:
        callers.append((world.app(" ".join(access.delegated)), 403))
    if not access.delegated:
        callers.append((world.admin(" ".join(access.application)), 403))
    if access.administrator:
        callers.append((world.user(ADA, " ".join(access.delegated)), 403))
    for person, status in callers:
        answer = await person.call(row.method, url(row), body)
        assert answer.status == status, (row.id, answer.body)
        assert set(answer.json["error"]) >= {"code", "message", "innerError"}
    assert await world.rows() == before


NOT_EMULATED = [row for row in TABLE if row.support is Support.NOT_EMULATED]


async def test_what_is_not_emulated_says_so_and_where_to_look(world: World, admin: Person) -> None:
    assert NOT_EMULATED
    for row in NOT_EMULATED:
        answer = await admin.call(row.method, url(row), {} if row.method not in {"GET", "DELETE"} else None)
        assert (answer.status, answer.code) == (501, "NotImplemented"), row.id
        assert f"{world.url}/_upsim/operations" in answer.message

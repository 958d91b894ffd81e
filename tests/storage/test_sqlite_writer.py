"""What the writer of a SQLite store does where the disk is full."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from upsim.domain.query import Query
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services.ports import SYSTEM, Transaction, Unit
from upsim.storage._sql.statements import migrations
from upsim.storage.conformance.stores import START, a_user
from upsim.storage.sqlite.writer import Request, Writer

TENANT = Tenant(id="t1", display_name="Contoso", domains=("t1.example",), seed="seed")
PAGES_LEFT = 12


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "upsim.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript("\n".join(migrations(0)))
    yield connection
    connection.close()


def written(writer: Writer, *units: Unit[object], tenant_id: str = TENANT.id) -> list[object]:
    committed = writer.commit(writer.run([Request(tenant_id, unit) for unit in units]))
    return [outcome.unwrap() for outcome in committed.outcomes]


def everything(tx: Transaction) -> tuple[object, ...]:
    return tx.get(User, "u0"), tx.find(Query(entity=User)), tx.next_number("n"), tx.change_number


def fill(tx: Transaction) -> None:
    for number in range(2000):
        tx.put(a_user(f"u{number}"))
    tx.next_number("n")
    tx.find(Query(entity=User))


def test_units_for_which_the_disk_has_no_room_leave_nothing_behind(connection: sqlite3.Connection) -> None:
    writer = Writer(connection, lambda: START)
    written(writer, lambda tx: tx.put(TENANT), tenant_id=SYSTEM)
    assert written(writer, everything) == [(None, [], 1, 2)]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + PAGES_LEFT}")
    writer.ahead["row-1"] = b"octets"
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            written(writer, lambda tx: tx.put(a_user("u0")), fill)
        assert not connection.in_transaction
    connection.execute("PRAGMA max_page_count = 100000")
    assert written(writer, everything) == [(None, [], 2, 3)]
    assert connection.execute("SELECT key FROM blob").fetchall() == [("row-1",)]
    assert not writer.ahead

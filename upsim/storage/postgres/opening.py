"""Connecting to a server for the first time: what can be wrong with it is said in one sentence."""

from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection, conninfo, errors

from upsim.storage._sql.statements import SCHEMA_VERSION, migrations, statements, too_new
from upsim.storage.errors import StoreError, StoreTooNewError
from upsim.storage.postgres.dialect import translated, translated_schema

MIGRATION_LOCK = 0x7570_7369_6D00
"""The advisory lock under which one node makes or changes the schema, and the others wait."""


def described(url: str) -> str:
    """The address without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def checked(url: str) -> str:
    """The URL, if libpq and we can read it."""
    try:
        conninfo.conninfo_to_dict(url)
        described(url)
    except (psycopg.ProgrammingError, ValueError) as error:
        raise StoreError(f"The store's URL cannot be read: {_first_line(error)}.") from error
    return url


def prepare(url: str, connect_seconds: float) -> tuple[str, str]:
    """Reach the server and bring its schema up to date; the server's version, and the schema that holds us."""
    where = described(url)
    try:
        with psycopg.connect(url, connect_timeout=max(2, int(connect_seconds))) as connection:
            _migrate(connection)
            row = connection.execute("SELECT current_setting('server_version'), current_schema()").fetchone()
            assert row is not None  # noqa: S101 - a SELECT without FROM has one row
            return str(row[0]).split()[0], str(row[1])
    except errors.InsufficientPrivilege as error:
        raise StoreError(
            f"The user may not make or use upsim's tables in {where}: {_first_line(error)}."
        ) from error
    except errors.InvalidSchemaName as error:
        raise StoreError(f"There is no schema for upsim's tables in {where}: {_first_line(error)}.") from error
    except psycopg.OperationalError as error:
        raise StoreError(f"PostgreSQL at {where} cannot be used: {_first_line(error)}.") from error
    except psycopg.Error as error:
        raise StoreError(f"The schema in {where} cannot be prepared: {_first_line(error)}.") from error


def _migrate(connection: Connection[Any]) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
    version = _schema_version(connection)
    if version > SCHEMA_VERSION:
        raise StoreTooNewError(too_new(version))
    if version == SCHEMA_VERSION:
        _check_rights(connection)
        return
    for script in migrations(version):
        connection.execute(translated_schema(script))
    connection.execute(translated(statements()["set_schema_version"]), {"version": str(SCHEMA_VERSION)})


def _schema_version(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT to_regclass('meta')").fetchone()
    if row is None or row[0] is None:
        return 0
    row = connection.execute(statements()["schema_version"]).fetchone()
    return int(row[0]) if row else 0


def _check_rights(connection: Connection[Any]) -> None:
    """Raise where the user may look but not change."""
    connection.execute("DELETE FROM entity WHERE false")
    connection.execute("UPDATE change SET number = number WHERE false")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines and lines[0].endswith("errors:") else lines[0] if lines else repr(error)).rstrip(
        "."
    )

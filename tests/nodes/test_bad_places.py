"""Places that cannot be: one clear sentence and exit code 2 before a port opens."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import PostgresServer
from tests.support.s3 import S3Server

KEYS = {"AWS_ACCESS_KEY_ID": "rig", "AWS_SECRET_ACCESS_KEY": "rig-secret"}


@contextmanager
def a_held_port() -> Iterator[int]:
    """A port of the test's own: a server that tried to open it would say so instead."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield int(held.getsockname()[1])


def refusal(folder: Path, *arguments: str, **environment: str) -> str:
    """The one sentence that `upsim serve` ends with."""
    with a_held_port() as port:
        done = subprocess.run(
            [sys.executable, "-m", "upsim", "serve", "--port", str(port), "--http-port", "off", *arguments],
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, **KEYS, **environment},
            check=False,
            timeout=120,
        )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert line.endswith((".", "?"))
    assert str(port) not in line
    return line


def with_user(url: str, user: str) -> str:
    return url.replace("//postgres@", f"//{user}@")


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", "PostgreSQL at 127.0.0.1:1/none cannot be used"),
        ("postgresql://127.0.0.1/x?nonsense=1", "cannot be read"),
        ("postgresql://127.0.0.1:port/x", "cannot be read"),
        ("mysql://root:s3cret@127.0.0.1/none", "--store takes a postgresql:// address"),
        ("file.sqlite", "--store takes a postgresql:// address"),
        ("", "--store takes a postgresql:// address"),
    ],
)
def test_an_address_that_cannot_be(store: str, said: str, tmp_path: Path) -> None:
    line = refusal(tmp_path, "--store", store, "--data", "data")
    assert said in line
    assert "s3cret" not in line


def test_a_host_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with a_held_port() as silent:  # it takes the connection and says nothing
        store = f"postgresql://upsim:s3cret@127.0.0.1:{silent}/rig"
        line = refusal(tmp_path, "--store", store, "--data", "data", "--store-timeout-seconds", "2")
    assert f"PostgreSQL at 127.0.0.1:{silent}/rig cannot be used" in line
    assert "s3cret" not in line


def test_a_database_that_is_not_there(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.url.removesuffix("/postgres") + "/no_such_rig"
    assert 'database "no_such_rig" does not exist' in refusal(tmp_path, "--store", url, "--data", "data")


def test_a_user_who_is_not_there(postgres: PostgresServer, tmp_path: Path) -> None:
    line = refusal(tmp_path, "--store", with_user(postgres.url, "nobody"), "--data", "data")
    assert 'role "nobody" does not exist' in line


def test_a_user_who_may_make_no_tables(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.fresh_url()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE newcomer LOGIN")
    line = refusal(tmp_path, "--store", with_user(url, "newcomer"), "--data", "data")
    assert "There is no schema for upsim's tables" in line


def test_a_user_who_may_look_and_not_change(postgres: PostgresServer, tmp_path: Path) -> None:
    from upsim.storage.postgres.opening import prepare

    url = postgres.fresh_url()
    prepare(url, 30)
    schema = url.rpartition("%3D")[2]
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO reader")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader")
    line = refusal(tmp_path, "--store", with_user(url, "reader"), "--data", "data")
    assert "may not make or use upsim's tables" in line


def test_a_schema_that_is_not_there(postgres: PostgresServer, tmp_path: Path) -> None:
    url = f"{postgres.url}?options=-csearch_path%3Dno_such_schema"
    assert "There is no schema for upsim's tables" in refusal(tmp_path, "--store", url, "--data", "data")


def test_a_newer_schema_on_either_engine(postgres: PostgresServer, tmp_path: Path) -> None:
    from upsim.storage.postgres.opening import prepare

    url = postgres.fresh_url()
    prepare(url, 30)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    assert "The store has schema 99" in refusal(tmp_path, "--store", url, "--data", "data")

    (tmp_path / "newer").mkdir()
    file = sqlite3.connect(tmp_path / "newer" / "upsim.sqlite")
    file.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    file.execute("INSERT INTO meta VALUES ('schema', '99')")
    file.commit()
    file.close()
    assert "use a newer upsim" in refusal(tmp_path, "--data", "newer")


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "upsim.sqlite").write_bytes(b"This is a shopping list. " * 100)
    assert "cannot be used" in refusal(tmp_path, "--data", "data")


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert "data" in refusal(tmp_path, "--data", "data")


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ("s3://rig?endpoint=http://127.0.0.1:1", "cannot be reached"),
        ("s3://rig?endpoint=nonsense", "http or https"),
        ("s3://?endpoint=http://127.0.0.1:1", "s3://bucket"),
        ("gs://rig", "s3://bucket"),
        ("/srv/documents", "s3://bucket"),
    ],
)
def test_documents_that_cannot_be(documents: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(tmp_path, "--documents", documents, "--data", "data", "--store-timeout-seconds", "2")


def test_a_bucket_that_is_not_there(s3: S3Server, tmp_path: Path) -> None:
    line = refusal(tmp_path, "--documents", s3.url(bucket="no-such-bucket"), "--data", "data")
    assert "no bucket no-such-bucket" in line


def test_no_keys_for_the_bucket(s3: S3Server, tmp_path: Path) -> None:
    gone = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    line = refusal(tmp_path, "--documents", s3.url(), "--data", "data", HOME=str(tmp_path), **gone)
    assert "keys" in line


def test_keys_that_may_not_write_into_the_bucket(s3: S3Server, tmp_path: Path) -> None:
    with s3.strict_about_keys():
        line = refusal(tmp_path, "--documents", s3.url(), "--data", "data")
    assert "may not" in line

"""Where a server keeps its state, its documents and its CA, opened as the settings say."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from upsim.config import ConfigError, Settings
from upsim.services.ports import Blobs, Store
from upsim.storage.documents.files import FileBlobs
from upsim.storage.errors import StoreError
from upsim.storage.sqlite.blobs import RowBlobs
from upsim.storage.sqlite.engine import SqliteStore

Now = Callable[[], datetime]


def folder_of(settings: Settings, stack: AsyncExitStack) -> Path:
    """Return the data folder, or one that is gone with the process."""
    if settings.data is not None:
        folder = Path(settings.data)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
        return folder
    folder = Path(tempfile.mkdtemp(prefix="upsim-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


async def open_store(settings: Settings, folder: Path, now: Now) -> Store:
    """Return the engine that the settings choose; raises `ConfigError` where it cannot be used."""
    if settings.data is None and settings.store is None:
        return SqliteStore.open_memory(now)
    try:
        if settings.store is not None:
            return await _open_shared_store(settings, settings.store, now)
        return await SqliteStore.open_file(folder / "upsim.sqlite", now)
    except StoreError as error:
        raise ConfigError(str(error)) from error


async def _open_shared_store(settings: Settings, url: str, now: Now) -> Store:
    """PostgreSQL, whose library is imported only by those who use it."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigError(f"--store takes a postgresql:// address, not '{url.partition('@')[2] or url}'.")
    if settings.data is None and settings.documents is None:
        raise ConfigError(
            "A shared store keeps no documents: give --documents s3://..., or --data, a folder that all servers "
            "on the store see."
        )
    try:
        from upsim.storage.postgres.engine import PoolSettings, PostgresStore
    except ImportError as error:
        raise ConfigError("--store needs psycopg: install upsim[postgres].") from error
    pool = PoolSettings(settings.store_connections, settings.store_timeout_seconds)
    return await PostgresStore.open(url, now, pool)


async def open_blobs(settings: Settings, folder: Path, store: Store, now: Now) -> Blobs:
    """Open the document store; raises `ConfigError` where that cannot be used."""
    is_kept = settings.data is not None or settings.store is not None
    if settings.documents is None:
        files = FileBlobs(folder / "documents", is_durable=is_kept)
        return RowBlobs(store, files, now) if is_kept and isinstance(store, SqliteStore) else files
    if not is_kept:
        raise ConfigError(
            "--documents keeps documents only: give --data or --store for the state that names them."
        )
    try:
        from upsim.storage.documents.s3 import S3Blobs
    except ImportError as error:
        raise ConfigError("--documents needs aiobotocore: install upsim[s3].") from error
    try:
        return await S3Blobs.open(settings.documents, settings.store_timeout_seconds)
    except StoreError as error:
        raise ConfigError(str(error)) from error


def tls_folder(settings: Settings, folder: Path) -> Path:
    """Return the folder of the CA: with the data, else in the user's state folder, to be trusted once."""
    if settings.data is not None or settings.store is not None:
        return folder / "tls"
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    shared = Path(base) / "upsim" / "tls"
    try:
        shared.mkdir(parents=True, exist_ok=True)
        probe = shared / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError:
        return folder / "tls"
    return shared

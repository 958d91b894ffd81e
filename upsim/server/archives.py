"""A tenant as one file: a ZIP archive of a manifest, its rows a line each, and its documents as they are.

    manifest.json      what it is, the version of the form, the tenant, its seed, its counters
    rows.jsonl         {"kind", "id", "body"} of everything that is stored
    documents/KEY      the bytes of each part of a document

A ZIP has a checksum for each member, so what was damaged on the way is refused.
"""

import asyncio
import zipfile
import zlib
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from upsim.domain.tenant import Tenant
from upsim.server.site import Site
from upsim.server.spelling import from_json, to_json
from upsim.services import archives
from upsim.services.archives import Contents, broken
from upsim.services.ports import StoredRow
from upsim.services.snapshots import Point
from upsim.version import VERSION

FORMAT_VERSION = 1
CHUNK_BYTES = 256 * 1024
ROW_BYTES_MAX = 256 << 20
"""Rows are read into memory; no tenant has as many."""

_MANIFEST, _ROWS, _DOCUMENTS = "manifest.json", "rows.jsonl", "documents/"


class Manifest(Struct, frozen=True, kw_only=True):
    """`manifest.json`. `version` changes when an older upsim could not read the file rightly any more."""

    format: Literal["upsim-tenant"] = "upsim-tenant"
    version: int = FORMAT_VERSION
    upsim: str = VERSION
    contents: Contents
    row_count: int


class _Form(Struct, frozen=True):
    """What every version of the manifest has."""

    format: str = ""
    version: int = 0
    upsim: str = "?"


class _Row(Struct, frozen=True):
    kind: str
    id: str
    body: msgspec.Raw


async def export(site: Site, tenant_id: str, point: Point, path: Path) -> None:
    """Write a tenant into a file as it was at a point."""
    contents = await archives.collect(site.store, tenant_id, point)
    keys = archives.blobs_of(archives.entities(contents.rows))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        await asyncio.to_thread(_write_rows, archive, contents)
        for key in keys:
            info = zipfile.ZipInfo(_DOCUMENTS + key)  # stored: most are compressed already
            with archive.open(info, "w", force_zip64=True) as member:
                async for chunk in site.blobs.read(key):
                    member.write(chunk)


async def import_(site: Site, path: Path, tenant_id: str | None, domain: str | None) -> Tenant:
    """Make a tenant from a file. Whatever is wrong with the file is found before anything is stored."""
    try:
        with zipfile.ZipFile(path) as archive:
            contents = await asyncio.to_thread(_read_rows, archive)
            found = archives.entities(contents.rows)
            keys: dict[str, str] = {}
            try:
                for key in archives.blobs_of(found):
                    keys[key] = await _store(site, archive, key)
                return await archives.make(site.store, contents, found, keys, tenant_id=tenant_id, domain=domain)
            except BaseException:
                await site.blobs.delete(keys.values())
                raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise broken(f"it is damaged, or no ZIP file: {error}") from error


def _write_rows(archive: zipfile.ZipFile, contents: Contents) -> None:
    manifest = Manifest(contents=msgspec.structs.replace(contents, rows=[]), row_count=len(contents.rows))
    archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(to_json(manifest))))
    with archive.open(_ROWS, "w") as member:
        for row in contents.rows:
            member.write(msgspec.json.encode(_Row(row.kind, row.id, msgspec.Raw(row.body))) + b"\n")


def _read_rows(archive: zipfile.ZipFile) -> Contents:
    manifest = _read_manifest(_member(archive, _MANIFEST))
    lines = _member(archive, _ROWS).splitlines()
    rows = [_read(line, _Row, f"row {number}") for number, line in enumerate(lines, start=1)]
    if len(rows) != manifest.row_count:
        raise broken(f"it should have {manifest.row_count} rows and has {len(rows)}")
    stored = [StoredRow(row.kind, row.id, bytes(row.body)) for row in rows]
    return msgspec.structs.replace(manifest.contents, rows=stored)


def _read_manifest(octets: bytes) -> Manifest:
    form = _read(octets, _Form, _MANIFEST)
    if form.format != "upsim-tenant":
        raise broken("it is no tenant of upsim")
    if form.version > FORMAT_VERSION:
        raise broken(
            f"upsim {form.upsim} wrote it in version {form.version} of the form, and this upsim "
            f"({VERSION}) reads {FORMAT_VERSION}; use a newer one",
            reason="archive-too-new",
        )
    try:
        manifest: Manifest = from_json(msgspec.json.decode(octets), Manifest)
    except msgspec.ValidationError as error:
        raise broken(f"{_MANIFEST} cannot be read: {error}") from error
    return manifest


def _read(octets: bytes, kind: Any, what: str) -> Any:
    try:
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise broken(f"{what} cannot be read: {error}") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise broken(f"it has no {name}") from error
    if info.file_size > ROW_BYTES_MAX:
        raise broken(f"its {name} has more than {ROW_BYTES_MAX} bytes")
    return archive.read(info)


async def _store(site: Site, archive: zipfile.ZipFile, key: str) -> str:
    """One document's part into the blob store; its new key."""
    try:
        member = archive.open(_DOCUMENTS + key)
    except KeyError as error:
        raise broken(f"the document {key} is not in it") from error
    writer = await site.blobs.create()
    try:
        with member:
            while chunk := await asyncio.to_thread(member.read, CHUNK_BYTES):
                await writer.write(chunk)
        await writer.commit()
    except BaseException:
        await writer.discard()
        raise
    return writer.key

"""Documents' bytes in a bucket of any server that speaks S3: one object a part of a document.

A blob that fits in one piece is one PUT. A larger one is a multipart upload, whose pieces are sent while the rest
still comes in, so a writer holds one piece in memory. An object appears when its writer commits; what a writer
that died has sent is aborted by the sweep.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from msgspec import Struct

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.storage.errors import StoreError

PIECE_BYTES = 8 << 20
"""A piece of a multipart upload; S3 asks for 5 MiB at least, except of the last one."""
READ_BYTES = 256 * 1024
CONNECTIONS_MAX = 32
_OPTIONS = frozenset({"endpoint", "region"})


class S3Address(Struct, frozen=True, kw_only=True):
    """`s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1`, read. Raises `StoreError`."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"

    @classmethod
    def read(cls, url: str) -> Self:
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if parts.scheme != "s3" or not parts.hostname:
            raise StoreError(f"--documents takes s3://bucket/prefix?endpoint=..., not '{url}'.")
        if parts.username or parts.password:
            raise StoreError(
                "--documents takes no keys in its address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        if unknown := sorted(set(options) - _OPTIONS):
            raise StoreError(f"--documents knows no option '{unknown[0]}'; it knows endpoint and region.")
        endpoint = options.get("endpoint")
        if endpoint is not None and not endpoint.startswith(("http://", "https://")):
            raise StoreError(f"The endpoint of --documents must be an http or https address, not '{endpoint}'.")
        prefix = parts.path.strip("/")
        return cls(
            bucket=parts.netloc,
            prefix=f"{prefix}/" if prefix else "",
            endpoint=endpoint,
            region=options.get("region", "us-east-1"),
        )

    @property
    def where(self) -> str:
        """The bucket and the server, for people."""
        server = urlsplit(self.endpoint).netloc if self.endpoint else f"AWS {self.region}"
        return f"{self.bucket} at {server}"


class S3BlobWriter:
    """A `BlobWriter` into one object."""

    def __init__(self, client: Any, target: dict[str, str], key: str, where: str) -> None:
        self.key = key
        self._client = client
        self._target = target
        self._where = where
        self._pending = bytearray()
        self._upload: dict[str, str] | None = None
        self._etags: list[str] = []

    async def write(self, chunk: bytes) -> None:
        self._pending += chunk
        while len(self._pending) >= PIECE_BYTES:
            piece = bytes(memoryview(self._pending)[:PIECE_BYTES])
            del self._pending[:PIECE_BYTES]
            await self._send(piece)

    async def commit(self) -> None:
        if self._upload is None:
            with reached(self._where):
                await self._client.put_object(**self._target, Body=bytes(self._pending))
            return
        if self._pending:
            await self._send(bytes(self._pending))
        parts = [{"ETag": etag, "PartNumber": number} for number, etag in enumerate(self._etags, start=1)]
        with reached(self._where):
            await self._client.complete_multipart_upload(**self._upload, MultipartUpload={"Parts": parts})
        self._upload = None

    async def discard(self) -> None:
        self._pending.clear()
        if self._upload is not None:
            upload, self._upload = self._upload, None
            with reached(self._where):
                await self._client.abort_multipart_upload(**upload)

    async def _send(self, piece: bytes) -> None:
        with reached(self._where):
            if self._upload is None:
                begun = await self._client.create_multipart_upload(**self._target)
                self._upload = {**self._target, "UploadId": begun["UploadId"]}
            sent = await self._client.upload_part(**self._upload, PartNumber=len(self._etags) + 1, Body=piece)
        self._etags.append(sent["ETag"])


class S3Blobs:
    """`Blobs` in a bucket. `open` connects; raises `StoreError`."""

    def __init__(self, client: Any, address: S3Address, stack: AsyncExitStack) -> None:
        self.engine = f"S3 bucket {address.where}"
        self._client = client
        self._address = address
        self._stack = stack

    @classmethod
    async def open(cls, url: str, timeout_seconds: float = 5.0) -> Self:
        """Connect and see that the bucket is there and may be written."""
        address = S3Address.read(url)
        config = AioConfig(
            connect_timeout=timeout_seconds,
            read_timeout=max(30.0, timeout_seconds),
            max_pool_connections=CONNECTIONS_MAX,
            retries={"mode": "standard", "total_max_attempts": 3},
            request_checksum_calculation="when_required",  # other servers than AWS's may know none
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if address.endpoint else "auto"},
        )
        async with AsyncExitStack() as stack:
            try:
                making = get_session().create_client(
                    "s3", endpoint_url=address.endpoint, region_name=address.region, config=config
                )
                blobs = cls(await stack.enter_async_context(making), address, stack.pop_all())
            except (BotoCoreError, ValueError) as error:
                raise StoreError(f"--documents cannot be used: {_sentence(error)}") from error
        try:
            await blobs._probe()
        except StoreError:
            await blobs.close()
            raise
        return blobs

    async def create(self) -> S3BlobWriter:
        key = secrets.token_hex(16)
        return S3BlobWriter(self._client, self._target(key), key, self._address.where)

    def path(self, key: str) -> Path | None:  # noqa: ARG002 - no blob lies on this machine
        return None

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        span = {} if (start, stop) == (0, None) else {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
        with reached(self._address.where):
            answer = await self._client.get_object(**self._target(key), **span)
            async with answer["Body"] as body:
                async for chunk in body.iter_chunks(READ_BYTES):
                    yield chunk

    async def delete(self, keys: Iterable[str]) -> None:
        with reached(self._address.where):
            for key in keys:
                await self._client.delete_object(**self._target(key))

    async def older_than(self, instant: datetime) -> AsyncIterator[str]:
        with reached(self._address.where):
            async for found in self._pages("list_objects_v2", "Contents"):
                if found["LastModified"] < instant:
                    yield found["Key"].removeprefix(self._address.prefix)

    async def discard_unfinished(self, instant: datetime) -> int:
        count = 0
        with reached(self._address.where):
            async for upload in self._pages("list_multipart_uploads", "Uploads"):
                if upload["Initiated"] < instant:
                    target = {"Bucket": self._address.bucket, "Key": upload["Key"]}
                    await self._client.abort_multipart_upload(**target, UploadId=upload["UploadId"])
                    count += 1
        return count

    async def check(self) -> None:
        with reached(self._address.where):
            await self._client.head_bucket(Bucket=self._address.bucket)

    async def close(self) -> None:
        await self._stack.aclose()

    async def _probe(self) -> None:
        """Write and delete an object, as uploads and deletions will."""
        target = self._target(f"upsim-probe-{secrets.token_hex(4)}")
        try:
            await self._client.put_object(**target, Body=b"")
            await self._client.delete_object(**target)
        except ClientError as error:
            raise StoreError(_why_refused(error, self._address)) from error
        except NoCredentialsError as error:
            raise StoreError(
                "--documents has no keys to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            ) from error
        except BotoCoreError as error:
            raise StoreError(
                f"The documents' bucket {self._address.where} cannot be reached: {_sentence(error)}"
            ) from error

    async def _pages(self, operation: str, name: str) -> AsyncIterator[dict[str, Any]]:
        pages = self._client.get_paginator(operation)
        async for page in pages.paginate(Bucket=self._address.bucket, Prefix=self._address.prefix):
            for found in page.get(name, ()):
                yield found

    def _target(self, key: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": f"{self._address.prefix}{key}"}


@contextmanager
def reached(where: str) -> Iterator[None]:
    """Say in the services' words that the bucket could not do what it was asked."""
    try:
        yield
    except (BotoCoreError, ClientError, OSError, TimeoutError) as error:
        detail = f"The documents' bucket {where} cannot be used now: {error}"
        raise Refusal(RefusalKind.UNAVAILABLE, detail, reason="documents-away", retry_after_seconds=1) from error


def _sentence(error: Exception) -> str:
    return str(error).rstrip(".") + "."


def _why_refused(error: ClientError, address: S3Address) -> str:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in {"NoSuchBucket", "404"}:
        return f"There is no bucket {address.where}: make it first, upsim does not."
    if code in {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403"}:
        return f"The keys may not write to the bucket {address.where}: {code}."
    return f"The documents' bucket {address.where} cannot be used: {error}."

"""Documents in a bucket of an S3 server."""

import os
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from tests.support.s3 import S3Server
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.storage.conformance import BlobsConformance
from upsim.storage.conformance.blobs import all_keys, read, stored
from upsim.storage.documents.s3 import S3Address, S3Blobs
from upsim.storage.errors import StoreError

_prefixes = count(1)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
async def blobs(s3: S3Server) -> AsyncIterator[S3Blobs]:
    store = await S3Blobs.open(s3.url(f"documents-{next(_prefixes)}"))
    yield store
    await store.close()


class TestS3(BlobsConformance):
    pass


async def test_two_rigs_share_a_bucket_under_prefixes_of_their_own(s3: S3Server) -> None:
    one, two = await S3Blobs.open(s3.url("rig-one")), await S3Blobs.open(s3.url("rig-two/documents"))
    key = await stored(one, b"one")
    assert await all_keys(one) == {key}
    assert await all_keys(two) == set()
    assert s3.keys("rig-one/") == [f"rig-one/{key}"]
    await one.close()
    await two.close()


async def test_a_server_that_goes_away_is_a_refusal_and_comes_back(s3: S3Server, blobs: S3Blobs) -> None:
    key = await stored(blobs, b"x")
    s3.stop()
    try:
        with pytest.raises(Refusal) as refusal:
            await blobs.check()
        assert refusal.value.kind is RefusalKind.UNAVAILABLE
        assert refusal.value.facts["retry_after_seconds"] == 1
        with pytest.raises(Refusal, match="cannot be used now"):
            await stored(blobs, b"y")
        with pytest.raises(Refusal, match="cannot be used now"):
            await read(blobs, key)
    finally:
        s3.start()
    assert await read(blobs, key) == b"x"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://bucket.example/", "s3://bucket"),
        ("s3:///prefix", "s3://bucket"),
        ("s3://bucket?colour=red", "'colour'"),
        ("s3://bucket?endpoint=minio:9000", "http or https"),
        ("s3://key:secret@bucket", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_an_address_that_cannot_be_is_explained(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        S3Address.read(url)


async def test_a_bucket_that_is_not_there_is_explained(s3: S3Server) -> None:
    with pytest.raises(StoreError, match="no bucket other at 127"):
        await S3Blobs.open(s3.url(bucket="other"))


async def test_a_server_that_is_not_there_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "rig")  # without keys the library would ask the network for some
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "rig-secret")
    with pytest.raises(StoreError, match="cannot be reached"):
        await S3Blobs.open("s3://rig?endpoint=http://127.0.0.1:1", timeout_seconds=1)


async def test_missing_keys_are_explained(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", os.devnull)
    with pytest.raises(StoreError, match="no keys to sign with"):
        await S3Blobs.open(s3.url())

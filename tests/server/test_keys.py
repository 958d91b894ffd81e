"""The keyring over a store: one key for all, found again, rotated."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.engines import open_store
from tests.support.entra.keys import a_request
from upsim.app import real_now
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import SigningKey
from upsim.server.certificates import X509Certificates
from upsim.server.keys import PUBLISHED_KEYS_MAX, Keyring
from upsim.services.ports import SYSTEM, CertificateRequest, Store


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = await open_store(real_now)
    yield store
    await store.close()


async def test_no_key_is_made_before_one_is_needed(store: Store) -> None:
    assert await Keyring(store, real_now).public_key("any") is None
    assert await store.read(SYSTEM, lambda tx: tx.find(Query(entity=SigningKey))) == []


async def test_callers_at_once_get_one_key(store: Store) -> None:
    keyring = Keyring(store, real_now)
    keys = await asyncio.gather(*(keyring.signing_key() for _ in range(5)))
    assert len({kid for kid, _ in keys}) == 1


async def test_a_kid_survives_a_restart(store: Store) -> None:
    kid, key = await Keyring(store, real_now).signing_key()
    again, same = await Keyring(store, real_now).signing_key()
    assert again == kid
    assert same.public_key() == key.public_key()


async def test_two_nodes_agree_on_the_first_key(store: Store) -> None:
    nodes = [Keyring(store, real_now), Keyring(store, real_now)]
    keys = await asyncio.gather(*(node.signing_key() for node in nodes))
    assert keys[0][0] == keys[1][0]


async def test_another_nodes_new_key_is_found_by_its_kid(store: Store) -> None:
    here, there = Keyring(store, real_now), Keyring(store, real_now)
    await here.signing_key()
    made = await there.rotate()
    assert await here.public_key(made) is not None


async def test_old_keys_verify_for_a_while_and_are_then_forgotten(store: Store) -> None:
    keyring = Keyring(store, real_now)
    first, _ = await keyring.signing_key()
    for _ in range(PUBLISHED_KEYS_MAX - 1):
        newest = await keyring.rotate()
        assert await keyring.public_key(first) is not None
    assert (await keyring.published())[0]["kid"] == newest
    await keyring.rotate()
    assert await keyring.public_key(first) is None
    assert len(await keyring.published()) == PUBLISHED_KEYS_MAX


def test_the_certificates_port_speaks_in_refusals() -> None:
    certificates = X509Certificates()
    with pytest.raises(Refusal, match=r"base64 of a PKCS#10") as refusal:
        certificates.read_request("no request")
    assert (refusal.value.kind, refusal.value.reason) == (RefusalKind.INVALID, "csr-invalid")
    authority = certificates.new_authority("test devices", real_now())
    with pytest.raises(Refusal):
        certificates.issue(authority, CertificateRequest(b"no request"), "printer", 1, real_now(), 60)
    issued = certificates.issue(authority, certificates.read_request(a_request("x")), "p", 9, real_now(), 60)
    assert len(issued.sha256) == 64
    assert issued.not_after > real_now()

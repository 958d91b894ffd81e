"""Tenants by name, users by password, and what is remembered of both."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from tests.support.engines import open_store
from upsim.domain.application import Application, Consent
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal
from upsim.domain.sign_in import RefreshToken, SignInPolicy
from upsim.domain.tenant import Clock, Tenant
from upsim.domain.user import User
from upsim.services import grants, identity, permissions
from upsim.services.client_authentication import Client, Credential, Proof, authenticate
from upsim.services.ports import SYSTEM, Store, Transaction

T = TypeVar("T")

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
OWN_URL = "https://localhost:8443"
CONTOSO = Tenant(
    id="11111111-1111-4111-8111-111111111111",
    display_name="Contoso",
    domains=("contoso.example", "contoso.test"),
    seed="a",
    created_at=START,
    clock=Clock(frozen_at=START),
)
FABRIKAM = replace(
    CONTOSO,
    id="22222222-2222-4222-8222-222222222222",
    domains=("fabrikam.example",),
    created_at=START + timedelta(days=1),
)
ADA = User(id="ada", user_principal_name="Ada@contoso.example", display_name="Ada", password="right")
APP = Application(
    id="app",
    display_name="App",
    service_principal_id="principal",
    graph=Consent(delegated=("User.Read", "PrintJob.Create"), application=("Printer.Read.All",)),
)


class Directory:
    """Two tenants; the first has one user and one application."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def system(self, unit: Callable[[Transaction], T]) -> T:
        return await self.store.write(SYSTEM, unit)

    async def do(self, unit: Callable[[Transaction], T]) -> T:
        return await self.store.write(CONTOSO.id, unit)

    async def advance(self, seconds: float) -> None:
        await self.system(lambda tx: tx.put(replace(CONTOSO, clock=CONTOSO.clock.advanced(seconds))))


@pytest.fixture
async def directory() -> AsyncIterator[Directory]:
    directory = Directory(await open_store(lambda: START))
    await directory.system(lambda tx: (tx.put(FABRIKAM), tx.put(CONTOSO)))
    await directory.do(lambda tx: (tx.put(ADA), tx.put(APP)))
    yield directory
    await directory.store.close()


@pytest.mark.parametrize(
    ("name", "user", "expected"),
    [
        (CONTOSO.id, "", CONTOSO),
        (CONTOSO.id.upper(), "", CONTOSO),
        ("Contoso.Example", "", CONTOSO),
        ("contoso.test", "", CONTOSO),
        ("fabrikam.example", "", FABRIKAM),
        ("common", "", CONTOSO),
        ("organizations", "someone@Fabrikam.example", FABRIKAM),
        ("common", "someone@nowhere.example", CONTOSO),
    ],
)
async def test_a_tenant_is_found_by_any_of_its_names(
    directory: Directory, name: str, user: str, expected: Tenant
) -> None:
    found = await directory.system(lambda tx: identity.resolve_tenant(tx, name, user))
    assert found.id == expected.id


@pytest.mark.parametrize(
    ("name", "reason"), [("nowhere.example", "tenant-unknown"), ("not a name", "tenant-malformed")]
)
async def test_an_unknown_tenant_says_what_would_do(directory: Directory, name: str, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        await directory.system(lambda tx: identity.resolve_tenant(tx, name))
    assert refusal.value.reason == reason


async def test_a_server_without_tenants_says_so() -> None:
    store = await open_store(lambda: START)
    with pytest.raises(Refusal, match="no tenant yet"):
        await store.read(SYSTEM, lambda tx: identity.resolve_tenant(tx, "common"))
    await store.close()


async def test_a_user_is_found_whatever_the_case(directory: Directory) -> None:
    user = await directory.do(lambda tx: identity.authenticate_user(tx, "ADA@CONTOSO.EXAMPLE", "right"))
    assert user == ADA


async def test_a_wrong_password_counts_until_it_is_forgotten(directory: Directory) -> None:
    rule = SignInPolicy(id=identity.POLICY_ID, failures_max=2, failures_seconds=30)
    await directory.do(lambda tx: tx.put(rule))
    name = ADA.user_principal_name
    for _ in range(2):
        outcome = await directory.do(lambda tx: identity.authenticate_user(tx, name, "wrong"))
        assert isinstance(outcome, Refusal)
    with pytest.raises(Refusal) as refusal:
        await directory.do(lambda tx: identity.authenticate_user(tx, name, "right"))
    assert refusal.value.facts["retry_after_seconds"] == 31
    await directory.advance(30)
    assert await directory.do(lambda tx: identity.authenticate_user(tx, name, "right")) == ADA


async def test_scopes_are_understood(directory: Directory) -> None:
    read = lambda scopes: lambda tx: permissions.read_scopes(tx, scopes, OWN_URL)  # noqa: E731
    asked = await directory.do(read("openid PrintJob.Create offline_access User.Read"))
    assert asked.resource == permissions.GRAPH
    assert asked.openid == ("openid", "offline_access")
    assert asked.names == ["PrintJob.Create", "User.Read"]
    doubled = await directory.do(read("https://print.print.microsoft.com//.default"))
    assert doubled.resource == permissions.UNIVERSAL_PRINT
    assert doubled.prefix == "https://print.print.microsoft.com//"
    assert (await directory.do(read("openid"))).resource == permissions.GRAPH
    assert (await directory.do(read("api://app/do.it"))).resource.audience == "app"


async def test_a_tokens_permissions_are_both_consented_and_asked_for(directory: Directory) -> None:
    def granted(tx: Transaction) -> permissions.Granted:
        return permissions.delegated(tx, APP, ADA, permissions.read_scopes(tx, "printjob.create", OWN_URL))

    assert (await directory.do(granted)).permissions == ("PrintJob.Create",)


async def test_what_nobody_consented_to_is_named(directory: Directory) -> None:
    def granted(tx: Transaction) -> permissions.Granted:
        return permissions.delegated(
            tx, APP, ADA, permissions.read_scopes(tx, "User.Read Printer.Create", OWN_URL)
        )

    with pytest.raises(Refusal, match=r"Printer\.Create") as refusal:
        await directory.do(granted)
    assert refusal.value.facts["missing"] == ("Printer.Create",)


async def test_default_needs_consent_to_all_that_is_required(directory: Directory) -> None:
    app = replace(APP, required_graph=Consent(delegated=("PrintJob.Read",)))
    with pytest.raises(Refusal, match=r"PrintJob\.Read"):
        await directory.do(
            lambda tx: permissions.delegated(tx, app, ADA, permissions.read_scopes(tx, ".default", OWN_URL))
        )


async def test_default_needs_something_to_stand_for(directory: Directory) -> None:
    ask = "https://print.print.microsoft.com/.default"
    with pytest.raises(Refusal) as refusal:
        await directory.do(
            lambda tx: permissions.delegated(tx, APP, ADA, permissions.read_scopes(tx, ask, OWN_URL))
        )
    assert refusal.value.reason == "resource-not-required"


@pytest.mark.parametrize(
    ("application", "given", "is_public_flow", "expected"),
    [
        ({}, {}, True, Proof.NONE),
        ({}, {}, False, "credential-missing"),
        ({}, {"secret": "s"}, True, "credential-unexpected"),
        ({"secret": "s"}, {"secret": "s"}, False, Proof.SECRET),
        ({"secret": "s"}, {}, True, "credential-missing"),
        ({"secret": "s", "allows_public_flows": True}, {}, True, Proof.NONE),
        ({"secret": "s", "allows_public_flows": True}, {}, False, "credential-missing"),
        ({"certificates": ("AAAA",)}, {"secret": "s"}, False, "secret-wrong"),
    ],
)
async def test_a_client_proves_itself_as_its_kind_demands(
    directory: Directory, application: dict[str, Any], given: dict[str, Any], is_public_flow: bool, expected: Any
) -> None:
    await directory.do(lambda tx: tx.put(replace(APP, **application)))
    credential = Credential(app_id="APP", received_at=START, **given)
    unit = lambda tx: authenticate(tx, credential, is_public_flow=is_public_flow)  # noqa: E731
    if isinstance(expected, Proof):
        assert (await directory.do(unit)).proof is expected
    else:
        with pytest.raises(Refusal) as refusal:
            await directory.do(unit)
        assert refusal.value.reason == expected


async def test_a_user_keeps_only_so_many_refresh_tokens(directory: Directory) -> None:
    client = Client(APP, Proof.NONE)

    def many(tx: Transaction) -> list[str | None]:
        return [
            grants.for_user(tx, client, ADA, "User.Read offline_access", OWN_URL).refresh_token
            for _ in range(grants.REFRESH_TOKENS_PER_USER_MAX + 5)
        ]

    issued = await directory.do(many)
    assert len(set(issued)) == len(issued)
    kept = await directory.do(lambda tx: tx.find(Query(entity=RefreshToken)))
    assert len(kept) == grants.REFRESH_TOKENS_PER_USER_MAX


async def test_a_refresh_token_stays_good_after_its_use(directory: Directory) -> None:
    client = Client(APP, Proof.NONE)
    token = await directory.do(
        lambda tx: grants.for_user(tx, client, ADA, "User.Read offline_access", OWN_URL).refresh_token
    )
    credential = Credential(app_id="app", received_at=START)
    first = await directory.do(lambda tx: grants.refresh(tx, credential, token or "", "", OWN_URL))
    second = await directory.do(lambda tx: grants.refresh(tx, credential, token or "", "", OWN_URL))
    assert len({token, first.refresh_token, second.refresh_token}) == 3


async def test_a_secret_names_its_tenant(directory: Directory) -> None:
    secret = await directory.do(grants.new_secret_of)
    assert grants.tenant_of_secret(secret) == CONTOSO.id
    assert grants.tenant_of_secret("made.up") == ""

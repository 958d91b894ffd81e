"""Injections: what shall happen to which calls. The members of a rule: docs/guides/injections-and-journal.md."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Literal, TypedDict, Unpack

from upsim.client.ask import Ask, Json, camel, nothing, segment, tenant_path, values
from upsim.client.clients import AsyncClient, Client

Effect = Literal["printer-offline", "printer-online", "job-abort", "job-cancel", "certificate-revoke"]


class Answer(TypedDict, total=False):
    """A refusal in the dialect of the API that was asked."""

    status: int
    code: str
    message: str
    retry_after_seconds: int
    body: object
    headers: dict[str, str]


class Rule(TypedDict, total=False):
    """Which calls are met, which of those, and what happens to them."""

    name: str
    operation: str
    printer: str
    job: str
    user: str
    application: str

    nth: int
    every: int
    start: int
    times: int
    probability: float
    seed: int
    seconds: float

    answer: Answer
    expire_token: bool
    delay_seconds: float
    connection: Literal["reset", "tls-abort"]
    truncate_after_bytes: int
    bytes_per_second: int
    webhook: Literal["lose", "duplicate", "reorder"]
    before: Sequence[Effect]
    after: Sequence[Effect]


def inject(tenant: str, spelled: Json | None = None, /, **rule: Unpack[Rule]) -> Ask[Json]:
    """Inject, by its members or `spelled` as the guide has it; the answer has its id and seed."""
    body = {**(spelled or {}), **camel(rule)}
    if "answer" in rule:
        body["answer"] = camel(rule["answer"])
    return Ask("POST", tenant_path(tenant, "/injections"), dict, body)


def list_all(tenant: str) -> Ask[list[Json]]:
    """The injections that stand: how many calls each met, and to how many it happened."""
    return Ask("GET", tenant_path(tenant, "/injections"), values)


def get(tenant: str, injection: str) -> Ask[Json]:
    """One of them, by id or name."""
    return Ask("GET", _path(tenant, injection), dict)


def remove(tenant: str, injection: str) -> Ask[None]:
    """Remove one, by id or name."""
    return Ask("DELETE", _path(tenant, injection), nothing)


def remove_all(tenant: str) -> Ask[None]:
    """Remove all; printers that were cut off may speak again."""
    return Ask("DELETE", tenant_path(tenant, "/injections"), nothing)


@contextmanager
def injected(client: Client, tenant: str, **rule: Unpack[Rule]) -> Iterator[Json]:
    """An injection that stands as long as the block runs."""
    made = client.send(inject(tenant, **rule))
    try:
        yield made
    finally:
        client.send(remove(tenant, made["id"]))


@asynccontextmanager
async def injected_async(client: AsyncClient, tenant: str, **rule: Unpack[Rule]) -> AsyncIterator[Json]:
    """The same for a running loop."""
    made = await client.send(inject(tenant, **rule))
    try:
        yield made
    finally:
        await client.send(remove(tenant, made["id"]))


def _path(tenant: str, injection: str) -> str:
    return tenant_path(tenant, f"/injections/{segment(injection)}")

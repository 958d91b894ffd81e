"""Every limit that the service publishes, made small by a scale factor, and met at exactly its value."""

from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from tests.support.services import ADA, BOB, World
from upsim.domain.caller import Caller
from upsim.domain.limits import BY_NAME, LimitName, LimitSettings
from upsim.domain.pull_print import PrintOptions
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import TenantSettings
from upsim.services import connectors, documents, limits, personas, pull_printing, simulation, tenants
from upsim.services.jobs import owner
from upsim.services.ports import SYSTEM

VALUE = 3
"""What each is worth here."""
PUBLISHED = {
    LimitName.JOBS_PER_PRINTER: (100, 10 * 60),
    LimitName.JOBS_PER_USER: (200, 10 * 60),
    LimitName.JOBS_PER_USER_LONG: (10_000, 12 * 86_400),
    LimitName.SUBMISSIONS_PER_PRINTER: (50, None),
    LimitName.SUBMISSIONS_PER_USER: (4, None),
    LimitName.BYTES_PER_USER: (1 << 30, 15 * 60),
    LimitName.BYTES_PER_USER_LONG: (50 << 30, 10 * 86_400),
    LimitName.PRINTERS: (1_000_000, None),
    LimitName.CONNECTORS: (1_000_000, None),
}
"""Microsoft's page of limits and the documentation of creating jobs: the value, and the seconds of its window."""


async def only(world: World, name: LimitName) -> None:
    """Of all limits this one holds, scaled to `VALUE`."""
    others = {each: "off" for each in LimitName if each is not name}
    settings = LimitSettings(scale=VALUE / PUBLISHED[name][0], own=others)  # type: ignore[arg-type]
    changed = TenantSettings(limits=settings)
    tenant_id = world.tenant_id
    await world.store.write(SYSTEM, lambda tx: tenants.change_settings(tx, tenant_id, changed))


def user(number: int) -> Caller:
    return replace(ADA, user_id=f"user{number}", user_principal_name=f"user{number}@contoso.example")


async def on_one_printer(world: World, number: int) -> None:
    await world.a_started_job(user(number))


async def of_one_user(world: World, number: int) -> None:
    printer = await world.a_printer(f"printer{number}")
    await world.do(owner.create_on_printer, ADA, printer.id, {})


async def of_one_user_over_days(world: World, number: int) -> None:
    await world.advance(days=1)
    await world.do(owner.create_on_printer, ADA, "p1", {})


async def submitted_by_many(world: World, number: int) -> None:
    await world.do(owner.create_on_printer, user(number), "p1", {})


async def submitted_by_one(world: World, number: int) -> None:
    await world.do(owner.create_on_printer, ADA, "p1", {})


async def a_byte(world: World, number: int) -> None:
    await world.an_uploaded_job(size_bytes=1)


async def a_byte_a_day(world: World, number: int) -> None:
    await world.advance(days=1)
    await world.an_uploaded_job(size_bytes=1)


async def a_printer(world: World, number: int) -> None:
    if number:  # the tenant has one
        await world.do(pull_printing.create, f"Printer {number}", PrintOptions())


async def a_connector(world: World, number: int) -> None:
    named = {"fully_qualified_domain_name": "c.contoso.example", "operating_system": "W", "app_version": "1"}
    await world.do(connectors.register, display_name=f"Connector {number}", **named)


UNITS: dict[LimitName, Callable[[World, int], Awaitable[None]]] = {
    LimitName.JOBS_PER_PRINTER: on_one_printer,
    LimitName.JOBS_PER_USER: of_one_user,
    LimitName.JOBS_PER_USER_LONG: of_one_user_over_days,
    LimitName.SUBMISSIONS_PER_PRINTER: submitted_by_many,
    LimitName.SUBMISSIONS_PER_USER: submitted_by_one,
    LimitName.BYTES_PER_USER: a_byte,
    LimitName.BYTES_PER_USER_LONG: a_byte_a_day,
    LimitName.PRINTERS: a_printer,
    LimitName.CONNECTORS: a_connector,
}


def test_every_published_limit_is_met_here() -> None:
    published = {
        name: (each.value, each.window_seconds) for name, each in BY_NAME.items() if each.value is not None
    }
    assert published == PUBLISHED
    assert UNITS.keys() == PUBLISHED.keys()


@pytest.mark.parametrize("name", PUBLISHED)
async def test_it_is_met_at_its_value_and_not_before(world: World, name: LimitName) -> None:
    await only(world, name)
    for number in range(VALUE):
        await UNITS[name](world, number)
    before = len(await world.every_job())
    with pytest.raises(Refusal) as refusal:
        await UNITS[name](world, VALUE)
    is_of_a_total = name in {LimitName.PRINTERS, LimitName.CONNECTORS}
    kind = RefusalKind.NOT_POSSIBLE if is_of_a_total else RefusalKind.THROTTLED
    assert (refusal.value.reason, refusal.value.kind) == (name.value, kind)
    if name in {LimitName.BYTES_PER_USER, LimitName.BYTES_PER_USER_LONG}:
        before += 1  # the job is there, its document is not
    assert len(await world.every_job()) == before


@pytest.mark.parametrize("name", [name for name, (_, window) in PUBLISHED.items() if window])
async def test_when_its_window_has_passed_there_is_room_again(world: World, name: LimitName) -> None:
    await only(world, name)
    for number in range(VALUE):
        await UNITS[name](world, number)
    with pytest.raises(Refusal) as refusal:
        await UNITS[name](world, VALUE)
    await world.advance(seconds=refusal.value.facts["retry_after_seconds"])
    await UNITS[name](world, VALUE + 1)


async def test_a_printer_inside_upsim_counts_among_the_printers(world: World) -> None:
    await only(world, LimitName.PRINTERS)
    for number in range(VALUE - 1):
        await world.do(simulation.create, f"Simulated {number}", personas.named("ideal"))
    with pytest.raises(Refusal, match="all the registered printers"):
        await world.do(simulation.create, "One more", personas.named("ideal"))
    standing = {each.limit.name: each for each in await world.do(limits.headroom_of_tenant)}
    assert standing[LimitName.PRINTERS].left == 0


async def test_a_job_has_a_gigabyte_at_most(world: World) -> None:
    assert TenantSettings().jobs.size_bytes_max == 1 << 30
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    document = {"name": "a", "format": "application/pdf", "size_bytes": (1 << 30) + 1}
    with pytest.raises(Refusal) as refusal:
        await world.do(documents.create_session, ADA, job.id, job.document.id, **document)
    assert refusal.value.kind is RefusalKind.TOO_LARGE
    await world.do(documents.create_session, ADA, job.id, job.document.id, **{**document, "size_bytes": 1 << 30})


@pytest.mark.parametrize(("is_ipp", "minutes"), [(True, 30), (False, 60)])
async def test_a_document_has_so_long_to_come(world: World, is_ipp: bool, minutes: int) -> None:
    deadline = await world.do(limits.upload_deadline, is_ipp=is_ipp)
    now = await world.store.now(world.tenant_id)
    assert (deadline - now).total_seconds() == minutes * 60


async def test_applications_cannot_print(world: World) -> None:
    application = replace(BOB, kind="application", user_id="", permissions=frozenset({"PrintJob.ReadWrite.All"}))
    with pytest.raises(Refusal, match="Only a user can print"):
        await world.do(owner.create_on_printer, application, "p1", {})
    assert await world.every_job() == []

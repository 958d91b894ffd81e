"""Why a job is where it is: each state and reason, reached as it is in life, with the call that moves it."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from tests.support.services import ADA, TENANT_ID, World, device
from upsim.domain.attributes import KEYWORD, MIME_MEDIA_TYPE, one
from upsim.domain.document_formats import OXPS
from upsim.domain.job import Job, JobState
from upsim.domain.pacing import Pace
from upsim.domain.pull_print import PullPrinter
from upsim.domain.refusals import NotFound
from upsim.domain.task import Task, TaskDefinition, TaskState, TaskTrigger
from upsim.domain.tenant import JobSettings, TenantSettings
from upsim.services import print_settings, tasks, tenants
from upsim.services.jobs import device as device_jobs
from upsim.services.jobs import lifecycle, owner, pacing, why
from upsim.services.ports import SYSTEM

HOLD = {"job-hold-until": one(KEYWORD, "indefinite")}


async def of(world: World, job: Job) -> why.Why:
    return await world.do(why.explain, job.id)


async def a_task_trigger(world: World) -> None:
    definition = TaskDefinition(
        id="d1",
        display_name="Hold",
        app_id="app",
        app_display_name=None,
        created_at=await world.store.now(TENANT_ID),
    )
    trigger = TaskTrigger(
        id="t1", printer_id="p1", definition_id="d1", event="jobStarted", created_at=definition.created_at
    )
    await world.do(lambda tx: (tx.put(definition), tx.put(trigger)))


async def an_uploaded_job_held_by_its_user(world: World) -> Job:
    job = await world.an_uploaded_job()
    held = replace(job, template=HOLD)
    await world.do(lambda tx: tx.put(held))
    return held


async def a_taken_job(world: World) -> Job:
    job = await world.a_started_job()
    return await world.do(device_jobs.acknowledge, device("p1"), "p1", job.number)


async def a_reported_job(world: World, state: JobState, reasons: Iterable[str] = ()) -> Job:
    job = await a_taken_job(world)
    return await world.do(
        device_jobs.update_status, device("p1"), "p1", job.number, state=int(state), reasons=tuple(reasons)
    )


async def test_a_job_that_waits_for_its_document(world: World) -> None:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    found = await of(world, job)
    assert (found.turn, "not every byte is uploaded; it is given up at" in found.waits_for) == ("user", True)
    path = f"POST /v1.0/print/printers/p1/jobs/{job.id}/documents/{job.document.id}/createUploadSession"
    assert found.moves[0].startswith(path)
    assert found.paragraph().startswith(
        f"Job {job.id} is pending (job-data-insufficient, job-incoming). It was created"
    )


async def test_an_uploaded_job_waits_to_be_started(world: World) -> None:
    job = await world.an_uploaded_job()
    found = await of(world, job)
    assert (found.turn, found.moves[0]) == ("user", f"POST /v1.0/print/printers/p1/jobs/{job.id}/start")


async def test_a_queued_job_waits_for_the_test_that_paces_it(world: World) -> None:
    await world.do(pacing.set_pace_of_printer, "p1", Pace(mode="manual"))
    job = await world.a_started_job()
    found = await of(world, job)
    assert (found.turn, found.moves[0]) == ("test", f"upsim job step {job.id} --tenant {TENANT_ID}")
    assert "(manual)" in found.waits_for
    await world.do(pacing.step, job.id)
    paced = await of(world, job)
    assert (paced.turn, paced.moves[-1]) == ("device", f"upsim job step {job.id} --tenant {TENANT_ID}")


async def test_a_job_under_a_task_waits_for_the_application(world: World) -> None:
    await a_task_trigger(world)
    job = await world.a_started_job()
    (task,) = await world.do(tasks.of_job, job.id)
    found = await of(world, job)
    move = f"PATCH /v1.0/print/taskDefinitions/d1/tasks/{task.id}, status/state completed"
    assert (found.turn, found.moves) == ("application", (move,))


async def test_what_a_task_lets_go_is_still_held_for_its_user(world: World) -> None:
    await a_task_trigger(world)
    job = await an_uploaded_job_held_by_its_user(world)
    await world.do(owner.start, ADA, job.id)
    (task,) = await world.do(lambda tx: tasks.of_job(tx, job.id))
    await world.do(lambda tx: tasks.set_state(tx, tx.get(Task, task.id), TaskState.COMPLETED))
    found = await of(world, job)
    assert (found.turn, found.moves) == ("user", (f"IPP Release-Job for job-id {job.id} on /printers/p1",))
    released = await world.do(lambda tx: owner.release(tx, tx.get(Job, job.id)))
    assert released.is_fetchable
    assert len(await world.do(tasks.of_job, job.id)) == 1  # the trigger fires when a job is started, not again


async def test_a_converting_job_waits_for_the_service(world: World) -> None:
    choice = TenantSettings(jobs=JobSettings(conversion_seconds=30))
    await world.store.write(SYSTEM, lambda tx: tenants.change_settings(tx, TENANT_ID, choice))
    await world.do(print_settings.update, is_document_conversion_enabled=True)
    printer = replace(
        await world.printer("p1"),
        attributes={"document-format-supported": one(MIME_MEDIA_TYPE, "application/pdf")},
    )
    await world.do(lambda tx: tx.put(printer))
    job = await world.an_uploaded_job()
    job = replace(job, document=replace(job.document, format=OXPS))
    await world.do(lambda tx: tx.put(job))
    await world.do(owner.start, ADA, job.id)
    found = await of(world, job)
    assert found.turn == "service"
    assert found.waits_for.startswith("The service converts its document to PDF until 2026-01-05 10:00")


async def test_a_secured_job_waits_for_its_owner(world: World) -> None:
    job = replace(await world.an_uploaded_job(), is_secured=True)
    await world.do(lambda tx: tx.put(job))
    await world.do(owner.start, ADA, job.id)
    found = await of(world, job)
    assert (found.turn, found.moves[0]) == (
        "owner",
        f"upsim job release {job.id} --as ada@contoso.example --tenant {TENANT_ID}",
    )
    await world.a_printer("p2")
    queue = PullPrinter(id="p1", members=("p2",), created_at=job.created_at)
    await world.do(lambda tx: tx.put(queue))
    assert (await of(world, job)).moves[0].endswith(" --printer p2")


async def test_a_fetchable_job_waits_for_the_device(world: World) -> None:
    job = await world.a_started_job()
    found = await of(world, job)
    move = f"IPP Fetch-Job, then Acknowledge-Job, for job-id {job.id} on /printers/p1"
    assert (found.turn, found.moves) == ("device", (move,))
    assert [step.what for step in found.history] == ["created", "given its document", "started", "fetchable"]


async def test_an_acknowledged_job_waits_for_a_report(world: World) -> None:
    found = await of(world, await a_taken_job(world))
    assert (found.turn, "has not reported" in found.waits_for) == ("device", True)


@pytest.mark.parametrize(
    ("state", "reasons", "sentence"),
    [
        (JobState.PROCESSING, (), "reports that it prints"),
        (JobState.PROCESSING, ("job-streaming",), "for the reason job-streaming"),
        (JobState.PROCESSING_STOPPED, (), "its printer has stopped"),
        (JobState.PROCESSING_STOPPED, ("vendor-jam",), "for the reason vendor-jam"),
    ],
)
async def test_a_job_on_the_device(world: World, state: JobState, reasons: tuple[str, ...], sentence: str) -> None:
    found = await of(world, await a_reported_job(world, state, reasons))
    assert (found.turn, sentence in found.waits_for, "Update-Job-Status" in found.moves[0]) == (
        "device",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("state", "reasons", "sentence"),
    [
        (JobState.COMPLETED, (), "It was printed"),
        (JobState.CANCELED, (), "canceled at the device"),
        (JobState.ABORTED, ("unsupported-document-format",), "could not print its format"),
        (JobState.ABORTED, ("vendor-fire",), "the reason vendor-fire that the device reported"),
    ],
)
async def test_what_the_device_ended(
    world: World, state: JobState, reasons: tuple[str, ...], sentence: str
) -> None:
    found = await of(world, await a_reported_job(world, state, reasons))
    assert (found.turn, found.moves, sentence in found.waits_for) == ("nobody", (), True)
    assert found.history[-1].what == state.keyword


async def test_what_users_and_the_service_ended(world: World) -> None:
    canceled = await world.do(owner.cancel, ADA, (await world.a_started_job()).id)
    assert "A user canceled it" in (await of(world, canceled)).waits_for
    aborted = await world.do(lifecycle.abort, await world.a_started_job(), state_message="Too late.")
    text = (await of(world, aborted)).paragraph()
    assert "It was given up" in text
    assert "Its message is: Too late." in text


async def test_an_unknown_job_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.do(why.explain, "4711")

"""Printers, connectors, shares and jobs of a seed, as a tenant has them that has been in use for a while.

The printers have no device: they are what the service knows. A job goes the way of every job.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from upsim.domain.attributes import INTEGER, one
from upsim.domain.caller import Caller
from upsim.domain.connector import Connector
from upsim.domain.document import Part
from upsim.domain.job import Job, JobState
from upsim.domain.pacing import Pace
from upsim.domain.printer import Printer, PrinterLocation, PrinterState
from upsim.domain.printer_share import DISPLAY_NAME_LENGTH_MAX, PrinterShare
from upsim.domain.pull_print import PrintOptions
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.user import Group, User
from upsim.services.ports import Transaction
from upsim.services.seed_directory import Name, derived, find_user
from upsim.services.seed_series import Count

SAMPLE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
"""The document of a seeded job: one empty page."""


class SeedShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share in front of a printer; whom it admits is given by user principal name and group name."""

    display_name: Name
    id: str | None = None
    allow_all_users: bool = False
    allowed_users: tuple[str, ...] = ()
    allowed_groups: tuple[str, ...] = ()
    holds_for_release: bool = False


class SeedConnector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A connector that speaks for printers on premises."""

    display_name: Name
    id: str | None = None
    fully_qualified_domain_name: str = "connector.contoso.example"
    operating_system: str = "Windows Server 2022"
    app_version: str = "1.0.0"
    location: PrinterLocation = PrinterLocation()


class SeedJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job, sent when the tenant begins, with an empty page as its document.

    `uploading` waits for its document, `pending` for its device; the others have ended.
    """

    user: str
    """User principal name."""
    name: str = "Document.pdf"
    state: Literal["uploading", "pending", "completed", "canceled", "aborted"] = "pending"
    count: Count = 1


class SeedPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A registered printer without a device. `state` is what it last reported; `unknown`: it never did."""

    display_name: Name
    count: Count = 1
    """So many printers; `{number}` in names and ids tells them apart."""
    id: str | None = None
    manufacturer: str = "Contoso"
    model: str = "Sample printer"
    connector: str | None = None
    """Display name or id of the connector that speaks for it."""
    location: PrinterLocation = PrinterLocation()
    options: PrintOptions = PrintOptions()
    state: Literal["idle", "processing", "stopped", "unknown"] = "idle"
    state_reasons: tuple[str, ...] = ()
    is_accepting_jobs: bool = True
    share: SeedShare | None = None
    pace: Pace | None = None
    """What moves the jobs to come, and those that have not ended."""
    jobs: tuple[SeedJob, ...] = ()


def make_connector(tx: Transaction, seed: SeedConnector) -> None:
    tx.put(
        Connector(
            id=(seed.id or derived(tx.tenant_id, "connector", seed.display_name)).lower(),
            display_name=seed.display_name,
            fully_qualified_domain_name=seed.fully_qualified_domain_name,
            operating_system=seed.operating_system,
            app_version=seed.app_version,
            registered_at=tx.now,
            location=seed.location,
        )
    )


def make_printer(tx: Transaction, seed: SeedPrinter, blobs: Iterator[str]) -> None:
    """The printer with its share and jobs; each job's document takes one of `blobs`, keys of stored bytes."""
    from upsim.services import pull_printing

    is_known = seed.state != "unknown"
    printer = Printer(
        id=(seed.id or derived(tx.tenant_id, "printer", seed.display_name)).lower(),
        display_name=seed.display_name,
        manufacturer=seed.manufacturer,
        model=seed.model,
        registered_at=tx.now,
        connector_id=None if seed.connector is None else _connector_id(tx, seed.connector),
        location=seed.location,
        last_seen_at=tx.now if is_known else None,
        state=PrinterState[seed.state.upper()] if is_known else None,
        state_reasons=seed.state_reasons,
        is_accepting_jobs=seed.is_accepting_jobs if is_known else None,
        pace=seed.pace,
        attributes=pull_printing.attributes_of(seed.options) if is_known else {},
    )
    if tx.get(Printer, printer.id) is not None:
        raise _unusable(f"There are two printers with the id '{printer.id}'.", printer.id)
    tx.put(printer)
    share_id = None if seed.share is None else make_share(tx, printer.id, seed.share)
    for job in seed.jobs:
        for number in range(job.count):
            _print(tx, printer, share_id, job, number, blobs)


def documents_needed(seeds: tuple[SeedPrinter, ...]) -> int:
    """How many stored documents the jobs of the printers take."""
    return sum(seed.count * job.count for seed in seeds for job in seed.jobs if job.state != "uploading")


def make_share(tx: Transaction, printer_id: str, seed: SeedShare) -> str:
    """The share in front of a printer; returns its id."""
    if len(seed.display_name) > DISPLAY_NAME_LENGTH_MAX:
        raise _unusable(f"A share's name may have {DISPLAY_NAME_LENGTH_MAX} characters.", seed.display_name)
    who = f"The share '{seed.display_name}'"
    share = PrinterShare(
        id=(seed.id or derived(tx.tenant_id, "share", seed.display_name)).lower(),
        display_name=seed.display_name,
        printer_id=printer_id,
        created_at=tx.now,
        allow_all_users=seed.allow_all_users,
        allowed_users=tuple(find_user(tx, name, who).id for name in seed.allowed_users),
        allowed_groups=tuple(_group_id(tx, name, who) for name in seed.allowed_groups),
        holds_for_release=seed.holds_for_release,
    )
    if tx.get(PrinterShare, share.id) is not None:
        raise _unusable(f"There are two shares '{seed.display_name}' with the same id.", seed.display_name)
    tx.put(share)
    return share.id


def _print(
    tx: Transaction, printer: Printer, share_id: str | None, seed: SeedJob, number: int, blobs: Iterator[str]
) -> None:
    """Send a job as its user would, and let it come as far as the seed says."""
    from upsim.services.jobs import owner, pacing

    user = find_user(tx, seed.user, f"A job of the printer '{printer.display_name}'")
    caller = _as_caller(tx, user)
    name = seed.name if seed.count == 1 else seed.name.replace("{number}", str(number + 1))
    if share_id is not None:
        job = owner.create_on_share(tx, caller, share_id, {}, name=name)
    else:
        job = owner.create_on_printer(tx, caller, printer.id, {}, name=name)
    pace = job.pace
    pacing.set_pace(tx, job.id, None)  # it comes as far as the seed says, and is held there
    _take_along(tx, caller, printer, job, seed, name, blobs)
    if pace is not None and not pacing.get(tx, job.id).state.is_terminal:
        pacing.set_pace(tx, job.id, pace)


def _take_along(
    tx: Transaction,
    caller: Caller,
    printer: Printer,
    job: Job,
    seed: SeedJob,
    name: str,
    blobs: Iterator[str],
) -> None:
    from upsim.services import documents
    from upsim.services.jobs import owner

    if seed.state == "uploading":
        return
    session = documents.create_session(
        tx, caller, job.id, job.document.id, name=name, format="application/pdf", size_bytes=len(SAMPLE)
    )
    documents.record_part(tx, session.id, session.secret, Part(0, len(SAMPLE), next(blobs)))
    job = owner.start(tx, caller, job.id)
    if seed.state == "canceled":
        owner.cancel(tx, caller, job.id)
    elif seed.state != "pending":
        _end(tx, printer, job, JobState.COMPLETED if seed.state == "completed" else JobState.ABORTED)


def _end(tx: Transaction, printer: Printer, job: Job, state: JobState) -> None:
    """As its device would have reported it."""
    from upsim.services.jobs import device as device_jobs

    device = Caller(kind="device", tenant_id=tx.tenant_id, printer_id=printer.id)
    device_jobs.acknowledge(tx, device, printer.id, job.number)
    device_jobs.update_status(
        tx, device, printer.id, job.number, state=JobState.PROCESSING, reasons=("job-printing",)
    )
    pages = {"job-impressions-completed": one(INTEGER, 1)} if state is JobState.COMPLETED else {}
    reason = "job-completed-successfully" if state is JobState.COMPLETED else "aborted-by-system"
    device_jobs.update_status(tx, device, printer.id, job.number, state=state, reasons=(reason,), reported=pages)


def _as_caller(tx: Transaction, user: User) -> Caller:
    return Caller(
        kind="user",
        tenant_id=tx.tenant_id,
        user_id=user.id,
        user_principal_name=user.user_principal_name,
        display_name=user.display_name,
        roles=frozenset(user.roles),
    )


def _connector_id(tx: Transaction, name: str) -> str:
    found = tx.get(Connector, name.lower()) or tx.first(Query(entity=Connector, key=name.lower()))
    if found is None:
        raise _unusable(f"There is no connector '{name}' in the seed.", name)
    return found.id


def _group_id(tx: Transaction, name: str, who: str) -> str:
    found = tx.get(Group, name.lower()) or tx.first(Query(entity=Group, key=name.lower()))
    if found is None:
        raise _unusable(f"{who} names a group '{name}', which the seed does not have.", name)
    return found.id


def _unusable(detail: str, named: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, detail, reason="seed-unusable", named=named)

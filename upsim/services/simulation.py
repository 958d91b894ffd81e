"""Printers that upsim simulates inside: switch one on or off, and let its device take its next step.

The device calls the same services as one that comes over IPP, so what it may not do, the simulation cannot either.
"""

from datetime import timedelta

from msgspec.structs import replace

from upsim.domain.attributes import BOOLEAN, ENUM, INTEGER, KEYWORD, MIME_MEDIA_TYPE, RANGE, Attributes, many, one
from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.domain.persona import Act, Persona, Step, next_spell, script
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.simulation import SimulatedDevice
from upsim.services import badges, directory, limits, printers, shares
from upsim.services.jobs import device as device_jobs
from upsim.services.jobs import secure_release, visibility
from upsim.services.ports import Transaction

BYTES_PER_SHEET = 50_000
"""Documents are not read here, so their length stands for their pages."""
STEPS_AT_ONCE = 100


def create(
    tx: Transaction,
    display_name: str,
    persona: Persona,
    share_name: str | None = None,
    *,
    printer_id: str | None = None,
) -> Printer:
    """A printer with a simulated device, shared with everybody where a share is named."""
    if not display_name.strip():
        raise Refusal(RefusalKind.INVALID, "The printer needs a name.", reason="name-empty")
    limits.admit_printer(tx)
    printer = Printer(
        id=printer_id or tx.new_id(),
        display_name=display_name,
        manufacturer="Contoso",
        model="Simulated printer",
        registered_at=tx.now,
    )
    tx.put(printer)
    if share_name is not None:
        shares.create(tx, display_name=share_name, printer_id=printer.id, allow_all_users=True)
    switch_on(tx, printer.id, persona)
    return printers.get(tx, printer.id)


def switch_on(tx: Transaction, printer_id: str, persona: Persona) -> SimulatedDevice:
    """Give a printer a simulated device, or another persona. One that never described itself is described."""
    printer = printers.get(tx, printer_id)
    if not printer.attributes:
        printers.describe(tx, printer.id, _DESCRIPTION)
    device = SimulatedDevice(
        id=printer.id, persona=persona, since=tx.now, due_at=tx.now, tray=persona.paper_sheets
    )
    tx.put(device)
    return device


def switch_off(tx: Transaction, printer_id: str) -> None:
    """The device is gone; a job that it took stays as it is."""
    tx.delete(get(tx, printer_id))


def get(tx: Transaction, printer_id: str) -> SimulatedDevice:
    device = tx.get(SimulatedDevice, printers.get(tx, printer_id).id)
    if device is None:
        raise NotFound("simulated device of the printer", printer_id)
    return device


def list_all(tx: Transaction) -> list[SimulatedDevice]:
    return tx.find(Query(entity=SimulatedDevice))


def tap(tx: Transaction, printer_id: str, badge_id: str) -> list[Job]:
    """Somebody holds a badge to the device's reader: their jobs that wait are released there; which they are."""
    device = get(tx, printer_id)
    caller = Caller(kind="device", tenant_id=tx.tenant_id, printer_id=device.id)
    owner = directory.get_user(tx, badges.look_up(tx, caller, badge_id).upn)
    waiting = visibility.with_owner(tx, printers.get(tx, device.id), owner)
    return [secure_release.release(tx, owner, job.id, device.id) for job in waiting]


def take_steps(tx: Transaction, device: SimulatedDevice) -> str:
    """All that the device does now; then it waits for its time or for a job."""
    if tx.get(Printer, device.id) is None:
        tx.delete(device)
        return "gone"
    away = next_spell(device.persona, (tx.now - device.since).total_seconds())
    if away:
        tx.put(replace(device, due_at=tx.now + timedelta(seconds=away)))
        return "offline"
    before = device.job_id
    for _ in range(STEPS_AT_ONCE):
        if device.due_at is None or device.due_at > tx.now:
            break
        device = _act(tx, device) if device.job_id else _begin(tx, device)
    tx.put(device)
    return "waits" if device.job_id is None and before is None else "worked"


def step(tx: Transaction, printer_id: str) -> SimulatedDevice:
    """The device does its next thing now, whatever time it would have taken."""
    device = replace(get(tx, printer_id), due_at=tx.now)
    device = _act(tx, device) if device.job_id else _begin(tx, device)
    tx.put(device)
    return device


def _begin(tx: Transaction, device: SimulatedDevice) -> SimulatedDevice:
    """Turn to the job that waits longest, if there is one."""
    printer = printers.get(tx, device.id)
    (job, *_) = device_jobs.list_for_device(tx, printer, which="fetchable", limit=1) or (None,)
    if job is not None and job.is_led:
        offered = device_jobs.list_for_device(tx, printer, which="fetchable")
        job = next((each for each in offered if not each.is_led), None)
    if job is None:
        return replace(device, due_at=None, steps=())
    sheets = max(1, -(-job.document.size_bytes // BYTES_PER_SHEET))
    steps = script(device.persona, device.tried + 1, sheets, device.tray, job.document.format)
    return _next(tx, replace(device, job_id=job.id, steps=steps, tried=device.tried + 1))


def _act(tx: Transaction, device: SimulatedDevice) -> SimulatedDevice:
    job = tx.get(Job, device.job_id or "")
    if job is not None and job.is_led and not job.state.is_terminal:
        return replace(device, due_at=None)  # it goes on when the test lets go
    step, *rest = device.steps
    device = replace(device, steps=tuple(rest))
    if job is None or job.state.is_terminal:  # its owner canceled it
        printers.describe(tx, device.id, _state(PrinterState.IDLE, "none"))
        return replace(device, job_id=None, steps=(), due_at=tx.now)
    if step.act is Act.CRASH:
        return replace(device, job_id=None, steps=(), due_at=tx.now)
    try:
        device = _perform(tx, device, step, job)
    except Refusal:  # the job is not the device's any more: a test took it away, or another device has it
        later = tx.now + timedelta(seconds=max(1.0, device.persona.restart_seconds))
        return replace(device, job_id=None, steps=(), due_at=later)
    return _next(tx, device)


def _next(tx: Transaction, device: SimulatedDevice) -> SimulatedDevice:
    if device.steps:
        return replace(device, due_at=tx.now + timedelta(seconds=device.steps[0].after_seconds))
    if not device.persona.acknowledges:
        return replace(device, job_id=None, due_at=None)
    return replace(device, job_id=None, due_at=tx.now)


def _perform(tx: Transaction, device: SimulatedDevice, step: Step, job: Job) -> SimulatedDevice:
    caller = Caller(kind="device", tenant_id=tx.tenant_id, printer_id=device.id)
    if step.act is Act.FETCH:
        device_jobs.fetch(tx, caller, device.id, job.number)
    elif step.act is Act.ACKNOWLEDGE:
        device_jobs.acknowledge(tx, caller, device.id, job.number)
    elif step.act is Act.DOCUMENT:
        device_jobs.fetch_document(tx, caller, device.id, job.number, 1)
        device_jobs.acknowledge_document(tx, caller, device.id, job.number, 1)
    elif step.act is Act.PRINTER:
        printers.describe(tx, device.id, _state(PrinterState(step.state), step.reason))
    elif step.act is Act.TRAY:
        device = replace(device, tray=step.sheets)
    else:
        reported = {"job-impressions-completed": one(INTEGER, step.sheets)} if step.sheets else {}
        device_jobs.update_status(
            tx, caller, device.id, job.number, state=step.state, reasons=(step.reason,), reported=reported
        )
    printers.saw(tx, device.id)
    return device


def _state(state: PrinterState, reason: str) -> Attributes:
    return {"printer-state": one(ENUM, int(state)), "printer-state-reasons": many(KEYWORD, [reason])}


_DESCRIPTION: Attributes = {
    **_state(PrinterState.IDLE, "none"),
    "printer-is-accepting-jobs": one(BOOLEAN, True),
    "document-format-supported": many(MIME_MEDIA_TYPE, ["application/pdf", "image/pwg-raster"]),
    "document-format-default": one(MIME_MEDIA_TYPE, "application/pdf"),
    "media-supported": many(KEYWORD, ["iso_a4_210x297mm", "na_letter_8.5x11in"]),
    "media-default": one(KEYWORD, "iso_a4_210x297mm"),
    "color-supported": one(BOOLEAN, True),
    "print-color-mode-supported": many(KEYWORD, ["auto", "color", "monochrome"]),
    "print-color-mode-default": one(KEYWORD, "auto"),
    "sides-supported": many(KEYWORD, ["one-sided", "two-sided-long-edge", "two-sided-short-edge"]),
    "sides-default": one(KEYWORD, "one-sided"),
    "copies-supported": one(RANGE, [1, 99]),
    secure_release.ACTIONS: many(KEYWORD, ["none", "owner-authorized-badge"]),
}

"""What owners and administrators do to jobs and printers by IPP (RFC 8011 section 4.3, RFC 3380)."""

from collections.abc import Collection

from msgspec.structs import replace

from upsim.domain.attributes import INTEGER, Attributes, AttributeValue, first, many
from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.job import Job
from upsim.domain.job_template import NAMES, judge
from upsim.domain.printer import Printer
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import notifications, printers
from upsim.services.jobs import device, lifecycle, owner, queue, secure_release
from upsim.services.ports import Transaction
from upsim.services.submission import offending
from upsim.services.targets import Target

NOT_SETTABLE = AttributeValue(0x15)
"""The out-of-band value not-settable of RFC 3380 section 8.1."""


def cancel(tx: Transaction, caller: Caller, target: Target, job_id: int) -> Job:
    """Cancel a job that has not ended. A device that took it learns of it by an event."""
    return lifecycle.cancel(tx, queue.controlled_job(tx, caller, target, job_id))


def cancel_mine(tx: Transaction, caller: Caller, target: Target, numbers: Collection[int]) -> list[Job]:
    """Cancel the caller's jobs: those of `numbers`, or all. If one cannot be canceled, none is (PWG 5100.11)."""
    mine = device.list_jobs(tx, target.printer.id, which="not-completed", owner=caller.user_id or "-")
    wanted = [job for job in mine if not numbers or job.number in numbers]
    if missing := set(numbers) - {job.number for job in wanted}:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"These jobs are not the caller's or have ended: {', '.join(map(str, sorted(missing)))}.",
            reason="jobs-not-cancelable",
            attributes={"job-ids": many(INTEGER, sorted(missing))},
        )
    return [lifecycle.cancel(tx, job) for job in wanted]


def hold(tx: Transaction, caller: Caller, target: Target, job_id: int, until: AttributeValue | None) -> Job:
    """Keep a job from being offered to the device."""
    return owner.hold(tx, queue.controlled_job(tx, caller, target, job_id), until)


def release(tx: Transaction, caller: Caller, target: Target, job_id: int) -> Job:
    """Let a held job go on. What secure release holds is its owner's alone to let go."""
    job = queue.controlled_job(tx, caller, target, job_id)
    return secure_release.release_as(tx, caller, job) if job.is_held_for_release else owner.release(tx, job)


def change(
    tx: Transaction, caller: Caller, target: Target, job_id: int, wanted: Attributes, deleted: Collection[str]
) -> Job:
    """Change a job that no device has yet: all of the changes, or none (RFC 3380 section 4.2)."""
    job = queue.controlled_job(tx, caller, target, job_id)
    if job.state.is_terminal or job.acknowledged_by is not None:
        raise Refusal(RefusalKind.NOT_POSSIBLE, "The job has ended or a device has it.", reason="job-taken")
    template = {name: values for name, values in wanted.items() if name != JOB_NAME}
    _check_settable([*template, *deleted], NAMES)
    _check_supported(target.printer, template)
    kept = {name: values for name, values in {**job.template, **template}.items() if name not in deleted}
    job = replace(job, template=kept, name=str(first(wanted, JOB_NAME, job.name)))
    tx.put(job)
    tx.emit(Event(name="job.config-changed", subject=job.id, facts=lifecycle.facts_of(job)))
    notifications.job_event(tx, job, "job-config-changed")
    return owner.follow_template(tx, job)


def change_printer(tx: Transaction, target: Target, wanted: Attributes, deleted: Collection[str]) -> Printer:
    """Choose a printer's defaults, or its name (RFC 3380 section 4.1). Defaults must be among what it supports."""
    printer = printers.get(tx, target.printer.id)
    chosen = {name: values for name, values in wanted.items() if name != PRINTER_NAME}
    _check_settable([*chosen, *deleted], settable_defaults(printer))
    plain = {name.removesuffix(_DEFAULT): values for name, values in chosen.items()}
    judgement = judge(printer.attributes, plain)
    if judgement.unsupported:
        refusal = {name + _DEFAULT: values for name, values in judgement.unsupported.items()}
        raise _unsupported(refusal)
    defaults = {name: values for name, values in {**printer.defaults, **chosen}.items() if name not in deleted}
    name = str(first(wanted, PRINTER_NAME, printer.display_name))
    printer = replace(printer, defaults=defaults, display_name=name).stamped(printer, tx.now)
    tx.put(printer)
    tx.emit(Event(name="printer.config-changed", subject=printer.id))
    notifications.printer_event(tx, printer, "printer-config-changed")
    return printer


JOB_NAME = "job-name"
PRINTER_NAME = "printer-info"
"""The attribute by which an administrator renames a printer."""
_DEFAULT = "-default"


def settable_defaults(printer: Printer) -> Attributes:
    """Defaults that can be chosen, each with the values to choose from."""
    found: Attributes = {}
    for name, values in printer.attributes.items():
        if name.endswith("-supported") and name.removesuffix("-supported") in NAMES:
            found[name.removesuffix("-supported") + _DEFAULT] = values
    return found


def _check_settable(names: Collection[str], settable: Collection[str]) -> None:
    if fixed := [name for name in names if name not in settable]:
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"These attributes cannot be set: {', '.join(fixed)}.",
            reason="not-settable",
            attributes=dict.fromkeys(fixed, (NOT_SETTABLE,)),
        )


def _check_supported(printer: Printer, template: Attributes) -> None:
    if unsupported := judge(printer.attributes, template).unsupported:
        raise _unsupported(unsupported)


def _unsupported(unsupported: Attributes) -> Refusal:
    return Refusal(
        RefusalKind.ATTRIBUTES_UNSUPPORTED,
        f"The printer does not support the values of {', '.join(unsupported)}.",
        reason="template-unsupported",
        attributes=offending(unsupported),
    )

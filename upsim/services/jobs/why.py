"""Why a job is where it is: what it waits for, whose turn it is, and what exactly would move it."""

from datetime import datetime

from msgspec import Struct

from upsim.domain.job import Job
from upsim.domain.job_reasons import Turn, explanation
from upsim.domain.pull_print import PullPrinter
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound
from upsim.domain.task import Task, TaskState
from upsim.services import members
from upsim.services.ports import Transaction


class Step(Struct, frozen=True):
    """Something that happened to the job, on the tenant's clock."""

    what: str
    at: datetime


class Why(Struct, frozen=True, kw_only=True):
    """The answer for one job."""

    job: Job
    waits_for: str
    turn: Turn
    moves: tuple[str, ...]
    history: tuple[Step, ...]

    def paragraph(self, calls: str = "") -> str:
        """Return the answer as one paragraph; `calls` is a sentence on the calls that led here."""
        job = self.job
        steps = ", ".join(f"{step.what} at {step.at:%Y-%m-%d %H:%M:%S}" for step in self.history)
        name = f" ('{job.name}')" if job.name else ""
        reasons = f" ({', '.join(sorted(job.progress.reasons))})" if job.progress.reasons else ""
        parts = [f"Job {job.id}{name} is {job.state.keyword}{reasons}.", f"It was {steps}.", calls]
        parts += [f"Its message is: {job.state_message}" if job.state_message else "", self.waits_for]
        if self.turn != "nobody":
            parts.append(f"It is the turn of the {self.turn}: {'; or '.join(self.moves)}.")
        return " ".join(part for part in parts if part)


def explain(tx: Transaction, job_id: str) -> Why:
    """Explain a job. Reading it here counts as no read of a client."""
    job = tx.get(Job, job_id)
    if job is None:
        raise NotFound("job", job_id)
    found = explanation(job.progress)
    held = (task for task in tx.find(Query(entity=Task, parent=job.id)) if not task.state.is_terminal)
    task = next(held, None)
    root = f"shares/{job.share_id}" if job.share_id else f"printers/{job.printer_id}"
    values = {
        "job": job.id,
        "printer": job.place,
        "path": f"/v1.0/print/{root}/jobs/{job.id}",
        "document": job.document.id,
        "user": job.created_by.user_principal_name,
        "tenant": tx.tenant_id,
        "task": task.id if task else "TASK",
        "definition": task.definition_id if task else "DEFINITION",
        "reason": ", ".join(sorted(job.progress.reasons)) or "none",
        "pace": job.pace.mode if job.pace else "none",
        "until": _deadline(job, task),
    }
    moves = tuple(move.format(**values) for move in found.moves)
    if job.is_held_for_release and (pull_printer := tx.get(PullPrinter, job.printer_id)) is not None:
        member = next((each.id for each in members.members_of(tx, pull_printer)), "PRINTER")
        moves = (f"{moves[0]} --printer {member}",)
    elif job.pace is not None and found.turn == "device":
        moves += (f"upsim job step {job.id} --tenant {tx.tenant_id}",)
    return Why(
        job=job,
        waits_for=found.waits_for.format(**values),
        turn=found.turn,
        moves=moves,
        history=_history(job),
    )


def _deadline(job: Job, task: Task | None) -> str:
    if job.is_incoming:
        return f"; it is given up at {job.upload_until:%Y-%m-%d %H:%M:%S}" if job.upload_until else ""
    if job.is_transforming:
        return f" until {job.transforming_until:%Y-%m-%d %H:%M:%S}" if job.transforming_until else ""
    if task is None:
        return ""
    state = "has not begun" if task.state is TaskState.PENDING else f"is {task.state.value}"
    given_up = f" and is given up at {task.expires_at:%Y-%m-%d %H:%M:%S}" if task.expires_at else ""
    return f"; the task {state}{given_up}"


def _history(job: Job) -> tuple[Step, ...]:
    stamps = (
        ("created", job.created_at),
        ("given its document", job.document.uploaded_at),
        ("started", job.started_at),
        ("fetchable", job.fetchable_at),
        ("released by its owner", job.released_at),
        ("acknowledged by the device", job.acknowledged_at),
        ("reported as processing", job.processing_at),
        (job.state.keyword, job.ended_at),
    )
    return tuple(sorted((Step(what, at) for what, at in stamps if at is not None), key=lambda step: step.at))

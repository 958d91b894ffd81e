"""Jobs that their owners hold: job-hold-until, Hold-Job, Release-Job (RFC 8011 sections 4.3.5, 4.3.6, 5.2.2)."""

from msgspec.structs import replace

from upsim.domain.attributes import KEYWORD, AttributeValue, first, one
from upsim.domain.job import JOB_HOLD_UNTIL_SPECIFIED, JOB_INCOMING, Job, JobState
from upsim.domain.job_lifecycle import JobEvent
from upsim.services import conversion, progress
from upsim.services.ports import Transaction

HOLD_UNTIL = "job-hold-until"
NO_HOLD = "no-hold"
INDEFINITE = "indefinite"


def hold_as_asked(tx: Transaction, job: Job) -> Job | None:
    """Hold a job that has just been queued, if its template says so; otherwise None."""
    if first(job.template, HOLD_UNTIL, NO_HOLD) == NO_HOLD:
        return None
    return progress.move(tx, job, JobEvent.HOLD_BY_USER)


def follow(tx: Transaction, job: Job) -> Job:
    """Hold or release a job as its changed template says."""
    is_wanted = first(job.template, HOLD_UNTIL, NO_HOLD) != NO_HOLD
    if JOB_HOLD_UNTIL_SPECIFIED in job.progress.reasons and not is_wanted:
        return release(tx, job)
    if job.state is JobState.PENDING and JOB_INCOMING not in job.progress.reasons and is_wanted:
        return progress.move(tx, job, JobEvent.HOLD_BY_USER)
    return job


def hold(tx: Transaction, job: Job, until: AttributeValue | None = None) -> Job:
    """Keep a job from being offered. One whose document is still to come is held once it is queued."""
    values = one(KEYWORD, INDEFINITE) if until is None else (until,)
    if values[0].value == NO_HOLD:
        return release(tx, job)
    job = replace(job, template={**job.template, HOLD_UNTIL: values})
    if JOB_INCOMING in job.progress.reasons:
        tx.put(job)
        return job
    return progress.move(tx, job, JobEvent.HOLD_BY_USER)


def release(tx: Transaction, job: Job) -> Job:
    """Let a held job go on; one that is not held yet will not be."""
    job = replace(job, template={**job.template, HOLD_UNTIL: one(KEYWORD, NO_HOLD)})
    if JOB_INCOMING in job.progress.reasons:
        tx.put(job)
        return job
    return conversion.offer(tx, progress.move(tx, job, JobEvent.RELEASE_BY_USER))

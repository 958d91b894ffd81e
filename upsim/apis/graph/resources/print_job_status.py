"""printJobStatus: a projection of IPP job-state and job-state-reasons. Nothing ever writes a Graph state."""

from upsim.apis.graph.selection import Json, View
from upsim.domain.job import JOB_DATA_INSUFFICIENT, JOB_INCOMING, Job, JobState

_HELD_FOR_RELEASE = frozenset(
    {
        "job-held-for-release",
        "job-release-wait",
        "job-held-for-authorization",
        "job-held-for-button-press",
        "job-password-wait",
    }
)
_ENDINGS = {
    "job-completed-with-errors": "completedWithErrors",
    "job-completed-with-warnings": "completedWithWarnings",
}
_STATES = {
    JobState.PENDING: "pending",
    JobState.PENDING_HELD: "paused",
    JobState.PROCESSING: "processing",
    JobState.PROCESSING_STOPPED: "stopped",
    JobState.CANCELED: "canceled",
    JobState.ABORTED: "aborted",
    JobState.COMPLETED: "completed",
}
_DESCRIPTIONS = {
    "pending": "The job is pending processing by the printer.",
    "paused": "The job is not a candidate for processing yet.",
    "processing": "The print job is currently being processed.",
    "stopped": "The job has been stopped until the printer issue is addressed.",
    "canceled": "The job has been canceled by a user and no further processing will take place.",
    "aborted": "The job has been aborted by a user or the printer and no further processing will take place.",
    "completed": "The print job has completed successfully and no further processing will take place.",
}


def represent_job_status(view: View, job: Job) -> Json:
    """State, details and description of a job."""
    state, details = state_of(job)
    description = job.state_message or _DESCRIPTIONS[state]
    if state == "processing" and job.acknowledged_at and not job.state_message:
        description = "The print job is currently being processed by the printer."
    is_acquired = job.acknowledged_at is not None
    status: Json = {
        "state": state,
        "description": description,
        "isAcquiredByPrinter": is_acquired,
        "details": details,
    }
    if view.is_beta:
        status |= {
            "processingState": state,
            "processingStateDescription": description,
            "acquiredByPrinter": is_acquired,
        }
    return status


def state_of(job: Job) -> tuple[str, list[str]]:
    """PrintJobProcessingState and printJobStateDetail of a job."""
    reasons = job.progress.reasons
    state = _STATES[job.state]
    if job.state is JobState.PENDING and JOB_INCOMING in reasons:
        return "paused", ["uploadPending"] if JOB_DATA_INSUFFICIENT in reasons else []
    if not job.state.is_terminal and "job-transforming" in reasons:
        return "processing", ["transforming"]
    if job.state is JobState.PENDING_HELD and reasons & _HELD_FOR_RELEASE:
        return state, ["releaseWait"]
    if job.state is JobState.PROCESSING and "job-interpreting" in reasons:
        return state, ["interpreting"]
    if job.state is JobState.COMPLETED:
        return state, [
            next((_ENDINGS[each] for each in sorted(reasons) if each in _ENDINGS), "completedSuccessfully")
        ]
    return state, []

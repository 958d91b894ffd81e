"""Why a job stands where it stands: for each state and each reason, whose turn it is and what moves the job on.

Sentences are templates. `upsim.services.jobs.why` fills in `{job}`, `{printer}`, `{path}` (the job under its
printer or share on Graph), `{document}`, `{user}`, `{tenant}`, `{task}`, `{definition}`, `{reason}`, `{until}` and
`{pace}`.
"""

from typing import Literal

from msgspec import Struct

from upsim.domain.job import (
    JOB_DATA_INSUFFICIENT,
    JOB_FETCHABLE,
    JOB_FETCHABLE_BY_USER,
    JOB_HELD_FOR_RELEASE,
    JOB_HELD_FOR_TASK,
    JOB_HOLD_UNTIL_SPECIFIED,
    JOB_INCOMING,
    JOB_QUEUED,
    JOB_TRANSFORMING,
    JobState,
    Progress,
)

Turn = Literal["user", "owner", "application", "device", "service", "test", "nobody"]


class Explanation(Struct, frozen=True, kw_only=True):
    """What a job waits for, whose turn it is, and the calls or commands that move it on."""

    waits_for: str
    turn: Turn
    moves: tuple[str, ...] = ()


_RELEASE = "upsim job release {job} --as {user} --tenant {tenant}"
_DEVICE_REPORTS = "IPP Update-Job-Status for job-id {job} on /printers/{printer}, with output-device-job-state"
_DEVICE_TAKES = "IPP Fetch-Job, then Acknowledge-Job, for job-id {job} on /printers/{printer}"

REASONS: dict[str, Explanation] = {
    JOB_DATA_INSUFFICIENT: Explanation(
        waits_for="It waits for its document: not every byte is uploaded{until}.",
        turn="user",
        moves=(
            "POST {path}/documents/{document}/createUploadSession, then PUT every byte to the uploadUrl",
            "IPP Send-Document for job-id {job} on /printers/{printer}",
        ),
    ),
    JOB_INCOMING: Explanation(
        waits_for="Its document is uploaded, and it waits to be started.",
        turn="user",
        moves=("POST {path}/start", "IPP Close-Job for job-id {job} on /printers/{printer}"),
    ),
    JOB_HELD_FOR_TASK: Explanation(
        waits_for="A task trigger of its printer holds it until the application completes its task{until}.",
        turn="application",
        moves=("PATCH /v1.0/print/taskDefinitions/{definition}/tasks/{task}, status/state completed",),
    ),
    JOB_HOLD_UNTIL_SPECIFIED: Explanation(
        waits_for="Its user holds it (Hold-Job or job-hold-until), and it waits to be released.",
        turn="user",
        moves=("IPP Release-Job for job-id {job} on /printers/{printer}",),
    ),
    JOB_HELD_FOR_RELEASE: Explanation(
        waits_for="Secure release holds it until {user} is at a printer and releases it.",
        turn="owner",
        moves=(_RELEASE, "IPP Release-Job for job-id {job} on /printers/{printer}, by its owner"),
    ),
    JOB_FETCHABLE_BY_USER: Explanation(
        waits_for="It waits for its owner at the device, which may then fetch it.",
        turn="owner",
        moves=(_RELEASE,),
    ),
    JOB_TRANSFORMING: Explanation(
        waits_for="The service converts its document to PDF{until}.",
        turn="service",
        moves=("upsim clock advance --tenant {tenant}",),
    ),
    JOB_FETCHABLE: Explanation(
        waits_for="It waits for the printer's device to fetch it; no device has acknowledged it.",
        turn="device",
        moves=(_DEVICE_TAKES,),
    ),
    JOB_QUEUED: Explanation(
        waits_for="It is queued, and a pace that a test chose ({pace}) keeps it from the device.",
        turn="test",
        moves=("upsim job step {job} --tenant {tenant}", "upsim job go {job} --tenant {tenant}"),
    ),
    "job-printing": Explanation(
        waits_for="The device reports that it prints, and its next report is awaited.",
        turn="device",
        moves=(_DEVICE_REPORTS,),
    ),
    "printer-stopped": Explanation(
        waits_for="The device reports that its printer has stopped, so somebody must see to the printer.",
        turn="device",
        moves=(_DEVICE_REPORTS + " 5 (processing)",),
    ),
    "job-completed-successfully": Explanation(waits_for="It was printed and waits for nothing.", turn="nobody"),
    "job-canceled-by-user": Explanation(
        waits_for="A user canceled it, so it waits for nothing; to print, create another job.", turn="nobody"
    ),
    "job-canceled-at-device": Explanation(
        waits_for="It was canceled at the device, so it waits for nothing; to print, create another job.",
        turn="nobody",
    ),
    "aborted-by-system": Explanation(
        waits_for="It was given up, so it waits for nothing; to print, create another job.", turn="nobody"
    ),
    "unsupported-document-format": Explanation(
        waits_for="The device could not print its format; to print, create another job with a format it takes.",
        turn="nobody",
    ),
}
"""By job-state-reason. Of several, the first in this order decides."""

_ENDED = "It has ended with the reason {reason} that the device reported, and waits for nothing."
STATES: dict[JobState, Explanation] = {
    JobState.PENDING: Explanation(
        waits_for="The device has acknowledged it and has not reported that it prints.",
        turn="device",
        moves=(_DEVICE_REPORTS,),
    ),
    JobState.PENDING_HELD: Explanation(
        waits_for="It is held for a reason that upsim does not know ({reason}).",
        turn="test",
        moves=("upsim job force {job} pending --tenant {tenant}",),
    ),
    JobState.PROCESSING: Explanation(
        waits_for="The device has it, for the reason {reason}, and its next report is awaited.",
        turn="device",
        moves=(_DEVICE_REPORTS,),
    ),
    JobState.PROCESSING_STOPPED: Explanation(
        waits_for="The device cannot go on, for the reason {reason}, until somebody sees to the printer.",
        turn="device",
        moves=(_DEVICE_REPORTS + " 5 (processing)",),
    ),
    JobState.CANCELED: Explanation(waits_for=_ENDED, turn="nobody"),
    JobState.ABORTED: Explanation(waits_for=_ENDED, turn="nobody"),
    JobState.COMPLETED: Explanation(waits_for=_ENDED, turn="nobody"),
}
"""By job-state, where no reason of the job is in `REASONS`: the device reported one of its own, or none."""


def explanation(progress: Progress) -> Explanation:
    """Return the explanation of a standing. A test that forced reasons of another state gets the state's."""
    found = next((each for reason, each in REASONS.items() if reason in progress.reasons), None)
    if found is None or (progress.state.is_terminal and found.turn != "nobody"):
        return STATES[progress.state]
    return found

"""Requests of a device for jobs that wait for their owner."""

from typing import Any

from tests.support.ipp import raw
from tests.support.ipp.raw import BOOLEAN, INTEGER, JOB, KEYWORD, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.job import Job
from upsim.domain.user import User

ME = raw.of_device(PRINTER_ID)
WHICH = ("fetchable", "all", "not-completed", "pending-held", "pending")


def by(user: User | str) -> bytes:
    """The user who stands before the device."""
    name = user if isinstance(user, str) else f"mailto:{user.user_principal_name}"
    return a(URI, "requesting-user-uri", name)


def get_jobs(which: str = "fetchable", user: User | str | None = None, who: bytes = ME) -> bytes:
    named = by(user) + a(BOOLEAN, "my-jobs", True) if user else b""
    wanted = a(KEYWORD, "which-jobs", which) + a(KEYWORD, "requested-attributes", "all")
    return raw.request(raw.GET_JOBS, who, named, wanted)


def on_job(operation: int, job: Job, *parts: bytes, who: bytes = ME) -> bytes:
    return raw.request(operation, who, a(INTEGER, "job-id", job.number), *parts)


def ids(answer: raw.Answer) -> list[Any]:
    assert answer.status == raw.OK
    return [int.from_bytes(group["job-id"][1][0], "big") for group in answer.all(JOB)]

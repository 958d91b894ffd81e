"""Jobs that wait for their owner, and their release by the owner's phone."""

from urllib.parse import quote

from upsim.client.ask import Ask, Json, given, tenant_path, values


def waiting(tenant: str, user: str) -> Ask[list[Json]]:
    """A user's jobs that wait to be released, on any queue, oldest first."""
    return Ask("GET", tenant_path(tenant, f"/users/{quote(user, safe='')}/held-jobs"), values)


def release(tenant: str, job: str | int, user: str, *, printer: str | None = None) -> Ask[Json]:
    """The owner releases a job at a printer, by id or display name; absent: at the job's own."""
    path = tenant_path(tenant, f"/jobs/{quote(str(job), safe='')}/release")
    return Ask("POST", path, dict, given(user=user, printer=printer))

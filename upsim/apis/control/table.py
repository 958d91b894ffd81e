"""The rows of the control API."""

from typing import Any

from aiohttp import web

from upsim.apis.control import (
    addresses,
    badges,
    clock,
    deliveries,
    directory,
    directory_objects,
    health,
    inboxes,
    injections,
    keys,
    limits,
    metrics,
    operations,
    printing,
    pull_printers,
    settings,
    simulated_printers,
    snapshots,
    snippets,
    states,
    tenants,
    welcome,
)
from upsim.apis.control.bodies import query_of, taken_by, taking
from upsim.apis.control.errors import refuse
from upsim.server.context import Call, Handler
from upsim.server.control_bodies import checking_query
from upsim.server.operation import Access, Api, Evidence, Open, Operation
from upsim.services import directory_changes
from upsim.services.directory_changes import DirectoryKind

_OURS = Evidence("chosen", "upsim's own control API")


def _row(
    identifier: str,
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    access: Access = Open.OPERATOR,
    success: tuple[int, ...] = (200,),
) -> Operation:
    return Operation(
        id=f"control.{identifier}",
        method=method,
        path=path,
        handler=_checked(handler) if access is Open.OPERATOR else handler,
        access=access,
        success=success,
        evidence=_OURS,
        summary=summary,
    )


def _checked(handler: Handler) -> Handler:
    return checking_query(handler, lambda: query_of(handler))


def _inbox(identifier: str, path: str) -> tuple[Operation, ...]:
    return (
        _row(f"{identifier}.post", "POST", path, inboxes.post, "A receiver of webhooks.", Open.ANYONE, (200, 202)),
        _row(f"{identifier}.get", "GET", path, inboxes.get, "What a receiver got; waits for it."),
        _row(f"{identifier}.put", "PUT", path, inboxes.put, "Choose how a receiver answers."),
        _row(f"{identifier}.delete", "DELETE", path, inboxes.delete, "Empty a receiver.", success=(204,)),
    )


def _journal(name: str) -> Handler:
    """Return a handler of the journal. What decodes and formats it is imported when somebody looks at it."""

    def load() -> Handler:
        from upsim.apis.control.journal import handlers

        handler: Handler = getattr(handlers, name)
        return handler

    @taking(lambda: taken_by(load()), query=lambda: query_of(load()))
    async def handle(call: Call) -> web.StreamResponse:
        return await load()(call)

    return handle


async def _openapi(call: Call) -> web.Response:
    from upsim.apis.control import openapi

    return await openapi.show(call)


_INJECTIONS_PATH = "/_upsim/tenants/{tenant}/injections"
_SETTINGS_PATH = "/_upsim/tenants/{tenant}/settings"
_JOURNAL_PATH = "/_upsim/tenants/{tenant}/journal"

_INJECTIONS = (
    _row(
        "injections.list",
        "GET",
        _INJECTIONS_PATH,
        injections.list_all,
        "The injections that stand, and how often they happened.",
    ),
    _row("injections.create", "POST", _INJECTIONS_PATH, injections.create, "Inject.", success=(201,)),
    _row(
        "injections.clear",
        "DELETE",
        _INJECTIONS_PATH,
        injections.delete_all,
        "Remove all injections.",
        success=(204,),
    ),
    _row(
        "injections.get", "GET", _INJECTIONS_PATH + "/{injection}", injections.get, "One injection, by id or name."
    ),
    _row(
        "injections.delete",
        "DELETE",
        _INJECTIONS_PATH + "/{injection}",
        injections.delete,
        "Remove an injection.",
        success=(204,),
    ),
)

_JOURNAL = (
    _row(
        "journal.list",
        "GET",
        _JOURNAL_PATH,
        _journal("list_entries"),
        "Calls that clients made; '-' for the tenant: calls that belong to none.",
    ),
    _row("journal.clear", "DELETE", _JOURNAL_PATH, _journal("clear"), "Forget all calls.", success=(204,)),
    _row("journal.count", "GET", _JOURNAL_PATH + "/count", _journal("count"), "How many calls fit."),
    _row("journal.wait", "POST", _JOURNAL_PATH + "/wait", _journal("wait"), "Wait until this many calls match."),
    _row(
        "journal.verify",
        "POST",
        _JOURNAL_PATH + "/verify",
        _journal("check"),
        "Whether calls were made as expected, and if not which were nearest.",
    ),
    _row("journal.har", "GET", _JOURNAL_PATH + "/har", _journal("har"), "The journal as an HTTP Archive."),
    _row(
        "journal.transcript", "GET", _JOURNAL_PATH + "/transcript", _journal("transcript"), "The journal to read."
    ),
    _row("journal.get", "GET", _JOURNAL_PATH + "/{number}", _journal("get"), "One call with its messages."),
)

TABLE = (
    _row("welcome", "GET", "/", welcome.welcome, "The addresses of every API.", Open.ANYONE),
    _row("livez", "GET", "/_upsim/livez", health.livez, "Whether the process answers.", Open.ANYONE),
    _row("readyz", "GET", "/_upsim/readyz", health.readyz, "Whether it is ready.", Open.ANYONE, (200, 503)),
    _row(
        "metrics", "GET", "/_upsim/metrics", metrics.show, "Metrics for Prometheus, with --metrics.", Open.ANYONE
    ),
    _row("stop", "POST", "/_upsim/stop", health.stop, "End the server, as SIGTERM does.", success=(202,)),
    _row("operations", "GET", "/_upsim/operations", operations.list_operations, "The table of operations."),
    _row("openapi", "GET", "/_upsim/openapi/control.json", _openapi, "This API as OpenAPI.", Open.ANYONE),
    _row("addresses", "GET", "/_upsim/addresses", addresses.show, "Where the listeners are.", Open.ANYONE),
    _row("snippets", "GET", "/_upsim/snippets", snippets.show_all, "Ready settings for each client."),
    _row("snippet", "GET", "/_upsim/snippets/{client}", snippets.show, "Ready settings for one client."),
    _row("ca", "GET", "/_upsim/ca.pem", welcome.ca, "The CA certificate to trust.", Open.ANYONE),
    _row("tenants", "GET", "/_upsim/tenants", directory.list_tenants, "Tenants, users and applications."),
    _row("clock.get", "GET", "/_upsim/tenants/{tenant}/clock", clock.get, "A tenant's clock."),
    _row("tenants.create", "POST", "/_upsim/tenants", tenants.create, "A new tenant from a seed.", success=(201,)),
    _row(
        "tenants.delete",
        "DELETE",
        "/_upsim/tenants/{tenant}",
        tenants.delete,
        "Delete a tenant with all it has.",
        success=(204,),
    ),
    _row("tenants.reset", "POST", "/_upsim/tenants/{tenant}/reset", tenants.reset, "Wipe and replay the seed."),
    _row("tenants.get", "GET", "/_upsim/tenants/{tenant}", tenants.get, "A tenant with its clock and settings."),
    _row("settings.get", "GET", _SETTINGS_PATH, settings.get, "All settings: value, default, range and meaning."),
    _row(
        "settings.put", "PUT", _SETTINGS_PATH, settings.put, "Choose settings; the rest is as the service does it."
    ),
    _row("settings.patch", "PATCH", _SETTINGS_PATH, settings.patch, "Choose what is named, keep the rest."),
    _row("limits", "GET", "/_upsim/tenants/{tenant}/limits", limits.headroom, "The limits and their headroom."),
    _row("limits.all", "GET", "/_upsim/limits", limits.every_tenants, "The limits of every tenant."),
    *_INJECTIONS,
    *_JOURNAL,
    _row(
        "clock.advance",
        "POST",
        "/_upsim/tenants/{tenant}/clock/advance",
        clock.advance,
        "Move the clock and do what falls due.",
    ),
    _row("clock.patch", "PATCH", "/_upsim/tenants/{tenant}/clock", clock.patch, "Move, stop or start it."),
    _row(
        "device-key",
        "GET",
        "/_upsim/tenants/{tenant}/printers/{printer}/device-key",
        keys.device_key,
        "A short key for the printer's device, for IPP clients without tokens.",
    ),
    _row(
        "revoke-certificate",
        "POST",
        "/_upsim/tenants/{tenant}/printers/{printer}/revoke-certificate",
        keys.revoke_certificate,
        "Revoke a printer's certificate.",
        success=(204,),
    ),
    _row(
        "user-key",
        "GET",
        "/_upsim/tenants/{tenant}/users/{user}/key",
        keys.user_key,
        "A short key for a user, for IPP clients without tokens.",
    ),
    *_inbox("inbox", "/_upsim/inbox/{name}"),
    *_inbox("tenant-inbox", "/_upsim/tenants/{tenant}/inbox/{name}"),
    _row(
        "deliveries",
        "GET",
        "/_upsim/tenants/{tenant}/deliveries",
        deliveries.list_attempts,
        "Each attempt to deliver a change notification.",
    ),
)

_TENANT = "/_upsim/tenants/{tenant}"
_SNAPSHOTS = _TENANT + "/snapshots"

HISTORY = (
    _row("snapshots.list", "GET", _SNAPSHOTS, snapshots.list_all, "A tenant's snapshots."),
    _row("snapshots.take", "POST", _SNAPSHOTS, snapshots.take, "Keep a point of its history.", success=(201,)),
    _row("snapshots.get", "GET", _SNAPSHOTS + "/{snapshot}", snapshots.get, "One snapshot, by name or id."),
    _row(
        "snapshots.delete",
        "DELETE",
        _SNAPSHOTS + "/{snapshot}",
        snapshots.delete,
        "Keep a snapshot no longer.",
        success=(204,),
    ),
    _row("restore", "POST", _TENANT + "/restore", snapshots.restore, "Go back to a snapshot, a change or a call."),
    _row("fork", "POST", _TENANT + "/fork", snapshots.fork, "A new tenant from a point of one.", success=(201,)),
    _row("diff", "GET", _TENANT + "/diff", snapshots.diff, "What differs between two points."),
    _row("export", "GET", _TENANT + "/export", snapshots.export, "A tenant as one file, documents included."),
    _row("import", "POST", "/_upsim/import", snapshots.import_, "A tenant from such a file.", success=(201,)),
)

_SIMULATED = "/_upsim/tenants/{tenant}/simulated-printers"

SIMULATION = (
    _row("personas", "GET", "/_upsim/personas", simulated_printers.list_personas, "The personas of printers."),
    _row("simulated-printers.list", "GET", _SIMULATED, simulated_printers.list_all, "Simulated printers."),
    _row(
        "simulated-printers.create",
        "POST",
        _SIMULATED,
        simulated_printers.create,
        "A printer whose jobs complete by themselves.",
        success=(201,),
    ),
    _row(
        "simulation.switch-on",
        "PUT",
        "/_upsim/tenants/{tenant}/printers/{printer}/simulation",
        simulated_printers.switch_on,
        "Let a printer's jobs complete by themselves.",
    ),
    _row(
        "simulation.switch-off",
        "DELETE",
        "/_upsim/tenants/{tenant}/printers/{printer}/simulation",
        simulated_printers.switch_off,
        "Leave a printer to its own device again.",
        success=(204,),
    ),
    _row(
        "simulation.tap",
        "POST",
        "/_upsim/tenants/{tenant}/printers/{printer}/tap",
        simulated_printers.tap,
        "Hold a badge to a simulated printer's reader: its owner's waiting jobs are released there.",
    ),
)

_BADGES = "/_upsim/tenants/{tenant}/badges"

BADGES = (
    _row("badges.list", "GET", _BADGES, badges.list_all, "Every badge of a tenant."),
    _row("badges.create", "POST", _BADGES, badges.create, "Give a user a badge, at once.", success=(201,)),
    _row("badges.delete", "DELETE", _BADGES + "/{badge}", badges.delete, "Take a badge away.", success=(204,)),
)

_PULL_PRINTERS = "/_upsim/tenants/{tenant}/pull-printers"
_PULL_PRINTER = _PULL_PRINTERS + "/{printer}"

PULL_PRINTING = (
    _row("pull-printers.list", "GET", _PULL_PRINTERS, pull_printers.list_all, "Pull-print printers."),
    _row(
        "pull-printers.create",
        "POST",
        _PULL_PRINTERS,
        pull_printers.create,
        "A pull-print printer (Universal Print Anywhere), as the administrator's portal makes one.",
        success=(201,),
    ),
    _row("pull-printers.get", "GET", _PULL_PRINTER, pull_printers.get, "One, with its members."),
    _row("pull-printers.update", "PATCH", _PULL_PRINTER, pull_printers.change, "Change one; all printers or not."),
    _row("pull-printers.delete", "DELETE", _PULL_PRINTER, pull_printers.delete, "Take one away.", success=(204,)),
    _row(
        "pull-printers.share.put",
        "PUT",
        _PULL_PRINTER + "/share",
        pull_printers.put_share,
        "Share one with everybody or with those who are named.",
    ),
    _row(
        "pull-printers.share.delete",
        "DELETE",
        _PULL_PRINTER + "/share",
        pull_printers.delete_share,
        "Unshare one.",
        success=(204,),
    ),
    _row(
        "pull-printers.member.add",
        "PUT",
        _PULL_PRINTER + "/members/{member}",
        pull_printers.add_member,
        "Let its jobs be released at a printer.",
    ),
    _row(
        "pull-printers.member.remove",
        "DELETE",
        _PULL_PRINTER + "/members/{member}",
        pull_printers.remove_member,
        "Let nothing more be released at a printer.",
    ),
    _row(
        "job.release",
        "POST",
        "/_upsim/tenants/{tenant}/jobs/{job}/release",
        pull_printers.release_job,
        "The owner releases a held job at a printer, as a phone does that read the printer's code.",
    ),
    _row(
        "user.held-jobs",
        "GET",
        "/_upsim/tenants/{tenant}/users/{user}/held-jobs",
        pull_printers.list_held,
        "A user's jobs that wait to be released.",
    ),
)


_PRINTER = "/_upsim/tenants/{tenant}/printers/{printer}"
_JOB = "/_upsim/tenants/{tenant}/jobs/{job}"

PRINTING = (
    _row("printers.list", "GET", "/_upsim/tenants/{tenant}/printers", printing.list_printers, "Every printer."),
    _row("printers.get", "GET", _PRINTER, printing.get_printer, "A printer with its state."),
    _row("shares.list", "GET", "/_upsim/tenants/{tenant}/shares", printing.list_shares, "Every share."),
    _row("shares.get", "GET", "/_upsim/tenants/{tenant}/shares/{share}", printing.get_share, "A share."),
    _row(
        "jobs.list", "GET", "/_upsim/tenants/{tenant}/jobs", printing.list_jobs, "Jobs, of a printer or a state."
    ),
    _row("jobs.get", "GET", _JOB, printing.get_job, "A job with where it stands."),
    _row("jobs.why", "GET", _JOB + "/why", printing.why_job, "What a job waits for and what moves it."),
)

STATES = (
    _row("states.job.pace", "PUT", _JOB + "/pace", states.set_job_pace, "Choose what moves a job; hold it."),
    _row("states.job.go", "DELETE", _JOB + "/pace", states.clear_job_pace, "Let a job go on by itself."),
    _row("states.job.step", "POST", _JOB + "/step", states.step_job, "Make a job's next move."),
    _row("states.job.force", "PUT", _JOB + "/state", states.force_job, "Put a job into a state."),
    _row(
        "states.printer.pace", "PUT", _PRINTER + "/pace", states.set_printer_pace, "The same for a printer's jobs."
    ),
    _row("states.printer.go", "DELETE", _PRINTER + "/pace", states.clear_printer_pace, "Let its jobs go on."),
    _row(
        "states.printer.step", "POST", _PRINTER + "/step", states.step_printer, "A simulated device's next step."
    ),
    _row(
        "states.printer.force",
        "PUT",
        _PRINTER + "/state",
        states.force_printer,
        "Force or hold a printer's state.",
    ),
    _row("states.printer.free", "DELETE", _PRINTER + "/state", states.let_printer_go, "Let a printer's state go."),
)


def _directory_rows(kind: DirectoryKind[Any]) -> tuple[Operation, ...]:
    """Return the operations of one kind of directory objects."""
    every = f"/_upsim/tenants/{{tenant}}/{kind.plural}"
    one = f"{every}/{{{kind.parameter}}}"
    name, article = kind.name, "an" if kind.name[0] in "aeio" else "a"
    return (
        _row(f"{kind.plural}.list", "GET", every, directory_objects.lister(kind), f"Every {name} of a tenant."),
        _row(
            f"{kind.plural}.get", "GET", one, directory_objects.getter(kind), f"{name.capitalize()} by id or name."
        ),
        _row(
            f"{kind.plural}.create",
            "POST",
            every,
            directory_objects.adder(kind),
            f"Add {article} {name}.",
            success=(201,),
        ),
        _row(
            f"{kind.plural}.change",
            "PATCH",
            one,
            directory_objects.changer(kind),
            f"Change {article} {name}.",
        ),
        _row(
            f"{kind.plural}.delete",
            "DELETE",
            one,
            directory_objects.remover(kind),
            f"Remove {article} {name}.",
            success=(204,),
        ),
    )


DIRECTORY = (
    *(row for kind in directory_changes.KINDS for row in _directory_rows(kind)),
    _row(
        "users.revoke-sessions",
        "POST",
        "/_upsim/tenants/{tenant}/users/{user}/revoke-sessions",
        directory_objects.revoke_sessions,
        "End what a user signed in to; clients that can are asked for a fresh token.",
        success=(204,),
    ),
)

API = Api(
    name="control",
    table=(*TABLE, *HISTORY, *SIMULATION, *PULL_PRINTING, *BADGES, *PRINTING, *STATES, *DIRECTORY),
    prefixes=("/_upsim",),
    refuse=refuse,
)

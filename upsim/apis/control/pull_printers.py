"""Pull-print printers and their members, and the release of jobs that stands for a user's phone."""

from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.attributes import first, values
from upsim.domain.job import Job
from upsim.domain.printer import PrinterLocation
from upsim.domain.printer_share import PrinterShare
from upsim.domain.pull_print import PrintOptions, PullPrinter
from upsim.domain.user import Group, User
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.services import directory, members, printers, pull_printing
from upsim.services.jobs import secure_release
from upsim.services.ports import Transaction

Json = dict[str, Any]


class WantedShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share in front of a pull-print printer: users by user principal name or id, groups by name or id."""

    display_name: str
    allow_all_users: bool = False
    allowed_users: tuple[str, ...] = ()
    allowed_groups: tuple[str, ...] = ()


class NewPullPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST. `members` are ids or display names of printers."""

    display_name: str
    location: PrinterLocation = PrinterLocation()
    options: PrintOptions = PrintOptions()
    all_printers: bool = False
    members: tuple[str, ...] = ()
    share: WantedShare | None = None


class Changes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH: what is not named stays."""

    display_name: str | None = None
    options: PrintOptions | None = None
    all_printers: bool | None = None


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The user who releases, by user principal name or id, and the printer; absent: the job's own."""

    user: str
    printer: str | None = None


async def list_all(call: Call) -> web.Response:
    """Return every pull-print printer with its members and its share."""
    tenant = await tenant_named(call)

    def unit(tx: Transaction) -> list[Json]:
        return [_represent(tx, each) for each in pull_printing.list_all(tx)]

    return json_response({"value": await call.site.store.read(tenant.id, unit)})


@taking(NewPullPrinter)
async def create(call: Call) -> web.Response:
    """Return a new one, with its share where one is asked for."""
    tenant, body = await tenant_named(call), await read_as(call, NewPullPrinter, "a pull-print printer")

    def unit(tx: Transaction) -> Json:
        pull_printer, printer = pull_printing.create(
            tx,
            body.display_name,
            body.options,
            location=body.location,
            all_printers=body.all_printers,
            member_names=body.members,
        )
        if body.share is not None:
            _share(tx, printer.id, body.share)
        return _represent(tx, pull_printer)

    return json_response(await call.site.store.write(tenant.id, unit), 201)


async def get(call: Call) -> web.Response:
    tenant, name = await tenant_named(call), call.parameters["printer"]
    unit = lambda tx: _represent(tx, pull_printing.get(tx, name))  # noqa: E731
    return json_response(await call.site.store.read(tenant.id, unit))


@taking(Changes)
async def change(call: Call) -> web.Response:
    """Another name, other print options, or the switch for all configured printers."""
    tenant, name = await tenant_named(call), call.parameters["printer"]
    body = await read_as(call, Changes, "changes of a pull-print printer")

    def unit(tx: Transaction) -> Json:
        changed = pull_printing.change(
            tx, name, display_name=body.display_name, options=body.options, all_printers=body.all_printers
        )
        return _represent(tx, changed)

    return json_response(await call.site.store.write(tenant.id, unit))


async def delete(call: Call) -> web.Response:
    """Return its share goes first, as with any printer; jobs that wait are aborted."""
    tenant, name = await tenant_named(call), call.parameters["printer"]
    await call.site.store.write(tenant.id, lambda tx: pull_printing.delete(tx, name))
    return web.Response(status=204)


@taking(WantedShare)
async def put_share(call: Call) -> web.Response:
    """Share it, or change its share and whom it admits."""
    tenant, name = await tenant_named(call), call.parameters["printer"]
    body = await read_as(call, WantedShare, "a share")

    def unit(tx: Transaction) -> Json:
        _share(tx, name, body)
        return _represent(tx, pull_printing.get(tx, name))

    return json_response(await call.site.store.write(tenant.id, unit))


async def delete_share(call: Call) -> web.Response:
    tenant, name = await tenant_named(call), call.parameters["printer"]
    await call.site.store.write(tenant.id, lambda tx: pull_printing.unshare(tx, name))
    return web.Response(status=204)


async def add_member(call: Call) -> web.Response:
    return await _change_member(call, pull_printing.add_member)


async def remove_member(call: Call) -> web.Response:
    return await _change_member(call, pull_printing.remove_member)


@taking(Release)
async def release_job(call: Call) -> web.Response:
    """Release a job, as a user's phone does after it read the code on a printer."""
    tenant, job_id = await tenant_named(call), call.parameters["job"]
    body = await read_as(call, Release, "a release")

    def unit(tx: Transaction) -> Json:
        printer = pull_printing.named(tx, body.printer) if body.printer else None
        user = directory.get_user(tx, body.user)
        return _represent_job(secure_release.release(tx, user, job_id, printer.id if printer else None))

    return json_response(await call.site.store.write(tenant.id, unit))


async def list_held(call: Call) -> web.Response:
    """Jobs of a user that wait to be released, on any queue."""
    tenant, name = await tenant_named(call), call.parameters["user"]

    def unit(tx: Transaction) -> list[Json]:
        user = directory.get_user(tx, name)
        return [_represent_job(job) for job in secure_release.every_waiting(tx, user)]

    return json_response({"value": await call.site.store.read(tenant.id, unit)})


async def _change_member(call: Call, verb: Any) -> web.Response:
    tenant, name, member = await tenant_named(call), call.parameters["printer"], call.parameters["member"]
    unit = lambda tx: _represent(tx, verb(tx, name, member))  # noqa: E731
    return json_response(await call.site.store.write(tenant.id, unit))


def _share(tx: Transaction, name: str, wanted: WantedShare) -> None:
    pull_printing.share(
        tx,
        name,
        wanted.display_name,
        allow_all_users=wanted.allow_all_users,
        user_names=wanted.allowed_users,
        group_names=wanted.allowed_groups,
    )


def _represent(tx: Transaction, pull_printer: PullPrinter) -> Json:
    printer, share = printers.get(tx, pull_printer.id), printers.share_of(tx, pull_printer.id)
    return {
        "id": printer.id,
        "displayName": printer.display_name,
        "formats": printer.document_formats,
        "media": values(printer.attributes, "media-supported"),
        "isColor": first(printer.attributes, "color-supported"),
        "isDuplex": len(values(printer.attributes, "sides-supported")) > 1,
        "allPrinters": pull_printer.has_all_printers,
        "members": [
            {"id": each.id, "displayName": each.display_name} for each in members.members_of(tx, pull_printer)
        ],
        "share": share and _represent_share(tx, share),
    }


def _represent_share(tx: Transaction, share: PrinterShare) -> Json:
    users = [tx.get(User, each) for each in share.allowed_users]
    groups = [tx.get(Group, each) for each in share.allowed_groups]
    return {
        "id": share.id,
        "displayName": share.display_name,
        "allowAllUsers": share.allow_all_users,
        "allowedUsers": [user.user_principal_name for user in users if user is not None],
        "allowedGroups": [group.display_name for group in groups if group is not None],
    }


def _represent_job(job: Job) -> Json:
    return {
        "id": job.id,
        "name": job.name,
        "user": job.created_by.user_principal_name,
        "printer": job.printer_id,
        "releasedTo": job.released_to,
        "state": job.state.keyword,
        "reasons": sorted(job.progress.reasons),
    }

"""Printer shares: what users print to."""

from datetime import datetime

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import DISPLAY_NAME_LENGTH_MAX, PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.user import Group, User
from upsim.services import access, directory, printers
from upsim.services.ports import Transaction


def get(tx: Transaction, caller: Caller, share_id: str) -> tuple[PrinterShare, Printer]:
    """A share and its printer, for a caller whom it admits."""
    share = tx.get(PrinterShare, share_id.lower())
    if share is None:
        raise NotFound("printerShare", share_id)
    access.check_share(tx, caller, share)
    return share, printers.get(tx, share.printer_id)


def get_share(tx: Transaction, caller: Caller, share_id: str, printer_id: str = "") -> PrinterShare:
    """A share that admits the caller; with `printer_id` only when it is that printer's."""
    share, printer = get(tx, caller, share_id)
    if printer_id and printer.id != printer_id.lower():
        raise NotFound("printerShare", share_id)
    return share


def list_visible_shares(tx: Transaction, caller: Caller) -> list[PrinterShare]:
    """The shares that the caller may print to, oldest first."""
    return tx.find(Query(entity=PrinterShare, accepts=lambda share: access.admits(tx, caller, share)))


def of_printer(tx: Transaction, caller: Caller, printer_id: str) -> list[PrinterShare]:
    """The share of a printer, or none; only one that admits the caller."""
    share = printers.share_of(tx, printers.get(tx, printer_id).id)
    return [share] if share is not None and access.admits(tx, caller, share) else []


def share_of(tx: Transaction, caller: Caller, printer_id: str) -> PrinterShare:
    """The share of a printer that has one which admits the caller."""
    found = of_printer(tx, caller, printer_id)
    if not found:
        raise NotFound("share of the printer", printer_id)
    return found[0]


def delete_of_printer(tx: Transaction, printer_id: str) -> None:
    """Unshare a printer, whatever its share is called."""
    share = printers.share_of(tx, printers.get(tx, printer_id).id)
    if share is None:
        raise NotFound("share of the printer", printer_id)
    delete(tx, share.id)


def allowed_users(tx: Transaction, caller: Caller, share_id: str) -> list[User]:
    """The users that a share names; whoever left the directory is not among them."""
    share, _ = get(tx, caller, share_id)
    return [user for user in (tx.get(User, each) for each in share.allowed_users) if user is not None]


def allowed_groups(tx: Transaction, caller: Caller, share_id: str) -> list[Group]:
    share, _ = get(tx, caller, share_id)
    return [group for group in (tx.get(Group, each) for each in share.allowed_groups) if group is not None]


def allow_user(tx: Transaction, share_id: str, user_id: str) -> None:
    """Let a user print to a share. Naming one twice is refused, as the directory does."""
    share, user = _get(tx, share_id), directory.get_user(tx, user_id)
    _check_new(user.id, share.allowed_users)
    tx.put(replace(share, allowed_users=(*share.allowed_users, user.id)))


def allow_group(tx: Transaction, share_id: str, group_id: str) -> None:
    """Let the members of a group print to a share."""
    share, group = _get(tx, share_id), directory.get_group(tx, group_id)
    _check_new(group.id, share.allowed_groups)
    tx.put(replace(share, allowed_groups=(*share.allowed_groups, group.id)))


def disallow_user(tx: Transaction, share_id: str, user_id: str) -> None:
    share = _get(tx, share_id)
    tx.put(replace(share, allowed_users=_without(user_id, share.allowed_users)))


def disallow_group(tx: Transaction, share_id: str, group_id: str) -> None:
    share = _get(tx, share_id)
    tx.put(replace(share, allowed_groups=_without(group_id, share.allowed_groups)))


def whose_recent(tx: Transaction, caller: Caller, name: str) -> User:
    """The user whose recent shares are asked for; people see their own, administrators everyone's."""
    user = directory.get_user(tx, name) if name else directory.me(tx, caller)
    if user.id != caller.user_id and not caller.is_printer_administrator:
        raise Refusal(RefusalKind.FORBIDDEN, "Only your own recent shares are yours to see.", reason="not-owner")
    return user


def recent(tx: Transaction, caller: Caller, name: str = "") -> list[PrinterShare]:
    """The shares that a user printed to and still may print to, the last used first."""
    user = whose_recent(tx, caller, name)
    jobs = tx.find(Query(entity=Job, owner=user.id, is_newest_first=True))
    ids = dict.fromkeys(job.share_id for job in jobs if job.share_id)
    found = [share for share in (tx.get(PrinterShare, each) for each in ids) if share is not None]
    return [share for share in found if share.admits(user.id, access.groups_of(tx, user.id))]


def last_used(tx: Transaction, user_id: str, share_id: str) -> datetime | None:
    """When a user last printed to a share."""
    jobs = tx.find(Query(entity=Job, owner=user_id, key=share_id, is_newest_first=True, limit=1))
    return jobs[0].created_at if jobs else None


def list_visible(tx: Transaction, caller: Caller) -> list[tuple[PrinterShare, Printer]]:
    """The shares that the caller may print to, with their printers, oldest first."""
    shares = tx.find(Query(entity=PrinterShare, accepts=lambda share: access.admits(tx, caller, share)))
    return [(share, printers.get(tx, share.printer_id)) for share in shares]


def create(
    tx: Transaction,
    *,
    display_name: str,
    printer_id: str,
    allow_all_users: bool,
    holds_for_release: bool = False,
    caller: Caller | None = None,
) -> tuple[PrinterShare, Printer]:
    """Share a printer. A printer has at most one share, a name at most `DISPLAY_NAME_LENGTH_MAX` characters."""
    _check_name(display_name)
    printer = _free_printer(tx, caller, printer_id)
    share = PrinterShare(
        id=tx.new_id(),
        display_name=display_name,
        printer_id=printer.id,
        created_at=tx.now,
        allow_all_users=allow_all_users,
        holds_for_release=holds_for_release,
    )
    tx.put(share)
    tx.emit(Event(name="share.created", subject=share.id, facts={"printer": printer.id}))
    return share, printer


def update(
    tx: Transaction,
    share_id: str,
    *,
    caller: Caller | None = None,
    display_name: str | None = None,
    printer_id: str | None = None,
    allow_all_users: bool | None = None,
    holds_for_release: bool | None = None,
) -> tuple[PrinterShare, Printer]:
    """Change a share: its name, who may print, whether jobs are held, the printer behind it. Its id stays."""
    share = _get(tx, share_id)
    if display_name is not None:
        _check_name(display_name)
        share = replace(share, display_name=display_name)
    if allow_all_users is not None:
        share = replace(share, allow_all_users=allow_all_users)
    if holds_for_release is not None:
        share = replace(share, holds_for_release=holds_for_release)
    if printer_id is not None and printer_id.lower() != share.printer_id:
        share = replace(share, printer_id=_free_printer(tx, caller, printer_id).id)
    tx.put(share)
    tx.emit(Event(name="share.updated", subject=share.id))
    return share, printers.get(tx, share.printer_id)


def delete(tx: Transaction, share_id: str) -> None:
    """Unshare. Jobs that were submitted through the share stay on the printer."""
    share = _get(tx, share_id)
    tx.delete(share)
    tx.emit(Event(name="share.deleted", subject=share.id, facts={"printer": share.printer_id}))


def _get(tx: Transaction, share_id: str) -> PrinterShare:
    share = tx.get(PrinterShare, share_id.lower())
    if share is None:
        raise NotFound("printerShare", share_id)
    return share


def _check_new(member_id: str, members: tuple[str, ...]) -> None:
    if member_id in members:
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            f"The share already names {member_id}; nothing was added.",
            reason="reference-exists",
            target=member_id,
        )


def _without(member_id: str, members: tuple[str, ...]) -> tuple[str, ...]:
    if member_id.lower() not in members:
        raise directory.absent(member_id)
    return tuple(each for each in members if each != member_id.lower())


def _check_name(display_name: str) -> None:
    if not display_name.strip():
        raise Refusal(
            RefusalKind.INVALID, "displayName must not be empty.", reason="name-empty", target="displayName"
        )
    if len(display_name) > DISPLAY_NAME_LENGTH_MAX:
        raise Refusal(
            RefusalKind.INVALID,
            f"displayName has {len(display_name)} characters; a share's may have {DISPLAY_NAME_LENGTH_MAX}.",
            reason="name-too-long",
            target="displayName",
        )


def _free_printer(tx: Transaction, caller: Caller | None, printer_id: str) -> Printer:
    """A printer that has no share yet, and that the caller administers; without a caller it is the operator."""
    printer = printers.get(tx, printer_id)
    if caller is not None and not access.administers(tx, caller, printer.id):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"Printer {printer.id} is in no administrative unit of the signed-in administrator.",
            reason="administrator-needed",
        )
    if printers.share_of(tx, printer.id) is not None:
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            f"Printer {printer.id} is shared already; a printer has at most one share.",
            reason="printer-shared",
        )
    return printer

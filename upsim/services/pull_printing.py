"""Setting up Universal Print Anywhere: pull-print printers, what they print, and their members.

Administrators do this in Microsoft's portal, for which there is no public interface; here the control API does it.
The share in front of a pull-print printer, with its access list, is an ordinary share.
"""

from collections.abc import Collection

from msgspec.structs import replace

from upsim.domain.attributes import BOOLEAN, KEYWORD, MIME_MEDIA_TYPE, RANGE, Attributes, many, one
from upsim.domain.events import Event
from upsim.domain.printer import Printer, PrinterLocation, PrinterState
from upsim.domain.printer_share import PrinterShare
from upsim.domain.pull_print import PrintOptions, PullPrinter
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.user import Group
from upsim.services import directory, limits, members, printer_removal, printers, shares
from upsim.services.ports import Transaction

_MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    "pwg-raster": ("image/pwg-raster",),
    "pclm": ("application/PCLm",),
    "urf": ("image/urf",),
    "xps": ("application/oxps", "application/vnd.ms-xpsdocument"),
    "raw": ("application/octet-stream",),
}

_COPIES_MAX = 999


def create(
    tx: Transaction,
    display_name: str,
    options: PrintOptions,
    *,
    printer_id: str | None = None,
    location: PrinterLocation = PrinterLocation(),  # noqa: B008 - immutable
    all_printers: bool = False,
    member_names: Collection[str] = (),
) -> tuple[PullPrinter, Printer]:
    """A new pull-print printer; its members are given by id or display name."""
    _check_name(display_name)
    limits.admit_printer(tx)
    printer = Printer(
        id=printer_id or tx.new_id(),
        display_name=display_name,
        manufacturer="Microsoft",
        model="Universal Print Anywhere",
        registered_at=tx.now,
        has_physical_device=False,
        location=location,
        state=PrinterState.IDLE,
        is_accepting_jobs=True,
        attributes=attributes_of(options),
    )
    pull_printer = PullPrinter(id=printer.id, has_all_printers=all_printers, created_at=tx.now)
    tx.put(printer)
    tx.put(pull_printer)
    for name in member_names:
        pull_printer = add_member(tx, printer.id, name)
    tx.emit(Event(name="pull-printer.created", subject=printer.id))
    return pull_printer, printer


def list_all(tx: Transaction) -> list[PullPrinter]:
    """Every pull-print printer, oldest first."""
    return tx.find(Query(entity=PullPrinter))


def get(tx: Transaction, name: str) -> PullPrinter:
    """A pull-print printer by id or display name."""
    printer = named(tx, name)
    pull_printer = tx.get(PullPrinter, printer.id)
    if pull_printer is None:
        raise NotFound("pull-print printer", name)
    return pull_printer


def named(tx: Transaction, name: str) -> Printer:
    """A printer by id or by a display name that only one has."""
    printer = tx.get(Printer, name.lower())
    if printer is not None:
        return printer
    found = [each for each in printers.list_all(tx) if each.display_name.lower() == name.lower()]
    if len(found) > 1:
        raise Refusal(
            RefusalKind.CONFLICTING,
            f"{len(found)} printers are called '{name}'; give an id.",
            reason="name-ambiguous",
        )
    if not found:
        raise NotFound("printer", name)
    return found[0]


def change(
    tx: Transaction,
    name: str,
    *,
    display_name: str | None = None,
    options: PrintOptions | None = None,
    all_printers: bool | None = None,
) -> PullPrinter:
    """Rename it, choose other print options, or turn the switch that makes every configured printer a member."""
    pull_printer = get(tx, name)
    printer = printers.get(tx, pull_printer.id)
    if display_name is not None:
        _check_name(display_name)
        printer = replace(printer, display_name=display_name)
    if options is not None:
        printer = replace(printer, attributes=attributes_of(options))
    if all_printers is not None:
        pull_printer = replace(pull_printer, has_all_printers=all_printers)
    tx.put(printer)
    tx.put(pull_printer)
    tx.emit(Event(name="pull-printer.updated", subject=printer.id))
    return pull_printer


def add_member(tx: Transaction, name: str, member_name: str) -> PullPrinter:
    """Let the jobs of a pull-print printer be released at a printer. A second time changes nothing."""
    pull_printer, member = get(tx, name), named(tx, member_name)
    if members.is_pull_printer(tx, member.id):
        raise Refusal(
            RefusalKind.INVALID,
            f"'{member.display_name}' is a pull-print printer itself; a member is a printer with a device.",
            reason="member-is-pull-printer",
        )
    if member.id in pull_printer.members:
        return pull_printer
    pull_printer = replace(pull_printer, members=(*pull_printer.members, member.id))
    tx.put(pull_printer)
    tx.emit(Event(name="pull-printer.member-added", subject=pull_printer.id, facts={"member": member.id}))
    return pull_printer


def remove_member(tx: Transaction, name: str, member_name: str) -> PullPrinter:
    """Let nothing more be released at a printer. What was released there already stays there."""
    pull_printer, member = get(tx, name), named(tx, member_name)
    if member.id not in pull_printer.members:
        raise NotFound("member", member_name)
    kept = tuple(each for each in pull_printer.members if each != member.id)
    pull_printer = replace(pull_printer, members=kept)
    tx.put(pull_printer)
    tx.emit(Event(name="pull-printer.member-removed", subject=pull_printer.id, facts={"member": member.id}))
    return pull_printer


def share(
    tx: Transaction,
    name: str,
    display_name: str,
    *,
    allow_all_users: bool = False,
    user_names: Collection[str] = (),
    group_names: Collection[str] = (),
) -> PrinterShare:
    """Share a pull-print printer with everybody or with whom is named; a share that it has is changed."""
    printer_id = get(tx, name).id
    users = tuple(directory.get_user(tx, each).id for each in user_names)
    groups = tuple(_group(tx, each).id for each in group_names)
    found = printers.share_of(tx, printer_id)
    if found is None:
        made, _ = shares.create(
            tx, display_name=display_name, printer_id=printer_id, allow_all_users=allow_all_users
        )
    else:
        made, _ = shares.update(tx, found.id, display_name=display_name, allow_all_users=allow_all_users)
    made = replace(made, allowed_users=users, allowed_groups=groups)
    tx.put(made)
    return made


def unshare(tx: Transaction, name: str) -> None:
    """Take the share away; jobs that wait stay on the printer."""
    shares.delete_of_printer(tx, get(tx, name).id)


def delete(tx: Transaction, name: str) -> None:
    """Take a pull-print printer away, as any printer: its share goes first, waiting jobs are aborted."""
    printer_removal.delete(tx, get(tx, name).id)


def attributes_of(options: PrintOptions) -> Attributes:
    """The printer attributes that say what can be chosen (RFC 8011 section 5.4, 5.2)."""
    if not options.formats or not options.media:
        raise Refusal(RefusalKind.INVALID, "Print options need a format and a medium.", reason="options-empty")
    formats = [each for name in dict.fromkeys(options.formats) for each in _MEDIA_TYPES[name]]
    sides = ("one-sided", "two-sided-long-edge", "two-sided-short-edge") if options.duplex else ("one-sided",)
    colors = ("auto", "color", "monochrome") if options.color else ("monochrome",)
    return {
        "document-format-supported": many(MIME_MEDIA_TYPE, formats),
        "document-format-default": one(MIME_MEDIA_TYPE, formats[0]),
        "media-supported": many(KEYWORD, options.media),
        "media-default": one(KEYWORD, options.media[0]),
        "color-supported": one(BOOLEAN, options.color),
        "print-color-mode-supported": many(KEYWORD, colors),
        "print-color-mode-default": one(KEYWORD, colors[0]),
        "sides-supported": many(KEYWORD, sides),
        "sides-default": one(KEYWORD, sides[0]),
        "copies-supported": one(RANGE, [1, _COPIES_MAX]),
    }


def _group(tx: Transaction, name: str) -> Group:
    """A group by id or by its display name."""
    return tx.first(Query(entity=Group, key=name.lower(), limit=1)) or directory.get_group(tx, name)


def _check_name(display_name: str) -> None:
    if not display_name.strip():
        raise Refusal(RefusalKind.INVALID, "The display name must not be empty.", reason="name-empty")

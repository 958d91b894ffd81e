"""Printers in a seed: simulated ones, virtual ones under a task, pull-print printers; and badges.

Devices are not seeded: each registers with a key of its own. So a pull-print printer of a seed usually has every
configured printer as its member.
"""

from msgspec import Struct

from upsim.domain.application import Application
from upsim.domain.badge import Holder
from upsim.domain.pacing import Pace
from upsim.domain.persona import Persona
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.pull_print import PrintOptions
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.task import TaskDefinition, TaskTrigger
from upsim.services import badges, personas, simulation
from upsim.services.jobs import pacing
from upsim.services.ports import Transaction
from upsim.services.seed_directory import derived, find_user
from upsim.services.seed_printing import SeedShare, make_share
from upsim.services.seed_series import Count


class SeedSimulatedPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A printer that upsim simulates inside. `persona` is a name or a persona of its own."""

    display_name: str
    count: Count = 1
    id: str | None = None
    persona: str | Persona = "ideal"
    share: str | SeedShare | None = None
    """A share, or the display name of one for everybody."""
    pace: Pace | None = None
    """What moves its jobs in place of its device."""


class SeedPullPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pull-print printer of Universal Print Anywhere. `members` are ids of printers."""

    display_name: str
    id: str | None = None
    options: PrintOptions = PrintOptions()
    all_printers: bool = True
    members: tuple[str, ...] = ()
    share: SeedShare | None = None


class SeedVirtualPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A printer without a device, registered by an application; `task` hangs its task on the printer."""

    display_name: str
    application: str
    id: str | None = None
    options: PrintOptions = PrintOptions()
    task: str | None = None
    """The display name of the application's task definition."""
    share: SeedShare | None = None


class SeedBadge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card and the user whom it belongs to."""

    id: str
    upn: str
    user_id: str | None = None


def make_simulated_printer(tx: Transaction, seed: SeedSimulatedPrinter) -> None:
    share = SeedShare(display_name=seed.share, allow_all_users=True) if isinstance(seed.share, str) else seed.share
    identifier = seed.id or derived(tx.tenant_id, "simulated printer", seed.display_name)
    simulation.create(tx, seed.display_name, personas.chosen(seed.persona), printer_id=identifier)
    if seed.pace is not None:
        pacing.set_pace_of_printer(tx, identifier, seed.pace)
    if share is not None:
        make_share(tx, identifier, share)


def make_pull_printer(tx: Transaction, seed: SeedPullPrinter) -> None:
    from upsim.services import pull_printing

    identifier = seed.id or derived(tx.tenant_id, "pull-print printer", seed.display_name)
    pull_printing.create(
        tx,
        seed.display_name,
        seed.options,
        printer_id=identifier,
        all_printers=seed.all_printers,
        member_names=seed.members,
    )
    if seed.share is not None:
        make_share(tx, identifier, seed.share)


def make_virtual_printer(tx: Transaction, seed: SeedVirtualPrinter) -> None:
    from upsim.services import pull_printing

    if tx.get(Application, seed.application.lower()) is None:
        raise Refusal(
            RefusalKind.INVALID,
            f"The printer '{seed.display_name}' names '{seed.application}', which is no application.",
            reason="seed-unusable",
            named=seed.application,
        )
    printer = Printer(
        id=seed.id or derived(tx.tenant_id, "virtual printer", seed.display_name),
        display_name=seed.display_name,
        manufacturer="Contoso",
        model="Virtual printer",
        registered_at=tx.now,
        registered_by_app_id=seed.application.lower(),
        has_physical_device=False,
        state=PrinterState.IDLE,
        is_accepting_jobs=True,
        attributes=pull_printing.attributes_of(seed.options),
    )
    tx.put(printer)
    if seed.task is not None:
        _hang(tx, printer, seed.task)
    if seed.share is not None:
        make_share(tx, printer.id, seed.share)


def make_badge(tx: Transaction, seed: SeedBadge) -> None:
    """A badge, in the tenant's collection, which is ready at once."""
    collection_id = badges.ready_collection(tx).id
    find_user(tx, seed.upn, f"The badge '{seed.id}'")
    badges.add(tx, collection_id, seed.id, Holder(upn=seed.upn, user_id=seed.user_id))


def _hang(tx: Transaction, printer: Printer, task: str) -> None:
    """The application's definition of this name, made once, on the printer."""
    app_id = printer.registered_by_app_id
    definition = TaskDefinition(
        id=derived(tx.tenant_id, "task definition", app_id, task),
        display_name=task,
        app_id=app_id,
        created_at=tx.now,
    )
    tx.put(definition)
    identifier = derived(tx.tenant_id, "task trigger", printer.id)
    tx.put(TaskTrigger(id=identifier, printer_id=printer.id, definition_id=definition.id, created_at=tx.now))

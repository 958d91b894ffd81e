"""The end of a printer: what goes with it."""

from upsim.domain.device_xml import DeviceXml
from upsim.domain.events import Event
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.task import TaskTrigger
from upsim.services import members, printers
from upsim.services.jobs import lifecycle
from upsim.services.ports import Transaction


def delete(tx: Transaction, printer_id: str) -> None:
    """Unregister a printer: its jobs that still wait are aborted and its device tokens stop working.

    Refused while the printer is shared: the share goes first.
    """
    printer = printers.get(tx, printer_id)
    if printers.share_of(tx, printer.id) is not None:
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            "The printer is shared. Delete its share first, then the printer.",
            reason="printer-shared",
        )
    for job in tx.find(Query(entity=Job, parent=printer.id)):
        if not job.state.is_terminal:
            lifecycle.abort(tx, job)
    for job in members.routed_to(tx, printer.id, has_ended=False):
        lifecycle.abort(tx, job)
    members.forget_printer(tx, printer.id)
    for trigger in tx.find(Query(entity=TaskTrigger, parent=printer.id)):
        tx.delete(trigger)
    for xml in tx.find(Query(entity=DeviceXml, parent=printer.id)):
        tx.delete(xml)
    tx.delete(printer)
    tx.emit(Event(name="printer.deleted", subject=printer.id))

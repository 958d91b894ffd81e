"""What Graph's subscribers are to be told, written in the transaction of the change itself (an outbox)."""

from typing import Any

from upsim.domain.change_subscription import About, ChangeDelivery, ChangeNotice, ChangeSubscription
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.task import Task
from upsim.services.ports import Transaction

COUNTER = "change-notice"


def task_created(tx: Transaction, task: Task, job: Job) -> None:
    """A job is held under a new task. The application cuts printer and job out of `parentUrl`."""
    resource = f"print/taskDefinitions/{task.definition_id}/tasks/{task.id}"
    for subscription in _subscriptions(tx, task.definition_id, "tasks"):
        parent = f"{subscription.root}/print/printers/{job.printer_id}/jobs/{job.id}"
        data = _data(tx, "PrintTask", resource, task.id) | {"parentUrl": parent}
        _queue(tx, subscription, resource, data)


def job_fetchable(tx: Transaction, job: Job) -> None:
    """A job waits for its printer's device (the event JobFetchable)."""
    resource = f"print/printers/{job.printer_id}/jobs/{job.id}"
    for subscription in _subscriptions(tx, job.printer_id, "jobs"):
        parent = f"{subscription.root}/print/printers/{job.printer_id}"
        data = _data(tx, "PrintJob", resource, job.id) | {"parentUrl": parent}
        _queue(tx, subscription, resource, data)


def _subscriptions(tx: Transaction, target_id: str, about: About) -> list[ChangeSubscription]:
    return tx.find(
        Query(
            entity=ChangeSubscription,
            parent=target_id,
            accepts=lambda item: item.about == about and item.expires_at > tx.now,
        )
    )


def _data(tx: Transaction, type_name: str, resource: str, identifier: str) -> dict[str, Any]:
    return {
        "@odata.type": f"#Microsoft.Graph.{type_name}",
        "@odata.id": resource,
        "@odata.etag": f'W/"{tx.change_number}"',
        "id": identifier,
    }


def _queue(tx: Transaction, subscription: ChangeSubscription, resource: str, data: dict[str, Any]) -> None:
    """A delivery that is there already, perhaps in a server's hands, takes the new notice along."""
    notice = ChangeNotice(
        id=f"{tx.next_number(COUNTER):010d}",  # of one instant, they are told in the order of their making
        subscription_id=subscription.id,
        resource=resource,
        data=data,
        at=tx.now,
    )
    tx.put(notice)
    if tx.get(ChangeDelivery, subscription.id) is None:
        tx.put(ChangeDelivery(id=subscription.id, due_at=tx.now))

"""Change notifications: Graph tells us of each job that begins to wait in our queue."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import web
from msgraph.generated.models.subscription import Subscription
from msgraph.graph_service_client import GraphServiceClient

from contoso_pull_print.ledger import Ledger

LIFETIME = timedelta(minutes=4230)
"""The longest that Graph grants for print resources."""
log = logging.getLogger(__name__)

OnJob = Callable[[str], Awaitable[object]]
"""Deals with a job that has come, by its id in our queue."""


class Receiver:
    """Takes notifications at once and deals with them afterwards, one after another, each task once."""

    def __init__(self, client_state: str, ledger: Ledger, on_job: OnJob) -> None:
        self._client_state, self._ledger, self._on_job = client_state, ledger, on_job
        self._told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def application(self) -> web.Application:
        """What an HTTP server serves."""
        application = web.Application()
        application.router.add_post("/notifications", self._receive)
        application.cleanup_ctx.append(self._working)
        return application

    async def done(self) -> None:
        """Wait until all that was told is dealt with."""
        await self._told.join()

    async def _receive(self, request: web.Request) -> web.Response:
        if token := request.query.get("validationToken"):
            return web.Response(text=token)
        for notification in (await request.json())["value"]:
            if hmac.compare_digest(notification.get("clientState") or "", self._client_state):
                data = notification["resourceData"]
                self._told.put_nowait((data["id"], data["parentUrl"].rpartition("/")[2]))
        return web.Response(status=202)

    async def _working(self, _: web.Application) -> AsyncIterator[None]:
        worker = asyncio.create_task(self._work())
        yield
        worker.cancel()

    async def _work(self) -> None:
        while True:
            task_id, job_id = await self._told.get()
            try:
                if self._ledger.claim(task_id):
                    await self._on_job(job_id)
            except Exception:
                self._ledger.give_back(task_id)
                log.exception("Job %s could not be dealt with", job_id)
            finally:
                self._told.task_done()


async def subscribe(
    graph: GraphServiceClient, task_name: str, notification_url: str, client_state: str, until: datetime
) -> str:
    """Ask to be told of new tasks of our definition; returns the subscription's id."""
    page = await graph.print.task_definitions.get()
    found = [each.id for each in (page.value if page else None) or [] if each.display_name == task_name]
    if not found:
        raise LookupError(f"There is no task definition '{task_name}'.")
    made = await graph.subscriptions.post(
        Subscription(
            change_type="created",
            resource=f"print/taskDefinitions/{found[0]}/tasks",
            notification_url=notification_url,
            client_state=client_state,
            expiration_date_time=until,
        )
    )
    if made is None:
        raise ValueError("Graph did not say what subscription it made.")
    return str(made.id)


async def renew(graph: GraphServiceClient, subscription_id: str, until: datetime) -> None:
    """Go on being told."""
    renewed = Subscription(expiration_date_time=until)
    await graph.subscriptions.by_subscription_id(subscription_id).patch(renewed)

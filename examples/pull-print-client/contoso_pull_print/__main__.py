"""`contoso-pull-print serve | waiting | release | report`; settings come from the environment."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from datetime import UTC, date, datetime

from aiohttp import web
from azure.identity import DeviceCodeCredential
from msgraph.graph_service_client import GraphServiceClient

from contoso_pull_print import credentials
from contoso_pull_print.graph import connected
from contoso_pull_print.homes import Homes
from contoso_pull_print.ledger import Ledger
from contoso_pull_print.notifications import LIFETIME, Receiver, renew, subscribe
from contoso_pull_print.releasing import PullPrint
from contoso_pull_print.report import month_end
from contoso_pull_print.settings import Settings, from_environment


@asynccontextmanager
async def as_application(settings: Settings) -> AsyncIterator[GraphServiceClient]:
    """Graph, signed in as the application."""
    async with credentials.of_application(settings) as credential, connected(settings, credential) as graph:
        yield graph


async def serve(settings: Settings, port: int, public_url: str, ledger_file: str) -> None:
    """Be told of jobs as they come, until Ctrl-C."""
    async with AsyncExitStack() as stack:
        graph = await stack.enter_async_context(as_application(settings))
        ledger = stack.enter_context(closing(Ledger(ledger_file)))
        homes = Homes(PullPrint(graph, settings.queue_id), settings.home_printers)
        runner = web.AppRunner(Receiver(settings.client_state, ledger, homes.on_job).application())
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, port=port).start()
        url = f"{public_url}/notifications"
        subscription = await subscribe(
            graph, settings.task_name, url, settings.client_state, datetime.now(UTC) + LIFETIME
        )
        while True:
            await asyncio.sleep(LIFETIME.total_seconds() / 2)
            await renew(graph, subscription, datetime.now(UTC) + LIFETIME)


async def waiting(settings: Settings, user: str) -> None:
    """Show what waits for a user."""
    async with as_application(settings) as graph:
        for job in await PullPrint(graph, settings.queue_id).waiting(user):
            print(job.id, job.created_date_time)


async def release(settings: Settings, user: str, printer_id: str) -> None:
    """Have it printed."""
    async with as_application(settings) as graph:
        queue = PullPrint(graph, settings.queue_id)
        for job_id in await queue.release(user, printer_id):
            print(job_id, (await queue.outcome(printer_id, job_id)).value)


async def report(settings: Settings, month: date, client_id: str) -> None:
    """Show what each user printed; whoever asks signs in with a code."""
    person = DeviceCodeCredential(
        client_id=client_id,
        tenant_id=settings.tenant_id,
        authority=settings.authority,
        disable_instance_discovery=settings.authority != Settings.authority,
        connection_verify=settings.ca_file or True,
    )
    with closing(person):
        async with connected(settings, person) as graph:
            for line in await month_end(graph, month):
                print(f"{line.user}\t{line.jobs}\t{line.pages}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="contoso-pull-print", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="be told of jobs as they come")
    serving.add_argument("--port", type=int, default=8080)
    serving.add_argument("--public-url", required=True, help="where Graph reaches this port")
    serving.add_argument("--ledger", default="ledger.sqlite")
    listing = commands.add_parser("waiting", help="what waits for a user")
    listing.add_argument("user")
    releasing = commands.add_parser("release", help="have a user's jobs printed")
    releasing.add_argument("user")
    releasing.add_argument("printer")
    reporting = commands.add_parser("report", help="what each user printed in a month")
    reporting.add_argument("month", type=lambda text: date.fromisoformat(f"{text}-01"), help="such as 2026-01")
    reporting.add_argument("--client-id", required=True, help="of a public client with Reports.Read.All")
    given = parser.parse_args()
    settings = from_environment()
    match given.command:
        case "serve":
            work = serve(settings, given.port, given.public_url, given.ledger)
        case "waiting":
            work = waiting(settings, given.user)
        case "release":
            work = release(settings, given.user, given.printer)
        case _:
            work = report(settings, given.month, given.client_id)
    with suppress(KeyboardInterrupt):
        asyncio.run(work)


if __name__ == "__main__":
    main()

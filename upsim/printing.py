"""`upsim print`: a person prints, with a progress bar for the upload and the job's states as they come."""

import asyncio
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from upsim.playing import ENDED, POLL_SECONDS, find_share, stage
from upsim.trust.environment import Server


async def print_document(
    server: Server,
    tenant: str | None,
    document: Path,
    share: str,
    user: str,
    configuration: dict[str, Any],
    *,
    is_waiting: bool,
    is_quiet: bool = False,
) -> str:
    """Print; the state in which the job was seen last. Quiet: the job's id is all that is said.

    Raises `PlayError`.
    """
    console = Console(highlight=False, soft_wrap=True, quiet=is_quiet)
    async with stage(server, tenant) as here:
        person = await here.person(user)
        share_id = await find_share(person, share)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task(document.name, total=document.stat().st_size)
            job_id = await person.print(
                share_id, document, configuration, lambda done: progress.update(bar, completed=done)
            )
        if is_quiet:
            click.echo(job_id)
        console.print(f"job {job_id} on '{share}' as {person.user_principal_name}")
        shown = ""
        while True:
            job = await person.graph("GET", f"/print/shares/{share_id}/jobs/{job_id}", expect=(200,), note="")
            status = job["status"]
            state, text = str(status["state"]), " ".join([status["state"], *status["details"]])
            if text != shown:
                console.print(f"job {job_id}: {text}")
                shown = text
            if state in ENDED or not is_waiting:
                return state
            await asyncio.sleep(POLL_SECONDS)  # noqa: TID251 - a real client polls in real time

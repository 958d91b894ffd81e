"""Users with a printer of their own need not go to one: their jobs go there as they come."""

from collections.abc import Mapping

from contoso_pull_print.releasing import PullPrint


class Homes:
    """Deals with each job that has come."""

    def __init__(self, queue: PullPrint, home_printers: Mapping[str, str]) -> None:
        self._queue, self._home_printers = queue, home_printers

    async def on_job(self, job_id: str) -> None:
        """Send it home if its owner has one; otherwise it waits."""
        home = self._home_printers.get(await self._queue.owner(job_id))
        if home is not None:
            await self._queue.redirect(job_id, home)

"""A simulated physical printer: it subscribes, fetches, takes its time for each page and reports like a device.

What it does with a job is the script of its persona (`upsim.domain.persona`), over real HTTPS.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import ActorError
from upsim.domain import document_formats
from upsim.domain.job import JOB_FETCHABLE, JOB_INCOMING, JOB_QUEUED, JOB_TRANSFORMING, JobState
from upsim.domain.persona import Act, Persona, Step, next_spell, script
from upsim.wire.ipp import build
from upsim.wire.ipp.values import AttributeGroup

RETRY_SECONDS = 1.0
OFFLINE_RETRIES_MAX = 120
"""How often in a row a server that does not answer is tried again."""
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_NOT_TAKEN = frozenset({JOB_FETCHABLE, JOB_INCOMING, JOB_QUEUED, JOB_TRANSFORMING})
_NOT_FOUND = 0x0406
"""client-error-not-found, RFC 8011 section 4.1."""

_IDLE = (build.enum("printer-state", 3), build.keyword("printer-state-reasons", "none"))

Pause = Callable[[float], Awaitable[object]]
Report = Callable[[str], object]
Clock = Callable[[], float]
"""Seconds; only how many passed counts."""


class SimulatedPrinter:
    """One device with one persona. `printed` holds job-id and SHA-256 of each document."""

    def __init__(
        self,
        device: PrinterDevice,
        persona: Persona,
        *,
        report: Report = lambda _: None,
        pause: Pause = asyncio.sleep,  # noqa: TID251 - a device takes its time in real time
        clock: Clock = time.monotonic,
        save_to: Path | None = None,
    ) -> None:
        self._device = device
        self._persona = persona
        self._report = report
        self._pause = pause
        self._clock = clock
        self._save_to = save_to
        self._tried = 0
        self._tray = persona.paper_sheets
        self._passed: set[int] = set()
        """Jobs that it skips: fetched and not acknowledged, or acknowledged by another printer."""
        self._in_hand: dict[int, bytes] = {}
        """Documents of jobs that it has not ended yet."""
        self.printed: list[tuple[int, str]] = []
        self.ended = 0
        """Jobs that it ended, one way or another."""

    @property
    def printer_id(self) -> str:
        return self._device.printer_id

    async def run(self, jobs: int | None = None) -> None:
        """Print jobs until this many have ended; without a number until cancelled."""
        subscription, lowest, is_on = 0, 1, False
        started = self._clock()
        failures = 0
        while jobs is None or self.ended < jobs:
            try:
                away = next_spell(self._persona, self._clock() - started)
                if away:
                    self._report(f"away for {away:.0f} s")
                    await self._pause(away)
                if not is_on:
                    await self.start()
                    is_on = True
                if not subscription:
                    subscription, lowest = await self._device.subscribe(), 1
                if not await self.print_waiting(jobs):
                    lowest = await self._device.wait_for_events(subscription, lowest)
                failures = 0
            except ActorError as error:
                self._report(f"tries again: {error}")
                if error.status == 401:
                    is_on = False
                elif error.ipp_status == _NOT_FOUND:
                    subscription = 0
                elif error.status not in {429, 503}:
                    raise
                await self._pause(RETRY_SECONDS)
            except (aiohttp.ClientError, TimeoutError, OSError):
                is_on = False
                failures += 1
                if failures > OFFLINE_RETRIES_MAX:
                    raise
                await self._pause(RETRY_SECONDS)

    async def start(self) -> None:
        """Switch on: authenticate, report attributes, and finish jobs acknowledged before switching off."""
        await self._device.prove_itself()
        await self._device.describe_itself()
        for group in await self._device.jobs("not-completed"):
            reasons = {str(value) for value in group.values("job-state-reasons")}
            state = int(group.value("job-state"))
            if state in {JobState.PROCESSING, JobState.PROCESSING_STOPPED} or (
                state == JobState.PENDING and not reasons & _NOT_TAKEN
            ):
                job_id = int(group.value("job-id"))
                self._report(f"job {job_id}: goes on where it was")
                await self._play(job_id, group, is_taken=True)

    async def print_waiting(self, jobs: int | None = None, user_uri: str = "") -> int:
        """Print the waiting jobs, or those of the user at the printer, and return how many there were."""
        waiting = [number for number in await self._device.fetchable_jobs(user_uri) if number not in self._passed]
        for number in waiting:
            if jobs is not None and self.ended >= jobs:
                break
            try:
                group = await self._device.fetch(number, user_uri)
                await self._play(number, group, user_uri=user_uri)
            except ActorError as error:
                if not error.ipp_status:
                    raise
                self._report(f"job {number}: {error}")
                self._passed.add(number)
                await self._device.describe_itself(_IDLE)
        return len(waiting)

    async def _play(
        self, job_id: int, group: AttributeGroup, *, user_uri: str = "", is_taken: bool = False
    ) -> None:
        """Follow the persona's script; how many sheets there are is known once the document is here."""
        self._tried += 1
        ordinal, kind = self._tried, str(group.value("document-format", "application/pdf"))
        copies = int(group.value("copies", 1) or 1)
        for step in script(self._persona, ordinal, 1, self._tray, kind):
            await self._pause_for(step)
            if step.act is Act.CRASH:
                self._report(f"job {job_id}: crashed before Acknowledge-Job, and is back")
                await self._device.prove_itself()
                return
            if step.act is Act.ACKNOWLEDGE and not is_taken:
                await self._device.acknowledge(job_id, user_uri)
                self._report(f"job {job_id}: taken")
            if step.act is Act.DOCUMENT:
                break
        else:
            self._report(f"job {job_id}: fetched and not taken")
            self._passed.add(job_id)
            return
        document = await self._receive(job_id, user_uri)
        steps = script(self._persona, ordinal, sheets_of(document) * copies, self._tray, kind)
        await self._print(job_id, steps[3:])

    async def _receive(self, job_id: int, user_uri: str) -> bytes:
        if job_id in self._in_hand:
            return self._in_hand[job_id]
        document = self._in_hand[job_id] = await self._device.document(job_id, user_uri)
        self.printed.append((job_id, hashlib.sha256(document).hexdigest()))
        if self._save_to is not None:
            self._save_to.mkdir(parents=True, exist_ok=True)
            path = self._save_to / f"{job_id}{document_formats.suffix(document)}"
            await asyncio.to_thread(path.write_bytes, document)
        await self._device.acknowledge_document(job_id)
        return document

    async def _print(self, job_id: int, steps: tuple[Step, ...]) -> None:
        for step in steps:
            await self._pause_for(step)
            if step.act is Act.TRAY:
                self._tray = step.sheets
            elif step.act is Act.PRINTER:
                await self._device.describe_itself(
                    (
                        build.enum("printer-state", step.state),
                        build.keyword("printer-state-reasons", step.reason),
                    )
                )
            elif step.act is Act.JOB:
                await self._device.report(job_id, step.state, step.reason, step.sheets)
                if step.state >= JobState.CANCELED or step.reason != "job-printing":
                    self._report(f"job {job_id}: {JobState(step.state).keyword} ({step.reason})")
        self._in_hand.pop(job_id, None)
        self.ended += 1

    async def _pause_for(self, step: Step) -> None:
        if step.after_seconds:
            await self._pause(step.after_seconds)


def sheets_of(document: bytes) -> int:
    """Count the pages of a PDF by its page objects; anything else counts as one."""
    return max(1, len(_PAGE.findall(document)))

"""Sixty-four connections at once that look at a printer and print to it: is everything answered, and right?"""

import asyncio
import hashlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.printing import Peer, ask, device_as_peer, job_id_of, ours_as_peer
from bench.rig import Rig
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import decode
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag

CONNECTIONS = 64
ANSWER_SECONDS = 30.0
"""A request that is not answered within this hangs."""
_PENDING = 3


@dataclass
class Tally:
    """The counts of what was sent and what was printed correctly."""

    looks: int = 0
    whole: int = 0
    wrong: list[str] = field(default_factory=list)
    documents: dict[int, bytes] = field(default_factory=dict)
    """The document of each job, by its number."""

    @property
    def share_right(self) -> float:
        """1 where every look was answered and every job waits for its device, octet for octet."""
        right = self.looks + self.whole
        return right / max(1, right + len(self.wrong))


async def hammer_printer(ours: Rig, seconds: float) -> Tally:
    """Read and print in turn for a time; then read every job and its document as the device."""
    tally, numbers, user = Tally(), itertools.count(1), await ours_as_peer(ours)
    deadline = time.perf_counter() + seconds
    clients = [_look_and_print(user, tally, numbers, deadline) for _ in range(CONNECTIONS)]
    for error in await asyncio.gather(*clients, return_exceptions=True):
        if error is not None:
            tally.wrong.append(repr(error))
    if ours.process.poll() is not None:
        tally.wrong.append("the server ended")
        return tally
    await _check_jobs(device_as_peer(ours), tally)
    return tally


async def _look_and_print(user: Peer, tally: Tally, numbers: Iterator[int], deadline: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", user.port)
    while time.perf_counter() < deadline:
        async with asyncio.timeout(ANSWER_SECONDS):
            await ask(reader, writer, user.get_printer_attributes)
            tally.looks += 1
            document = b"%PDF-1.7\n" + hashlib.shake_128(str(next(numbers)).encode()).digest(10_000)
            number = job_id_of(await ask(reader, writer, user.create_job()))
            await ask(reader, writer, user.send_document(number, document))
            tally.documents[number] = document
    writer.close()


async def _check_jobs(device: Peer, tally: Tally) -> None:
    """Check that every accepted job, and no other, is fetchable with the document that was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", device.port)
    listing = device.request(
        Operation.GET_JOBS,
        build.keyword("which-jobs", "all"),
        build.keyword("requested-attributes", "job-id", "job-state", "job-state-reasons"),
    )
    message, _ = decode(await ask(reader, writer, listing))
    left = dict(tally.documents)
    for job in message.all_groups(GroupTag.JOB):
        number, state = job.integer("job-id") or 0, (job.integer("job-state"), *job.strings("job-state-reasons"))
        document = left.pop(number, None)
        if document is not None and state != (_PENDING, "job-fetchable"):
            tally.wrong.append(f"job {number} is {state}")
        elif document is not None and await _fetch(device, reader, writer, number) != document:
            tally.wrong.append(f"the document of job {number} is another")
        elif document is not None:
            tally.whole += 1
    tally.wrong += [f"job {number} is gone" for number in left]
    writer.close()


async def _fetch(device: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bytes:
    wanted = build.integer("job-id", number), build.integer("document-number", 1)
    answer = await ask(reader, writer, device.request(Operation.FETCH_DOCUMENT, *wanted))
    return answer[decode(answer)[1] :]

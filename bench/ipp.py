"""IPP beside a bare aiohttp route, and beside a CUPS scheduler with a queue that prints nothing.

Beside each rate stands what a request costs of the server's processor: with two cores and other work on them, that
is the steadier figure. A bare route of aiohttp with the same octets shows the limit of one process.
"""

import asyncio
import shutil
import statistics
import tempfile

import psutil

from bench import processes
from bench.figures import Figure
from bench.load import http
from bench.printing import (
    Peer,
    ask,
    cups_queue,
    describe_office_printer,
    device_as_peer,
    jobs_per_second,
    ours_as_peer,
)
from bench.rig import Rig, rig
from bench.wrk import Served, serve

ROUNDS = 7
JOB_SECONDS = 1.0
_SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin"

Target = tuple[psutil.Process, int, bytes]
"""A server's process and port, and the request that it gets."""


async def reads() -> list[Figure]:
    """Get-Jobs of an empty queue by a device, against a bare route that takes and gives the same octets."""
    async with rig() as ours:
        asked = http("POST", "/printers", {**ours.as_device, "Content-Type": "application/ipp"}, ours.get_jobs)
        with processes.watched_baseline() as (port, process):
            bare = await _bare(asked, ours.port, port)
            served = psutil.Process(ours.process.pid)
            mine, least = await _in_turn(8, (served, ours.port, asked), (process, port, bare))
    return [_beside("IPP Get-Jobs, 8 connections", mine, least, 0.4)]


async def beside_cups() -> list[Figure]:
    """Measure the IPP calls of users beside CUPS."""
    if shutil.which("cupsd", path=_SBIN) is None:
        print(f"{'(CUPS is not installed)':44}")
        return []
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as ours:
            await describe_office_printer(ours)
            return [*await _looks_beside_cups(ours), await _durable_beside_cups(ours)]


async def _looks_beside_cups(ours: Rig) -> list[Figure]:
    upsim = await ours_as_peer(ours)
    figures = []
    async with cups_queue(ours) as cups:
        with processes.watched_baseline() as (port, process):
            bare = await _bare(upsim.get_printer_attributes, upsim.port, port)
            for connections, goal in ((1, 0.7), (8, 1.5)):
                mine, theirs, least = await _in_turn(connections, _look(upsim), _look(cups), (process, port, bare))
                name = f"{connections} connections"
                figures.append(_beside(f"Get-Printer-Attributes, {name}", mine, theirs, goal))
                figures.append(_beside(f"bare aiohttp, same octets/CUPS, {name}", least, theirs, 0))
        mine, theirs = await _in_turn(connections, _look(device_as_peer(ours)), _look(cups))
        figures.append(_beside(f"asked by a device, not cached, {connections}", mine, theirs, 0))
    return figures


def _look(peer: Peer) -> Target:
    return psutil.Process(peer.pid), peer.port, peer.get_printer_attributes


async def _bare(asked: bytes, port: int, baseline_port: int) -> bytes:
    """Return the same request to a route of the baseline, which answers with upsim's octets."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    octets = await ask(reader, writer, asked)
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", baseline_port)
    writer.write(http("PUT", "/same", body=octets))
    await reader.readuntil(b"\r\n\r\n")
    writer.close()
    _, _, rest = asked.partition(b" HTTP/1.1\r\n")
    return b"POST /same HTTP/1.1\r\n" + rest


async def _in_turn(connections: int, *targets: Target) -> list[list[Served]]:
    """Return the results of each server in each round; the first only warms up."""
    rounds = [[await serve(*target, connections, 1) for target in targets] for _ in range(ROUNDS + 1)]
    return [list(each) for each in zip(*rounds[1:], strict=True)]


def _beside(name: str, mine: list[Served], theirs: list[Served], goal: float) -> Figure:
    ratio = statistics.median(a.per_second / b.per_second for a, b in zip(mine, theirs, strict=True))
    rates, costs = (
        [statistics.median(getattr(served, what) for served in each) for each in (mine, theirs)]
        for what in ("per_second", "cpu_microseconds")
    )
    detail = f"{rates[0]:.0f}/s against {rates[1]:.0f}/s; CPU {costs[0]:.0f} against {costs[1]:.0f} µs"
    return Figure(name, ratio, goal, "≥", detail)


async def _durable_beside_cups(ours: Rig) -> Figure:
    """Create-Job and Send-Document with the same document, when the answer means that the job is on disk.

    upsim answers after it has synced the document and committed the job (SQLite, synchronous FULL). CUPS answers
    at once and writes jobs down within DirtyCleanInterval, half a minute unless told otherwise, and syncs them
    only with SyncOnClose: as it comes, it syncs nothing (seen with strace). So the scheduler that counts has
    SyncOnClose and an interval of 0, which writes and syncs after each round of requests. Even so it never syncs
    documents. What it does as it comes is shown beside.
    """
    upsim = await ours_as_peer(ours)
    async with cups_queue(ours, "DirtyCleanInterval 0") as durable, cups_queue(ours) as lazy:
        peers = (upsim, durable, lazy)
        rates = [[await jobs_per_second(peer, 8, JOB_SECONDS) for peer in peers] for _ in range(ROUNDS + 1)][1:]
    mine, theirs, unsynced = (statistics.median(rate) for rate in zip(*rates, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs, _ in rates)
    detail = f"{mine:.0f}/s against {theirs:.0f}/s (CUPS without sync: {unsynced:.0f}/s)"
    return Figure("Create-Job, Send-Document durable, 8", ratio, 2.0, "≥", detail)

"""`make bench`: each figure of upsim beside its baseline, measured in turn on this machine, as a ratio."""

import argparse
import asyncio
import functools
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import psutil

from bench import codec, engines, identity, ipp, journey, loops, peers, processes, tenants
from bench.figures import Figure
from bench.hammering import hammer_printer
from bench.load import Rate, Request, hammer, http, per_cpu_second
from bench.printing import describe_office_printer
from bench.rig import Rig, rig
from bench.transfer import RANGE_BYTES, download_seconds, upload, upload_seconds
from upsim.shipped import fixtures

ROUNDS = 3
TRANSFERS = 9
"""A transfer takes a fraction of a second, so one of them says little."""
SECONDS = 1.5
SHORT_ROUNDS = 9
SHORT_SECONDS = 0.5
CONFIDENTIAL_CLIENT = "0c0a7050-0000-4000-8000-00000000d002"
HAMMER_SECONDS = 20.0


def start_to_ready() -> list[Figure]:
    """Process start to the first line, against a bare aiohttp server."""
    bare = [sys.executable, "-m", "bench.baselines"]
    ours = [sys.executable, "-m", "upsim", "serve", "--port", "0", "--http-port", "0", "--print-json"]
    rounds = [(processes.start_seconds(bare), processes.start_seconds(ours)) for _ in range(7)][1:]
    wall = [statistics.median(pair[side][0] for pair in rounds) for side in (0, 1)]
    cpu = [statistics.median(pair[side][1] for pair in rounds) for side in (0, 1)]
    memory = rounds[-1][1][2]
    return [
        Figure("start to ready, wall", wall[1] / wall[0], 1.3, "≤", f"{wall[1]:.2f} s against {wall[0]:.2f} s"),
        Figure("start to ready, CPU", cpu[1] / cpu[0], 1.3, "≤", f"{cpu[1]:.2f} s against {cpu[0]:.2f} s"),
        Figure("memory when idle, of 60 MB", memory / 60, 1.0, "≤", f"{memory:.0f} MB"),
    ]


async def graph_reads() -> list[Figure]:
    """GET printer with token and all that is between, against a bare aiohttp route: requests a CPU second.

    The bare route is sent the same header and answers with the same octets. Many short rounds in turn: on a
    machine that does other work too, wall-clock time says little.
    """
    async with rig() as ours:
        with processes.watched_baseline() as (port, bare):
            path, served = f"/v1.0/print/printers/{ours.printer_id}", psutil.Process(ours.process.pid)
            await asyncio.to_thread(_teach, port, f"http://127.0.0.1:{ours.port}{path}", ours.as_admin)
            mine, theirs = http("GET", path, ours.as_admin), http("GET", "/same", ours.as_admin)
            figures = []
            for connections in (1, 8):
                rates = [
                    (
                        await per_cpu_second(served, ours.port, mine, connections, SHORT_SECONDS),
                        await per_cpu_second(bare, port, theirs, connections, SHORT_SECONDS),
                    )
                    for _ in range(SHORT_ROUNDS)
                ]
                ratio = statistics.median(rate / least for rate, least in rates)
                detail = f"{rates[-1][0]:.0f} against {rates[-1][1]:.0f} a CPU second"
                figures.append(Figure(f"GET printer, {connections} connections", ratio, 0.6, "≥", detail))
            return figures


def _teach(port: int, url: str, headers: dict[str, str]) -> None:
    """Let the baseline answer with the octets that upsim answers with."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        octets = answer.read()
    taught = urllib.request.Request(f"http://127.0.0.1:{port}/same", data=octets, method="PUT")
    urllib.request.urlopen(taught).close()


async def graph_pages() -> list[Figure]:
    """Return a page of 100 printers, against a bare aiohttp route that returns the same octets."""
    with tempfile.TemporaryDirectory() as folder:
        seed, same = Path(folder) / "seed.toml", Path(folder) / "page.json"
        seed.write_text(_fleet_seed(100))
        async with rig("--seed", str(seed)) as ours:
            path = "/v1.0/print/printers?$top=100"
            call = urllib.request.Request(f"http://127.0.0.1:{ours.port}{path}", headers=ours.as_admin)
            same.write_bytes(await asyncio.to_thread(lambda: urllib.request.urlopen(call).read()))
            with processes.baseline() as port:
                bare, figures = http("GET", f"/page?from={same}"), []
                for connections in (1, 8):
                    ratio, detail = await _beside(
                        ours.port, http("GET", path, ours.as_admin), port, bare, connections
                    )
                    figures.append(
                        Figure(f"page of 100 printers, {connections} connections", ratio, 0.05, "≥", detail)
                    )
                return figures


def _fleet_seed(printers: int) -> str:
    """Return the sample tenant with shared virtual printers."""
    made = "".join(
        f'[[tenants.virtual_printers]]\nid = "0c0a7050-0000-4000-8000-{number:012x}"\n'
        f'display_name = "Printer {number}"\napplication = "{CONFIDENTIAL_CLIENT}"\n'
        f'[tenants.virtual_printers.share]\ndisplay_name = "Share {number}"\nallow_all_users = true\n'
        for number in range(1, printers + 1)
    )
    return f"{(fixtures() / 'contoso.toml').read_text(encoding='utf-8')}\n{made}"


async def durable_jobs() -> list[Figure]:
    """POST job kept in a file, against the same kept in memory."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as durable, rig() as memory:
            for connections in (8, 64):
                ratio, detail = await _beside(
                    durable.port, _post_job(durable), memory.port, _post_job(memory), connections
                )
                figures.append(Figure(f"POST job durable, {connections} connections", ratio, 0.6, "≥", detail))
    return figures


async def instruments() -> list[Figure]:
    """GET printer with journal and limits as they are, against the same with both off."""
    async with rig() as ours, rig() as bare:
        off = orjson.dumps({"journal": {"callsMax": 0}, "limits": {"profile": "off"}})
        call = urllib.request.Request(
            f"http://127.0.0.1:{bare.port}/_upsim/tenants/contoso.example/settings", data=off, method="PUT"
        )
        await asyncio.to_thread(lambda: urllib.request.urlopen(call).close())
        figures = []
        for connections in (1, 8):
            with_both = http("GET", f"/v1.0/print/printers/{ours.printer_id}", ours.as_admin)
            without = http("GET", f"/v1.0/print/printers/{bare.printer_id}", bare.as_admin)
            ratio, detail = await _beside(ours.port, with_both, bare.port, without, connections)
            figures.append(Figure(f"journal and limits on, {connections} connections", ratio, 0.8, "≥", detail))
        return figures


async def ipp_hammer() -> list[Figure]:
    """Sixty-four connections look and print for 20 s: the share of answers and jobs that are right."""
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as ours:
            await describe_office_printer(ours)
            tally = await hammer_printer(ours, HAMMER_SECONDS)
    detail = ", ".join([f"{tally.looks} looks, {tally.whole} jobs whole", *tally.wrong[:3]])
    return [Figure("64 connections for 20 s, share right", tally.share_right, 1.0, "≥", detail)]


async def transfers() -> list[Figure]:
    """Upload by ranges and Fetch-Document, against the least that aiohttp can do."""
    size = 256 << 20
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as ours:
            with processes.baseline() as port:
                up = [await upload_seconds(ours, port, size, Path(folder)) for _ in range(TRANSFERS)]
                down = [await download_seconds(ours, port, size, Path(folder)) for _ in range(TRANSFERS)]
    return [
        _faster("upload in ranges, 256 MB", up, size, 0.8),
        _faster("Fetch-Document, 256 MB", down, size, 0.8),
    ]


async def upload_memory() -> list[Figure]:
    """Return the most memory that a server ever has while 1 GB is uploaded, above what it has when idle."""
    size = 1 << 30
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as ours:
            await upload(ours, RANGE_BYTES)  # all code is loaded
            idle = psutil.Process(ours.process.pid).memory_info().rss / 1e6
            await upload(ours, size)
            peak = processes.peak_mb(ours.process.pid)
    detail = f"{peak - idle:.0f} MB above {idle:.0f} MB"
    return [Figure("peak memory of a 1 GB upload, of 32 MB", (peak - idle) / 32, 1.0, "≤", detail)]


def _faster(name: str, seconds: list[tuple[float, float]], size: int, goal: float) -> Figure:
    """`seconds` are pairs of upsim's time and the baseline's."""
    ours, bare = (statistics.median(pair[side] for pair in seconds) for side in (0, 1))
    rates = f"{size / ours / 1e6:.0f} MB/s against {size / bare / 1e6:.0f} MB/s"
    ratio = statistics.median(theirs / mine for mine, theirs in seconds)
    return Figure(name, ratio, goal, "≥", rates)


async def _beside(
    port: int, request: Request, other_port: int, other: Request, connections: int
) -> tuple[float, str]:
    """Return the median ratio of two rates measured in turn, in many short rounds, as other work varies."""
    ratios, last = [], ""
    for _ in range(SHORT_ROUNDS):
        ours = await _rate(port, request, connections)
        bare = await _rate(other_port, other, connections)
        ratios.append(ours.per_second / bare.per_second)
        last = f"{ours.per_second:.0f}/s against {bare.per_second:.0f}/s"
    return statistics.median(ratios), last


async def _rate(port: int, request: Request, connections: int) -> Rate:
    rate = await hammer(port, request, connections, SHORT_SECONDS)
    if rate.failed:
        raise SystemExit(f"{rate.failed} requests were not answered 2xx: {str(request)[:80]}")
    return rate


def _post_job(ours: Rig) -> bytes:
    headers = {**ours.as_user, "Content-Type": "application/json"}
    return http("POST", f"/v1.0/print/shares/{ours.share_id}/jobs", headers, b'{"configuration":{}}')


async def identity_tokens() -> list[Figure]:
    """Checking and issuing tokens."""
    cached, uncached = await identity.checks()
    async with rig() as ours:
        watched = psutil.Process(ours.process.pid)
        pairs = []
        for _ in range(SHORT_ROUNDS):  # at the same time: what shares the processors slows both down alike
            issued = identity.issued_per_cpu_second(ours.port, watched, SECONDS)
            pairs.append(await asyncio.gather(issued, identity.signed_per_cpu_second(SECONDS)))
    ratio = statistics.median(issued / bare for issued, bare in pairs)
    rates = f"{pairs[-1][0]:.0f} against {pairs[-1][1]:.0f} a CPU second"
    return [
        Figure("token check cached, of 2 µs", cached / identity.CACHED_MICROSECONDS, 1.0, "≤", f"{cached:.2f} µs"),
        Figure(
            "token check uncached, of 200 µs CPU",
            uncached / identity.UNCACHED_MICROSECONDS,
            1.0,
            "≤",
            f"{uncached:.0f} µs",
        ),
        Figure("token issue beside bare signing", ratio, 0.6, "≥", rates),
    ]


def ipp_codec() -> list[Figure]:
    """Encoding and decoding an attribute, against a fixed loop of plain Python."""
    return [Figure(name, ratio, goal, "≤", detail) for name, ratio, goal, detail in codec.figures()]


def _figures(rows: list[engines.Row]) -> list[Figure]:
    return [Figure(name, ratio, goal, "≥", detail) for name, ratio, goal, detail in rows]


async def engines_beside() -> list[Figure]:
    """PostgreSQL against the embedded file, and a commit a group against a commit each."""
    return _figures(await engines.engines())


async def nodes_beside() -> list[Figure]:
    """Return two nodes on one PostgreSQL against one."""
    return _figures(await engines.nodes())


async def peers_beside() -> list[Figure]:
    """Other emulators; CUPS has a bench of its own."""
    return _figures(await peers.peers())


BENCHES: dict[str, Callable[[], list[Figure] | Awaitable[list[Figure]]]] = {
    "journey": journey.journey,
    "journey-part": journey.part_beside_cups,
    "start": start_to_ready,
    "graph": graph_reads,
    "pages": graph_pages,
    "instruments": instruments,
    "jobs": durable_jobs,
    "ipp": ipp.reads,
    "cups": ipp.beside_cups,
    "hammer": ipp_hammer,
    "codec": ipp_codec,
    "identity": identity_tokens,
    "transfer": transfers,
    "loops": loops.loops,
    "upload-memory": upload_memory,
    "tenants": tenants.tenants,
    "memory": tenants.memory,
    "engines": engines_beside,
    "nodes": nodes_beside,
    "peers": peers_beside,
}


def main() -> None:
    """Run the named benches, or all."""
    parser = argparse.ArgumentParser(description="Measure upsim beside its baselines.")
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], help="which; default: all")
    parser.add_argument("--against", metavar="DIR", help="journey: a checkout that is measured in the same run")
    parser.add_argument("--options", default="", help="journey: options of `upsim serve`, as one text")
    parser.add_argument("--against-options", default="", help="journey: those of the other server")
    asked = parser.parse_args()
    names = asked.names or list(BENCHES)
    given = functools.partial(journey.journey, asked.against, asked.options, asked.against_options)
    benches = {**BENCHES, "journey": given}
    print(f"{'':44} {'ratio':>6}   goal")
    for name in names:
        began = time.monotonic()
        for figure in _run(benches[name]):
            verdict = "" if figure.is_met else "  missed"
            goal = f"{figure.better} {figure.goal:.2f}" if figure.goal else "      "
            line = f"{figure.name:44} {figure.ratio:6.2f}  {goal}{verdict:8}"
            print(f"{line}  {figure.detail}", flush=True)
        print(f"{'':44} ({name}: {time.monotonic() - began:.0f} s)", flush=True)


def _run(bench: Callable[[], Any]) -> list[Figure]:
    result = bench()
    if isinstance(result, list):
        return result
    return asyncio.run(result)


if __name__ == "__main__":
    main()

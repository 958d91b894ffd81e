"""Simulated printers over real HTTPS: personas, what is kept between runs, and a small fleet."""

import asyncio
import os
import stat
from pathlib import Path

from bench.fleet import play
from tests.support.actors import SAMPLE, Office
from upsim.actors.printer import PrinterDevice
from upsim.actors.simulated_printer import sheets_of
from upsim.actors.stored_identity import load, save
from upsim.domain.persona import Persona


async def test_it_waits_for_a_job_and_takes_its_time_for_each_page(office: Office) -> None:
    printer = office.printer(Persona(first_page_seconds=2, seconds_per_page=1))
    running = asyncio.create_task(printer.run(jobs=1))
    job_id = await office.print(copies=3)
    await asyncio.wait_for(running, 60)
    assert await office.state(job_id) == "completed"
    assert sum(office.waited) == 8, office.said  # three copies of two pages


async def test_a_jam_stops_the_job_until_somebody_was_there(office: Office) -> None:
    job_id = await office.print()
    await asyncio.wait_for(office.printer(Persona(jams_every_jobs=1, jam_seconds=30)).run(jobs=1), 60)
    assert await office.state(job_id) == "completed"
    assert any("processing-stopped" in text for text in office.said)
    assert 30 in office.waited


async def test_a_crash_before_acknowledge_loses_nothing(office: Office) -> None:
    ids = [await office.print() for _ in range(2)]
    printer = office.printer(Persona(crashes_every_jobs=2))
    await asyncio.wait_for(printer.run(jobs=2), 60)
    assert [await office.state(job_id) for job_id in ids] == ["completed", "completed"]
    assert sum("crashed" in text for text in office.said) == 1
    assert sorted(job_id for job_id, _ in printer.printed) == sorted(map(int, ids))


async def test_one_that_never_acknowledges_leaves_the_job_waiting(office: Office) -> None:
    job_id = await office.print()
    printer = office.printer(Persona(acknowledges=False))
    await printer.start()
    assert [await printer.print_waiting(), await printer.print_waiting()] == [1, 0]
    assert await office.state(job_id) == "pending"


async def test_a_format_that_it_cannot_read_aborts(office: Office) -> None:
    job_id = await office.print()
    await asyncio.wait_for(office.printer(Persona(rejects_formats=("application/pdf",))).run(jobs=1), 60)
    assert await office.state(job_id) == "aborted"


async def test_what_it_had_taken_goes_on_after_it_was_switched_off(office: Office) -> None:
    job_id = await office.print()
    await office.device.prove_itself()
    await office.device.acknowledge(int(job_id))
    again = office.printer(Persona())
    await again.start()
    assert await office.state(job_id) == "completed"
    assert [number for number, _ in again.printed] == [int(job_id)]


async def test_its_key_and_certificate_are_kept_for_its_owner_alone(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "Lab"
    assert load(folder) is None
    save(folder, office.device.identity)
    stored = load(folder)
    assert stored is not None
    again = PrinterDevice(office.wire, stored)
    await again.prove_itself()
    assert again.printer_id == office.device.printer_id
    assert stat.S_IMODE(os.stat(folder / "identity.json").st_mode) == 0o600
    (folder / "identity.json").write_text("{}")
    assert load(folder) is None


async def test_a_fleet_prints_every_document_once_and_intact_over_a_kill() -> None:
    figures = await play(printers=4, users=6, jobs=40)
    assert figures["jobs"] == 40
    assert figures["wrong"] == []


def test_pages_are_counted() -> None:
    assert sheets_of(SAMPLE.read_bytes()) == 2
    assert sheets_of(b"<</Type /Pages>> <</Type/Page>> <</Type /Page /Parent 1 0 R>>") == 2
    assert sheets_of(b"RaS2") == 1

"""Usage and archived jobs, computed from what was printed on the tenant's clock."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.graph.jobs import a_job
from tests.support.graph.reports import pdf, printed
from tests.support.graph.world import ADA, READERS, Person, World
from upsim.domain.attributes import INTEGER, one
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.user import Role


async def test_daily_usage_by_printer_and_user(
    world: World, ada: Person, bob: Person, admin: Person, share: PrinterShare, printer: Printer
) -> None:
    await printed(world, ada, share, pdf(3), {"copies": 2, "colorMode": "color", "duplexMode": "flipOnLongEdge"})
    await printed(world, bob, share, pdf(1))
    await a_job(bob, share)
    (row,) = (await admin.get("/v1.0/reports/dailyPrintUsageByPrinter")).json["value"]
    assert row["usageDate"] == world.now().date().isoformat()
    assert (row["printerId"], row["printerName"]) == (printer.id, "Lab 3")
    assert (row["completedColorJobCount"], row["completedBlackAndWhiteJobCount"]) == (1, 1)
    assert (row["completedJobCount"], row["incompleteJobCount"]) == (2, 1)
    assert (row["pageCount"], row["colorPageCount"], row["blackAndWhitePageCount"]) == (7, 6, 1)
    assert (row["mediaSheetCount"], row["doubleSidedSheetCount"], row["singleSidedSheetCount"]) == (5, 2, 3)
    again = await admin.get(f"/v1.0/reports/dailyPrintUsageByPrinter/{row['id']}")
    assert {name: value for name, value in again.json.items() if name != "@odata.context"} == row
    by_user = (await admin.get("/v1.0/reports/dailyPrintUsageByUser")).json["value"]
    assert {each["userPrincipalName"]: each["pageCount"] for each in by_user} == {
        "ada@contoso.example": 6,
        "bob@contoso.example": 1,
    }
    assert (await admin.get("/v1.0/reports/dailyPrintUsageByUser/none")).status == 404


async def test_months_and_days_are_the_tenants(
    world: World, ada: Person, admin: Person, share: PrinterShare
) -> None:
    await printed(world, ada, share, pdf(1))
    world.elapsed += timedelta(days=1)
    ada, admin = world.user(exp=4_000_000_000), world.admin(exp=4_000_000_000)
    await printed(world, ada, share, pdf(1))
    days = (await admin.get("/v1.0/reports/dailyPrintUsageByUser")).json["value"]
    assert len(days) == 2
    world.elapsed += timedelta(days=40)
    await printed(world, ada, share, pdf(1))
    months = (await admin.get("/v1.0/reports/monthlyPrintUsageByUser")).json["value"]
    assert all(each["usageDate"].endswith("-01") for each in months)
    assert sum(each["completedJobCount"] for each in months) == 3
    assert len(months) >= 2
    filtered = await admin.get(
        f"/v1.0/reports/dailyPrintUsageByUser?$filter=usageDate%20eq%20{days[0]['usageDate']}"
    )
    assert [each["id"] for each in filtered.json["value"]] == [days[0]["id"]]


async def test_what_cannot_be_counted_is_null(
    world: World, ada: Person, admin: Person, share: PrinterShare
) -> None:
    await printed(world, ada, share, b"not a PDF at all")
    (row,) = (await admin.get("/v1.0/reports/dailyPrintUsageByUser")).json["value"]
    assert row["completedJobCount"] == 1
    for name in ("pageCount", "mediaSheetCount", "singleSidedSheetCount", "colorPageCount"):
        assert row[name] is None


async def test_the_devices_own_counters_win(world: World, ada: Person, admin: Person, share: PrinterShare) -> None:
    job_id = await printed(world, ada, share, pdf(1))
    job = await world.job(job_id)
    reported = {
        "job-impressions-completed": one(INTEGER, 9),
        "job-media-sheets-completed": one(INTEGER, 5),
    }
    await world.put(replace(job, reported=reported))
    (row,) = (await admin.get("/v1.0/reports/dailyPrintUsageByUser")).json["value"]
    assert (row["pageCount"], row["mediaSheetCount"]) == (9, 5)


async def test_page_ranges_and_pages_per_sheet(
    world: World, ada: Person, admin: Person, share: PrinterShare
) -> None:
    configuration = {"pageRanges": [{"start": 2, "end": 5}], "pagesPerSheet": 2}
    await printed(world, ada, share, pdf(10), configuration)
    (row,) = (await admin.get("/v1.0/reports/dailyPrintUsageByUser")).json["value"]
    assert row["pageCount"] == 2


async def test_archived_jobs(
    world: World, ada: Person, bob: Person, admin: Person, share: PrinterShare, printer: Printer
) -> None:
    await printed(world, ada, share, pdf(2), {"copies": 2})
    await printed(world, bob, share, pdf(1))
    await a_job(ada, share)
    calls = {
        f"getPrinterArchivedPrintJobs(printerId='{printer.id}')": 2,
        f"getPrinterArchivedPrintJobs(printerId='{printer.id}',startDateTime=2026-01-01T00:00:00Z)": 2,
        f"getPrinterArchivedPrintJobs(printerId='{printer.id}',endDateTime=2026-01-01T00:00:00Z)": 0,
        f"getUserArchivedPrintJobs(userId='{ADA}')": 1,
        "getUserArchivedPrintJobs(userId='ada@contoso.example')": 1,
        f"getGroupArchivedPrintJobs(groupId='{READERS}')": 1,
        f"microsoft.graph.getUserArchivedPrintJobs(userId='{ADA}')": 1,
        # As the Python SDK writes it: without commas.
        f"getUserArchivedPrintJobs(userId='{ADA}'startDateTime=2026-01-01T00%3A00%3A00%2B00%3A00"
        "endDateTime=2099-01-01T00%3A00%3A00%2B00%3A00)": 1,
    }
    for path, number in calls.items():
        answer = await admin.get(f"/v1.0/reports/{path}")
        assert (answer.status, len(answer.json["value"])) == (200, number), path
    (job,) = (await admin.get(f"/beta/reports/getUserArchivedPrintJobs(userId='{ADA}')")).json["value"]
    assert (job["processingState"], job["copiesPrinted"], job["acquiredByPrinter"]) == ("completed", 2, True)
    assert (job["printerName"], job["createdBy"]["id"]) == ("Lab 3", ADA)
    assert (job["pageCount"], job["blackAndWhitePageCount"], job["simplexPageCount"]) == (4, 4, 4)
    assert len(job["id"]) == 36


@pytest.mark.parametrize(
    "path",
    [
        "getUserArchivedPrintJobs()",
        "getUserArchivedPrintJobs(user='x')",
        "getUserArchivedPrintJobs(userId='x',startDateTime='yesterday')",
        "getUserArchivedPrintJobs(userId=",
    ],
)
async def test_a_bad_function_call(admin: Person, path: str) -> None:
    assert (await admin.get(f"/v1.0/reports/{path}")).status == 400


async def test_an_unknown_group(admin: Person) -> None:
    assert (await admin.get("/v1.0/reports/getGroupArchivedPrintJobs(groupId='none')")).status == 404


async def test_reports_are_for_readers(world: World) -> None:
    path = "/v1.0/reports/dailyPrintUsageByUser"
    assert (await world.user(ADA, "Reports.Read.All").get(path)).status == 403
    for role in (Role.REPORTS_READER, Role.GLOBAL_READER, Role.PRINTER_ADMINISTRATOR):
        assert (await world.user(ADA, "Reports.Read.All", role).get(path)).status == 200
    assert (await world.app("Reports.Read.All").get(path)).status == 403


async def test_betas_older_names(world: World, ada: Person, admin: Person, share: PrinterShare) -> None:
    await printed(world, ada, share, pdf(1))
    for name in ("dailyPrintUsageSummariesByPrinter", "monthlyPrintUsageSummariesByUser"):
        assert len((await admin.get(f"/beta/reports/{name}")).json["value"]) == 1
        assert (await admin.get(f"/v1.0/reports/{name}")).status == 400
    (row,) = (await admin.get("/beta/reports/dailyPrintUsage")).json["value"]
    assert row["@odata.type"] == "#microsoft.graph.printUsageByPrinter"
    assert (await admin.get("/beta/reports/dailyPrintUsage/$count")).body == b"1"

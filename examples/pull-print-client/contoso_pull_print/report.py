"""What each user printed in a month, for the departments' bills."""

from dataclasses import dataclass
from datetime import date

from msgraph.graph_service_client import GraphServiceClient


@dataclass(frozen=True)
class Usage:
    """One line of the bill."""

    user: str
    jobs: int
    pages: int


async def month_end(graph: GraphServiceClient, month: date) -> list[Usage]:
    """The month's lines, by user. Graph gives reports to people only: `graph` is signed in as a reader."""
    page = await graph.reports.monthly_print_usage_by_user.get()
    lines: list[Usage] = []
    while page is not None:
        lines += [
            Usage(str(row.user_principal_name), row.completed_job_count or 0, row.page_count or 0)
            for row in page.value or []
            if row.usage_date and (row.usage_date.year, row.usage_date.month) == (month.year, month.month)
        ]
        if not page.odata_next_link:
            break
        page = await graph.reports.monthly_print_usage_by_user.with_url(page.odata_next_link).get()
    return sorted(lines, key=lambda line: line.user)

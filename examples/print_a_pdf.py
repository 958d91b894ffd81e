"""Print a PDF through upsim with Microsoft's own libraries: azure-identity and msgraph-sdk.

    pip install azure-identity msgraph-sdk deprecated
    SSL_CERT_FILE=CA_FILE python examples/print_a_pdf.py CA_FILE SHARE_ID FILE.pdf [--url https://localhost:8443]

CA_FILE is on upsim's start screen. The program shows a code; enter it at the address it names, as
alex@contoso.example with the password of the start screen.
"""

import argparse
import asyncio
from pathlib import Path

from azure.identity import DeviceCodeCredential
from msgraph import GraphServiceClient
from msgraph.generated.models.print_document_upload_properties import PrintDocumentUploadProperties
from msgraph.generated.models.print_job import PrintJob
from msgraph.generated.models.print_job_configuration import PrintJobConfiguration
from msgraph.generated.print.shares.item.jobs.item.documents.item.create_upload_session import (
    create_upload_session_post_request_body as upload,
)
from msgraph_core.tasks.large_file_upload import LargeFileUploadTask

CLIENT_ID = "0c0a7050-0000-4000-8000-00000000d001"


def connect(url: str, ca_file: str, **options: object) -> GraphServiceClient:
    """A Graph client whose sign-in and calls go to upsim."""
    credential = DeviceCodeCredential(
        client_id=CLIENT_ID,
        tenant_id="contoso.example",
        authority=url,
        disable_instance_discovery=True,
        connection_verify=ca_file,
        **options,
    )
    client = GraphServiceClient(credential, ["https://graph.microsoft.com/.default"])
    client.request_adapter.base_url = f"{url}/v1.0"
    return client


async def print_document(client: GraphServiceClient, share_id: str, document: Path) -> str:
    """Create a job on the share, upload the document, start the job; returns its id."""
    jobs = client.print.shares.by_printer_share_id(share_id).jobs
    job = await jobs.post(PrintJob(configuration=PrintJobConfiguration(copies=1)))
    documents = jobs.by_print_job_id(job.id).documents
    properties = PrintDocumentUploadProperties(
        document_name=document.name, content_type="application/pdf", size=document.stat().st_size
    )
    session = await documents.by_print_document_id(job.documents[0].id).create_upload_session.post(
        upload.CreateUploadSessionPostRequestBody(properties=properties)
    )
    with document.open("rb") as stream:
        await LargeFileUploadTask(session, client.request_adapter, stream).upload()
    await jobs.by_print_job_id(job.id).start.post()
    return str(job.id)


async def main() -> None:
    """Print, and say how the job stands."""
    parser = argparse.ArgumentParser(description="Print a PDF through upsim.")
    parser.add_argument("ca_file")
    parser.add_argument("share_id")
    parser.add_argument("document", type=Path)
    parser.add_argument("--url", default="https://localhost:8443")
    given = parser.parse_args()
    client = connect(given.url, given.ca_file)
    job_id = await print_document(client, given.share_id, given.document)
    job = await client.print.shares.by_printer_share_id(given.share_id).jobs.by_print_job_id(job_id).get()
    print(f"job {job_id} is {job.status.state.value}")


if __name__ == "__main__":
    asyncio.run(main())

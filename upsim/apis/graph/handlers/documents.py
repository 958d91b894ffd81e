"""Documents of jobs: upload sessions and downloads. The URLs that carry their own secret are in `uploads`."""

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.bodies import Parameters, taking
from upsim.apis.graph.handlers.jobs import address, context
from upsim.apis.graph.resources.upload_session import door_key, represent_upload_session
from upsim.apis.graph.selection import Json, view_of
from upsim.server.context import Call
from upsim.services import documents
from upsim.services.jobs import owner, visibility


@taking(Parameters("createUploadSession"))
async def create_upload_session(call: Call, given: Json) -> web.Response:
    properties = given["properties"]
    session = await call.write(
        documents.create_session,
        **address(call),
        document_id=call.parameters["document"],
        name=properties["documentName"],
        format=properties["contentType"],
        size_bytes=properties["size"],
    )
    body = represent_upload_session(call.base_url, call.tenant_id, session)
    return entity_response(view_of(call), "microsoft.graph.uploadSession", body)


async def get_value(call: Call) -> web.Response:
    link = await call.write(
        documents.create_download_link, **address(call), document_id=call.parameters["document"]
    )
    url = f"{call.base_url}/downloads/{link.id}?tempauthtoken={door_key(call.tenant_id, link.secret)}"
    return web.Response(status=302, headers={"Location": url})


async def list_of_job(call: Call) -> web.Response:
    where = address(call)
    at = f"{context(call)}('{where['job_id']}')/documents"
    return await many(call, "printDocument", at, lambda tx: [visibility.get(tx, **where)])


async def count_of_job(call: Call) -> web.Response:
    where = address(call)
    return await count_of(call, "printDocument", lambda tx: [visibility.get(tx, **where)])


async def get(call: Call) -> web.Response:
    where, document_id = address(call), call.parameters["document"]
    at = f"{context(call)}('{where['job_id']}')/documents/$entity"
    return await one(
        call, "printDocument", at, lambda tx: owner.with_document(visibility.get(tx, **where), document_id)
    )

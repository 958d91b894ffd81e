"""print/services and their endpoints."""

from functools import partial

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import many, one
from upsim.apis.graph.resources.print_service import get_endpoint, get_service, list_endpoints, list_services
from upsim.server.context import Call


async def list_all(call: Call) -> web.Response:
    return await many(call, "printService", "print/services", list_services)


async def count(call: Call) -> web.Response:
    return await count_of(call, "printService", list_services)


async def get(call: Call) -> web.Response:
    load = partial(get_service, service_id=call.parameters["service"])
    return await one(call, "printService", "print/services/$entity", load)


async def list_of_service(call: Call) -> web.Response:
    load = partial(list_endpoints, service_id=call.parameters["service"])
    return await many(call, "printServiceEndpoint", "Collection(microsoft.graph.printServiceEndpoint)", load)


async def count_of_service(call: Call) -> web.Response:
    load = partial(list_endpoints, service_id=call.parameters["service"])
    return await count_of(call, "printServiceEndpoint", load)


async def get_of_service(call: Call) -> web.Response:
    service_id = call.parameters["service"]
    load = partial(get_endpoint, service_id=service_id, endpoint_id=call.parameters["endpoint"])
    return await one(call, "printServiceEndpoint", f"print/services('{service_id}')/endpoints/$entity", load)

"""printService and printServiceEndpoint: where the parts of the service are. Here all are this server.

The documented address of discovery is a host without a path; its clients add `/api/mod1.0/devices`.
"""

from typing import NamedTuple

from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.clouds import Service as Microsoft
from upsim.domain.refusals import NotFound
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


class ServiceEndpoint(NamedTuple):
    """An endpoint; `path` is what follows the address of its service."""

    id: str
    service: Microsoft
    path: str


class Service(NamedTuple):
    id: str
    endpoints: tuple[ServiceEndpoint, ...]


SERVICE = Service(
    "7f3f3c54-0000-4000-8000-0000000000f1",
    (
        ServiceEndpoint("discovery", Microsoft.DISCOVERY, ""),
        ServiceEndpoint("notification", Microsoft.NOTIFICATION, "/notifications"),
        ServiceEndpoint("ipp", Microsoft.PRINT, "/printers"),
        ServiceEndpoint("registration", Microsoft.REGISTRATION, "/api/v1.0/register"),
    ),
)
"""The one service, with the endpoint names of printServiceEndpoint's page."""


def list_services(_: Transaction) -> list[Service]:
    return [SERVICE]


def get_service(_: Transaction, service_id: str) -> Service:
    if service_id.lower() != SERVICE.id:
        raise NotFound("printService", service_id)
    return SERVICE


def list_endpoints(tx: Transaction, service_id: str) -> list[ServiceEndpoint]:
    return list(get_service(tx, service_id).endpoints)


def get_endpoint(tx: Transaction, service_id: str, endpoint_id: str) -> ServiceEndpoint:
    for endpoint in list_endpoints(tx, service_id):
        if endpoint.id == endpoint_id.lower():
            return endpoint
    raise NotFound("printServiceEndpoint", endpoint_id)


def represent_service(tx: Transaction, view: View, service: Service, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    return {"id": service.id}


def represent_endpoint(
    tx: Transaction,  # noqa: ARG001
    view: View,
    endpoint: ServiceEndpoint,
    options: QueryOptions = NONE,  # noqa: ARG001
) -> Json:
    body = {"id": endpoint.id, "displayName": endpoint.id, "uri": view.url_of(endpoint.service) + endpoint.path}
    if view.is_beta:
        body["name"] = endpoint.id
    return body

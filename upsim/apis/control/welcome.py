"""`GET /`: what this server is and where its APIs are, for whoever opens it in a browser or with curl."""

from aiohttp import web

from upsim.server.context import Call
from upsim.version import VERSION

_TEXT = """upsim {version}, a local Microsoft Universal Print

Graph          {base}/v1.0   {base}/beta
Sign-in        {base}/<tenant>/v2.0/.well-known/openid-configuration
Registration   {base}/api/v1.0/register
IPP            {base}/printers
Control        {base}/_upsim/tenants   {base}/_upsim/operations   {base}/_upsim/readyz
OpenAPI        {base}/_upsim/openapi.json (Graph)   {base}/_upsim/openapi/control.json
"""


async def welcome(call: Call) -> web.Response:
    """Return the addresses of every API, as plain text."""
    return web.Response(text=_TEXT.format(version=VERSION, base=call.base_url))


async def ca(call: Call) -> web.Response:
    """Return the certificate of the CA behind the HTTPS listener."""
    return web.Response(text=call.site.ca_certificate_pem, content_type="application/x-pem-file")

"""The tenants, and the people and applications in them."""

from typing import Any

from aiohttp import web

from upsim.domain.application import Application
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.server.context import Call, json_response
from upsim.services import tenants
from upsim.services.ports import SYSTEM, Store


async def list_tenants(call: Call) -> web.Response:
    """Return every tenant and who can sign in to it. Passwords and secrets are test values, so they are shown."""
    found = await call.site.store.read(SYSTEM, tenants.list_all)
    return json_response({"value": [await represent_directory(call.site.store, tenant) for tenant in found]})


async def represent_directory(store: Store, tenant: Tenant) -> dict[str, Any]:
    """Return a tenant as `upsim serve --print-json` and `GET /_upsim/tenants` show it."""
    users, applications = await store.read(tenant.id, tenants.directory)
    return {
        "tenant": {"id": tenant.id, "domain": tenant.domain},
        "users": [_represent_user(user) for user in users],
        "applications": [_represent_application(application) for application in applications],
    }


def _represent_user(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "userPrincipalName": user.user_principal_name,
        "password": user.password,
        "roles": [role.display_name for role in user.roles],
    }


def _represent_application(application: Application) -> dict[str, Any]:
    return {"appId": application.id, "displayName": application.display_name, "secret": application.secret}

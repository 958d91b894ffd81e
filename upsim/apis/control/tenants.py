"""Tenants: shown, made, reset and deleted. Each test may have one of its own on a shared server."""

from datetime import datetime
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from upsim.apis.control import clock, settings
from upsim.apis.control.bodies import explained, taking, tenant_named
from upsim.apis.control.directory import represent_directory
from upsim.domain.clock import Clock
from upsim.domain.tenant import TenantSettings
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.services import seeds, tenants
from upsim.services.ports import SYSTEM, Transaction


class NewTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST. Empty: like the server's first tenant, under an id and a domain of its own.

    `settings` and `tenant` are spelled as in a seed in JSON.
    """

    like: str | None = None
    """The tenant whose seed is used, by id or domain."""
    tenant: seeds.SeedTenant | None = None
    """A seed of its own, instead. With an empty list of domains it too gets an id and a domain of its own."""
    id: str | None = None
    domain: str | None = None
    seed: str | None = None
    """Makes ids and secrets repeatable, together with a frozen clock."""
    settings: TenantSettings | None = None
    frozen_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Begin with the clock standing here."""


@taking(NewTenant)
async def create(call: Call) -> web.Response:
    """A new tenant from a seed."""
    wanted = await read_as(call, NewTenant, "a tenant to make")
    seed = wanted.tenant if wanted.tenant and wanted.tenant.domains else await _renamed(call, wanted)
    if wanted.settings is not None:
        seed = replace(seed, settings=wanted.settings)
    chosen = wanted.seed or seed.seed
    secret = chosen or call.site.new_guid()
    is_repeatable = bool(chosen or call.site.random_seed)
    clock = Clock(frozen_at=wanted.frozen_at) if wanted.frozen_at else None
    site = call.site
    with explained(call, ("tenant",)):
        tenant = await seeds.make_tenant(
            site.store,
            site.blobs,
            seed,
            secret,
            clock,
            lambda: site.operation_ids,
            is_repeatable=is_repeatable,
        )
    return json_response(await represent_directory(call.site.store, tenant), 201)


async def reset(call: Call) -> web.Response:
    """Wipe and replay: state, clock and settings are those of the seed again."""
    named = await tenant_named(call)
    tenant, orphans = await seeds.reset(call.site.store, call.site.blobs, named.id)
    await call.site.blobs.delete(orphans)
    _forget_observations(call, named.id)
    return json_response(await represent_directory(call.site.store, tenant))


async def delete(call: Call) -> web.Response:
    """Return the tenant is gone with all it had; its tokens stop working."""
    tenant = await tenant_named(call)
    await call.site.blobs.delete(await seeds.forget(call.site.store, tenant.id))
    _forget_observations(call, tenant.id)
    return web.Response(status=204)


async def get(call: Call) -> web.Response:
    """One tenant: its directory, its clock and all of its settings."""
    tenant = await tenant_named(call)
    shown = await represent_directory(call.site.store, tenant)
    shown["tenant"] |= {"displayName": tenant.display_name, "domains": list(tenant.domains)}
    return json_response(
        shown | {"clock": clock.represent(tenant, call), "settings": settings.represent(tenant.settings)}
    )


async def _renamed(call: Call, wanted: NewTenant) -> seeds.SeedTenant:
    """The seed under the id and the domain that are wanted, or else new ones."""
    tenant_id = (wanted.id or call.site.new_guid()).lower()
    domain = wanted.domain or f"{tenant_id[:8]}.upsim.example"
    if wanted.tenant is not None:
        return replace(wanted.tenant, id=tenant_id, domains=(domain,))

    def find(tx: Transaction) -> seeds.SeedTenant:
        original = tenants.named(tx, wanted.like) if wanted.like else tenants.first(tx)
        return seeds.like(tx, original, tenant_id=tenant_id, domain=domain)

    return await call.site.store.read(SYSTEM, find)


def _forget_observations(call: Call, tenant_id: str) -> None:
    call.site.journals.forget(tenant_id)
    call.site.early_retries.forget(tenant_id)
    call.site.request_ids.forget(tenant_id)

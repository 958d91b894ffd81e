"""Which blobs a tenant names: in any version that is kept, live or not, so that a look back finds its document."""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from upsim.domain.document import Part, UploadSession
from upsim.domain.entity import Entity
from upsim.domain.job import Job
from upsim.services import tenants
from upsim.services.ports import SYSTEM, Store


class _Parts(Struct, frozen=True):
    parts: tuple[Part, ...] = ()


class _DocumentOfJob(Entity, frozen=True, kw_only=True):
    """As much of a job as is looked for: reading the whole of it takes five times as long."""

    kind: ClassVar[str] = Job.kind

    document: _Parts


class _Upload(Entity, frozen=True, kw_only=True):
    kind: ClassVar[str] = UploadSession.kind

    parts: tuple[Part, ...] = ()


async def named_by(store: Store, tenant_id: str) -> set[str]:
    """The keys of all blobs that a tenant names."""
    documents = await store.scan(tenant_id, _DocumentOfJob, _of_job)
    return documents | await store.scan(tenant_id, _Upload, _of_upload)


async def orphans_without(store: Store, tenant_id: str) -> list[str]:
    """The keys of blobs that nobody would name if the tenant were gone. Only forks share blobs."""
    keys = await named_by(store, tenant_id)
    every = await store.read(SYSTEM, tenants.list_all) if keys else []
    family = {tenant.id: tenant.family or tenant.id for tenant in every}
    for other, its_family in family.items():
        if other != tenant_id and its_family == family.get(tenant_id):
            keys -= await named_by(store, other)
    return list(keys)


def _of_job(job: _DocumentOfJob) -> Iterator[str]:
    return (part.key for part in job.document.parts)


def _of_upload(upload: _Upload) -> Iterator[str]:
    return (part.key for part in upload.parts)

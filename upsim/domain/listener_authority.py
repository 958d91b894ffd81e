"""The CA behind the HTTPS listeners of servers that share a store."""

from typing import ClassVar

from upsim.domain.entity import Entity


class ListenerAuthority(Entity, frozen=True, kw_only=True):
    """One CA for all nodes, so that a client trusts all of them. `id` is always `listener`."""

    kind: ClassVar[str] = "listener-authority"

    certificate_pem: str
    private_key_pem: str

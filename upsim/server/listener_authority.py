"""The listeners' CA of servers that share a store: made by the first, kept in the store, used by all."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from upsim.domain.listener_authority import ListenerAuthority
from upsim.server.tls import TlsFiles
from upsim.services.ports import SYSTEM, Store, Transaction

_ID = "listener"


async def share(store: Store, tls: TlsFiles, now: Callable[[], datetime]) -> None:
    """Bring the folder's CA and the store's together; where they differ, the store's counts."""
    authority = await store.read(SYSTEM, lambda tx: tx.get(ListenerAuthority, _ID))
    if authority is None:
        authority = await store.write(SYSTEM, _first(await _own(tls, now)))
    tls.take_over(authority.certificate_pem, authority.private_key_pem)


async def _own(tls: TlsFiles, now: Callable[[], datetime]) -> ListenerAuthority:
    """The folder's CA, or a new one."""
    from upsim.wire.x509 import authorities

    found = tls.authority()
    if found is None:
        made = await asyncio.to_thread(authorities.new_server_ca, now())
        found = made.certificate_pem, made.private_key_pem
    return ListenerAuthority(id=_ID, certificate_pem=found[0], private_key_pem=found[1])


def _first(made: ListenerAuthority) -> Callable[[Transaction], ListenerAuthority]:
    def unit(tx: Transaction) -> ListenerAuthority:
        present = tx.get(ListenerAuthority, _ID)
        if present is None:
            tx.put(made)
        return present or made

    return unit

"""Answers that are repeated: to the very same question, while nothing has changed that they rest on.

Clients ask a printer for its attributes over and over, word for word. A handler whose answer follows from the
question, the tenant's state and the time alone says how long that is so (`Call.repeatable`). Until then the same
headers under the same path lead to it at once: the same token proves the same caller, who may do what they might.
"""

from datetime import datetime
from typing import NamedTuple

from aiohttp import hdrs, web

from upsim.domain.caller import Caller
from upsim.domain.tenant import Tenant
from upsim.server.authentication import TAIL
from upsim.server.context import Call, Repeatable
from upsim.server.imposing import is_free, watch
from upsim.server.operation import Operation
from upsim.server.patience import Patience

OCTETS_MAX = 16 << 20
"""Of all answers that can be repeated, with their questions; above, remembering begins anew."""
BODY_OCTETS_MAX = 2048
"""A longer question is hardly asked again."""
_OCTETS_AROUND = 2048
"""What is counted for the objects around each answer."""


class _Answered(NamedTuple):
    """An answer that can be repeated, and what else the call was that had it."""

    raw_headers: tuple[tuple[bytes, bytes], ...]
    scheme: str
    operation: Operation | None
    caller: Caller
    tenant: Tenant
    answer: Repeatable
    begins: datetime
    ends: datetime
    """From and until when, on the tenant's clock, answer and token hold."""
    octets: int


class Repeats:
    """The latest answer in each slot: of a path, a length of the body and a token."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._answered: dict[tuple[str, ...], _Answered] = {}
        self._octets = 0

    async def repeat(self, call: Call) -> web.StreamResponse | None:
        """The answer to a call for which the same was answered before, if that still holds."""
        request = call.request
        found = self._answered.get(_slot(request))
        if found is None or found.raw_headers != request.raw_headers or found.scheme != request.scheme:
            return None
        if not request.content.is_eof():  # what changes while the rest of the body is on its way counts
            return None
        tenant, answer = found.tenant, found.answer
        if await call.site.store.stamp(tenant.id) != answer.stamp:
            return None
        if not found.begins <= tenant.clock.read(call.site.now()) < found.ends:
            return None
        body = await call.next_piece()
        response = answer.again(call, body)
        if response is None:
            call.put_back(body)
            return None
        call.sent, call.operation, call.caller = body, found.operation, found.caller
        call.tenant, call.tenant_id = tenant, tenant.id
        if self._patience:
            watch(call, self._patience, tenant)
        return response

    def keep(self, call: Call, answer: Repeatable) -> None:
        """Repeat an answer from now on, if a token proved its caller and nothing can be imposed on the call."""
        request, proof, tenant = call.request, call.proof, call.tenant
        if proof is None or tenant is None or not is_free(tenant, call.api) or len(call.sent) > BODY_OCTETS_MAX:
            return
        slot, headers = _slot(request), request.raw_headers
        octets = (
            _OCTETS_AROUND + answer.octets + len(call.sent) + sum([len(part) for pair in headers for part in pair])
        )
        if (before := self._answered.pop(slot, None)) is not None:
            self._octets -= before.octets
        if self._octets + octets > OCTETS_MAX:
            self._answered.clear()
            self._octets = 0
        self._octets += octets
        begins, ends = max(answer.begins, proof.good_from), min(answer.ends, proof.expires)
        self._answered[slot] = _Answered(
            headers, request.scheme, call.operation, call.caller, tenant, answer, begins, ends, octets
        )


def _slot(request: web.BaseRequest) -> tuple[str, ...]:
    headers = request.headers
    length, token = headers.get(hdrs.CONTENT_LENGTH, ""), headers.get(hdrs.AUTHORIZATION, "")
    return request.method, request.raw_path, length, token[TAIL]

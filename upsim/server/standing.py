"""Answers that stand: said again to the very same question while nothing has changed that they rest on.

Clients ask a printer for its attributes over and over, word for word. A handler whose answer follows from the
question, the tenant's state and the time alone says how long it stands (`Call.standing`). Until then the same
headers under the same path lead to it at once: the same token proves the same caller, who may do what they might.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from aiohttp import hdrs, web

from upsim.domain.clock import Clock
from upsim.server.authentication import TAIL
from upsim.server.context import Call, Standing
from upsim.server.imposing import is_free

STANDING_MAX = 1024
"""Answers that are known to stand; above, knowing begins anew."""
BODY_BYTES_MAX = 2048
"""What is longer is hardly asked again."""


class _Answered(NamedTuple):
    """A call whose answer stands, and what else must be as it was."""

    call: Call
    subjects: Mapping[str, str]
    clock: Clock
    raw_headers: tuple[tuple[bytes, bytes], ...]
    scheme: str
    standing: Standing
    begins: datetime
    ends: datetime
    """From and until when, on the tenant's clock, answer and token hold."""


class StandingAnswers:
    """The answers that stand, of each path by what tells callers and their questions apart."""

    def __init__(self) -> None:
        self._by_path: dict[str, dict[tuple[str, ...], _Answered]] = {}
        self._count = 0

    async def repeat(self, call: Call) -> web.StreamResponse | None:
        """The answer to a call, if it was given before and stands."""
        request = call.request
        of_path = self._by_path.get(request.raw_path)
        found = of_path.get(_question(request)) if of_path is not None else None
        if found is None or found.raw_headers != request.raw_headers or found.scheme != request.scheme:
            return None
        if not request.content.is_eof():  # what changes while the rest of the body is on its way counts
            return None
        was, standing = found.call, found.standing
        if await call.site.store.stamp(was.tenant_id) != standing.stamp:
            return None
        if not found.begins <= found.clock.read(call.site.now()) < found.ends:
            return None
        call.sent = await call.next_piece()
        response = standing.repeat(call)
        if response is not None:
            call.caller, call.tenant, call.tenant_id = was.caller, was.tenant, was.tenant_id
            call.face, call.version, call.operation = was.face, was.version, was.operation
            call.parameters = found.subjects
        return response

    def keep(self, call: Call, standing: Standing) -> None:
        """Let the answer to a call stand, if a token proved the caller and nothing can be imposed on it."""
        request, proof, tenant = call.request, call.proof, call.tenant
        if proof is None or tenant is None or not is_free(tenant, call.face):
            return
        if len(call.sent) > BODY_BYTES_MAX:
            return
        if self._count >= STANDING_MAX:
            self._by_path.clear()
            self._count = 0
        of_path = self._by_path.setdefault(request.raw_path, {})
        self._count += _question(request) not in of_path
        begins, ends = max(standing.begins, proof.good_from), min(standing.ends, proof.expires)
        of_path[_question(request)] = _Answered(
            call, call.subjects, tenant.clock, request.raw_headers, request.scheme, standing, begins, ends
        )


def _question(request: web.BaseRequest) -> tuple[str, ...]:
    headers = request.headers
    return request.method, headers.get(hdrs.CONTENT_LENGTH, ""), headers.get(hdrs.AUTHORIZATION, "")[TAIL]

"""Callers that wait together are served together: one transaction, one commit, and only then the answers."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, NamedTuple, TypeVar

from upsim.domain.refusals import Refusal, RefusalKind

R = TypeVar("R")

WAITING_MAX = 20_000


class Outcome(NamedTuple):
    """What became of one request: its result, or the error that its caller gets."""

    result: Any
    error: BaseException | None = None

    def unwrap(self) -> Any:
        """The result, or the error raised."""
        if self.error is not None:
            raise self.error
        return self.result


class Batches(Generic[R]):
    """A queue whose requests are served in groups, by at most `lanes` at a time.

    A lane that is done takes all that came in the meantime, so groups grow by themselves as load does.
    """

    def __init__(
        self, serve: Callable[[list[R]], Awaitable[list[Outcome]]], *, lanes: int = 1, batch_max: int = 256
    ) -> None:
        self._serve = serve
        self._lanes = lanes
        self._batch_max = batch_max
        self._waiting: deque[tuple[R, asyncio.Future[Any]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def submit(self, request: R) -> Any:
        """Wait for the request's own result."""
        if len(self._waiting) >= WAITING_MAX:
            raise Refusal(RefusalKind.UNAVAILABLE, "Too many requests wait for the store.", retry_after_seconds=1)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if len(self._running) < self._lanes:
            self._running.add(asyncio.create_task(self._run_lane()))
        return await answer

    async def close(self) -> None:
        """Serve those that wait."""
        await asyncio.gather(*self._running)

    async def _run_lane(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_max))]
            try:
                outcomes = await self._serve([request for request, _ in batch])
            except Exception as error:  # noqa: BLE001 - every caller of the group gets it
                outcomes = [Outcome(None, error)] * len(batch)
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                _settle(answer, outcome)
        # In the same step in which nobody was found waiting: the next request must start a lane of its own.
        self._running.discard(asyncio.current_task())


def _settle(answer: asyncio.Future[Any], outcome: Outcome) -> None:
    if answer.done():  # the caller has gone; its change stays
        return
    if outcome.error is not None:
        answer.set_exception(outcome.error)
    else:
        answer.set_result(outcome.result)

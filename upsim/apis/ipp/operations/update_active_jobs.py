"""Update-Active-Jobs, PWG 5100.18: device and service compare notes on the jobs that the device holds."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services.jobs import device as device_jobs
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup


async def update_active_jobs(request: IppRequest) -> web.StreamResponse:
    call = request.call
    compared = await call.read(device_jobs.compare, call.caller, request.printer.printer.id, _read_states(request))
    return request.answer(*_represent(compared))


def _read_states(request: IppRequest) -> dict[int, int]:
    numbers = request.attributes.integers("job-ids")
    states = request.attributes.integers("output-device-job-states")
    if len(numbers) != len(states):
        raise Refusal(
            RefusalKind.INVALID,
            f"There are {len(numbers)} job-ids and {len(states)} output-device-job-states; send one state a job.",
            reason="counts-differ",
        )
    return dict(zip(numbers, states, strict=True))


def _represent(compared: device_jobs.Comparison) -> list[AttributeGroup]:
    groups = []
    if compared.different:
        groups.append(
            build.group(
                GroupTag.OPERATION,
                build.integer("job-ids", *compared.different),
                build.enum("output-device-job-states", *compared.different.values()),
            )
        )
    if compared.unknown:
        groups.append(build.group(GroupTag.UNSUPPORTED, build.integer("job-ids", *compared.unknown)))
    return groups

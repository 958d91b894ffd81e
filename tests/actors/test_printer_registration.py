"""A device that registers where the clock stands still."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import ActorError, Wire
from upsim.client import tenants
from upsim.testing import running_here


async def test_a_registration_that_cannot_end_says_what_may_be_the_matter() -> None:
    async with running_here() as server, server.async_client() as control:
        made = await control.send(
            tenants.create(
                frozen_at=datetime(2026, 1, 5, tzinfo=UTC), settings={"registration": {"intervalSeconds": 0}}
            )
        )
        tenant = made["tenant"]["id"]
        async with Wire("test", server.url, Path(server.ca_file).read_text()) as wire:
            admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
            await admin.sign_in_with_browser()
            with pytest.raises(ActorError, match="upsim clock run"):
                await PrinterDevice.register(wire, admin, "Lab")

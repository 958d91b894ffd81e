"""A tenant that belongs to one test, with what can be done to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar, Unpack

from upsim.client import (
    Client,
    clock,
    inboxes,
    injections,
    journal,
    limits,
    printing,
    settings,
    simulated_printers,
    states,
    tokens,
)
from upsim.client.ask import Ask, Json

T = TypeVar("T")
SHOWN_CALLS = 40
SHOWN_CHARACTERS = 12_000


class Clock:
    """The tenant's clock."""

    def __init__(self, client: Client, tenant: str) -> None:
        self._client, self._tenant = client, tenant

    def now(self) -> datetime:
        """What it shows."""
        return datetime.fromisoformat(self._client.send(clock.get(self._tenant))["now"])

    def advance(
        self, by: timedelta | None = None, *, to: datetime | None = None, until: str | None = None
    ) -> list[Json]:
        """Move it by a time, to an instant, `until` an event, or to what is due next; what happened, in order."""
        moved = self._client.send(clock.advance(self._tenant, by, to=to, until=until))
        return list(moved["happened"])

    def freeze(self) -> None:
        """Stop it."""
        self._client.send(clock.freeze(self._tenant))

    def run(self, rate: float = 1.0) -> None:
        """Let it run, so many times as fast as real time."""
        self._client.send(clock.run(self._tenant, rate))


class Injections:
    """What shall happen to the calls of the program under test."""

    def __init__(self, client: Client, tenant: str) -> None:
        self._client, self._tenant = client, tenant

    def inject(self, **rule: Unpack[injections.Rule]) -> Json:
        """An injection that stands until it is removed."""
        return self._client.send(injections.inject(self._tenant, **rule))

    @contextmanager
    def injected(self, **rule: Unpack[injections.Rule]) -> Iterator[Json]:
        """An injection that stands as long as the block runs."""
        with injections.injected(self._client, self._tenant, **rule) as made:
            yield made

    def fired(self, injection: str) -> int:
        """How often one that stands happened, by id or name."""
        return int(self._client.send(injections.get(self._tenant, injection))["fired"])

    def remove(self, injection: str) -> None:
        """Remove one, by id or name."""
        self._client.send(injections.remove(self._tenant, injection))

    def remove_all(self) -> None:
        """Remove all; printers that were cut off may speak again."""
        self._client.send(injections.remove_all(self._tenant))


class Journal:
    """What the program under test did."""

    def __init__(self, client: Client, tenant: str) -> None:
        self._client, self._tenant = client, tenant

    def query(self, *, messages: bool = False, **calls: Unpack[journal.Calls]) -> list[Json]:
        """Calls that fit, oldest first."""
        return self._client.send(journal.query(self._tenant, messages=messages, **calls))

    def count(self, **calls: Unpack[journal.Calls]) -> int:
        """How many calls fit."""
        return self._client.send(journal.count(self._tenant, **calls))

    def wait_for(
        self, *, count: int = 1, timeout_seconds: float = 30.0, **calls: Unpack[journal.Calls]
    ) -> list[Json]:
        """Wait (in real time) until so many calls fit, or raise `TimeoutError`."""
        ask = journal.wait_for(self._tenant, count=count, timeout_seconds=timeout_seconds, **calls)
        return self._client.send(ask)

    def expect(self, *expected: journal.Expected, in_order: bool = False, timeout_seconds: float = 0) -> None:
        """An assertion: calls were made as expected. Otherwise the message shows the nearest."""
        ask = journal.expect(self._tenant, *expected, in_order=in_order, timeout_seconds=timeout_seconds)
        self._client.send(ask)

    def transcript(self, **calls: Unpack[journal.Calls]) -> str:
        """The calls that fit, to read."""
        return self._client.send(journal.transcript(self._tenant, **calls))

    def tail(self, calls: int = SHOWN_CALLS, characters: int = SHOWN_CHARACTERS) -> str:
        """The end of the transcript, for a report."""
        last = self._client.send(journal.last(self._tenant))
        text = self.transcript(since=max(0, last - calls))
        return text if len(text) <= characters else "...\n" + text[-characters:]

    def clear(self) -> None:
        """Forget all calls."""
        self._client.send(journal.clear(self._tenant))


class Printer:
    """A printer with a simulated device, which prints on the tenant's clock."""

    def __init__(self, client: Client, tenant: str, made: Json) -> None:
        self._client, self._tenant = client, tenant
        self.id, self.display_name, self.share_id = made["id"], made["displayName"], made["shareId"]

    def jobs(self, state: str | None = None) -> list[Json]:
        """Its jobs, oldest first."""
        return self._client.send(printing.jobs(self._tenant, printer_id=self.id, state=state))

    def state(self) -> Json:
        """How it stands, as whoever runs the server sees it."""
        return self._client.send(printing.printer(self._tenant, self.id))

    def step(self) -> Json:
        """Its device does its next thing now."""
        return self._client.send(states.step_printer(self._tenant, self.id))

    def force(self, state: str, *, reasons: tuple[str, ...] = ()) -> None:
        """Put it into a state, such as `stopped`, and hold it there until it is freed."""
        self._client.send(states.force_printer(self._tenant, self.id, state, reasons=reasons, hold=True))

    def free(self) -> None:
        """What its device reported last holds again."""
        self._client.send(states.free_printer(self._tenant, self.id))

    def behave(self, persona: str | Json) -> None:
        """Another persona: `upsim printer personas` lists them."""
        self._client.send(simulated_printers.switch_on(self._tenant, self.id, persona))


class Inbox:
    """A receiver of change notifications; `url` is what a subscription names."""

    def __init__(self, client: Client, tenant: str, name: str) -> None:
        self._client, self._tenant, self._name = client, tenant, name
        self.url = client.url + inboxes.path(tenant, name)

    def messages(self, *, count: int = 0, seconds: float = 30.0) -> list[Json]:
        """What came, oldest first; waits so many (real) seconds for `count` messages."""
        wait = seconds if count else 0.0
        return self._client.send(inboxes.receive(self._tenant, self._name, count=count, seconds=wait))

    def behave(self, *answers: inboxes.Behaviour) -> None:
        """How it answers the next calls, first to last; none: as a receiver should."""
        self._client.send(inboxes.behave(self._tenant, self._name, *answers))


class Tenant:
    """A tenant of its own. The program under test notices nothing but its id."""

    def __init__(self, url: str, ca_file: str, client: Client, directory: Json) -> None:
        self.url, self.ca_file, self.client, self.directory = url, ca_file, client, directory
        self.id: str = directory["tenant"]["id"]
        self.domain: str = directory["tenant"]["domain"]
        self.clock, self.injections = Clock(client, self.id), Injections(client, self.id)
        self.journal = Journal(client, self.id)

    @property
    def users(self) -> list[Json]:
        """Who may sign in: `userPrincipalName`, `password`, `roles`."""
        return list(self.directory["users"])

    @property
    def applications(self) -> list[Json]:
        """What they may sign in with: `appId`, `displayName`, `secret`."""
        return list(self.directory["applications"])

    @property
    def authority(self) -> str:
        """What sign-in libraries call so."""
        return f"{self.url}/{self.id}"

    def user(self, name: str) -> Json:
        """A user, by user principal name or what stands before its @. Raises KeyError."""
        return _named(self.users, "userPrincipalName", name)

    def application(self, name: str) -> Json:
        """An application, by display name or id. Raises KeyError."""
        return _named(self.applications, "displayName", name)

    def send(self, topic: Any, *arguments: Any, **members: Any) -> Any:
        """Any call of a topic that takes a tenant: `tenant.send(badges.add, "card", "alex@contoso.example")`."""
        ask: Ask[Any] = topic(self.id, *arguments, **members)
        return self.client.send(ask)

    def token(self, **wish: Unpack[tokens.TokenOptions]) -> str:
        """An access token, without signing in."""
        return str(self.client.send(tokens.forge(self.id, **wish))["accessToken"])

    def choose(self, **chosen: Any) -> Json:
        """Choose settings, such as `limits={"scale": 0.02}`; others stay as they are."""
        return self.client.send(settings.change(self.id, chosen))

    def limits(self) -> Json:
        """Each limit and what is left of it."""
        return self.client.send(limits.get(self.id))

    def inbox(self, name: str = "inbox") -> Inbox:
        """A receiver of change notifications."""
        return Inbox(self.client, self.id, name)

    def printer(
        self, name: str = "Simulated", *, share: str | None = None, persona: str | Json = "ideal"
    ) -> Printer:
        """A printer with a simulated device, shared with everybody under its own name unless told otherwise."""
        ask = simulated_printers.create(self.id, name, persona=persona, share=share or name)
        return Printer(self.client, self.id, self.client.send(ask))


def _named(found: list[Json], member: str, name: str) -> Json:
    for each in found:
        if name in {each[member], each[member].partition("@")[0], each.get("appId")}:
            return each
    raise KeyError(f"There is no '{name}'; there are {', '.join(each[member] for each in found)}.")

"""Random people, devices, injections and moves of the clock on a real server, and what always holds.

- A job that ended stays as it ended.
- A document reaches only a printer that the job was sent to or released at, or whose user stands before it.
- What was answered as done is done; what was not answered is done or not, never half.
- Nobody passes a limit, and nobody is refused before one.

A run in CI is short and always the same. `make stateful EXAMPLES=500` plays longer, by a seed that it prints when
something fails.
"""

import asyncio
import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec import Struct, field

from tests.support.ipp import raw
from tests.support.ipp.raw import ENUM, INTEGER, JOB
from tests.support.ipp.raw import attribute as a
from tests.support.stateful import LIMITS, PRINTERS, Office, Reply, Server, running

EXAMPLES = int(os.environ.get("UPSIM_STATEFUL_EXAMPLES", "0"))
"""0: the short run that is always the same."""
ENDED = frozenset({"completed", "canceled", "aborted"})
JOBS_WINDOW, BYTES_WINDOW = 600, 900
UPLOAD_SECONDS = 3600

users = st.sampled_from(["alex", "sam"])
whoever = st.sampled_from(["owner", "another", "nobody"])
"""Who stands before a device."""
shares = st.sampled_from(["First", "Second", "Pull"])
devices = st.sampled_from(PRINTERS)


class Job(Struct):
    """What the test knows of a job. `states`: in which it may be, as its owner sees it at Graph."""

    number: str
    owner: str
    share: str
    made_at: int
    document_id: str
    states: set[str]
    contents: set[bytes] = field(default_factory=set)
    """What its document may be; empty: it has none."""
    is_started: bool = False
    place: str = ""
    """The printer at which it was released or taken."""
    maybe_at: set[str] = field(default_factory=set)
    """Printers that may have taken it: they were not answered."""
    is_taken: bool = False

    @property
    def has_ended(self) -> bool:
        return self.states <= ENDED


class Spent(Struct, frozen=True):
    """Something that counts against a limit; it may not have happened if it was not answered."""

    at: int
    owner: str
    printer: str
    amount: int
    is_sure: bool


class Printing(RuleBasedStateMachine):
    """People print and cancel, devices fetch and report, a tester breaks calls and moves the clock."""

    jobs = Bundle("jobs")
    server: Server

    @initialize(seed=st.integers(0, 1_000_000))
    def open(self, seed: int) -> None:
        self.office = Office(self.server, str(seed))
        self.now = 0
        self.known: dict[str, Job] = {}
        self.made: list[Spent] = []
        self.sent: list[Spent] = []
        self.is_injection_set = self.may_abort = self.has_acted = False
        self.broken_status: int | None = None

    def teardown(self) -> None:
        if not hasattr(self, "office"):
            return
        self._lift()
        self._nothing_is_lost_or_made_of_nothing()
        self.office.close()

    # People

    @rule(target=jobs, user=users, share=shares)
    def create(self, user: str, share: str) -> Any:
        job = self._create(user, share)
        return multiple() if job is None else job

    @rule(target=jobs, user=users, share=shares, sizes=st.lists(st.integers(1, 400), min_size=1, max_size=10))
    def submit_many(self, user: str, share: str, sizes: list[int]) -> Any:
        """Jobs of one user in a row, each to its start."""
        done = []
        for size in sizes:
            job = self._create(user, share)
            if job is not None:
                done.append(job)
                self.upload(job, size, "S")
                self.start(job)
        return multiple(*done)

    def _create(self, user: str, share: str) -> Job | None:
        reply = self.office.graph(user, "POST", self._jobs(share), {"configuration": {}})
        if reply.status == 201:
            self.made.append(Spent(self.now, user, share, 1, is_sure=True))
            document = reply.body["documents"][0]["id"]
            job = Job(reply.body["id"], user, share, self.now, document, {"paused"})
            self.known[job.number] = job
            self._within("jobs-per-user", self._sure(self.made, JOBS_WINDOW, owner=user))
            if share != "Pull":
                self._within("jobs-per-printer", self._sure(self.made, JOBS_WINDOW, printer=share))
                if not self.may_abort:
                    self._within("submissions-per-user", self._submissions(user, share, is_sure=True))
            return job
        if reply.status == 429:
            self._is_told_when(reply)
            assert (
                self._maybe(self.made, JOBS_WINDOW, owner=user) >= LIMITS["jobs-per-user"]
                or (
                    share != "Pull"
                    and self._maybe(self.made, JOBS_WINDOW, printer=share) >= LIMITS["jobs-per-printer"]
                )
                or (share != "Pull" and self._submissions(user, share) >= LIMITS["submissions-per-user"])
            ), reply.body
        else:
            self._is_broken(reply)
            if reply.status == 0:
                self.made.append(Spent(self.now, user, share, 1, is_sure=False))
        return None

    @rule(job=jobs, size=st.integers(1, 1200), letter=st.characters(codec="ascii", categories=["Lu"]))
    def upload(self, job: Job, size: int, letter: str) -> None:
        content = f"%PDF-1.7 {job.number} ".encode() + letter.encode() * size
        properties = {"documentName": "a.pdf", "contentType": "application/pdf", "size": len(content)}
        path = f"{self._path(job)}/documents/{job.document_id}/createUploadSession"
        is_full = self._is_full(job, content)
        is_right = self._takes_documents(job) and not job.contents and not is_full
        session = self.office.graph(job.owner, "POST", path, {"properties": properties})
        if session.status != 200:
            self._is_refused(session, is_right=is_right, is_full=is_full)
            return
        reply = self.office.upload(session.body["uploadUrl"], content)
        if reply.status == 201:
            job.contents = {content}
            self.sent.append(Spent(self.now, job.owner, "", len(content), is_sure=True))
            self._within("bytes-per-user", self._sure(self.sent, BYTES_WINDOW, owner=job.owner))
        else:
            self._is_refused(reply, is_right=is_right, is_full=is_full)
            if reply.status == 0:
                job.contents = job.contents | {content}
                self.sent.append(Spent(self.now, job.owner, "", len(content), is_sure=False))

    @rule(job=jobs)
    def start(self, job: Job) -> None:
        goal = "pending" if job.share == "First" else "paused"
        is_right = self._takes_documents(job) and bool(job.contents)
        reply = self.office.graph(job.owner, "POST", f"{self._path(job)}/start")
        if reply.status == 200:
            assert job.contents
            job.is_started, job.states = True, {goal}
        else:
            self._is_refused(reply, is_right=is_right and len(job.contents) == 1)
            if reply.status == 0:
                job.states = job.states | {goal}
                job.is_started = True

    @rule(job=jobs, user=users)
    def cancel(self, job: Job, user: str) -> None:
        reply = self.office.graph(user, "POST", f"{self._path(job)}/cancel")
        if user != job.owner:
            if reply.status != self.broken_status:
                assert reply.status == 403, reply
        elif reply.status == 204:
            assert not job.has_ended
            job.states = {"canceled"}
        else:
            self._is_refused(reply, is_right=not job.states & ENDED)
            if reply.status == 0:
                job.states = job.states | {"canceled"}

    @rule(job=jobs, whom=whoever, printer=st.sampled_from(["", "Second", "First", "Stranger"]))
    def release(self, job: Job, whom: str, printer: str) -> None:
        user = self._person(job, whom) or job.owner
        reply = self.office.release(job.number, user, printer)
        if reply.status == 200:
            assert user == job.owner
            assert "paused" in job.states
            assert printer in (PRINTERS[:2] if job.share == "Pull" else ("", "Second"))
            job.states, job.place = {"pending"}, printer or "Second"
        else:
            assert reply.status == (409 if user == job.owner else 403), reply

    @rule(job=jobs, user=users)
    def look(self, job: Job, user: str) -> None:
        reply = self.office.graph(user, "GET", self._path(job))
        if reply.status != self.broken_status:
            assert reply.status == (200 if user == job.owner else 403), reply

    # Devices

    @rule(name=devices, user=st.sampled_from(["", "alex", "sam"]))
    def ask(self, name: str, user: str) -> None:
        listed = self.office.fetchable(name, user)
        if listed is not None:
            for number in listed:
                job = self.known.get(str(number))
                assert job is None or self._may_see(name, user, job), (name, user, job)

    @rule(job=jobs, name=devices, whom=whoever)
    def read(self, job: Job, name: str, whom: str) -> None:
        user = self._person(job, whom)
        number = a(INTEGER, "document-number", 1)
        answer = self.office.device(name, raw.FETCH_DOCUMENT, int(job.number), number, user=user)
        if answer is not None and answer.status == raw.OK:
            assert self._may_see(name, user, job), (name, user, job)
            assert answer.document in job.contents

    @rule(job=jobs, name=devices, whom=whoever)
    def acknowledge(self, job: Job, name: str, whom: str) -> None:
        user = self._person(job, whom)
        self._acknowledged(
            job, name, user, self.office.device(name, raw.ACKNOWLEDGE_JOB, int(job.number), user=user)
        )

    @rule(job=jobs, name=devices)
    def print_it(self, job: Job, name: str) -> None:
        """A device does all that it has to do with a job, while its owner stands before it."""
        self.ask(name, job.owner)
        self.read(job, name, "owner")
        self.acknowledge(job, name, "owner")
        self.read(job, name, "nobody")
        self.report(job, name, (9, "completed"))

    @rule(job=jobs)
    def race(self, job: Job) -> None:
        """Two members take the same job for its owner at the same moment."""
        both = PRINTERS[:2]
        calls = [
            self.office.device_call(name, raw.ACKNOWLEDGE_JOB, int(job.number), user=job.owner) for name in both
        ]

        async def together() -> Any:
            return await asyncio.gather(*calls)

        answers = self.office.run(together())
        assert sum(answer is not None and answer.status == raw.OK for answer in answers) <= 1
        for name, answer in sorted(zip(both, answers, strict=True), key=lambda pair: pair[1] is not None):
            self._acknowledged(job, name, job.owner, answer)

    @rule(job=jobs, name=devices, state=st.sampled_from([(5, "processing"), (9, "completed"), (8, "aborted")]))
    def report(self, job: Job, name: str, state: tuple[int, str]) -> None:
        code, seen = state
        told = a(ENUM, "output-device-job-state", code)
        answer = self.office.device(name, raw.UPDATE_JOB_STATUS, int(job.number), JOB, told)
        if answer is not None and answer.status == raw.OK:
            assert name == job.place or name in job.maybe_at
            assert seen in job.states or not job.has_ended
            job.states, job.place, job.is_taken = {seen}, name, True
        elif answer is None and not job.has_ended:
            job.states = job.states | {seen}

    # The tester

    @precondition(lambda self: not self.is_injection_set)
    @rule(
        operation=st.sampled_from(["graph.share.job.*", "graph.upload.*", "ipp.*"]),
        what=st.sampled_from(
            [
                {"answer": {"status": 503}},
                {"connection": "reset"},
                {"truncateAfterBytes": 5},
                {"after": ["job-abort"]},
            ]
        ),
        nth=st.integers(1, 3),
    )
    def break_a_call(self, operation: str, what: dict[str, Any], nth: int) -> None:
        self.office.control("POST", "/injections", {"operation": operation, "nth": nth, **what}, expect=201)
        self.is_injection_set, self.may_abort = True, "after" in what
        if not self.may_abort:
            self.broken_status = 503 if "answer" in what else 0

    @precondition(lambda self: self.is_injection_set)
    @rule()
    def mend(self) -> None:
        self._lift()

    @precondition(lambda self: self.has_acted)
    @rule(seconds=st.sampled_from([1, 60, 599, 900, 4000]))
    def advance(self, seconds: int) -> None:
        self.has_acted = False
        self.office.control("POST", "/clock/advance", {"bySeconds": seconds})
        self.now += seconds
        for job in self.known.values():
            if not job.is_started and self.now - job.made_at >= UPLOAD_SECONDS and not job.has_ended:
                job.states = job.states | {"aborted"}

    # What holds

    @invariant()
    def jobs_are_as_they_were_answered(self) -> None:
        if hasattr(self, "office") and not self.is_injection_set:
            self._look_at([job for job in self.known.values() if not job.has_ended])

    def _look_at(self, jobs: list[Job]) -> None:
        for job in jobs:
            reply = self.office.graph(job.owner, "GET", self._path(job))
            assert reply.status == 200, reply
            state = reply.body["status"]["state"]
            assert state in job.states, (job, reply.body["status"])
            job.states = {state}

    def _nothing_is_lost_or_made_of_nothing(self) -> None:
        self._look_at(list(self.known.values()))
        listed: list[str] = []
        for name in (*PRINTERS, "Pull"):
            path = f"/print/printers/{self.office.printers[name]}/jobs"
            found = self.office.graph("admin", "GET", path)
            listed += [job["id"] for job in found.body["value"]]
        assert self.known.keys() <= set(listed)
        unsure = sum(not each.is_sure for each in self.made)
        assert len(set(listed)) <= len(self.known) + unsure

    def _person(self, job: Job, whom: str) -> str:
        other = "sam" if job.owner == "alex" else "alex"
        return {"owner": job.owner, "another": other, "nobody": ""}[whom]

    def _acknowledged(self, job: Job, name: str, user: str, answer: raw.Answer | None) -> None:
        if answer is not None and answer.status == raw.OK:
            assert not job.is_taken, job
            assert job.is_started
            assert not job.has_ended
            assert self._may_see(name, user, job), (name, user, job)
            job.place, job.is_taken, job.states = name, True, {"pending"}
        elif answer is None and self._may_see(name, user, job) and not job.has_ended:
            job.maybe_at = job.maybe_at | {name}
            job.states = job.states | {"pending"}

    def _may_see(self, name: str, user: str, job: Job) -> bool:
        """Whether a device may have the job's document while this user stands before it."""
        if job.place:
            return name == job.place
        if name in job.maybe_at or job.share == "First":
            return name in {"First", *job.maybe_at}
        return user == job.owner and name in (PRINTERS[:2] if job.share == "Pull" else ("Second",))

    def _takes_documents(self, job: Job) -> bool:
        return not job.is_started and job.states == {"paused"} and self.now - job.made_at < UPLOAD_SECONDS

    def _is_full(self, job: Job, content: bytes) -> bool:
        return self._maybe(self.sent, BYTES_WINDOW, owner=job.owner) + len(content) > LIMITS["bytes-per-user"]

    def _submissions(self, user: str, share: str, *, is_sure: bool = False) -> int:
        """How many of a user's jobs on a printer still wait for their document."""
        going_on = [
            job
            for job in self.known.values()
            if (job.owner, job.share) == (user, share)
            and self.now - job.made_at < UPLOAD_SECONDS
            and (not job.is_started and job.states == {"paused"})
        ]
        unsure = [each for each in self.made if not each.is_sure and (each.owner, each.printer) == (user, share)]
        maybe = [
            job for job in self.known.values() if (job.owner, job.share) == (user, share) and len(job.states) > 1
        ]
        return len(going_on) if is_sure else len(going_on) + len(unsure) + len(maybe)

    def _sure(self, spent: list[Spent], window: int, **whose: str) -> int:
        return self._sum([each for each in spent if each.is_sure], window, **whose)

    def _maybe(self, spent: list[Spent], window: int, **whose: str) -> int:
        return self._sum(spent, window, **whose)

    def _sum(self, spent: list[Spent], window: int, **whose: str) -> int:
        recent = [each for each in spent if each.at > self.now - window]
        mine = [each for each in recent if all(getattr(each, name) == value for name, value in whose.items())]
        return sum(each.amount for each in mine)

    def _within(self, limit: str, used: int) -> None:
        assert used <= LIMITS[limit], f"{limit}: {used}"

    def _is_told_when(self, reply: Reply) -> None:
        assert int(reply.headers["Retry-After"]) >= 1

    def _is_broken(self, reply: Reply) -> None:
        assert self.is_injection_set, reply
        assert reply.status == self.broken_status, reply

    def _is_refused(self, reply: Reply, *, is_right: bool, is_full: bool = False) -> None:
        """A right call fails only by an injection; any other also by the job's state or a limit that is met."""
        if (is_right and not self.may_abort) or reply.status == self.broken_status:
            self._is_broken(reply)
        elif reply.status == 429:
            assert is_full, reply
            self._is_told_when(reply)
        else:
            assert reply.status == 409, reply

    def _lift(self) -> None:
        self.office.control("DELETE", "/injections", expect=204)
        for job in self.known.values():
            if self.may_abort and not job.has_ended:
                job.states = job.states | {"aborted"}
        self.is_injection_set = self.may_abort = False
        self.broken_status = None

    def _jobs(self, share: str) -> str:
        self.has_acted = True
        return f"/print/shares/{self.office.shares[share]}/jobs"

    def _path(self, job: Job) -> str:
        return f"{self._jobs(job.share)}/{job.number}"


def test_whatever_people_devices_injections_and_the_clock_do() -> None:
    with running() as server:

        class Here(Printing):
            pass

        Here.server = server
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=EXAMPLES or 20,
                stateful_step_count=50,
                derandomize=not EXAMPLES,
                database=None,
                deadline=None,
                phases=[Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )

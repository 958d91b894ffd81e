"""Which entries are meant, and how near those came that are not."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec
from msgspec import Struct

from upsim.apis.control.journal.entries import ipp_status
from upsim.server.journal import Entry

Json = dict[str, Any]
NEAREST = 3
"""Entries shown where an expectation was not met."""


class Matcher(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which entries: all that is given must fit. Texts may have `*`, statuses are `429` or `4xx`."""

    operation: str = ""
    """Id of the table of operations, such as `graph.job.start` or `ipp.fetch-*`."""
    method: str = ""
    path: str = ""
    status: str | int = ""
    ipp_status: str = ""
    """Keyword of an IPP answer's status."""
    caller: str = ""
    """User principal name, user id, application id or printer id."""
    printer: str = ""
    job: str = ""
    refused: str = ""
    """Kind or reason of a refusal; `*` for any."""
    injection: str = ""
    """Id or name of an injection that happened; `*` for any."""
    event: str = ""
    """Name of an event that the call caused, such as `job.completed`."""
    early: bool | None = None
    """Whether it came before Retry-After was over."""
    since: int = 0
    """Only entries with a greater number."""

    def accepts(self, entry: Entry) -> bool:
        return entry.number > self.since and not self.differences(entry)

    def differences(self, entry: Entry) -> dict[str, Json]:
        """Return the members of an entry that do not match, each with the wanted and the actual value."""
        found: dict[str, Json] = {}
        for name, wanted, actual in self._facts(entry):
            if not any(fnmatchcase(each.lower(), wanted.lower()) for each in actual):
                found[name] = {"expected": wanted, "actual": ", ".join(actual) or None}
        if self.early is not None and self.early != bool(entry.early_seconds):
            found["early"] = {"expected": self.early, "actual": bool(entry.early_seconds)}
        return found

    def _facts(self, entry: Entry) -> Iterable[tuple[str, str, list[str]]]:
        if self.operation:
            yield "operation", self.operation, [entry.operation_id]
        if self.method:
            yield "method", self.method, [entry.method]
        if self.path:
            yield "path", self.path, [entry.path]
        if self.status != "":
            yield "status", str(self.status).lower().replace("x", "?"), [str(entry.status)]
        if self.ipp_status:
            yield "ippStatus", self.ipp_status, _some(ipp_status(entry))
        if self.caller:
            caller = entry.caller
            names = (caller.user_principal_name, caller.user_id, caller.app_id, caller.printer_id)
            yield "caller", self.caller, _some(*names)
        if self.printer:
            yield "printer", self.printer, sorted(entry.printers)
        if self.job:
            yield "job", self.job, sorted(entry.jobs)
        if self.refused:
            refusal = entry.refusal
            words = (refusal.reason, refusal.kind.name.lower()) if refusal else ()
            yield "refused", self.refused, _some(*words)
        if self.injection:
            yield (
                "injection",
                self.injection,
                _some(*(word for rule in entry.injected for word in (rule.id, rule.name))),
            )
        if self.event:
            yield "event", self.event, [event.name for event in entry.events]


class Expectation(Matcher, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Calls that must have been made. Without a number: at least once."""

    times: Annotated[int, msgspec.Meta(ge=0)] | None = None
    at_least: Annotated[int, msgspec.Meta(ge=0)] | None = None
    at_most: Annotated[int, msgspec.Meta(ge=0)] | None = None

    def is_met_by(self, number: int) -> bool:
        if self.times is not None:
            return number == self.times
        least = self.at_least if self.at_least is not None else (1 if self.at_most is None else 0)
        return number >= least and (self.at_most is None or number <= self.at_most)


class Finding(Struct, frozen=True, kw_only=True):
    """How an expectation stands: the entries that fit it, and if it is not met the nearest others."""

    expectation: Expectation
    is_met: bool
    matched: list[Entry]
    nearest: list[tuple[Entry, dict[str, Json]]]


def verify(entries: Iterable[Entry], expected: Iterable[Expectation], *, in_order: bool) -> list[Finding]:
    """Hold the journal against what is expected.

    In order: the calls of each expectation are looked for behind the last one of the expectation before.
    """
    journal, after, findings = list(entries), 0, []
    for expectation in expected:
        matched = [entry for entry in journal if expectation.accepts(entry) and entry.number > after]
        if in_order and expectation.times is None:
            needed = expectation.at_least if expectation.at_least is not None else 1
            is_met = expectation.is_met_by(len(matched))
            last = matched[needed - 1 : needed]
        else:
            is_met = expectation.is_met_by(len(matched))
            last = matched[-1:]
        if in_order and last:
            after = last[0].number
        nearest = [] if is_met else _nearest(expectation, [each for each in journal if each not in matched])
        findings.append(Finding(expectation=expectation, is_met=is_met, matched=matched, nearest=nearest))
    return findings


def _nearest(expectation: Expectation, others: list[Entry]) -> list[tuple[Entry, dict[str, Json]]]:
    rated = [(entry, expectation.differences(entry)) for entry in others]

    def distance(item: tuple[Entry, dict[str, Json]]) -> tuple[int, float, int]:
        entry, differs = item
        likeness = SequenceMatcher(None, expectation.operation, entry.operation_id).ratio()
        return len(differs), -likeness, -entry.number

    return sorted(rated, key=distance)[:NEAREST]


def _some(*words: str | None) -> list[str]:
    return [word for word in words if word]

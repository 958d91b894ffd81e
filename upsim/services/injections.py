"""Injections as verbs: inject and remove them, count the calls that they meet, have their effects.

Rules are part of the tenant, so they cost a call nothing while there are none. Counts are entities of the tenant:
exact whoever else calls, on whichever node. `inject`, `remove` and their like run under `SYSTEM`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from difflib import get_close_matches

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.document import DownloadLink, UploadSession
from upsim.domain.events import Event
from upsim.domain.injection import (
    INJECTIONS_MAX,
    WEBHOOK,
    Effect,
    Imposed,
    Injection,
    InjectionCount,
    Subject,
)
from upsim.domain.job import Job
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.printer_share import PrinterShare
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.services import device_certificates
from upsim.services.jobs import lifecycle
from upsim.services.ports import SYSTEM, Store, Transaction

OFFLINE_REASON = "timed-out"
"""RFC 8011 section 5.4.12: the server was unable to get a response from the output device."""


async def inject(store: Store, tenant: Tenant, wanted: Injection) -> Injection:
    """Put a rule on a tenant. What it leaves open, its id and the seed of its chances, is chosen and told."""
    check(wanted)
    now = await store.now(tenant.id)
    identifier, number = await store.write(tenant.id, lambda tx: (tx.new_id(), tx.next_number("injection")))
    rule = completed(wanted, identifier, number, now)

    def put(tx: Transaction) -> None:
        kept = [each for each in _tenant(tx, tenant.id).imposed.injections if not each.is_over(now)]
        if any(each.id == rule.id for each in kept):
            raise Refusal(
                RefusalKind.ALREADY_EXISTS,
                f"There is an injection '{rule.id}' already.",
                reason="injection-exists",
            )
        if len(kept) >= INJECTIONS_MAX:
            raise Refusal(
                RefusalKind.NOT_POSSIBLE,
                f"The tenant has {INJECTIONS_MAX} injections already; remove some.",
                reason="injections-many",
            )
        _put(tx, tenant.id, injections=(*kept, rule))

    await store.write(SYSTEM, put)
    return rule


def completed(wanted: Injection, identifier: str, number: int, now: datetime) -> Injection:
    """A rule with all that it leaves open."""
    return replace(
        wanted,
        id=wanted.id or identifier,
        seed=number if wanted.probability is not None and wanted.seed is None else wanted.seed,
        expires_at=now + timedelta(seconds=wanted.seconds) if wanted.seconds else wanted.expires_at,
    )


def check_operation(rule: Injection, operation_ids: Collection[str]) -> None:
    """Refuse a rule for an operation that there is not: it would never be met, and a test would wait in vain."""
    if any(rule.names(identifier) for identifier in (WEBHOOK, *operation_ids)):
        return
    close = get_close_matches(rule.operation, (WEBHOOK, *operation_ids), n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise Refusal(
        RefusalKind.INVALID,
        f"No operation is called '{rule.operation}'; /_upsim/operations lists them.{hint}",
        reason="operation-unknown",
        named=rule.operation,
    )


def remove(tx: Transaction, tenant_id: str, injection_id: str) -> None:
    """Take one rule away."""
    rules = _tenant(tx, tenant_id).imposed.injections
    kept = tuple(rule for rule in rules if injection_id not in {rule.id, rule.name})
    if kept == rules:
        raise NotFound("injection", injection_id)
    _put(tx, tenant_id, injections=kept)


async def remove_all(store: Store, tenant: Tenant) -> None:
    """Take all rules away, and let every printer speak again."""
    await store.write(SYSTEM, lambda tx: tx.put(replace(_tenant(tx, tenant.id), imposed=Imposed())))
    for printer_id in tenant.imposed.offline_printers:
        online = Subject(printer_id=printer_id)
        await store.write(tenant.id, lambda tx, online=online: _have(tx, "printer-online", online))  # type: ignore[misc]


def standing(tenant: Tenant, injection_id: str) -> Injection:
    """A rule of the tenant, by id or name."""
    for rule in tenant.imposed.injections:
        if injection_id in {rule.id, rule.name}:
            return rule
    raise NotFound("injection", injection_id)


def counts(tx: Transaction, injections: Collection[Injection]) -> dict[str, InjectionCount]:
    """How often each rule met a call and happened."""
    return {rule.id: tx.get(InjectionCount, rule.id) or InjectionCount(id=rule.id) for rule in injections}


def meet(
    tx: Transaction, candidates: Collection[Injection], caller: Caller, named: dict[str, str]
) -> tuple[list[Injection], Subject]:
    """Those of the rules that happen to this call, which is counted, and what the call is about."""
    subject = _subject(tx, caller, named)
    return [rule for rule in candidates if rule.meets(subject) and _fires(tx, rule)], subject


def meet_delivery(tx: Transaction, printer_id: str = "", job_id: str = "", app_id: str = "") -> list[Injection]:
    """The rules that happen to one delivery of a change notification; each is counted."""
    subject = Subject(printer_id=printer_id, job_id=job_id, app_id=app_id.lower())
    return [
        rule
        for rule in tx.tenant.imposed.injections
        if rule.names("webhook.deliver") and not rule.is_over(tx.now) and rule.meets(subject) and _fires(tx, rule)
    ]


async def have_effects(store: Store, tenant_id: str, effects: Collection[Effect], subject: Subject) -> list[Event]:
    """Do to printer and job of the subject what the effects say, in their order."""
    told: list[Event] = []
    for effect in effects:
        if effect in {"printer-offline", "printer-online"}:
            await _switch(store, tenant_id, subject.printer_id, is_offline=effect == "printer-offline")
        told += await store.write(tenant_id, lambda tx, effect=effect: _have(tx, effect, subject))  # type: ignore[misc]
    return told


async def _switch(store: Store, tenant_id: str, printer_id: str, *, is_offline: bool) -> None:
    await store.write(SYSTEM, lambda tx: set_offline(tx, tenant_id, printer_id, is_offline=is_offline))


def set_offline(tx: Transaction, tenant_id: str, printer_id: str, *, is_offline: bool) -> None:
    """Cut a printer's device off, or let it speak again."""
    others = [each for each in _tenant(tx, tenant_id).imposed.offline_printers if each != printer_id]
    _put(tx, tenant_id, offline_printers=(*others, printer_id) if is_offline else tuple(others))


def _have(tx: Transaction, effect: Effect, subject: Subject) -> list[Event]:
    printer, job = tx.get(Printer, subject.printer_id), tx.get(Job, subject.job_id)
    if effect == "job-abort" and job is not None and not job.state.is_terminal:
        lifecycle.abort(tx, job, state_message="Aborted by an injection of a test.")
    elif effect == "job-cancel" and job is not None and not job.state.is_terminal:
        lifecycle.cancel(tx, job)
    elif effect == "certificate-revoke" and printer is not None and printer.certificate is not None:
        device_certificates.revoke(tx, printer.id)
    elif effect in {"printer-offline", "printer-online"} and printer is not None:
        _show_offline(tx, printer, is_offline=effect == "printer-offline")
    return list(tx.emitted)


def _show_offline(tx: Transaction, printer: Printer, *, is_offline: bool) -> None:
    """What users see of a printer that nothing is heard of."""
    others = tuple(reason for reason in printer.state_reasons if reason != OFFLINE_REASON)
    state = PrinterState.STOPPED if is_offline else PrinterState.IDLE
    reasons = (*others, OFFLINE_REASON) if is_offline else others
    tx.put(replace(printer, state=state, state_reasons=reasons).stamped(printer, tx.now))
    tx.emit(Event(name="printer.state-changed", subject=printer.id, facts={"state": state}))


def _fires(tx: Transaction, rule: Injection) -> bool:
    count = tx.get(InjectionCount, rule.id) or InjectionCount(id=rule.id)
    count = replace(count, met=count.met + 1)
    fires = rule.chooses(count.met) and (rule.times is None or count.fired < rule.times)
    tx.put(replace(count, fired=count.fired + fires))
    return fires


def _subject(tx: Transaction, caller: Caller, named: dict[str, str]) -> Subject:
    """What a call is about: `named` are ids by the names that path parameters have."""
    job_id = named.get("job", "")
    if session := named.get("session"):
        upload = tx.get(UploadSession, session)
        job_id = upload.job_id if upload else ""
    if link_id := named.get("link"):
        link = tx.get(DownloadLink, link_id)
        job_id = link.job_id if link else ""
    printer_id = (named.get("printer") or named.get("share") or "").lower()
    if share := tx.get(PrinterShare, printer_id):
        printer_id = share.printer_id
    if not printer_id and job_id and (job := tx.get(Job, job_id)):
        printer_id = job.printer_id
    return Subject(
        printer_id=printer_id or caller.printer_id,
        job_id=job_id,
        user_names=frozenset({caller.user_id.lower(), caller.user_principal_name.lower()}) - {""},
        app_id=(named.get("application") or caller.app_id).lower(),
    )


def check(rule: Injection) -> None:
    """Refuse a rule that does nothing."""
    does = (
        rule.answer,
        rule.expire_token or None,
        rule.delay_seconds or None,
        rule.connection,
        rule.truncate_after_bytes,
        rule.bytes_per_second,
        rule.webhook,
        rule.before or None,
        rule.after or None,
    )
    if all(each is None for each in does):
        raise Refusal(
            RefusalKind.INVALID,
            "The injection does nothing. Give answer, expireToken, delaySeconds, connection, truncateAfterBytes, "
            "bytesPerSecond, webhook, before or after.",
            reason="injection-empty",
        )


def _tenant(tx: Transaction, tenant_id: str) -> Tenant:
    tenant = tx.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("tenant", tenant_id)
    return tenant


def _put(tx: Transaction, tenant_id: str, **changes: object) -> None:
    tenant = _tenant(tx, tenant_id)
    tx.put(replace(tenant, imposed=replace(tenant.imposed, **changes)))

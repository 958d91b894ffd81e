"""Change notifications: subscriptions, their handshake, what is told, and receivers that misbehave."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.graph.receiver import Receiver
from tests.support.graph.subscriptions import SUBSCRIPTIONS, a_started_job, for_jobs, later, settle
from tests.support.graph.tasks import a_definition, a_trigger
from tests.support.graph.world import APP, OTHER_APP, TENANT, Person, World
from upsim.domain.change_subscription import ChangeDelivery, ChangeNotice, ChangeSubscription
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.tenant import TenantSettings
from upsim.services import deliveries, tenants
from upsim.services.ports import SYSTEM, Transaction


async def for_tasks(world: World, definition_id: str, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    resource = f"/print/taskdefinitions/{definition_id}/tasks"  # as Microsoft's sample spells it
    wish = await for_jobs(world, Printer(**_NO_PRINTER), receiver, changeType="created", resource=resource)
    del wish["notificationQueryOptions"]
    return {**wish, **changes}


def _freeze(tx: Transaction) -> None:
    tenants.set_clock(tx, TENANT, is_frozen=True)


_NO_PRINTER: dict[str, Any] = {
    "id": "none",
    "display_name": "",
    "manufacturer": "",
    "model": "",
    "registered_at": datetime(2026, 1, 1, tzinfo=UTC),
}


async def move(world: World, **duration: float) -> list[str]:
    to = await world.site.store.now(TENANT) + timedelta(**duration)
    return [item.what for item in (await world.site.worker.advance(TENANT, to=to)).happened]


async def log(world: World, **named: Any) -> list[Any]:
    return await world.site.store.read(TENANT, lambda tx: deliveries.log_of(tx, **named))


async def left(world: World, kind: Any) -> int:
    return len(await world.site.store.read(TENANT, lambda tx: tx.find(Query(entity=kind))))


# Making them


async def test_a_subscription_is_made_after_a_handshake(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    wish = await for_jobs(
        world, printer, receiver, notificationUrl=f"{receiver.url}?code=1%2F2", applicationId="somebody else"
    )
    made = await app.post(SUBSCRIPTIONS, wish)
    assert made.status == 201, made.body
    body = made.json
    assert body["@odata.context"] == f"{world.url}/v1.0/$metadata#subscriptions/$entity"
    assert {name: body[name] for name in ("resource", "changeType", "clientState", "applicationId")} == {
        "resource": wish["resource"],
        "changeType": "updated",
        "clientState": "s3cret",
        "applicationId": APP,
    }
    assert (body["latestSupportedTlsVersion"], body["lifecycleNotificationUrl"]) == ("v1_2", None)
    (handshake,) = receiver.handshakes
    assert handshake.startswith("/hook?code=1")
    assert "&validationToken=" in handshake
    assert (await app.get(f"{SUBSCRIPTIONS}/{body['id']}")).json["id"] == body["id"]
    assert [item["id"] for item in (await app.get(SUBSCRIPTIONS)).json["value"]] == [body["id"]]
    (attempt,) = await log(world)
    assert (attempt.purpose, attempt.outcome, attempt.status) == ("validation", "delivered", 200)


async def test_it_is_of_its_application_alone(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    made = (await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))).json
    other = world.app(app_id=OTHER_APP)
    path = f"{SUBSCRIPTIONS}/{made['id']}"
    assert (await other.get(SUBSCRIPTIONS)).json["value"] == []
    renewal = {"expirationDateTime": await later(world, hours=1)}
    for answer in (await other.get(path), await other.patch(path, renewal), await other.delete(path)):
        assert answer.status == 404
    assert (await app.delete(path)).status == 204
    assert (await app.get(path)).status == 404


async def test_4230_minutes_are_the_most_and_may_be_asked_for(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    await world.site.store.write(SYSTEM, _freeze)
    longest, beyond_limit = await later(world, minutes=4230), await later(world, minutes=4231)
    before = await world.rows()
    never = await app.post(
        SUBSCRIPTIONS, await for_jobs(world, printer, receiver, expirationDateTime=beyond_limit)
    )
    assert (never.status, "4230 minutes" in never.message) == (400, True)
    assert await world.rows() == before
    assert receiver.handshakes == []
    made = await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver, expirationDateTime=longest))
    assert made.status == 201, made.body
    path = f"{SUBSCRIPTIONS}/{made.json['id']}"
    renewed = await app.patch(path, {"id": made.json["id"], "expirationDateTime": await later(world, hours=2)})
    assert renewed.status == 200
    assert renewed.json["expirationDateTime"].startswith((await later(world, hours=2))[:19])
    before = await world.rows()
    beyond = await app.patch(path, {"expirationDateTime": await later(world, minutes=4231)})
    assert (beyond.status, beyond.json["error"]["target"]) == (400, "expirationDateTime")
    assert "4230 minutes" in beyond.message
    assert await world.rows() == before
    assert (await app.patch(path, {"expirationDateTime": await later(world, minutes=-1)})).status == 400
    assert (await app.patch(path, {"clientState": "x"})).status == 400
    assert await move(world, hours=1, minutes=59) == []
    assert "expired" in await move(world, minutes=2)
    assert await left(world, ChangeSubscription) == 0


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"resource": "print/printers/{printer}/jobs?$filter=isFetchable eq true"}, "resource"),
        ({"resource": "users"}, "resource"),
        ({"resource": "print/printers"}, "resource"),
        ({"changeType": "created"}, "changeType"),
        ({"changeType": "updated,deleted"}, "changeType"),
        ({"notificationQueryOptions": None}, "notificationQueryOptions"),
        ({"notificationQueryOptions": "$filter = isFetchable eq false"}, "notificationQueryOptions"),
        ({"expirationDateTime": "2020-01-01T00:00:00Z"}, "expirationDateTime"),
        ({"expirationDateTime": "2099-01-01T00:00:00Z"}, "expirationDateTime"),
        ({"expirationDateTime": "tomorrow"}, "expirationDateTime"),
        ({"expirationDateTime": "2026-01-01"}, "expirationDateTime"),
        ({"clientState": "x" * 129}, "clientState"),
        ({"latestSupportedTlsVersion": "v2_0"}, "latestSupportedTlsVersion"),
        ({"includeResourceData": True}, "includeResourceData"),
        ({"notificationUrl": "not a url"}, "notificationUrl"),
        ({"notificationUrl": "ftp://127.0.0.1/"}, "notificationUrl"),
        ({"notificationUrl": "http://[::1"}, "notificationUrl"),
        ({"notificationUrl": "https://hook.example/"}, "notificationUrl"),
        ({"notificationUrl": "https://graph.microsoft.com/"}, "notificationUrl"),
        ({"notificationUrl": "http://169.254.169.254/latest"}, "notificationUrl"),
        ({"lifecycleNotificationUrl": "http://localhost:1/other"}, "lifecycleNotificationUrl"),
        ({"notificationUrl": None}, "notificationUrl"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_wish_is_refused_and_nobody_is_called(
    world: World, app: Person, printer: Printer, receiver: Receiver, changes: dict[str, Any], target: str
) -> None:
    wish = await for_jobs(world, printer, receiver, **changes)
    wish["resource"] = wish["resource"].replace("{printer}", printer.id)
    before = await world.rows()
    refusal = await app.post(SUBSCRIPTIONS, wish)
    assert (refusal.status, refusal.json["error"].get("target")) == (400, target), refusal.body
    assert await world.rows() == before
    assert receiver.handshakes == []


async def test_only_applications_with_the_permission_of_the_resource(
    world: World, admin: Person, app: Person, printer: Printer, receiver: Receiver
) -> None:
    wish = await for_jobs(world, printer, receiver)
    assert (await admin.post(SUBSCRIPTIONS, wish)).status == 403
    assert (await world.app("PrintTaskDefinition.ReadWrite.All").post(SUBSCRIPTIONS, wish)).status == 403
    definition = await a_definition(app)
    tasks = await for_tasks(world, definition["id"], receiver)
    assert (await world.app("Printer.Read.All").post(SUBSCRIPTIONS, tasks)).status == 403
    assert (await world.app(app_id=OTHER_APP).post(SUBSCRIPTIONS, tasks)).status == 404
    wish["resource"] = "print/printers/5b0d7c1e-0000-4000-8000-0000000000ff/jobs"
    assert (await app.post(SUBSCRIPTIONS, wish)).status == 404


async def test_a_print_queue_has_one_subscription(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    wish = await for_jobs(world, printer, receiver)
    assert (await app.post(SUBSCRIPTIONS, wish)).status == 201
    assert (await app.post(SUBSCRIPTIONS, wish)).status == 409
    await world.settings(webhooks={"printer_subscriptions_max": 2})
    assert (await app.post(SUBSCRIPTIONS, wish)).status == 201


async def test_a_lifecycle_url_is_validated_too(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    wish = await for_jobs(world, printer, receiver, lifecycleNotificationUrl=f"{receiver.url}/lifecycle")
    made = await app.post(SUBSCRIPTIONS, wish)
    assert made.json["lifecycleNotificationUrl"] == wish["lifecycleNotificationUrl"]
    assert [path.partition("?")[0] for path in receiver.handshakes] == ["/hook", "/hook/lifecycle"]


async def test_a_receiver_that_fails_the_handshake_gets_no_subscription(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    wish = await for_jobs(world, printer, receiver)

    async def said() -> str:
        refusal = await app.post(SUBSCRIPTIONS, wish)
        assert (refusal.status, refusal.code) == (400, "ValidationError")
        return refusal.message

    receiver.token = "another"
    assert "not the validation token" in await said()
    receiver.token, receiver.content_type = None, "text/html"
    assert "200 text/html" in await said()
    receiver.is_slow = True
    await world.settings(webhooks={"validation_seconds": 0.3})
    assert "within 0.3 s" in await said()
    wish["notificationUrl"] = "http://127.0.0.1:9/hook"
    assert "Subscription validation request failed" in await said()
    assert [attempt.outcome for attempt in await log(world, purpose="validation")] == [
        "wrong-token",
        "wrong-token",
        "timeout",
        "unreachable",
    ]
    assert await left(world, ChangeSubscription) == 0


async def test_plain_http_is_refused_where_a_tenant_wants_it_as_the_service_does(
    world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    await world.settings(webhooks={"http": "refuse"})
    refusal = await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))
    assert (refusal.status, refusal.json["error"]["target"]) == (400, "notificationUrl")


# What is told


async def test_an_application_is_told_of_a_held_job_and_finds_it(
    world: World,
    app: Person,
    admin: Person,
    ada: Person,
    printer: Printer,
    share: PrinterShare,
    receiver: Receiver,
) -> None:
    definition = await a_definition(app)
    await a_trigger(admin, printer, definition["id"])
    made = (await app.post(SUBSCRIPTIONS, await for_tasks(world, definition["id"], receiver))).json
    job_id = await a_started_job(ada, share)
    assert await settle(world) == ["delivered"]
    (told,) = receiver.told
    assert (told["subscriptionId"], told["tenantId"], told["clientState"], told["changeType"]) == (
        made["id"],
        TENANT,
        "s3cret",
        "created",
    )
    assert told["subscriptionExpirationDateTime"] == made["expirationDateTime"]
    data = told["resourceData"]
    assert data["@odata.type"] == "#Microsoft.Graph.PrintTask"
    assert data["@odata.id"] == told["resource"]
    assert data["parentUrl"] == f"{world.url}/v1.0/print/printers/{printer.id}/jobs/{job_id}"
    assert (await app.get(f"/v1.0/{told['resource']}")).json["id"] == data["id"]
    assert (await app.get(data["parentUrl"])).json["id"] == job_id
    assert await left(world, ChangeNotice) == await left(world, ChangeDelivery) == 0


async def test_a_fetchable_job_is_told_of_once(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))
    job_id = await a_started_job(ada, share)
    await settle(world)
    await settle(world)
    (told,) = receiver.told
    assert told["resource"] == f"print/printers/{printer.id}/jobs/{job_id}"
    assert told["resourceData"]["@odata.type"] == "#Microsoft.Graph.PrintJob"


async def test_what_waits_together_is_told_together(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    await world.settings(webhooks={"batch_max": 2})
    await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))
    ids = [await a_started_job(ada, share) for _ in range(3)]
    await settle(world)
    assert [len(message["value"]) for message in receiver.messages] == [2, 1]
    assert [item["resourceData"]["id"] for item in receiver.told] == ids


# Receivers that misbehave


async def test_a_receiver_that_is_down_is_tried_again_on_the_tenants_clock(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))
    await world.site.store.write(SYSTEM, _freeze)
    first = await a_started_job(ada, share)
    receiver.status = 503
    assert await settle(world) == ["refused"]
    assert await settle(world) == []  # not before its time
    second = await a_started_job(ada, share)
    assert await move(world, seconds=11) == ["refused"]
    receiver.status = 202
    assert await move(world, seconds=21) == ["delivered"]
    assert [item["resourceData"]["id"] for item in receiver.messages[-1]["value"]] == [first, second]
    attempts = await log(world, purpose="notification")
    assert [(attempt.outcome, attempt.failures) for attempt in attempts] == [
        ("refused", 0),
        ("refused", 1),
        ("delivered", 2),
    ]
    pauses = [(attempt.retry_at - attempt.at).total_seconds() for attempt in attempts[:2]]
    assert pauses == [10, 20]


async def test_a_receiver_that_stays_down_is_given_up_in_the_end(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))
    await world.site.store.write(SYSTEM, _freeze)
    await a_started_job(ada, share)
    receiver.status = 500
    await settle(world)
    what = await move(world, hours=5)
    assert what[-1] == "dropped"
    assert set(what[:-1]) <= {"refused", "forgotten"}  # the upload session of the job
    assert (await log(world))[-1].dropped == 1
    tried = len(receiver.messages)
    assert await move(world, hours=5) == []
    assert len(receiver.messages) == tried
    receiver.status = 202
    job_id = await a_started_job(world.user(exp=2**33), share)
    assert await settle(world) == ["delivered"]
    assert receiver.told[-1]["resourceData"]["id"] == job_id


async def test_a_slow_receiver_is_not_waited_for_and_keeps_nobody_waiting(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    await world.settings(webhooks={"timeout_seconds": 0.3})
    await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))
    await world.site.store.write(SYSTEM, _freeze)
    receiver.is_slow = True
    await a_started_job(ada, share)
    assert await settle(world) == ["timeout"]
    receiver.is_slow = False
    receiver.release.set()
    tenant = await world.site.store.read(SYSTEM, lambda tx: tenants.named(tx, TENANT))
    patient = replace(tenant, settings=TenantSettings())
    await world.site.store.write(SYSTEM, lambda tx: tx.put(patient))
    assert await move(world, seconds=10) == ["delivered"]


async def test_a_deleted_subscription_is_told_nothing_more(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    made = (await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))).json
    await a_started_job(ada, share)
    await app.delete(f"{SUBSCRIPTIONS}/{made['id']}")
    await settle(world)
    assert receiver.messages == []
    assert await left(world, ChangeNotice) == await left(world, ChangeDelivery) == 0


async def test_injections_may_lose_repeat_and_reorder_what_is_sent(
    world: World, app: Person, ada: Person, printer: Printer, share: PrinterShare, receiver: Receiver
) -> None:
    await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))

    async def interfere(tenant_id: str, subscription: ChangeSubscription, notices: Any) -> Any:
        return plans.pop(0)(list(notices))

    world.site.courier.interfere = interfere
    plans: list[Any] = [lambda _: [], lambda notices: [notices, notices], lambda notices: [notices[::-1]]]
    await a_started_job(ada, share)
    await settle(world)
    assert receiver.told == []
    again = await a_started_job(ada, share)
    await settle(world)
    assert [item["resourceData"]["id"] for item in receiver.told] == [again, again]
    ids = [await a_started_job(ada, share) for _ in range(2)]
    await settle(world)
    assert [item["resourceData"]["id"] for item in receiver.told[2:]] == ids[::-1]

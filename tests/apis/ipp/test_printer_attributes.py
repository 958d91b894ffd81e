"""Get-Printer-Attributes: whose word counts, and what is sent of it."""

import gc
from datetime import timedelta

import pytest
from aiohttp import web
from msgspec.structs import replace

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import BOOLEAN, KEYWORD, MIME, PRINTER, URI, Answer
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, SHARE, START, TENANT, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.table import TABLE
from upsim.domain.attributes import KEYWORD as KEYWORD_TAG
from upsim.domain.attributes import one
from upsim.domain.printer import PrinterLocation
from upsim.services import tenants
from upsim.services.ports import SYSTEM
from upsim.wire.ipp.values import DateTime


async def ask(ipp: IppSite, *requested: str, who: bytes = b"", token: str = "") -> Answer:
    parts = [who or raw.of_device(PRINTER_ID)]
    if requested:
        parts.append(a(KEYWORD, "requested-attributes", *requested))
    answer = await ipp.ask(raw.request(raw.GET_PRINTER_ATTRIBUTES, *parts), token or await ipp.device_token())
    assert answer.status == raw.OK
    return answer


async def test_operations_supported_is_the_table(ipp: IppSite) -> None:
    answer = await ask(ipp)
    assert answer.values(PRINTER, "operations-supported") == sorted(row.code for row in TABLE if row.code)


async def test_the_services_word_counts_for_the_way_to_the_printer(ipp: IppSite) -> None:
    lies = {
        "printer-uri-supported": one(0x45, "ipp://10.0.0.1/ipp/print"),
        "ipp-versions-supported": one(0x44, "9"),
    }
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES | lies)
    answer = await ask(ipp)
    uri = f"ipps://{ipp.https[8:]}/printers/{PRINTER_ID}"
    assert answer.values(PRINTER, "printer-uri-supported") == [uri, uri]
    assert answer.values(PRINTER, "uri-security-supported") == ["tls", "tls"]
    assert "9" not in answer.values(PRINTER, "ipp-versions-supported")
    assert answer.values(PRINTER, "sides-supported")[0] == "one-sided"


async def test_an_administrators_default_wins(ipp: IppSite) -> None:
    chosen = {"sides-default": one(KEYWORD_TAG, "two-sided-long-edge")}
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES, defaults=chosen)
    assert (await ask(ipp)).value(PRINTER, "sides-default") == "two-sided-long-edge"


async def test_media_collections_follow_from_media_names(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    answer = await ask(ipp, "all", "media-col-database")
    group = answer.group(PRINTER)
    assert "media-col-default" in group
    assert "media-col-database" in group
    assert "media-col-database" not in (await ask(ipp)).group(PRINTER)


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        (["printer-name"], {"printer-name"}),
        (["no-such-attribute"], set()),
        (["sides-default", "printer-state"], {"sides-default", "printer-state"}),
    ],
)
async def test_named_attributes(ipp: IppSite, requested: list[str], expected: set[str]) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    assert set((await ask(ipp, *requested)).group(PRINTER)) == expected


async def test_groups_divide_what_there_is(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    everything = set((await ask(ipp)).group(PRINTER))
    template = set((await ask(ipp, "job-template")).group(PRINTER))
    description = set((await ask(ipp, "printer-description")).group(PRINTER))
    assert {"sides-default", "media-supported", "copies-supported"} <= template
    assert {"printer-name", "document-format-supported", "operations-supported"} <= description
    assert (template | description, template & description) == (everything, set())


async def test_what_the_service_itself_answers_of_ipp_everywhere(ipp: IppSite) -> None:
    place = PrinterLocation(
        latitude=47.64, longitude=-122.13, organization=("Contoso", "Sales"), subunit=("East",)
    )
    await ipp.a_printer(attributes=office_printer.EVERYWHERE, location=place)
    answer = await ask(ipp)
    features = answer.values(PRINTER, "ipp-features-supported")
    assert features == ["ipp-everywhere", "infrastructure-printer", "subscription-object"]
    assert {"copies", "job-name", "sides"} <= set(answer.values(PRINTER, "job-settable-attributes-supported"))
    assert {"printer-info", "sides-default"} <= set(
        answer.values(PRINTER, "printer-settable-attributes-supported")
    )
    assert answer.values(PRINTER, "identify-actions-supported") == ["display", "flash", "sound", "speak"]
    assert answer.value(PRINTER, "printer-geo-location") == "geo:47.64,-122.13"
    assert answer.values(PRINTER, "printer-organization") == ["Contoso", "Sales"]
    assert answer.values(PRINTER, "printer-organizational-unit") == ["East"]
    assert answer.group(PRINTER)["job-ids-supported"] == (BOOLEAN, [b"\1"])


async def test_a_printer_without_a_place_is_somewhere_unknown(ipp: IppSite) -> None:
    assert (await ask(ipp)).group(PRINTER)["printer-geo-location"] == (0x12, [b""])


async def test_when_state_and_configuration_last_changed(ipp: IppSite) -> None:
    """Each by its own changes; neither by being heard of, nor by a report that changes nothing."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    names = [f"printer-{what}-change-{unit}" for what in ("state", "config") for unit in ("time", "date-time")]

    async def times() -> list[object]:
        answer = await ask(ipp, *names)
        return [answer.value(PRINTER, name) for name in names]

    async def at(minutes: int, told: bytes) -> None:
        moment = START + timedelta(minutes=minutes)
        await ipp.site.store.write(SYSTEM, lambda tx: tenants.move_clock(tx, TENANT, moment))
        body = raw.request(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, raw.of_device(PRINTER_ID), PRINTER, told)
        assert (await ipp.ask(body, await ipp.device_token())).status == raw.OK

    registered = DateTime.from_datetime(START).octets
    assert await times() == [1, registered, 1, registered]
    await at(1, a(raw.ENUM, "printer-state", 5))
    stopped = DateTime.from_datetime(START + timedelta(minutes=1)).octets
    assert await times() == [61, stopped, 1, registered]
    await at(2, a(KEYWORD, "sides-supported", "one-sided"))
    changed = DateTime.from_datetime(START + timedelta(minutes=2)).octets
    assert await times() == [61, stopped, 121, changed]
    await at(3, a(KEYWORD, "sides-supported", "one-sided"))
    assert await times() == [61, stopped, 121, changed]


async def test_a_format_that_the_printer_does_not_take(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    for document_format, status in (("application/pdf", raw.OK), ("text/html", raw.FORMAT_NOT_SUPPORTED)):
        asked = a(MIME, "document-format", document_format)
        body = raw.request(raw.GET_PRINTER_ATTRIBUTES, raw.of_device(PRINTER_ID), asked)
        assert (await ipp.ask(body, await ipp.device_token())).status == status


async def test_a_user_sees_the_share(ipp: IppSite) -> None:
    await ipp.a_share()
    uri = f"ipps://anything/printers/{SHARE}"
    answer = await ask(ipp, who=a(URI, "printer-uri", uri), token=await ipp.user_token(ADA))
    assert answer.value(PRINTER, "printer-name") == "Floor"
    assert answer.value(PRINTER, "printer-uuid") == f"urn:uuid:{SHARE}"


async def test_a_printer_that_said_nothing_yet(ipp: IppSite) -> None:
    answer = await ask(ipp)
    assert answer.value(PRINTER, "printer-state") == 3
    assert answer.values(PRINTER, "printer-state-reasons") == ["none"]
    assert answer.values(PRINTER, "document-format-supported") == ["application/pdf"]


async def test_what_changes_shows_at_once(ipp: IppSite) -> None:
    """Although the octets of a printer's attributes are kept while nothing changes."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    before = await ask(ipp)
    assert (await ask(ipp)).groups == before.groups
    assert before.value(PRINTER, "queued-job-count") == 0
    told = PRINTER + a(KEYWORD, "sides-supported", "one-sided") + a(raw.ENUM, "printer-state", 5)
    body = raw.request(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, raw.of_device(PRINTER_ID), told)
    assert (await ipp.ask(body, await ipp.device_token())).status == raw.OK
    await ipp.a_started_job()
    await ipp.settings(jobs={"size_bytes_max": 1 << 20})
    after = await ask(ipp)
    assert after.values(PRINTER, "sides-supported") == ["one-sided"]
    assert after.value(PRINTER, "printer-state") == 5
    assert after.value(PRINTER, "queued-job-count") == 1
    assert after.group(PRINTER)["job-k-octets-supported"] == (0x33, [b"\0\0\0\0\0\0\x04\0"])
    assert set((await ask(ipp, "printer-up-time")).group(PRINTER)) == {"printer-up-time"}


async def test_the_same_words_are_answered_under_their_own_header_and_for_who_asks(ipp: IppSite) -> None:
    """Although the octets behind the header are kept for those who ask in the same words."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    named = a(URI, "printer-uri", f"ipps://anything/printers/{PRINTER_ID}")
    device, user = await ipp.device_token(), await ipp.user_token(ADA)
    for number, version in ((7, b"\x02\x00"), (8, b"\x01\x01"), (9, b"\x02\x02")):
        for token, seen in ((device, PRINTER_ID), (user, SHARE)):  # a user comes to a printer by its share
            body = raw.request(raw.GET_PRINTER_ATTRIBUTES, named, number=number, version=version)
            answer = await ipp.ask(body, token)
            assert (answer.number, answer.version, answer.status) == (number, version, raw.OK)
            assert answer.value(PRINTER, "printer-uuid") == f"urn:uuid:{seen}"


async def test_the_up_time_is_that_of_the_moment_though_the_words_are_the_same(ipp: IppSite) -> None:
    """It moves between two tenths of a second too, where the printer was registered there."""
    printer = await ipp.a_printer()
    registered = START + timedelta(seconds=0.05)
    await ipp.do(lambda tx: tx.put(replace(printer, registered_at=registered)))
    for seconds, up_time, second in ((9.98, 10, 9), (10.03, 10, 10), (10.06, 11, 10)):
        moment = START + timedelta(seconds=seconds)
        await ipp.site.store.write(SYSTEM, lambda tx, moment=moment: tenants.move_clock(tx, TENANT, moment))
        answer = await ask(ipp, "printer-up-time", "printer-current-time")
        assert answer.value(PRINTER, "printer-up-time") == up_time
        assert answer.group(PRINTER)["printer-current-time"][1][0][6] == second


@pytest.mark.parametrize("is_refused", [False, True])
async def test_what_served_a_call_is_gone_before_the_next(ipp: IppSite, is_refused: bool) -> None:
    """Nothing of it waits for the garbage collector, or stays with the journal."""
    kinds = web.BaseRequest, IppRequest

    def there() -> int:
        return sum(isinstance(each, kinds) for each in gc.get_objects())

    async def one_call() -> None:
        if is_refused:
            assert (await ipp.post(b"short", await ipp.device_token()))[0] == 400
        else:
            await ask(ipp)

    await one_call()
    gc.collect()
    gc.disable()
    try:
        before = there()
        for _ in range(4):
            await one_call()
        assert there() <= before + 2  # the last answer may be here before its call has ended there
    finally:
        gc.enable()

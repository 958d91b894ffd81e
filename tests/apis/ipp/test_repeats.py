"""The same question again: it is answered at once while nothing has changed, and anew as soon as something has."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from msgspec.structs import replace

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import KEYWORD, PRINTER, URI, Answer, parse
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, BOB, OTHER_PRINTER, SHARE, START, TENANT, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.clock import Clock
from upsim.domain.injection import Answer as ImposedAnswer
from upsim.domain.injection import Injection
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.tenant import Tenant
from upsim.server import repeats
from upsim.server.context import Call
from upsim.server.patience import Asked
from upsim.server.repeats import Repeats
from upsim.services import injections, tenants
from upsim.services.ports import SYSTEM

TO_SHARE = a(URI, "printer-uri", f"ipp://x/printers/{SHARE}")
AGAIN, ANEW = True, False


class Client:
    """Sends each request whole, on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self.reader, self.writer, self.token = reader, writer, token

    def request(self, *requested: str, number: int = 1, **headers: str) -> bytes:
        body = raw.request(
            raw.GET_PRINTER_ATTRIBUTES, TO_SHARE, a(KEYWORD, "requested-attributes", *requested), number=number
        )
        return self.around(body, **headers)

    def around(self, body: bytes, path: str = f"/printers/{SHARE}", **headers: str) -> bytes:
        lines = {
            "Host": "localhost",
            "Content-Type": "application/ipp",
            "Content-Length": str(len(body)),
            "Authorization": f"Bearer {self.token}",
            **headers,
        }
        head = "".join([f"{name}: {value}\r\n" for name, value in lines.items() if value])
        return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    async def send(self, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
        first, *lines = (await self.head()).decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def head(self) -> bytes:
        async with asyncio.timeout(10):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def ask(self, *requested: str, **more: str) -> Answer:
        status, _, body = await self.send(self.request(*requested, **more))
        assert status == 200, body
        return parse(body)


@asynccontextmanager
async def connected(ipp: IppSite, url: str) -> AsyncIterator[Client]:
    context = ssl.create_default_context(cafile=str(ipp.ca)) if url.startswith("https:") else None
    reader, writer = await asyncio.open_connection("localhost", urlsplit(url).port, ssl=context)
    yield Client(reader, writer, await ipp.user_token(ADA))
    writer.close()


@pytest.fixture
async def client(ipp: IppSite) -> AsyncIterator[Client]:
    """Ada's desktop, before a share of the office printer."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    async with connected(ipp, ipp.http) as client:
        yield client


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each call whether it was answered again, or anew."""
    found: list[bool] = []
    repeat = Repeats.repeat

    async def watched(self: Repeats, call: Call) -> web.StreamResponse | None:
        response = await repeat(self, call)
        found.append(response is not None)
        return response

    monkeypatch.setattr(Repeats, "repeat", watched)
    return found


async def test_the_same_question_is_answered_again(client: Client, told: list[bool]) -> None:
    answers = [await client.send(client.request("all", number=number)) for number in (5, 6, 7)]
    assert told == [ANEW, AGAIN, AGAIN]
    assert [parse(body).number for _, _, body in answers] == [5, 6, 7]
    assert {body[8:] for _, _, body in answers} == {answers[0][2][8:]}
    first, second, third = [headers for _, headers, _ in answers]
    assert first.keys() == second.keys()
    assert len({headers["request-id"] for headers in (first, second, third)}) == 3


async def test_the_journal_shows_it_like_any_other_call(ipp: IppSite, client: Client, told: list[bool]) -> None:
    await client.ask("all")
    again = await client.ask("all", number=2)  # type: ignore[arg-type]
    assert told == [ANEW, AGAIN]
    one, two = list(ipp.site.journals.of(TENANT))[-2:]
    for name in ("operation_id", "method", "target", "host", "caller", "tenant", "status", "point"):
        assert getattr(one, name) == getattr(two, name), name
    assert (two.printers, two.named) == (one.printers, one.named)
    assert parse(two.answer).groups == again.groups
    assert (one.sent[4:8], two.sent[4:8]) == (b"\0\0\0\1", b"\0\0\0\2")


async def _rename(ipp: IppSite, _: Client) -> None:
    share = await ipp.do(lambda tx: tx.get(PrinterShare, SHARE))
    await ipp.do(lambda tx: tx.put(replace(share, display_name="Renamed")))


async def _report_a_state(ipp: IppSite, _: Client) -> None:
    told = PRINTER + a(raw.ENUM, "printer-state", 5)
    body = raw.request(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, raw.of_device(PRINTER_ID), told)
    assert (await ipp.ask(body, await ipp.device_token())).status == raw.OK


async def _add_job(ipp: IppSite, _: Client) -> None:
    await ipp.a_started_job(share_id=SHARE)


async def _lower_the_limit(ipp: IppSite, _: Client) -> None:
    await ipp.settings(job_size_bytes_max=1 << 20)


async def _move_clock(ipp: IppSite, _: Client) -> None:
    await ipp.site.store.write(SYSTEM, lambda tx: tenants.move_clock(tx, TENANT, START + timedelta(seconds=30)))


async def _let_the_token_expire(ipp: IppSite, _: Client) -> None:
    await ipp.site.store.write(SYSTEM, lambda tx: tenants.move_clock(tx, TENANT, START + timedelta(hours=2)))


async def _close_the_share(ipp: IppSite, _: Client) -> None:
    share = await ipp.a_share()
    await ipp.do(lambda tx: tx.put(replace(share, allow_all_users=False)))


async def _impose(ipp: IppSite, _: Client) -> None:
    tenant = await ipp.site.store.tenant(TENANT)
    rule = Injection(operation="ipp.get-printer-attributes", answer=ImposedAnswer(status=503), times=5)
    await injections.impose(ipp.site.store, tenant, rule)


async def _rewind(ipp: IppSite, _: Client) -> None:
    before = await ipp.do(lambda tx: tx.change_number)
    await _rename(ipp, _)
    await ipp.do(lambda tx: tx.history.rewind(before - 1))


async def _wipe(ipp: IppSite, _: Client) -> None:
    await ipp.do(lambda tx: tx.wipe())


async def _sign_in_as_another(ipp: IppSite, client: Client) -> None:
    client.token = await ipp.user_token(BOB)


async def _ask_for_less(ipp: IppSite, client: Client) -> None:
    client.token = await ipp.user_token(ADA, scopes=["PrintJob.Create"])


CHANGES = [
    _rename,
    _report_a_state,
    _add_job,
    _lower_the_limit,
    _move_clock,
    _let_the_token_expire,
    _close_the_share,
    _impose,
    _rewind,
    _wipe,
    _sign_in_as_another,
    _ask_for_less,
]


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_changes_is_in_the_next_answer(
    ipp: IppSite, client: Client, told: list[bool], change: Callable[[IppSite, Client], Awaitable[None]]
) -> None:
    for number in (1, 2):
        await client.send(client.request("all", number=number))
    await change(ipp, client)
    status, _, body = await client.send(client.request("all"))
    assert told[:2] + told[-1:] == [ANEW, AGAIN, ANEW]
    other_words = client.request("all", **{"X-Other": "words"})
    fresh_status, _, fresh = await client.send(other_words)
    assert (status, body) == (fresh_status, fresh)
    assert told[-1] is ANEW


@pytest.mark.parametrize(
    "headers",
    [{"Host": "print.example"}, {"Accept": "*/*"}, {"client-request-id": "mine"}],
    ids=lambda each: next(iter(each)),
)
async def test_other_headers_are_another_question(
    client: Client, told: list[bool], headers: dict[str, str]
) -> None:
    await client.ask("all")
    _, answered, _ = await client.send(client.request("all", **headers))
    assert told == [ANEW, ANEW]
    if "client-request-id" in headers:
        assert answered["client-request-id"] == "mine"


async def test_over_tls_it_is_another_question(ipp: IppSite, client: Client, told: list[bool]) -> None:
    async with connected(ipp, ipp.https) as over_tls:
        for each, scheme in ((client, "ipp"), (over_tls, "ipps"), (client, "ipp")):
            answer = await each.ask("printer-uri-supported")
            assert answer.values(PRINTER, "printer-uri-supported")[0].startswith(f"{scheme}://localhost/")
    assert told == [ANEW] * 3


async def test_other_words_of_the_same_length_are_another_question(client: Client, told: list[bool]) -> None:
    for name in ("printer-name", "printer-info", "printer-name"):
        assert set((await client.ask(name)).group(PRINTER)) == {name}
    assert told == [ANEW] * 3


async def test_another_operation_of_the_same_length_is_another_question(client: Client, told: list[bool]) -> None:
    body = raw.request(raw.GET_PRINTER_ATTRIBUTES, TO_SHARE)
    assert parse((await client.send(client.around(body)))[2]).group(PRINTER)
    other = parse((await client.send(client.around(raw.request(raw.GET_JOBS, TO_SHARE))))[2])
    assert (other.status, other.groups[1:]) == (raw.OK, [])
    assert told == [ANEW, ANEW]


async def test_each_path_has_its_own_answer(ipp: IppSite, client: Client, told: list[bool]) -> None:
    for printer in (PRINTER_ID, OTHER_PRINTER):
        await ipp.a_printer(printer)
    client.token = await ipp.token(appid="app", roles=["Printers.Read", "PrintJob.Read"])
    seen = []
    for printer in (PRINTER_ID, OTHER_PRINTER) * 2:
        uri = a(URI, "printer-uri", f"ipp://x/printers/{printer}")
        request = client.around(raw.request(raw.GET_PRINTER_ATTRIBUTES, uri), path=f"/printers/{printer}")
        seen.append(parse((await client.send(request))[2]).value(PRINTER, "printer-uuid"))
    assert seen == [f"urn:uuid:{PRINTER_ID}", f"urn:uuid:{OTHER_PRINTER}"] * 2
    assert told == [ANEW, ANEW, AGAIN, AGAIN]


async def test_what_changes_before_the_whole_question_is_there_is_in_its_answer(
    ipp: IppSite, client: Client, told: list[bool]
) -> None:
    await client.ask("printer-name")
    head, end, body = client.request("printer-name").partition(b"\r\n\r\n")
    client.writer.write(head + end)
    async with connected(ipp, ipp.http) as other:
        await other.ask("printer-name")  # by now the server has the head
    await _rename(ipp, client)
    _, _, answer = await client.send(body)
    assert parse(answer).value(PRINTER, "printer-name") == "Renamed"
    assert told == [ANEW, ANEW, AGAIN]


async def test_it_holds_until_something_moves_by_itself(ipp: IppSite, client: Client, told: list[bool]) -> None:
    """On a clock that runs: printer-current-time counts tenths of a second."""
    await ipp.site.store.write(SYSTEM, lambda tx: tx.put(replace(tx.get(Tenant, TENANT), clock=Clock())))
    seen = []
    for milliseconds in (0, 60, 99, 100, 150, 30):
        ipp.site.now = lambda moment=START + timedelta(milliseconds=milliseconds): moment  # type: ignore[misc]
        answer = await client.ask("printer-current-time")
        seen.append(answer.group(PRINTER)["printer-current-time"][1][0][7])
    assert seen == [0, 0, 0, 1, 1, 0]
    assert told == [ANEW, AGAIN, AGAIN, ANEW, AGAIN, ANEW]


async def test_it_holds_no_longer_than_the_token(ipp: IppSite, client: Client, told: list[bool]) -> None:
    await ipp.site.store.write(SYSTEM, lambda tx: tx.put(replace(tx.get(Tenant, TENANT), clock=Clock())))
    client.token = await ipp.user_token(ADA, exp=START.timestamp() + 0.05)
    statuses = []
    for milliseconds in (0, 40, 50):
        ipp.site.now = lambda moment=START + timedelta(milliseconds=milliseconds): moment  # type: ignore[misc]
        statuses.append((await client.send(client.request("all")))[0])
    assert statuses == [200, 200, 401]
    assert told == [ANEW, AGAIN, ANEW]


async def test_where_anything_is_imposed_nothing_is_answered_again(
    ipp: IppSite, client: Client, told: list[bool]
) -> None:
    tenant = await ipp.site.store.tenant(TENANT)
    rule = Injection(operation="ipp.get-jobs", answer=ImposedAnswer(status=503), times=5)
    await injections.impose(ipp.site.store, tenant, rule)
    await client.ask("all")
    await client.ask("all")
    assert told == [ANEW, ANEW]


async def test_a_request_id_below_one_is_refused_however_well_the_question_is_known(
    client: Client, told: list[bool]
) -> None:
    await client.ask("all")
    answer = await client.ask("all", number=0)  # type: ignore[arg-type]
    assert answer.status == raw.BAD_REQUEST
    assert told == [ANEW, ANEW]


async def test_a_client_that_waits_to_be_invited_is_invited_each_time(client: Client, told: list[bool]) -> None:
    for _ in range(2):
        request = client.request("all", Expect="100-continue")
        head, end, body = request.partition(b"\r\n\r\n")
        client.writer.write(head + end)
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert parse((await client.send(body))[2]).group(PRINTER)
    assert told == [ANEW, ANEW]


async def test_who_comes_without_a_token_is_answered_anew(ipp: IppSite, client: Client, told: list[bool]) -> None:
    """Where they come from decides too."""
    await ipp.settings(open_printer_attributes=True)
    for _ in range(2):
        await client.ask("all", Authorization="")
    assert told == [ANEW, ANEW]


async def test_a_device_is_heard_of_each_time(ipp: IppSite, client: Client, told: list[bool]) -> None:
    client.token = await ipp.device_token()
    request = client.around(raw.request(raw.GET_PRINTER_ATTRIBUTES, raw.of_device(PRINTER_ID)))
    for hours in (0, 1, 2):
        moment = START + timedelta(minutes=20 * hours)
        await ipp.site.store.write(SYSTEM, lambda tx, moment=moment: tenants.move_clock(tx, TENANT, moment))
        for _ in range(2):
            assert (await client.send(request))[0] == 200
        assert (await ipp.do(lambda tx: tx.get(Printer, PRINTER_ID))).last_seen_at == moment
    assert told == [ANEW] * 6


async def test_no_more_are_kept_than_there_is_room_for(
    client: Client, told: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room for two; a new one takes the place of another that it could be taken for."""
    monkeypatch.setattr(repeats, "OCTETS_MAX", 9_000)
    for name in ("printer-uuid", "printer-name", "printer-info", "printer-name", "printer-state"):
        await client.ask(name)
    for name in ("printer-name", "printer-state", "queued-job-count", "printer-name", "queued-job-count"):
        await client.ask(name)
    assert told == [ANEW] * 5 + [AGAIN, AGAIN, ANEW, ANEW, AGAIN]


async def test_who_comes_too_early_is_noted(ipp: IppSite, client: Client, told: list[bool]) -> None:
    await client.ask("all")
    ada = list(ipp.site.journals.of(TENANT))[-1]
    for name in (ada.caller.name, "another"):
        asked = Asked(TENANT, name, ada.operation_id, ada.path)
        ipp.site.patience.tell(asked, START, 60)
    await client.ask("all")
    assert told == [ANEW, AGAIN]
    assert [each.early_seconds for each in ipp.site.journals.of(TENANT)][-2:] == [0, 60]


async def test_a_failure_to_look_is_told_like_any_other(
    ipp: IppSite, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.ask("all")

    async def fail(_: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(ipp.site.store, "stamp", fail)
    status, headers, body = await client.send(client.request("all"))
    assert (status, headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert headers["request-id"] in body.decode()
    assert list(ipp.site.journals.of(""))[-1].operation_id.startswith("ipp.post.")


async def test_a_long_question_is_not_kept(client: Client, told: list[bool]) -> None:
    for _ in range(2):
        await client.ask(*[f"printer-{number:050}" for number in range(50)])
    assert told == [ANEW, ANEW]

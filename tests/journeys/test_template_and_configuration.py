"""One job, two APIs: Job Template attributes of IPP are Graph's configuration, and the other way round."""

import aiohttp

from tests.support.ipp import raw
from tests.support.ipp.raw import ENUM, INTEGER, JOB, KEYWORD, PRINTER, URI
from tests.support.ipp.raw import attribute as a
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.app import Running
from upsim.domain.application import UNIVERSAL_PRINT_RESOURCE

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
A4 = "iso_a4_210x297mm"
RANGES = b"\0\0\0\x02\0\0\0\x05"
TEMPLATE = {
    "copies": (INTEGER, 2),
    "sides": (KEYWORD, "two-sided-long-edge"),
    "print-color-mode": (KEYWORD, "monochrome"),
    "print-quality": (ENUM, 5),
    "orientation-requested": (ENUM, 4),
    "media": (KEYWORD, A4),
}
CONFIGURATION = {
    "copies": 2,
    "duplexMode": "flipOnLongEdge",
    "colorMode": "grayscale",
    "quality": "high",
    "orientation": "landscape",
    "mediaSize": "A4",
}
SUPPORTED = (
    a(0x33, "copies-supported", b"\0\0\0\x01\0\0\0\x63")
    + a(KEYWORD, "sides-supported", "one-sided", "two-sided-long-edge")
    + a(KEYWORD, "print-color-mode-supported", "auto", "color", "monochrome")
    + a(ENUM, "print-quality-supported", 3, 4, 5)
    + a(ENUM, "orientation-requested-supported", 3, 4)
    + a(KEYWORD, "media-supported", A4, "na_letter_8.5x11in")
    + a(0x22, "page-ranges-supported", True)
    + a(0x49, "document-format-supported", "application/pdf")
)


async def test_a_template_is_a_configuration(upsim: Running, http: aiohttp.ClientSession) -> None:
    tenant = upsim.tenants[0]["tenant"]["id"]
    async with Wire("test", upsim.https, upsim.site.ca_certificate_pem) as wire:
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        user = Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example")
        await admin.sign_in_with_browser()
        await user.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()
        share = await admin.share(device.printer_id, "Floor")

        async def ask(token: str, body: bytes) -> raw.Answer:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/ipp"}
            async with http.post(f"{upsim.https}/printers", data=body, headers=headers) as response:
                answer = raw.parse(await response.read())
            assert answer.status == raw.OK, answer.message
            return answer

        me = raw.of_device(device.printer_id)
        await ask(device.token, raw.request(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, me, PRINTER, SUPPORTED))

        # By IPP in, by Graph out.
        to_share = a(URI, "printer-uri", f"ipps://x/printers/{share}")
        wanted = b"".join(a(tag, name, value) for name, (tag, value) in TEMPLATE.items())
        token = await user.token(f"{UNIVERSAL_PRINT_RESOURCE}/.default")
        created = raw.request(raw.CREATE_JOB, to_share, JOB, wanted, a(0x33, "page-ranges", RANGES))
        number = (await ask(token, created)).value(JOB, "job-id")
        jobs = f"/print/shares/{share}/jobs"
        seen = (await user.graph("GET", f"{jobs}/{number}", expect=(200,), note=""))["configuration"]
        assert {name: seen[name] for name in CONFIGURATION} == CONFIGURATION
        assert seen["pageRanges"][0] | {"start": 2, "end": 5} == seen["pageRanges"][0]

        # By Graph in, by IPP out.
        body = {"configuration": {**CONFIGURATION, "pageRanges": [{"start": 2, "end": 5}]}}
        made = await user.graph("POST", jobs, json=body, expect=(201,), note="")
        described = raw.request(raw.GET_JOB_ATTRIBUTES, to_share, a(INTEGER, "job-id", int(made["id"])))
        answer = await ask(token, described)
        for name, (_, value) in TEMPLATE.items():
            if name != "media":
                assert answer.value(JOB, name) == value, name
        assert answer.group(JOB)["page-ranges"] == (0x33, [RANGES])
        assert {"media", "media-col"} & set(answer.group(JOB))

"""The baseline: the least that aiohttp can do. Run as a process: `python -m bench.baselines`."""

import argparse
import asyncio
import base64
import ssl
import sys
from pathlib import Path

import orjson
from aiohttp import web


async def hello(request: web.Request) -> web.Response:  # noqa: ARG001
    """Return the bare route."""
    return web.Response(body=orjson.dumps({"hello": "world"}), content_type="application/json")


_same = b""


async def learn(request: web.Request) -> web.Response:
    """Take the octets that `same` answers with."""
    global _same  # noqa: PLW0603 - the least that a route can do
    _same = await request.read()
    return web.Response(status=204)


async def same(request: web.Request) -> web.Response:
    """Return the bare route, with octets that upsim answered with."""
    if request.body_exists:
        await request.read()
    return web.Response(body=_same, content_type="application/json")


_TAUGHT: dict[str, tuple[int, dict[str, str], bytes]] = {}
_OF_THE_SERVER = {"content-length", "transfer-encoding", "connection", "date", "server"}


async def teach(request: web.Request) -> web.Response:
    """Store the answer that `taught` gives under a number, unless there is one: a journey has a PUT of its own."""
    number = request.match_info["number"]
    if number in _TAUGHT:
        return await taught(request)
    answer = orjson.loads(await request.read())
    first, *lines = answer["head"].strip().split("\r\n")
    pairs = [line.partition(": ")[::2] for line in lines]
    headers = {name: value for name, value in pairs if name.lower() not in _OF_THE_SERVER}
    _TAUGHT[number] = int(first.split(" ")[1]), headers, base64.b64decode(answer["body"])
    return web.Response(status=204)


async def taught(request: web.Request) -> web.Response:
    """Read the request and answer with the status, headers and octets that upsim answered with."""
    if request.body_exists:
        await request.read()
    status, headers, body = _TAUGHT[request.match_info["number"]]
    return web.Response(status=status, headers=headers, body=body)


_PAGES: dict[str, bytes] = {}


async def page(request: web.Request) -> web.Response:
    """Return a bare route that answers with the octets of a file, which it reads once."""
    name = request.query["from"]
    if name not in _PAGES:
        _PAGES[name] = Path(name).read_bytes()
    return web.Response(body=_PAGES[name], content_type="application/json")


async def take(request: web.Request) -> web.Response:
    """Return the minimal upload: stream the body into a file."""
    with Path(request.query["to"]).open("wb", buffering=0) as file:
        async for chunk in request.content.iter_any():
            file.write(chunk)
    return web.Response(status=201)


async def give(request: web.Request) -> web.FileResponse:
    """Return the minimal download."""
    return web.FileResponse(request.query["from"])


async def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", help="PEM file with key and certificates; default: plain HTTP")
    pem, context = parser.parse_args().tls, None
    if pem:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
    app = web.Application(client_max_size=1 << 40)
    app.add_routes(
        [
            web.get("/hello", hello),
            web.get("/same", same),
            web.post("/same", same),
            web.put("/same", learn),
            web.put("/file", take),
            web.get("/file", give),
            web.get("/page", page),
            web.put("/taught/{number}", teach),
            web.get("/taught/{number}", taught),
            web.post("/taught/{number}", taught),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())

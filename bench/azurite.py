"""Azurite with one public blob, in a temporary folder that npm installs it into."""

import base64
import hashlib
import hmac
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from urllib.request import Request, urlopen

import psutil

from tests.support.postgres import spare_port

ACCOUNT, KEY = "bench", base64.b64encode(b"a key of this bench alone").decode()
VERSION = "2021-10-04"
INSTALL_SECONDS = 300
START_SECONDS = 30.0
_NPM = ("--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


@contextmanager
def azurite(blob: bytes) -> Iterator[tuple[int, psutil.Process, str] | str]:
    """Port, process and path of the blob, or why there is none."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        yield "Node is not installed"
        return
    with tempfile.TemporaryDirectory(prefix="upsim-azurite-") as folder:
        install = [npm, "--prefix", folder, "install", *_NPM, "azurite"]
        try:
            done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            yield f"npm did not install it within {INSTALL_SECONDS} s"
            return
        if done.returncode:
            yield f"npm cannot install it: {done.stderr.strip().partition(chr(10))[0]}"
            return
        port = spare_port()
        program = Path(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js")
        where = ["--blobPort", str(port), "--location", f"{folder}/blobs"]
        process = subprocess.Popen(
            [node, str(program), *where, "--silent", "--disableTelemetry"],  # or it would call its makers
            env={"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            _wait(port)
            _put(port, f"/{ACCOUNT}/bench", b"", {"x-ms-blob-public-access": "blob"}, "\nrestype:container")
            _put(port, f"/{ACCOUNT}/bench/printer", blob, {"x-ms-blob-type": "BlockBlob"})
            yield port, psutil.Process(process.pid), f"/{ACCOUNT}/bench/printer"
        finally:
            process.kill()
            process.wait(timeout=10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except OSError as error:
            if hasattr(error, "code"):  # it answers, and knows nothing at this path
                return
            if time.monotonic() > deadline:
                raise SystemExit("Azurite does not answer") from error
            time.sleep(0.1)


def _put(port: int, path: str, body: bytes, more: dict[str, str], query: str = "") -> None:
    """Send a request signed with the account's key (Shared Key of the Blob service)."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": VERSION, **more}
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    kind = "application/octet-stream"
    text = f"PUT\n\n\n{len(body) or ''}\n\n{kind}\n\n\n\n\n\n\n{named}/{ACCOUNT}{path}{query}"
    digest = hmac.digest(base64.b64decode(KEY), text.encode(), hashlib.sha256)
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    url = f"http://127.0.0.1:{port}{path}{'?restype=container' if query else ''}"
    urlopen(Request(url, data=body, headers={**headers, "Content-Type": kind}, method="PUT"), timeout=30).close()

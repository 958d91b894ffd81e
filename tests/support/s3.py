"""A private S3 server in a thread: moto. It can go away and come back with what it had."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

BUCKET = "rig"


class S3Server:
    """Serves one bucket on a spare port of this machine. Sets the keys that clients sign with."""

    def __init__(self) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app

        os.environ |= {"AWS_ACCESS_KEY_ID": "rig", "AWS_SECRET_ACCESS_KEY": "rig-secret"}
        self._application = DomainDispatcherApplication(create_backend_app)
        self.port = 0
        self.start()
        self.client().create_bucket(Bucket=BUCKET)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, prefix: str = "", bucket: str = BUCKET) -> str:
        """The value of `--documents`."""
        return f"s3://{bucket}/{prefix}?{urlencode({'endpoint': self.endpoint})}"

    def client(self) -> Any:
        """A plain client, to look behind upsim."""
        import boto3

        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")

    def keys(self, prefix: str = "") -> list[str]:
        """What lies in the bucket."""
        return [
            item["Key"] for item in self.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())
        ]

    @contextmanager
    def strict_about_keys(self) -> Iterator[None]:
        """Refuse keys that nobody was given, which is all of them, as a server does that knows its users."""
        self._admit("0")
        try:
            yield
        finally:
            self._admit("inf")

    def _admit(self, calls: str) -> None:
        """How many calls are not checked (moto's own API)."""
        request = Request(
            f"{self.endpoint}/moto-api/reset-auth", data=calls.encode(), headers={"Content-Type": "text/plain"}
        )
        with urlopen(request) as answer:
            assert answer.status == 200

    def start(self) -> None:
        """Listen, on the same port as before."""
        from werkzeug.serving import make_server

        self._server = make_server("127.0.0.1", self.port, self._application, threaded=True)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

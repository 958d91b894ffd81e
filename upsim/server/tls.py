"""The TLS listener's CA and certificate: made at first start, kept in a folder, renewed before they end."""

import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from upsim.server.handshakes import ExplainingContext

CA_FILE = "ca.pem"
CA_KEY_FILE = "ca-key.pem"
CERTIFICATE_FILE = "server.pem"
RENEWED_BEFORE_END = timedelta(days=30)


class TlsFiles:
    """The files of a folder. Nothing is parsed or made when a certificate of the right names is still fresh."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca = folder / CA_FILE
        self.certificate = folder / CERTIFICATE_FILE
        self._ca_key = folder / CA_KEY_FILE
        self._stamp = folder / "server.names"

    def ensure(self, names: Iterable[str], now: datetime) -> None:
        """Make what is missing or about to end."""
        wanted = "\n".join(sorted(set(names)))
        if self.ca.exists() and self._is_fresh(wanted, now):
            return
        from upsim.wire.x509 import authorities

        self._folder.mkdir(parents=True, exist_ok=True)
        ca = self.authority()
        if ca is None:
            made = authorities.new_server_ca(now)
            ca = made.certificate_pem, made.private_key_pem
            _write(self._ca_key, ca[1])
            _write(self.ca, ca[0])
        server = authorities.new_server_certificate(ca, wanted.splitlines(), now)
        _write(self.certificate, server.private_key_pem + server.certificate_pem + ca[0])
        end = now + timedelta(days=authorities.SERVER_CERTIFICATE_DAYS)
        _write(self._stamp, f"{end.isoformat()}\n{wanted}")

    def authority(self) -> tuple[str, str] | None:
        """The CA of the folder as (certificate PEM, private key PEM), or None where there is none yet."""
        if self.ca.exists() and self._ca_key.exists():
            return self.ca.read_text(), self._ca_key.read_text()
        return None

    def take_over(self, certificate_pem: str, private_key_pem: str) -> None:
        """Use this CA from now on; the server certificate of another is made anew by `ensure`."""
        if self.authority() == (certificate_pem, private_key_pem):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._stamp.unlink(missing_ok=True)
        _write(self._ca_key, private_key_pem)
        _write(self.ca, certificate_pem)

    def context(self) -> ssl.SSLContext:
        """A server context for TLS 1.2 and newer."""
        context = ExplainingContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate)
        return context

    def _is_fresh(self, wanted: str, now: datetime) -> bool:
        try:
            end, _, names = self._stamp.read_text().partition("\n")
            return names == wanted and now < datetime.fromisoformat(end) - RENEWED_BEFORE_END
        except (OSError, ValueError):
            return False


def _write(path: Path, text: str) -> None:
    """Replace a file at once; keys are for the owner only."""
    part = path.with_suffix(path.suffix + ".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)

"""An on-premises connector, which speaks for printers that cannot speak to the service themselves."""

from datetime import datetime
from typing import ClassVar

from upsim.domain.entity import Entity, Index
from upsim.domain.printer import PrinterCertificate, PrinterLocation


class Connector(Entity, frozen=True, kw_only=True):
    """A registered connector. Its printers name it in `connector_id`."""

    kind: ClassVar[str] = "connector"

    display_name: str
    fully_qualified_domain_name: str
    operating_system: str
    app_version: str
    registered_at: datetime
    certificate: PrinterCertificate | None = None
    """The certificate it authenticates with; none where it was not made by registering."""
    location: PrinterLocation = PrinterLocation()

    def index(self) -> Index:
        return Index(key=self.display_name.lower(), at=self.registered_at)

"""A job's document: its bytes live in the blob store, in the parts they arrived in."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from upsim.domain.entity import Entity, Index


class Part(Struct, frozen=True, array_like=True):
    """A run of a document's bytes: it begins at `start` and lies under `key` in the blob store."""

    start: int
    size_bytes: int
    key: str

    @property
    def end(self) -> int:
        """One past the last byte."""
        return self.start + self.size_bytes


class Document(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The one document of a job (Universal Print has exactly one). Parts are in order and leave no gap."""

    id: str
    name: str = ""
    format: str = ""
    size_bytes: int = 0
    parts: tuple[Part, ...] = ()
    uploaded_at: datetime | None = None
    downloaded_at: datetime | None = None
    converted_to: str = ""
    """The format that a device is given, where the service converts it; the parts stay as sent."""
    page_count: int | None = None
    """Pages, where the format is one whose pages can be counted."""
    is_counted: bool = False
    """Whether counting was tried."""
    acknowledged_at: datetime | None = None
    """When the device acknowledged the document."""
    device_state: int | None = None
    """IPP document-state as the device last reported it (PWG 5100.5 section 6.1)."""
    device_reasons: tuple[str, ...] = ()

    @property
    def payload_format(self) -> str:
        """The format that a device is given."""
        return self.converted_to or self.format


class UploadSession(Entity, frozen=True, kw_only=True):
    """An upload session for a document's bytes, open to clients that send `secret`.

    Ranges may arrive in any order. Each is stored as a part of its own and recorded here only when complete,
    so a broken connection or a killed server leaves no half range behind.
    """

    kind: ClassVar[str] = "upload-session"

    job_id: str
    document_id: str
    user_id: str = ""
    """The user of the job, for whom the bytes count."""
    document_name: str
    document_format: str
    size_bytes: int
    secret: str
    created_at: datetime
    expires_at: datetime
    parts: tuple[Part, ...] = ()
    completed_at: datetime | None = None

    def index(self) -> Index:
        return Index(parent=self.job_id, at=self.created_at, due=self.expires_at)


class DownloadLink(Entity, frozen=True, kw_only=True):
    """A pre-authenticated URL of a document's bytes."""

    kind: ClassVar[str] = "download-link"

    job_id: str
    secret: str
    expires_at: datetime

    def index(self) -> Index:
        return Index(parent=self.job_id, due=self.expires_at)

"""uploadSession, and the answers of the upload URL."""

from urllib.parse import quote

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.selection import Json
from upsim.domain.document import UploadSession
from upsim.wire.odata.content_range import Ranges


def represent_upload_session(base_url: str, tenant_id: str, session: UploadSession) -> Json:
    """Return the session as createUploadSession answers it. The URL names the tenant, as no token will."""
    return {"uploadUrl": upload_url(base_url, tenant_id, session), **represent_progress(session)}


def represent_progress(session: UploadSession) -> Json:
    """Return the ranges that are still expected.

    Both ends of every range are written: one SDK fails on an open one.
    """
    received = Ranges(tuple((part.start, part.end) for part in session.parts))
    return {
        "expirationDateTime": instant(session.expires_at),
        "nextExpectedRanges": received.next_expected(session.size_bytes),
    }


def represent_uploaded(session: UploadSession) -> Json:
    """Return the answer to the last byte, which has `documentName` where the entity has `displayName`."""
    return {
        "id": session.document_id,
        "documentName": session.document_name,
        "displayName": session.document_name,
        "contentType": session.document_format,
        "size": session.size_bytes,
    }


def upload_url(base_url: str, tenant_id: str, session: UploadSession) -> str:
    return f"{base_url}/uploadSessions/{session.id}?tempauthtoken={door_key(tenant_id, session.secret)}"


def door_key(tenant_id: str, secret: str) -> str:
    """Return a `tempauthtoken`: the tenant and the secret, so that the URL works without an access token."""
    return quote(f"{tenant_id}.{secret}", safe=".-_")

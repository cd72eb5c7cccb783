"""The signed text in a customer's link: which link it is and until when, and that we made it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

PURPOSE: Final = "order-link"
#: Letters of the id in a token.
ID_LETTERS: Final = 22
#: Of the SHA-256; 160 bits cannot be guessed, and the link stays short enough to be scanned.
SIGNATURE_BYTES: Final = 20


def signed(link_id: str, expires_at: datetime, key: str) -> str:
    """The token of a link; whoever holds ``key`` can make it again. ``expires_at`` is aware, to the second."""
    return f"{_packed(UUID(link_id).bytes)}{_signature(link_id, expires_at, key)}"


def link_of(token: str) -> str | None:
    """The id of the link that a token speaks of, not checked; none where it is no token at all."""
    if not token.isascii():
        return None
    try:
        return str(UUID(bytes=base64.b64decode(token[:ID_LETTERS] + "==", altchars=b"-_", validate=True)))
    except (ValueError, binascii.Error):
        return None


def is_ours(token: str, link_id: str, expires_at: datetime, key: str) -> bool:
    """Whether we signed exactly this; takes as long whatever is wrong."""
    return hmac.compare_digest(token.encode(), signed(link_id, expires_at, key).encode())


def _signature(link_id: str, expires_at: datetime, key: str) -> str:
    text = f"{PURPOSE}:{link_id}:{int(expires_at.astimezone(UTC).timestamp())}"
    return _packed(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES])


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

"""Signed callbacks in the form of Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the public prefix of the format, not a secret


class SignatureRefused(Exception):
    """The callback is not from the far side, is too old, or was changed on the way. ``reason`` is a kebab word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def secret_bytes(text: str) -> bytes:
    """Return the key of a configured secret: ``whsec_<base64>``, or any other text taken as UTF-8.

    :raises ValueError: empty, or the prefix is there but no base64 follows.
    """
    if not text:
        raise ValueError("a callback secret must not be empty")
    if not text.startswith(_SECRET_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error as exc:
        raise ValueError("a whsec_ secret must be base64") from exc


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of the ``webhook-signature`` header. ``timestamp``: seconds since 1970 UTC."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def signed_headers(secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers; several secrets give several signatures, for rotation."""
    signatures = " ".join(sign(secret, message_id, timestamp, body) for secret in secrets)
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signatures}


def verify(
    secrets: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: datetime, tolerance_s: int = 300
) -> str:
    """Check a callback and return its message id (the same id means the same message).

    :param secrets: every key that is valid at the moment; one match suffices.
    :param headers: of the request; names are looked up in any letter case.
    :param now: aware instant; the timestamp may differ from it by ``tolerance_s`` seconds either way.
    :raises SignatureRefused: ``header-missing``, ``timestamp-bad``, ``timestamp-too-far``, ``signature-wrong``.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp, signatures = given[ID_HEADER], given[TIMESTAMP_HEADER], given[SIGNATURE_HEADER]
    except KeyError as exc:
        raise SignatureRefused("header-missing") from exc
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise SignatureRefused("timestamp-bad")
    if abs(now.timestamp() - int(stamp)) > tolerance_s:
        raise SignatureRefused("timestamp-too-far")
    offered = [part.encode() for part in signatures.split(" ") if part.startswith("v1,")]
    for secret in secrets:
        wanted = sign(secret, message_id, int(stamp), body).encode()
        if any(hmac.compare_digest(wanted, one) for one in offered):
            return message_id
    raise SignatureRefused("signature-wrong")

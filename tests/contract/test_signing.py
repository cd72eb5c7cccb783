"""Signed callbacks: genuine, changed, old, rotated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.signing import SignatureRefused, secret_bytes, sign, signed_headers, verify

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
BODY = b'{"status": "done"}'
SECRET = b"first"


def headers(secret: bytes = SECRET) -> dict[str, str]:
    return signed_headers([secret], "msg-1", STAMP, BODY)


def reason(**given: object) -> str:
    arguments = {"secrets": [SECRET], "headers": headers(), "body": BODY, "now": NOW, **given}
    with pytest.raises(SignatureRefused) as refusal:
        verify(**arguments)  # type: ignore[arg-type]
    return refusal.value.reason


def test_the_published_example_of_the_standard_signs_the_same() -> None:
    secret = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_genuine_callback_gives_its_message_id() -> None:
    assert verify([SECRET], headers(), BODY, NOW) == "msg-1"


def test_header_names_may_be_in_any_case() -> None:
    assert verify([SECRET], {name.title(): value for name, value in headers().items()}, BODY, NOW) == "msg-1"


def test_a_changed_body_id_or_secret_is_refused() -> None:
    assert reason(body=BODY + b" ") == "signature-wrong"
    assert reason(headers={**headers(), "webhook-id": "msg-2"}) == "signature-wrong"
    assert reason(secrets=[b"other"]) == "signature-wrong"
    assert reason(secrets=[]) == "signature-wrong"


def test_a_callback_out_of_its_time_is_refused() -> None:
    assert reason(now=NOW + timedelta(seconds=301)) == "timestamp-too-far"
    assert reason(now=NOW - timedelta(seconds=301)) == "timestamp-too-far"
    assert verify([SECRET], headers(), BODY, NOW + timedelta(seconds=300)) == "msg-1"


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "٣", "9" * 13])
def test_a_bad_timestamp_is_refused(stamp: str) -> None:
    assert reason(headers={**headers(), "webhook-timestamp": stamp}) == "timestamp-bad"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(name: str) -> None:
    assert reason(headers={key: value for key, value in headers().items() if key != name}) == "header-missing"


@pytest.mark.parametrize("signature", ["", "v1,", "v1", "v2,abc", "v1,é", "a b c"])
def test_a_signature_of_another_shape_is_refused(signature: str) -> None:
    assert reason(headers={**headers(), "webhook-signature": signature}) == "signature-wrong"


def test_secrets_are_rotated_from_either_side() -> None:
    both = signed_headers([b"new", b"old"], "msg-1", STAMP, BODY)
    assert verify([b"old"], both, BODY, NOW) == verify([b"new"], both, BODY, NOW) == "msg-1"
    assert verify([b"new", b"old"], headers(b"old"), BODY, NOW) == "msg-1"


def test_a_configured_secret_is_text_or_base64() -> None:
    assert secret_bytes("plain") == b"plain"
    assert secret_bytes("whsec_Zmlyc3Q=") == b"first"
    for bad in ("", "whsec_***"):
        with pytest.raises(ValueError, match="secret"):
            secret_bytes(bad)

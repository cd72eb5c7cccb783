"""A body is read strictly, and whatever comes, the answer is a value or one clear refusal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.json_input import MAX_DEPTH, content_hash, read_json
from app.errors import BadRequest


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b"", "line 1"),
        (b"{", "line 1"),
        (b'{"a":1,}', "broken"),
        (b'{"a":1,"a":2}', "twice"),
        (b'{"a":NaN}', "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b"[-1e999]", "too large"),
        (b"[" + b"9" * 5000 + b"]", "too large"),
        (b"[9007199254740993]", "too large"),
        (b'["\\u0000"]', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'["\\ud800"]', "half a character"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "deeper"),
        (b"[" * 40 + b"]" * 40, "deeper"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deeper"),
        (b"[" + b"1," * 200_000 + b"1]", "too many"),
    ],
)
def test_what_others_would_choke_on_is_refused(raw: bytes, part: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_json(raw)
    assert part.lower() in refused.value.message_en.lower()
    assert refused.value.message_zh != refused.value.message_en


def test_an_ordinary_body_is_read() -> None:
    body = {"名": "值", "n": [1, -2.5, True, None, {"x": ""}]}
    assert read_json(json.dumps(body, ensure_ascii=False).encode()) == body
    assert read_json(b"[" * (MAX_DEPTH - 1) + b"1" + b"]" * (MAX_DEPTH - 1))


def test_bodies_that_mean_the_same_have_one_hash() -> None:
    assert content_hash({"a": 1, "b": "值"}) == content_hash(read_json('{ "b":"值", "a":1 }'.encode()))
    assert content_hash({"a": 1}) != content_hash({"a": 2})


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    try:
        read_json(raw)
    except BadRequest as refused:
        assert refused.message_en and refused.message_zh

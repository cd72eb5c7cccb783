"""Files are told by their content, images lose what is private, and nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.files.headers import download_headers
from app.domain.files.kinds import taken
from app.errors import UnsupportedMedia
from tests.files import GPS, OWNER, exif, jpeg, package, png, segment, webp

PRIVATE = (GPS, OWNER, b"xmpmeta", b"Photoshop")


@pytest.mark.parametrize(
    ("content", "media_type", "size"),
    [(jpeg(4, 3), "image/jpeg", (4, 3)), (png(5, 2), "image/png", (5, 2)), (webp(7, 6), "image/webp", (7, 6))],
    ids=["jpeg", "png", "webp"],
)
def test_an_image_keeps_its_picture_and_loses_who_took_it_and_where(
    content: bytes, media_type: str, size: tuple[int, int]
) -> None:
    assert any(word in content for word in PRIVATE)
    file = taken("照片.HTML", content)
    assert (file.media_type, file.size) == (media_type, size)
    assert not [word for word in PRIVATE if word in file.content]
    assert taken("again", file.content).content == file.content, "cleaning a clean image changes nothing"


@pytest.mark.parametrize("order", [b"II", b"MM"])
@pytest.mark.parametrize("way_up", [1, 3, 6, 8])
def test_a_photo_stays_the_right_way_up(way_up: int, order: bytes) -> None:
    kept = taken("p.jpg", jpeg(way_up=way_up, order=order)).content
    assert (segment(0xE1, exif(way_up, b"MM")[: -len(GPS + OWNER)]) in kept) is (way_up != 1)
    assert b"ICC_PROFILE" in kept and b"JFIF" in kept


@pytest.mark.parametrize("make", [jpeg, png])
def test_what_hangs_behind_the_end_of_an_image_goes(make) -> None:  # type: ignore[no-untyped-def]
    assert b"<script>" not in taken("p", make(tail=b"<script>alert(1)</script>")).content


@pytest.mark.parametrize("content", [jpeg(), png(), webp()], ids=["jpeg", "png", "webp"])
def test_an_image_that_is_cut_off_anywhere_is_refused_and_not_an_error(content: bytes) -> None:
    for end in range(12, len(content) - 1):
        with pytest.raises(UnsupportedMedia):
            taken("p.jpg", content[:end])


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\x00\x00\x00WEBP", b"PK\x03\x04"]),
)
def test_whatever_comes_is_taken_or_refused(noise: bytes, head: bytes) -> None:
    try:
        assert taken("x", head + noise).content
    except UnsupportedMedia as refusal:
        assert refusal.message_zh and refusal.message_en


def test_the_content_decides_and_not_the_name() -> None:
    assert taken("bill.jpg", b"%PDF-1.7 ...").name == "bill.jpg.pdf"
    assert taken("evil.html", b"<script>alert(1)</script>").media_type == "text/plain; charset=utf-8"
    assert taken("evil.html", b"<script>alert(1)</script>").name == "evil.html.txt"
    assert taken("olt.cfg", "端口 1/2/3\n".encode("gb18030")).media_type == "text/plain; charset=gb18030"
    assert taken("olt.cfg", b"port 1").name == "olt.cfg"
    assert taken("a.docx", package("[Content_Types].xml", "word/document.xml")).name == "a.docx"
    assert taken("a.xlsx", package("[Content_Types].xml", "xl/workbook.xml")).name == "a.xlsx"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00\x03\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"GIF89a\x01\x00\x01\x00\x00\x00",
        package("index.html"),
        package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        jpeg(40_000, 40_000),
    ],
    ids=["empty", "program", "elf", "gif", "zip", "macros", "giant"],
)
def test_what_is_not_taken_is_refused_in_both_languages(content: bytes) -> None:
    with pytest.raises(UnsupportedMedia) as refusal:
        taken("x.jpg", content)
    assert refusal.value.message_zh and refusal.value.message_en


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "C:\\x\\a.png", "a\u202egnp.exe.png", 'a"b\r\nX: y.png', "." * 9]
)
def test_a_name_is_one_line_without_a_path(name: str) -> None:
    kept = taken(name, png()).name
    assert kept.endswith(".png") and not set(kept) & set('/\\"\r\n\u202e')
    line = download_headers(kept, "image/png")["Content-Disposition"]
    assert line.isascii() and "\n" not in line


def test_nothing_but_an_image_is_ever_shown_in_a_page() -> None:
    for media_type, shown in (("image/png", True), ("text/plain", False), ("application/pdf", False)):
        headers = download_headers("f.x", media_type, inline=True)
        assert headers["Content-Disposition"].startswith("inline" if shown else "attachment")
        assert (
            "sandbox" in headers["Content-Security-Policy"] and "script-src" not in headers["Content-Security-Policy"]
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert download_headers("f.png", "image/png")["Content-Disposition"].startswith("attachment")

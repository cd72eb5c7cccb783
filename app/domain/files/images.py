"""Images without what they say about the person who took them.

A photo of a phone says where and when it was taken, with which phone and often who owns it. Nothing of that is needed
for the work and all of it is personal, so only what draws the picture is kept: of the rest the way up and the colour
profile. What follows the end of an image (some phones hang a film there) goes too.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

Size = tuple[int, int]

_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
)
_WEBP_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_SAYS_EXIF_XMP: Final = 0x0C
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
#: Start of frame: the segments that hold height and width (not the tables in between).
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE: Final = frozenset(range(0xD0, 0xD8)) | {0x01}
_ORIENTATION: Final = 0x0112
_SHORT: Final = 3


class BadImage(Exception):
    """It begins like an image and does not go on like one."""


def clean_jpeg(content: bytes) -> tuple[bytes, Size]:
    """The picture alone, and its width and height in pixels. :raises BadImage: it cannot be read to its end."""
    kept, size, way_up = bytearray(b"\xff\xd8"), None, 1
    at, ended = 2, False
    while not ended:
        marker, body, after = _segment(content, at)
        if marker == _APP1 and body.startswith(b"Exif\x00\x00"):
            way_up = _way_up(body[6:]) or way_up
        elif marker in _FRAMES:
            if len(body) < 6:
                raise BadImage
            size = (int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"))
        end = after
        if marker == _SOS:
            end = _end_of_scan(content, after)
        if _is_drawn(marker, body):
            kept += content[at:end]
        ended, at = marker == _EOI, end
    if size is None or not all(size):
        raise BadImage
    if way_up != 1:
        kept[2:2] = _exif_with(way_up)
    return bytes(kept), size


def _segment(content: bytes, at: int) -> tuple[int, bytes, int]:
    """The marker at a place, what it holds, and where the next one begins."""
    if at + 2 > len(content) or content[at] != 0xFF:
        raise BadImage
    marker = content[at + 1]
    if marker == _EOI or marker in _ALONE:
        return marker, b"", at + 2
    length = int.from_bytes(content[at + 2 : at + 4], "big")
    if marker in (0x00, 0xFF, _SOI) or length < 2 or at + 2 + length > len(content):
        raise BadImage
    return marker, content[at + 4 : at + 2 + length], at + 2 + length


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the packed picture ends: at the first marker that is no restart and no stuffed byte."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise BadImage
        following = content[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0x00 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at


def _is_drawn(marker: int, body: bytes) -> bool:
    if marker == _APP2:
        return body.startswith(b"ICC_PROFILE\x00")
    return marker != _COM and (marker in (_APP0, _APP14) or not _APP1 <= marker <= _APP15)


def _way_up(tiff: bytes) -> int:
    """The orientation (1 to 8) an EXIF block gives; 0 where it gives none that makes sense."""
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None:
        return 0

    def number(at: int, count: int) -> int:
        return int.from_bytes(tiff[at : at + count], "little" if order == "little" else "big")

    first = number(4, 4)
    for entry in range(min(number(first, 2), 200)):
        at = first + 2 + entry * 12
        if number(at, 2) == _ORIENTATION and number(at + 2, 2) == _SHORT:
            value = number(at + 8, 2)
            return value if 1 <= value <= 8 else 0
    return 0


def _exif_with(way_up: int) -> bytes:
    """A segment that says which way is up, and nothing else."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + way_up.to_bytes(2, "big") + b"\x00\x00"
    body = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def clean_png(content: bytes) -> tuple[bytes, Size]:
    """The picture alone, and its width and height in pixels. :raises BadImage: it cannot be read to its end."""
    kept, size, at = bytearray(_PNG_HEAD), None, len(_PNG_HEAD)
    kind = b""
    while kind != b"IEND":
        length = int.from_bytes(content[at : at + 4], "big")
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            raise BadImage
        if kind == b"IHDR":
            size = (
                int.from_bytes(content[at + 8 : at + 12], "big"),
                int.from_bytes(content[at + 12 : at + 16], "big"),
            )
        if kind in _PNG_KEPT:
            kept += content[at:end]
        at = end
    if size is None or not all(size):
        raise BadImage
    return bytes(kept), size


def clean_webp(content: bytes) -> tuple[bytes, Size]:
    """The picture alone, and its width and height in pixels. :raises BadImage: it cannot be read to its end."""
    kept, size = bytearray(), None
    for kind, body in _webp_parts(content):
        if kind not in _WEBP_KEPT:
            continue
        held = bytes([body[0] & ~_WEBP_SAYS_EXIF_XMP]) + body[1:] if kind == b"VP8X" and body else body
        kept += kind + len(held).to_bytes(4, "little") + held + b"\x00" * (len(held) % 2)
        size = size or _webp_size(kind, body)
    if size is None or not all(size):
        raise BadImage
    return b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WEBP" + bytes(kept), size


def _webp_parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise BadImage
    at = 12
    while at + 8 <= end:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise BadImage
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_size(kind: bytes, body: bytes) -> Size | None:
    if kind == b"VP8X" and len(body) >= 10:
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and len(body) >= 5 and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(body) >= 10 and body[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None

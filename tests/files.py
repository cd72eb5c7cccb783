"""Small files of every kind, made here: images as cameras write them, with all they say about who took them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

GPS = b"31.2304N-121.4737E"
OWNER = "王小明的手机".encode()


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(way_up: int, order: bytes = b"II") -> bytes:
    """An EXIF block with the way up, a place and an owner."""
    end = "<" if order == b"II" else ">"
    entry = struct.pack(end + "HHIHH", 0x0112, 3, 1, way_up, 0)
    head = order + struct.pack(end + "HIH", 42, 8, 1) + entry + struct.pack(end + "I", 0)
    return b"Exif\x00\x00" + head + GPS + OWNER


def jpeg(width: int = 4, height: int = 3, *, way_up: int = 1, order: bytes = b"II", tail: bytes = b"") -> bytes:
    """Segments of a photo: two scans, a thumbnail in the private part, a comment, and what hangs behind the end."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\x01\x01\x00\x00\x3f\x00"
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            segment(0xE1, exif(way_up, order)),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>" + OWNER),
            segment(0xE2, b"ICC_PROFILE\x00\x01\x01colours"),
            segment(0xE2, b"MPF\x00" + GPS),
            segment(0xED, b"Photoshop 3.0\x00" + OWNER),
            segment(0xFE, OWNER),
            segment(0xDB, bytes(65)),
            segment(0xC0, frame),
            segment(0xDA, scan) + b"\x12\xff\x00\x34\xff\xd0\x56",
            segment(0xC4, b"\x00" * 17),
            segment(0xDA, scan) + b"\x78\x9a",
            b"\xff\xd9",
            tail,
        )
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 5, height: int = 2, *, tail: bytes = b"") -> bytes:
    rows = b"".join(b"\x00" + b"\x10\x80\xff" * width for _ in range(height))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            chunk(b"eXIf", exif(6)[6:]),
            chunk(b"tEXt", b"Author\x00" + OWNER),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
            tail,
        )
    )


def webp(width: int = 7, height: int = 6) -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)

    extended = bytes([0x0C, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    picture = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"odd"
    parts = part(b"VP8X", extended) + part(b"VP8L", picture) + part(b"EXIF", exif(6)) + part(b"XMP ", OWNER)
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


def package(*names: str) -> bytes:
    """A package as Word and Excel write it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return held.getvalue()

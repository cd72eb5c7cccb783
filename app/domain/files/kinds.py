"""What kind of file something is, told by its content; the name and the sender are not asked."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import Final

from app.domain.files.images import BadImage, Size, clean_jpeg, clean_png, clean_webp
from app.domain.words import Words
from app.errors import UnsupportedMedia

MOST_PIXELS: Final = 100_000_000
MOST_NAME: Final = 120
MOST_PARTS: Final = 2_000
MOST_UNPACKED: Final = 100_000_000
TAKEN: Final = Words(
    "可上传：照片（JPEG、PNG、WebP）、PDF、文本、Word（docx）、Excel（xlsx）",
    "taken are photos (JPEG, PNG, WebP), PDF, text, Word (docx) and Excel (xlsx)",
)
_TEXT_SUFFIXES: Final = frozenset({"txt", "csv", "log", "cfg", "conf"})
#: Control characters that no text file holds.
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_OFFICE: Final = {
    "word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A file as it is kept: ``content`` is what may be handed out again. ``size`` in pixels, of images only."""

    name: str
    media_type: str
    content: bytes
    size: Size | None = None


def taken(name: str, content: bytes) -> Taken:
    """Recognise a file and clean it.

    :raises UnsupportedMedia: it is of no kind that is taken, broken, or holds macros.
    """
    if not content:
        raise _refused("the file is empty", "文件是空的")
    image = _image(content)
    if image is not None:
        suffix, media_type, kept, size = image
        return Taken(name=_named(name, {suffix}), media_type=media_type, content=kept, size=size)
    if content.startswith(b"%PDF-"):
        return Taken(name=_named(name, {"pdf"}), media_type="application/pdf", content=content)
    if content.startswith(b"PK\x03\x04"):
        suffix, media_type = _office(content)
        return Taken(name=_named(name, {suffix}), media_type=media_type, content=content)
    return Taken(
        name=_named(name, _TEXT_SUFFIXES), media_type=f"text/plain; charset={_charset(content)}", content=content
    )


def _image(content: bytes) -> tuple[str, str, bytes, Size] | None:
    try:
        if content.startswith(b"\xff\xd8"):
            kept, size = clean_jpeg(content)
            found = ("jpg", "image/jpeg", kept, size)
        elif content.startswith(b"\x89PNG\r\n\x1a\n"):
            kept, size = clean_png(content)
            found = ("png", "image/png", kept, size)
        elif content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            kept, size = clean_webp(content)
            found = ("webp", "image/webp", kept, size)
        else:
            return None
    except BadImage as error:
        raise _refused("the image is damaged", "图片已损坏") from error
    if size[0] * size[1] > MOST_PIXELS:
        raise _refused("the image has more than 100 million pixels", "图片超过 1 亿像素")
    return found


def _office(content: bytes) -> tuple[str, str]:
    """Word and Excel without macros; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise _refused(TAKEN.en, TAKEN.zh) from error
    names = {part.filename.lower() for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _refused("the file unpacks to too much", "文件解压后过大")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise _refused("files with macros are not taken", "不接受含宏的文件")
    if "[content_types].xml" in names:
        for folder, kind in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return kind
    raise _refused(TAKEN.en, TAKEN.zh)


def _charset(content: bytes) -> str:
    for charset in ("utf-8", "gb18030"):
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT.search(text):
            return charset
    raise _refused(TAKEN.en, TAKEN.zh)


def _named(name: str, suffixes: set[str] | frozenset[str]) -> str:
    """The name without path, control and direction characters, and with the suffix of what the file is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(each for each in last if unicodedata.category(each)[0] != "C" and each not in '<>:"|?*')
    stem, dot, suffix = plain.strip(" .").rpartition(".")
    suffix = suffix.lower()
    fits = {"jpeg": "jpg"}.get(suffix, suffix) in suffixes
    stem = stem if dot and fits else plain.strip(" .")
    end = suffix if dot and fits else "txt" if "txt" in suffixes else next(iter(suffixes))
    return f"{stem[:MOST_NAME] or 'file'}.{end}"


def _refused(en: str, zh: str) -> UnsupportedMedia:
    return UnsupportedMedia(en, zh)

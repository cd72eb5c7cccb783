"""Bring app/web/texts/zh.po up to date with the sentences that templates and modules say.

python -m scripts.texts          writes the file; sentences without Chinese are listed
python -m scripts.texts --check  writes nothing and fails if the file would change or a sentence has no Chinese
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

WEB: Final = Path(__file__).parents[1] / "app" / "web"
CATALOGUE: Final = WEB / "texts" / "zh.po"
# Which arguments of which calls are sentences; "c" marks the one that says what the words are about.
CALLS: Final[Mapping[str, object]] = {
    "t": None,
    "about": ((1, "c"), 2),
    "t_about": ((1, "c"), 2),
    "Sentence": {1: (1,), 2: (1, (2, "c"))},
}
READERS: Final = {".py": ("python", {}), ".html": ("jinja2.ext:babel_extract", {"trimmed": "false"})}


def said() -> Catalog:
    """Every sentence of the pages, with the files that say it."""
    found = Catalog(locale="zh", charset="utf-8")
    for path in sorted([*WEB.rglob("*.py"), *WEB.rglob("*.html")]):
        method, options = READERS[path.suffix]
        with path.open("rb") as file:
            for _line, sentence, _comments, about in extract(method, file, CALLS, options=options):
                if isinstance(sentence, str):
                    found.add(sentence, context=about, locations=[(path.relative_to(WEB).as_posix(), 0)])
    return found


def kept() -> Catalog:
    """What the file says now."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def up_to_date() -> tuple[bytes, list[str]]:
    """The file as it should be, and the sentences that still lack their Chinese."""
    now, old = said(), kept()
    for message in now:
        before = old.get(message.id, message.context) if message.id else None
        if before is not None:
            message.string = before.string
            message.user_comments = before.user_comments
    missing = [str(message.id) for message in now if message.id and not message.string]
    out = BytesIO()
    write_po(out, now, width=120, omit_header=True, include_lineno=False, sort_by_file=True)
    head = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: zh\\n"\n\n'
    return head + out.getvalue().strip() + b"\n", missing


def main() -> None:
    text, missing = up_to_date()
    changed = text != CATALOGUE.read_bytes()
    if "--check" not in sys.argv[1:]:
        CATALOGUE.write_bytes(text)
    for sentence in missing:
        print(f"no Chinese yet: {sentence}")
    if "--check" in sys.argv[1:] and (changed or missing):
        sys.exit("zh.po is not up to date: run python -m scripts.texts and write the Chinese that is missing")


if __name__ == "__main__":
    main()

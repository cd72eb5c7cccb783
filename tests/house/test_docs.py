"""The documents hold together: links lead somewhere, the change log and the decisions keep their form."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

from tests.house.repository import ROOT, files_like, project_files, short

LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
DECISION_PARTS = ["Context", "Choice", "Price"]


def markdown() -> list[Path]:
    return files_like("*.md")


def anchors(file: Path) -> set[str]:
    """The anchors a heading gets on the usual git hosts."""
    headings = HEADING.findall(re.sub(r"```.*?```", "", file.read_text("utf-8"), flags=re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    broken = []
    known = set(project_files())
    for file in markdown():
        for target in LINK.findall(CODE.sub("", file.read_text("utf-8"))):
            address, _, anchor = urllib.parse.unquote(target).partition("#")
            if urllib.parse.urlsplit(address).scheme:
                continue
            place = (file.parent / address).resolve() if address else file
            is_there = place in known or (place.is_dir() and any(place in one.parents for one in known))
            if not is_there or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
                broken.append(f"{short(file)}: {target}")
    assert broken == []


def test_the_index_names_every_document() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    documents = [file for file in markdown() if short(file).startswith("docs/") and file.name != "README.md"]
    assert [short(file) for file in documents if str(file.relative_to(ROOT / "docs")) not in index] == []


def test_decisions_are_numbered_dated_and_say_context_choice_and_price() -> None:
    decisions = files_like("docs/decisions/*.md")
    assert decisions
    numbers = [re.match(r"(\d{4})-[a-z0-9-]+\.md$", file.name) for file in decisions]
    assert [int(number[1]) for number in numbers if number] == list(range(1, len(decisions) + 1))
    for file in decisions:
        text = file.read_text("utf-8")
        assert re.search(r"^\d{4}-\d{2}-\d{2}$", text, re.MULTILINE), f"{short(file)} has no date"
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == DECISION_PARTS, short(file)


def test_the_change_log_keeps_its_form() -> None:
    """Keep a Changelog: newest first; each release opens with what it is for."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert releases[0].startswith("[Unreleased]")
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    dates = []
    for release in releases:
        title, body = release.split("\n", 1)
        assert re.fullmatch(r"\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", title), title
        dates += re.findall(r"\d{4}-\d{2}-\d{2}", title)
        assert body.strip() and not body.strip().startswith("#"), f"{title} does not say what it is for"
        assert set(re.findall(r"^### (.+)$", body, re.MULTILINE)) <= kinds, title
    assert dates == sorted(dates, reverse=True)

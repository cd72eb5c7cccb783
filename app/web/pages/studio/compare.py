"""Two versions, or a draft and what it was made from, side by side and in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from app.services.studio.drawing_compare import Comparison, Side, numbers_of
from app.web.addresses import with_arguments
from app.web.pages.studio.change_words import ChangeWords
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.compare import ChangeLine, ComparePage, FactLine, Sheet
from app.web.views.parts import Choice, Tab, Tag, Tone
from processes.drawing_changes import FactChange, ThingChange

LOOKS: Final[dict[str, tuple[Sentence, str, Tone]]] = {
    "added": (Sentence("added"), "plus", "ok"),
    "removed": (Sentence("removed"), "x", "bad"),
    "changed": (Sentence("changed"), "diff", "run"),
    "moved": (Sentence("only moved"), "arrow", ""),
}
#: What is not worth a line of its own: said by other lines already, or by the drawing.
QUIET: Final = frozenset({"parent"})
MOST: Final = 500
#: By which calendar the time of an element is counted.
CALENDAR: Final = "@yizhan:calendar"


class ComparePages:
    """Builds the page and what can be taken away from it."""

    def __init__(
        self, session: Session, reader: Reader, registry: OperationRegistry, found: Comparison, path: str, query: str
    ) -> None:
        self.session, self.reader, self.found, self.path = session, reader, found, path
        self.words = ChangeWords(session, reader, registry, found.things)
        self.query = query

    def page(self, *, moves: bool = False, chosen: str = "") -> ComparePage:
        """Everything."""
        t, found = self.reader.t, self.found
        counts = Counter(one.what for one in found.changes)
        name = self.reader.words(found.name)
        old, new = self._title(found.old), self._title(found.new)
        drawn = found.kind == "process"
        return ComparePage(
            title=name,
            heading=t("Compare {old} and {new}", old=old, new=new),
            back_href=f"/processes/drafts/{found.new.draft_id}" if found.new.draft_id else f"/processes/{found.key}",
            old=Sheet(title=old, source_href=self._source(found.old), marks=self._marks(moves, chosen, new=False)),
            new=Sheet(title=new, source_href=self._source(found.new), marks=self._marks(moves, chosen, new=True)),
            drawn=drawn,
            counts=tuple((what, self._tag(what, counts[what])) for what in ("added", "removed", "changed")),
            changes=tuple(self.line(one) for one in found.changes if moves or one.what != "moved")[:MOST],
            around=tuple(self._around()),
            moves=counts["moved"],
            moves_shown=moves,
            moves_href=self._here(moves="" if moves else "1"),
            action=self.path,
            kind=found.kind,
            olds=self._choices(found.old),
            news=() if found.new.draft_id else self._choices(found.new),
            exports=(
                Tab(t("Markdown"), self._here(form="md"), False),
                Tab(t("Table (CSV)"), self._here(form="csv"), False),
            ),
            chosen=chosen,
        )

    def line(self, one: ThingChange) -> ChangeLine:
        """One element in words."""
        words = self.words
        name, icon, tone = LOOKS[one.what]
        return ChangeLine(
            id=one.thing.id,
            tag=Tag(self.reader.t(name), icon, tone),
            name=words.name(one.thing),
            kind=words.kind(one.thing),
            lines=tuple(self._fact(fact, one) for fact in self._facts(one)),
            href=self._here(at=one.thing.id),
            moved=one.moved and one.what == "changed",
        )

    def _facts(self, one: ThingChange) -> Sequence[FactChange]:
        """What is said of it; of a new element what it says from the beginning, without what its head says already."""
        if one.what in ("changed", "moved"):
            return [fact for fact in one.facts if fact.path not in QUIET] or list(one.facts)
        if one.thing.type in ("sequenceFlow", "association"):
            return ()
        said = {path: value for path, value in one.thing.facts.items() if path not in ("@name", "@yizhan:nameEn")}
        if one.what == "added":
            return [FactChange(path, None, value) for path, value in said.items()]
        return ()

    def _fact(self, fact: FactChange, one: ThingChange) -> FactLine:
        here = one.thing.facts.get(CALENDAR, "")
        was = next((change.before or "" for change in one.facts if change.path == CALENDAR), here)
        before = self.words.value(fact.path, fact.before, calendar=was)
        after = self.words.value(fact.path, fact.after, calendar=here)
        if before == after:
            # Two codes may be called the same.
            before, after = fact.before or "", fact.after or ""
        return FactLine(label=self.words.label(fact.path), before=before, after=after)

    def _around(self) -> list[FactLine]:
        kinds = {"form": Sentence("form"), "decision": Sentence("decision table"), "process": Sentence("process")}
        return [
            FactLine(
                label=" ".join((self.reader.t(kinds[one.kind]), self.reader.words(one.name))),
                before=f"v{one.before}",
                after=f"v{one.after}",
            )
            for one in self.found.around
        ]

    def _marks(self, moves: bool, chosen: str, *, new: bool) -> str:
        gone, come = ("added", "removed") if not new else ("removed", "added")
        marks: dict[str, Any] = {}
        for one in self.found.changes:
            if one.what == gone or (one.what == "moved" and not moves):
                continue
            what = come if one.what == come else one.what
            title = ": ".join((self.words.name(one.thing), self.reader.t(LOOKS[what][0])))
            marks[one.thing.id] = {"diff": what, "title": title, "href": self._here(at=one.thing.id)}
        if chosen:
            marks.setdefault(chosen, {})["chosen"] = True
        return json.dumps(marks, ensure_ascii=False)

    def _tag(self, what: str, count: int) -> Tag:
        name, icon, tone = LOOKS[what]
        word = self.reader.t(name)
        return Tag(f"{word} {count}", icon, tone if count else "")

    def _title(self, side: Side) -> str:
        return f"v{side.version}" if side.version else self.reader.t("draft")

    def _source(self, side: Side) -> str:
        if side.draft_id:
            return f"/processes/drafts/{side.draft_id}/source"
        return f"/processes/{self.found.key}/{side.version}/source"

    def _choices(self, side: Side) -> tuple[Choice, ...]:
        numbers = numbers_of(self.session, self.found.kind, self.found.key)[:MOST]
        return tuple(
            Choice(str(number), f"v{number}", "chosen" if number == side.version else "") for number in numbers
        )

    def _here(self, **more: str) -> str:
        given = {"old": str(self.found.old.version or "")}
        if self.found.new.version:
            given |= {
                "new": str(self.found.new.version),
                "kind": "" if self.found.kind == "process" else self.found.kind,
            }
        return with_arguments(self.path, given | {"moves": self.query, **more})


def as_markdown(pages: ComparePages) -> str:
    """The change note, to be put into a mail or beside the model."""
    page = pages.page()
    rows = [f"# {_plain(page.title)}: {page.heading}", ""]
    for change in page.changes:
        rows.append(f"- **{change.tag.text}** {_plain(change.name)} ({change.kind})")
        rows += [
            f"  - {_plain(one.label)}: {_plain(one.before) or '–'} → {_plain(one.after) or '–'}" for one in change.lines
        ]
    if page.around:
        rows += [f"- {_said(one)}" for one in page.around]
    return "\n".join(rows) + "\n"


def as_rows(pages: ComparePages) -> list[tuple[str, ...]]:
    """The same as a table, with a heading."""
    t, page = pages.reader.t, pages.page()
    rows: list[tuple[str, ...]] = [(t("Change"), t("Element"), t("Kind"), t("What"), t("Before"), t("After"))]
    for change in page.changes:
        head = (change.tag.text, change.name, change.kind)
        rows += [(*head, one.label, one.before, one.after) for one in change.lines] or [(*head, "", "", "")]
    rows += [("", "", "", one.label, one.before, one.after) for one in page.around]
    return rows


def _said(line: FactLine) -> str:
    return f"{_plain(line.label)}: {_plain(line.before) or '–'} → {_plain(line.after) or '–'}"


def _plain(text: str) -> str:
    """A text that means nothing to Markdown."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|!" else letter for letter in " ".join(text.split()))

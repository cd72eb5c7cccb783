"""A designer's desk in the town: a second version, drafts with something to mend, a dry run, a migration."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from tests.web.site import Visitor

PROCESS: Final = "home_install"
#: What the second version says otherwise.
SECOND: Final = (
    ('name="预约上门" yizhan:nameEn="Book appointment"', 'name="电话预约上门" yizhan:nameEn="Call and book"'),
    ('"book_appointment" yizhan:duration="PT6H"', '"book_appointment" yizhan:duration="PT4H"'),
    ('"line_test" yizhan:milestone="tested" yizhan:duration="PT15M"', '"line_test" yizhan:milestone="tested"'),
)
#: What is wrong in the draft after it.
WRONG: Final = ("value=\"'install'\"", 'value="instal"')


class Studio:
    """What pictures of designers show; every method returns an address."""

    def __init__(self, designer: Visitor, manager: Visitor) -> None:
        self._designer, self._manager = designer, manager
        self._seen: dict[str, str] = {}

    def second_version(self) -> None:
        """Deploy a second version of the installation."""
        draft = self._draft("bpmn", PROCESS)
        self._save(draft, *SECOND)
        page = self._designer.get(f"{draft}/deploy").get_data(as_text=True)
        fields: dict[str, Any] = dict(re.findall(r'name="(token|seen)" value="([^"]*)"', page))
        notes = dict.fromkeys(re.findall(r'name="(note-[0-9a-f]+)"', page), "沿用 v1，前置项由营业厅跟进")
        said = {"when": "now", "release_note": "预约改为 4 小时内电话联系"}
        answer = self._designer.post(f"{draft}/deploy", fields | notes | said)
        assert answer.status_code == 303, page[:2000]

    def wrong_draft(self) -> str:
        """A draft in which something has to be mended."""
        if "wrong" not in self._seen:
            self._seen["wrong"] = self._draft("bpmn", PROCESS)
            self._save(self._seen["wrong"], WRONG)
        return self._seen["wrong"]

    def draft(self, kind: str, key: str) -> str:
        """A draft of a form or a decision."""
        if key not in self._seen:
            self._seen[key] = self._draft(kind, key)
        return self._seen[key]

    def dry_run(self) -> str:
        """A dry run of the installation, looked at in the middle."""
        if "run" not in self._seen:
            path = f"/processes/{PROCESS}/1/try"
            sample = re.findall(r'<option value="([0-9a-f-]{36})"', self._designer.get(path).get_data(as_text=True))[0]
            form = {"do": "run", "sample": sample, "pace": "usual", "calls": "run", "begins": "2026-11-25T10:05"}
            answer = self._designer.post(path, form)
            self._seen["run"] = f"{answer.headers['Location'].split('#')[0]}&step=9"
        return self._seen["run"]

    def migration(self) -> str:
        """A migration that has been judged."""
        if "migration" not in self._seen:
            asked = {"from": "1", "to": "2", "reason": "预约改为 4 小时"}
            answer = self._manager.post(f"/processes/{PROCESS}/migrate", asked)
            self._seen["migration"] = answer.headers["Location"].split("?")[0]
        return self._seen["migration"]

    def _draft(self, kind: str, key: str) -> str:
        answer = self._designer.post("/processes/drafts", {"from": "version", "kind": kind, "key": key})
        assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
        return str(answer.headers["Location"]).partition("?")[0]

    def _save(self, draft: str, *changes: tuple[str, str]) -> None:
        text = self._designer.get(f"{draft}/source").get_data(as_text=True)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        client = self._designer.client
        headers = {"X-CSRF-Token": self._designer.token(), "Content-Type": "application/json"}
        answer = client.post(f"{draft}/save", data=json.dumps({"text": text, "revision": 1}), headers=headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)

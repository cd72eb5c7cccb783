"""Saves a draft again and again: ``saving_program.py DATABASE_URL DRAFT_ID REVISION FIRST``. For tests that kill it.

Every save writes the number of the text, and a line with the revision once it is known to be saved.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from app.services.studio import process_drafts
from tests.api.world import make_deps, settings_for
from tests.services.test_draft_life import ANN, text


def main() -> None:
    """Draw on until somebody ends it."""
    url, draft_id, revision, number = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        deps = make_deps(settings_for(url, Path(folder)))
        while True:
            draft, _ = process_drafts.change(draft_id, text(number), ANN, deps, revision=revision)
            revision, number = draft.revision, number + 1
            sys.stdout.write(f"{number - 1} {revision}\n")
            sys.stdout.flush()


main()

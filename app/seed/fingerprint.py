"""Loading data files only when they, or the code that reads them, have changed since they were last loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

import adapters
from app.persistence.products.catalogue import RuleBook

SEED: Final = Path(__file__).resolve().parent
OPERATIONS: Final = Path(next(iter(adapters.__path__))) / "data" / "operations.yaml"
#: The row of the rule books that keeps what was loaded, by name.
LOADED: Final = "loaded_files"


def fingerprint() -> str:
    """One digest over every data file of the product and over the code that turns them into rows."""
    files = [*SEED.rglob("*.yaml"), *SEED.glob("*.py"), OPERATIONS]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def load_once(session: Session, name: str, load: Callable[[], object]) -> bool:
    """Run ``load`` unless the same files were loaded under ``name`` before; returns whether it ran.

    :param load: works in the session given; the caller commits both.
    """
    row = session.get(RuleBook, LOADED)
    known = dict(row.body) if row is not None else {}
    now = fingerprint()
    if known.get(name) == now:
        return False
    load()
    body = {**known, name: now}
    if row is None:
        session.add(RuleBook(code=LOADED, body=body))
    else:
        row.body = body
    return True

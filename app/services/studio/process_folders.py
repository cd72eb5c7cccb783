"""Folders of the catalogue: made, renamed, put into another order, removed when empty; processes lie in at most one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft, ProcessFolder, ProcessPlace
from app.seed.files import read as read_data
from app.unit_of_work import read, retried, transaction
from processes.store.definitions import ProcessDefinition

NAME_CHARS: Final = 80


def folders(session: Session) -> Sequence[ProcessFolder]:
    """Every folder, in the order of the catalogue."""
    return session.scalars(select(ProcessFolder).order_by(ProcessFolder.position, ProcessFolder.code)).all()


def places(session: Session) -> Mapping[str, str]:
    """The folder of each process that lies in one, by key."""
    return {row.key: row.folder for row in session.scalars(select(ProcessPlace))}


def seed_folders(session: Session, keys: Iterable[str]) -> int:
    """Make the folders the product comes with, if there is none at all yet. Returns how many were made."""
    if session.scalar(select(func.count()).select_from(ProcessFolder)):
        return 0
    given = read_data("process_folders")
    for position, row in enumerate(given["folders"]):
        session.add(ProcessFolder(position=position, **row))
    session.flush()
    placed = {key: folder for folder, inside in given["places"].items() for key in inside}
    session.add_all(ProcessPlace(key=key, folder=placed.get(key, given["others"])) for key in sorted(keys))
    return len(given["folders"])


@retried
def make(name_zh: str, name_en: str, actor: Actor, deps: Deps) -> ProcessFolder:
    """A new folder at the end. :raises InvalidInput: a name is missing, too long or taken."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        session = tx.session
        _names(session, name_zh, name_en)
        last = session.scalar(select(func.max(ProcessFolder.position)))
        folder = ProcessFolder(
            code=deps.new_id(), name_zh=name_zh, name_en=name_en, position=0 if last is None else last + 1
        )
        session.add(folder)
        return folder


@retried
def rename(code: str, name_zh: str, name_en: str, actor: Actor, deps: Deps) -> ProcessFolder:
    """Other names for a folder. :raises InvalidInput: a name is missing, too long or taken."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        folder = _folder(tx.session, code)
        _names(tx.session, name_zh, name_en, but=code)
        folder.name_zh, folder.name_en = name_zh, name_en
        return folder


@retried
def shift(code: str, by: int, actor: Actor, deps: Deps) -> None:
    """Put a folder ``by`` places further down (or up, below zero)."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        rows = list(folders(tx.session))
        folder = _folder(tx.session, code)
        at = rows.index(folder)
        rows.insert(max(0, at + by), rows.pop(at))
        for position, row in enumerate(rows):
            row.position = position


@retried
def remove(code: str, actor: Actor, deps: Deps) -> None:
    """Remove an empty folder. :raises Conflict: something lies in it."""
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        session, folder = tx.session, _folder(tx.session, code)
        inside = session.scalar(select(func.count()).where(ProcessPlace.folder == code)) or 0
        if inside:
            raise Conflict(f"{inside} processes lie in it; move them first", f"文件夹内还有 {inside} 个流程，请先移走")
        session.execute(update(ProcessDraft).where(ProcessDraft.folder == code).values(folder=None))
        session.delete(folder)


@retried
def move(key: str, code: str | None, actor: Actor, deps: Deps) -> None:
    """Put a process, with its drafts, into a folder, or into none.

    :raises NotFound: no such process.
    :raises InvalidInput: no such folder.
    """
    may(actor, "process.edit")
    with transaction(deps.sessions) as tx:
        session = tx.session
        known = session.scalar(select(ProcessDefinition.key).where(ProcessDefinition.key == key).limit(1))
        drafted = session.scalar(select(ProcessDraft.key).where(ProcessDraft.key == key).limit(1))
        if known is None and drafted is None:
            raise NotFound()
        if code is not None and session.get(ProcessFolder, code) is None:
            raise InvalidInput("there is no such folder", "没有这个文件夹")
        place = session.get(ProcessPlace, key)
        if place is not None and code is None:
            session.delete(place)
        elif place is not None and code is not None:
            place.folder = code
        elif code is not None:
            session.add(ProcessPlace(key=key, folder=code))
        session.execute(update(ProcessDraft).where(ProcessDraft.key == key).values(folder=code))


def listed(actor: Actor, deps: Deps) -> Sequence[tuple[ProcessFolder, int]]:
    """Every folder with how many processes lie in it."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        inside = dict(session.execute(select(ProcessPlace.folder, func.count()).group_by(ProcessPlace.folder)).all())
        return [(folder, inside.get(folder.code, 0)) for folder in folders(session)]


def _folder(session: Session, code: str) -> ProcessFolder:
    folder = session.get(ProcessFolder, code)
    if folder is None:
        raise NotFound()
    return folder


def _names(session: Session, name_zh: str, name_en: str, *, but: str = "") -> None:
    problems = []
    for field, given in (("name_zh", name_zh), ("name_en", name_en)):
        taken = select(ProcessFolder.code).where(getattr(ProcessFolder, field) == given, ProcessFolder.code != but)
        if not given.strip() or len(given) > NAME_CHARS:
            zh, en = f"请填写 1 到 {NAME_CHARS} 个字", f"1 to {NAME_CHARS} characters"
            problems.append(FieldProblem(path=field, code="length", zh=zh, en=en))
        elif session.scalar(taken.limit(1)) is not None:
            problems.append(FieldProblem(path=field, code="taken", zh="已有同名文件夹", en="there is one of that name"))
    if problems:
        raise InvalidInput("the names cannot be used", "名称不可用", details=problems)

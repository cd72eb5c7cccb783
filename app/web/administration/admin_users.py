"""Users as administrators keep them."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, hash_password, requires, temporary_password
from app.domain.administration.staff import StaffData
from app.errors import Conflict, InvalidInput, NotFound
from app.persistence.administration.staff_search import StaffFilter, get_staff
from app.persistence.people import User
from app.services.administration import staff_desk
from app.unit_of_work import read
from app.web.block_forms import whole_number
from app.web.frame import render
from app.web.pages.administration.admin_user import Entered, new_user_page, user_page
from app.web.pages.administration.admin_user_form import user_href
from app.web.pages.administration.admin_users import users_page
from app.web.reader import current_reader
from app.web.site import bp, offset_of_request, see


@bp.get("/admin/users")
@requires("admin.view")
def admin_users() -> Response:
    """Who works here."""
    wanted = StaffFilter(
        text=request.args.get("q", "").strip()[:64],
        role=request.args.get("role", "")[:40],
        state=request.args.get("state", "")[:20],
    )
    with read(current_deps().read_sessions) as session:
        page = users_page(session, current_reader(), wanted, offset_of_request())
    return render("blocks/page.html", page)


@bp.get("/admin/users/new")
@requires("admin.users")
def admin_new_user() -> Response:
    """The form for a new user."""
    with read(current_deps().read_sessions) as session:
        page = new_user_page(session, current_reader())
    return render("blocks/page.html", page)


@bp.post("/admin/users")
@requires("admin.users")
def admin_make_user() -> Response:
    """Make a user; the answer shows the temporary password, once."""
    login, password = request.form.get("login", "").strip()[:64], temporary_password()
    deps = current_deps()
    try:
        staff_desk.create(login, _data(), hash_password(password), current_actor(), deps)
    except InvalidInput as error:
        with read(deps.read_sessions) as session:
            page = new_user_page(
                session, current_reader(), entered=Entered(form=request.form.to_dict(flat=False), error=error)
            )
        return render("blocks/page.html", page, status=422)
    return _user(login, password=password)


@bp.get("/admin/users/<login>")
@requires("admin.view")
def admin_user(login: str) -> Response:
    """One user."""
    return _user(login)


@bp.post("/admin/users/<login>")
@requires("admin.users")
def admin_change_user(login: str) -> Response:
    """Change what is said of a user."""
    try:
        staff_desk.change(
            login,
            _data(),
            current_actor(),
            current_deps(),
            seen=request.form.get("seen", "")[:16],
            reason=request.form.get("reason", ""),
        )
    except (InvalidInput, Conflict) as error:
        return _user(login, entered=Entered(form=request.form.to_dict(flat=False), error=error))
    return see(user_href(login), "saved")


@bp.post("/admin/users/<login>/<act>")
@requires("admin.users")
def admin_act_on_user(login: str, act: str) -> Response:
    """Lock, let in again, log out everywhere, or give a temporary password."""
    actor, deps, reason = current_actor(), current_deps(), request.form.get("reason", "")
    if act == "password":
        password = temporary_password()
        staff_desk.give_password(login, hash_password(password), reason, actor, deps)
        return _user(login, password=password)
    if act == "sessions":
        staff_desk.end_sessions(login, reason, actor, deps)
    elif act in ("lock", "unlock"):
        staff_desk.set_active(login, reason, actor, deps, active=act == "unlock")
    else:
        raise NotFound
    return see(user_href(login), "saved")


def _user(login: str, *, entered: Entered | None = None, password: str = "") -> Response:
    with read(current_deps().read_sessions) as session:
        page = user_page(session, current_reader(), _found(session, login), entered=entered, password=password)
    return render("blocks/page.html", page, status=entered.error.http_status if entered else 200)


def _found(session: Session, login: str) -> User:
    user = get_staff(session, current_actor(), login)
    if user is None:
        raise NotFound
    return user


def _data() -> StaffData:
    form = request.form
    return StaffData(
        name_zh=form.get("name_zh", ""),
        name_en=form.get("name_en", ""),
        role=form.get("role", ""),
        area=form.get("area", ""),
        language=form.get("language", ""),
        max_open_items=whole_number(form.get("max_open_items", ""), 0),
        teams=tuple(form.getlist("teams")),
        skills=tuple(form.getlist("skills")),
    )

"""The page of one order for its customer: opened with a signed link, without a login.

The link is exchanged for a cookie at once, so that its text stays in no address that is shown, kept or handed on. Every
answer is the same where a link leads nowhere, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import current_deps, current_language, current_now, public
from app.access.cookies import Cookie, plan_cookie
from app.access.limiter import check_attempts, record_attempt
from app.domain.actors import Actor
from app.errors import AppError, Conflict, InvalidInput, NotFound, TooMany
from app.services.counter import order_links
from app.services.ordering.orchestration import item_plans
from app.unit_of_work import read, transaction
from app.web.assets import SHEETS
from app.web.frame import basics
from app.web.pages.counter.my_order import my_order
from app.web.reader import Reader
from app.web.site import bp, see
from app.web.views.my_order import NoOrder
from app.web.views.parts import Fault

COOKIE = "yizhan_my_order"
#: Whom tries with wrong links are counted for, beside the address they come from.
GUESSES = "order-link"
MOST_TOKEN_LETTERS = 100


@bp.get("/my/<token>")
@public
def my_link(token: str) -> Response:
    """Open a link: its text goes into a cookie and out of the address."""
    token = token[:MOST_TOKEN_LETTERS]
    try:
        _known(token)
    except (NotFound, TooMany) as refusal:
        return _nothing(refusal)
    plan_cookie(Cookie(name=COOKIE, value=token))
    response = _hidden(see(url_for("web.my_order_page")))
    # Only here: from a page that tells nothing of where it is, browsers send forms that look like a stranger's.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/my")
@public
def my_order_page() -> Response:
    """The page of the order."""
    return _page(done=request.args.get("done", ""))


@bp.post("/my/visit")
@public
def my_visit() -> Response:
    """The customer moves the visit."""
    slot = request.form.get("slot", "")[:32]
    if not slot:
        return _page([Fault("slot", _reader().t("Choose a time."))], 422)
    try:
        order_links.move_by_customer(_token(), request.form.get("item", "")[:20], slot, current_deps())
    except (Conflict, InvalidInput, NotFound) as refusal:
        return _nothing(refusal) if isinstance(refusal, NotFound) else _page(_told(refusal, "slot"), 422)
    return _hidden(see(url_for("web.my_order_page"), "moved"))


@bp.post("/my/survey")
@public
def my_survey() -> Response:
    """The customer says how it was."""
    text = request.form.get("score", "")
    if text not in ("1", "2", "3", "4", "5"):
        return _page([Fault("score", _reader().t("Choose one of the five."))], 422)
    try:
        order_links.rate(_token(), int(text), request.form.get("comment", ""), current_deps())
    except (Conflict, InvalidInput, NotFound) as refusal:
        return _nothing(refusal) if isinstance(refusal, NotFound) else _page(_told(refusal, "score"), 422)
    return _hidden(see(url_for("web.my_order_page"), "rated"))


def _token() -> str:
    """The link of this browser, if the form was made for it: with two orders in one browser the last one counts.

    :raises NotFound: there is none, or the form belongs to another.
    """
    token = request.cookies.get(COOKIE, "")
    if request.form.get("link", "") != _name_of(token):
        raise NotFound()
    return token


def _name_of(token: str) -> str:
    """Names a link in a form without giving it away: the half that is not the signature."""
    return token[:22]


def _known(token: str) -> order_links.Opened:
    """The link, looked up; guesses are counted. :raises NotFound, TooMany: see the service."""
    deps, address, now = current_deps(), request.remote_addr or "", current_now()
    with read(deps.read_sessions) as session:
        check_attempts(session, GUESSES, address, settings=deps.settings, now=now)
    try:
        return order_links.opened(token, deps)
    except NotFound:
        with transaction(deps.sessions) as tx:
            record_attempt(tx.session, GUESSES, address, succeeded=False, now=now, id_=deps.new_id())
        raise


def _reader() -> Reader:
    settings, language = current_deps().settings, current_language()
    nobody = Actor(login="customer", role="", area="", area_path="", language=language)
    return Reader(nobody, language, current_now(), settings.time_zone, settings.demo)


def _other_language() -> str:
    return url_for("web.my_order_page", lang="zh" if current_language() == "en" else "en")


def _told(refusal: AppError, field: str) -> list[Fault]:
    return [Fault(field, refusal.message(current_language()))]


def _page(faults: Sequence[Fault] = (), status: int = 200, done: str = "") -> Response:
    deps, reader = current_deps(), _reader()
    t = reader.t
    token = request.cookies.get(COOKIE, "")
    try:
        if not token:
            raise NotFound()
        found = _known(token)
    except (NotFound, TooMany) as refusal:
        return _nothing(refusal)
    said = {"moved": t("Your visit is moved."), "rated": t("Thank you for your answer.")}
    with read(deps.read_sessions) as session:
        order = order_links.order_of(session, found)
        plans = () if order.is_final else item_plans(session, deps.engine, order, reader.now)
        page = my_order(
            session,
            order,
            reader,
            expected=max((plan.expected_end for plan in plans if plan.expected_end), default=None),
            link=_name_of(token),
            other_language_href=_other_language(),
            faults=faults,
            notice=said.get(done, ""),
            chosen=request.form.get("slot", ""),
        )
    return _shown("my/page.html", page, status)


def _nothing(refusal: AppError) -> Response:
    t = _reader().t
    busy = isinstance(refusal, TooMany)
    page = NoOrder(
        language=current_language(),
        other_language_href=_other_language(),
        sheets=SHEETS,
        title=t("Too many requests") if busy else t("This link leads nowhere"),
        text=t("Please wait ten minutes and try again.")
        if busy
        else t("It may have run out or been taken back. Please open the newest link you were sent, or call us."),
    )
    # Not 404: what is not found is written down with its address, and this address is a secret.
    return _shown("my/nothing.html", page, 429 if busy else 410)


def _shown(template: str, page: object, status: int) -> Response:
    t = _reader().t
    response = make_response(render_template(template, page=page, **basics(t)), status)
    response.headers["Content-Language"] = "en" if current_language() == "en" else "zh-CN"
    return _hidden(response)


def _hidden(response: Response) -> Response:
    """No search engine keeps the page."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response

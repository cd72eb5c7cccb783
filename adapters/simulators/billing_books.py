"""The pretended billing system: accounts, subscriptions, one-off entries, final bills."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.store import Doc
from adapters.simulators.work import Handler, Work, family

BOOKS: Final = ("accounts", "subscriptions", "entries", "bills", "arrears_actions", "tariffs")
# A first bill carries one-off fees, so an order may reach twice the limit of the account.
_LIMIT_FACTOR: Final = 2
_DAYS_OF_MONTH: Final = 30


def check_credit(work: Work) -> dict[str, Any]:
    """Say whether an account may order for this amount; the answer is the verdict, not a refusal."""
    account = work.store.get("accounts", work.text("account_no")) or _first_account(work) or {}
    customer = work.store.get("blacklist", work.text("customer_no"))
    arrears, limit = money(account.get("arrears_cny")), money(account.get("credit_limit_cny"))
    if limit == 0 and account.get("parent"):
        parent = work.store.get("accounts", str(account["parent"])) or {}
        limit = money(parent.get("credit_limit_cny"))
    due = str(account.get("oldest_due_date") or "")
    left = limit * _LIMIT_FACTOR - arrears
    verdict = "ok"
    if customer is not None:
        verdict = "blacklisted"
    elif arrears > 0 and due and due < work.now.date().isoformat():
        verdict = "arrears_open"
    elif account and money(work.inputs.get("amount_cny")) > left:
        verdict = "credit_exceeded"
    return {
        "verdict": verdict,
        "arrears_cny": f"{arrears:.2f}",
        "oldest_due_date": due or None,
        "credit_left_cny": f"{max(left, Decimal(0)):.2f}",
    }


def open_account(work: Work) -> dict[str, Any]:
    number = work.text("account_no") or work.number("AC9", 6)
    known = work.store.get("accounts", number) or {"arrears_cny": "0.00", "credit_limit_cny": "200.00"}
    given = {name: work.inputs.get(name) for name in ("bill_format", "payment_method")}
    doc = {**known, **given, "state": "open", "site": work.text("customer_no"), "customer": work.text("customer_no")}
    work.store.put("accounts", number, doc)
    return {"account_no": number}


def close_account(work: Work) -> dict[str, Any]:
    number = work.text("account_no")
    doc = work.store.get("accounts", number)
    if doc is not None:
        work.store.put("accounts", number, {**doc, "state": "closed", "closed_at": work.at})
    return {"closed_at": work.at}


def create_subscription(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``account-closed``, ``tariff-unknown``."""
    _open_account(work, work.text("account_no"))
    _check_tariff(work, work.text("offering"))
    number = work.text("subscription_no") or work.number("S9", 7)
    doc: Doc = {name: work.inputs.get(name) for name in ("account_no", "product_id", "offering", "prices")}
    doc.update(state="registered", charging_from=None, charging_to=None, business_key=work.business_key)
    work.store.put("subscriptions", number, doc)
    return {"subscription_no": number}


def cancel_subscription(work: Work) -> dict[str, Any]:
    number = work.text("subscription_no")
    doc = work.store.get("subscriptions", number)
    if doc is not None:
        work.store.put("subscriptions", number, {**doc, "state": "cancelled", "charging_from": None})
    return {"cancelled_at": work.at}


def start_charging(work: Work) -> dict[str, Any]:
    doc = _subscription(work)
    _check_tariff(work, str(doc.get("offering")))
    from_date = _open_date(work, "from_date")
    parts = dict(doc.get("parts") or {})
    if part := work.text("part"):
        parts[part] = from_date
    first = min(parts.values(), default=from_date)
    answer = {"charging_from": first}
    return _kept(work, doc, answer, state="active", charging_from=first, charging_to=None, parts=parts or None)


def reverse_charging(work: Work) -> dict[str, Any]:
    return _kept(
        work,
        _subscription(work),
        {"reversal_no": work.number("RV")},
        state="registered",
        charging_from=None,
        parts=None,
    )


def change_charging(work: Work) -> dict[str, Any]:
    """The answer tells the prices and the date they held from."""
    doc = _subscription(work)
    _check_tariff(work, str(doc.get("offering")))
    from_date = _open_date(work, "from_date")
    previous = {
        "offering": doc.get("offering"),
        "prices": doc.get("prices"),
        "from_date": doc.get("prices_from") or doc.get("charging_from") or "",
    }
    answer = {"charging_from": from_date, "previous": previous}
    offering = work.text("offering") or doc.get("offering")
    return _kept(work, doc, answer, prices=work.inputs.get("prices"), prices_from=from_date, offering=offering)


def suspend_charging(work: Work) -> dict[str, Any]:
    from_date = work.text("from_date")
    answer = {"suspended_from": from_date}
    more = {"suspended_from": from_date, "keep_fee": work.inputs.get("keep_fee")}
    return _kept(work, _subscription(work), answer, state="suspended", **more)


def resume_charging(work: Work) -> dict[str, Any]:
    doc = _subscription(work)
    from_date = work.text("from_date")
    answer = {"resumed_from": from_date, "keep_fee": doc.get("keep_fee")}
    return _kept(work, doc, answer, state="active", suspended_from=None, resumed_from=from_date)


def stop_charging(work: Work) -> dict[str, Any]:
    doc = _subscription(work)
    to_date = _open_date(work, "to_date")
    before = doc["state"] if doc["state"] != "stopped" else doc.get("state_before_stop")
    return _kept(work, doc, {"charging_to": to_date}, state="stopped", charging_to=to_date, state_before_stop=before)


def restart_charging(work: Work) -> dict[str, Any]:
    doc = _subscription(work)
    answer = {"charging_from": doc.get("charging_from")}
    return _kept(work, doc, answer, state=doc.get("state_before_stop") or "active", charging_to=None)


def issue_final_bill(work: Work) -> dict[str, Any]:
    """Bill the days of the last month, and close the subscription."""
    doc = _subscription(work)
    day = int(str(doc.get("charging_to") or work.now.date().isoformat())[8:10])
    amount = _monthly(doc.get("prices")) * min(day, _DAYS_OF_MONTH) / _DAYS_OF_MONTH
    number = work.number("B")
    bill = {"account_no": work.text("account_no"), "ref": work.text("subscription_no"), "amount_cny": f"{amount:.2f}"}
    work.store.put("bills", number, {**bill, "issued_at": work.at})
    answer = {"bill_no": number, "amount_cny": bill["amount_cny"]}
    return _kept(work, doc, answer, state="ended", final_bill_no=number)


def transfer_owner(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``arrears-open`` of the old account, ``account-closed`` of the new one."""
    doc = _subscription(work)
    old = work.store.get("accounts", work.text("from_account")) or {}
    if money(old.get("arrears_cny")) > 0:
        raise Rejected("arrears-open", f"{work.text('from_account')} owes {old['arrears_cny']} CNY")
    _open_account(work, work.text("to_account"))
    return _kept(work, doc, {"transferred_at": work.at}, account_no=work.text("to_account"))


def set_apportionment(work: Work) -> dict[str, Any]:
    """Share the revenue among areas; no shares at all ends the sharing. :raises Rejected: ``shares-do-not-sum``."""
    shares = work.inputs.get("shares")
    percents = [money(value) for value in _percents(shares)]
    if percents and sum(percents) != 100:
        raise Rejected("shares-do-not-sum", f"shares add up to {sum(percents)}")
    doc = _subscription(work)
    answer = {"rule_no": work.number("APR"), "previous": {"shares": doc.get("shares")}}
    return _kept(work, doc, answer, shares=shares or None)


def confirm_arrears_action(work: Work) -> dict[str, Any]:
    """What billing asked for is done: it keeps its own subscriptions of the product in step."""
    state = {"suspended": "suspended", "resumed": "active"}.get(work.text("result"))
    product_id = work.product()
    for one in family(work.store, product_id) if product_id and state else ():
        for key, row in work.store.find("subscriptions", product_id=one):
            work.store.put("subscriptions", key, {**row, "state": state})
    doc = {"result": work.inputs.get("result"), "done_at": work.inputs.get("done_at"), "at": work.at}
    work.store.put("arrears_actions", work.text("instruction_no") or work.operation_id, doc)
    return {"accepted": True}


def query_subscription(work: Work) -> dict[str, Any]:
    doc = _subscription(work)
    names = ("offering", "account_no", "product_id", "charging_to", "suspended_from", "shares", "keep_fee")
    told = {name: doc.get(name) for name in ("prices", "charging_from", "state", *names)}
    return {**told, "subscription_no": work.text("subscription_no")}


def charge_one_off(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``tariff-unknown``."""
    _check_tariff(work, work.text("fee_code"))
    return {"entry_no": _entry(work, "charge", fee_code=work.text("fee_code"))}


def post_credit(work: Work) -> dict[str, Any]:
    return {"entry_no": _entry(work, "credit", rule_code=work.text("rule_code"), reference=work.text("reference"))}


def reverse_entry(work: Work) -> dict[str, Any]:
    """Take a charge or a credit back, once."""
    key = work.text("entry_no")
    doc = work.must_get("entries", key, "entry-unknown")
    number = doc.get("reversal_no") or work.number("RV")
    work.store.put("entries", key, {**doc, "state": "reversed", "reversal_no": number})
    return {"reversal_no": number}


def money(value: Any) -> Decimal:
    """Read an amount in CNY; what cannot be read counts as nothing."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)


def _entry(work: Work, kind: str, **more: Any) -> str:
    number = work.number("E")
    doc = {"kind": kind, "state": "booked", "account_no": work.text("account_no"), "booked_at": work.at, **more}
    amount = f"{money(work.inputs.get('amount_cny')):.2f}"
    work.store.put("entries", number, {**doc, "amount_cny": amount, "business_key": work.business_key})
    return number


def _kept(work: Work, doc: Doc, answer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    work.store.put("subscriptions", work.text("subscription_no"), {**doc, **changes})
    return answer


def _subscription(work: Work) -> Doc:
    return work.must_get("subscriptions", work.text("subscription_no"), "subscription-unknown")


def _open_account(work: Work, number: str) -> Doc:
    doc = work.must_get("accounts", number, "account-closed")
    if doc.get("state", "open") != "open":
        raise Rejected("account-closed", f"{number} is {doc['state']}")
    return doc


def _first_account(work: Work) -> Doc | None:
    rows = work.store.find("accounts", limit=1, site=work.text("customer_no"))
    return rows[0][1] if rows else None


def _check_tariff(work: Work, code: str) -> None:
    """Tariffs are known unless the book ``tariffs`` says otherwise."""
    tariff = work.store.get("tariffs", code)
    if tariff is not None and tariff.get("state") == "unpublished":
        raise Rejected("tariff-unknown", f"{code} is not published")


def _open_date(work: Work, name: str) -> str:
    """Return a date. :raises Rejected: ``charging-date-closed``, it lies in a closed period."""
    date = work.text(name)[:10]
    closed = work.store.get("periods", "closed_until")
    if date and closed is not None and date <= str(closed["date"]):
        raise Rejected("charging-date-closed", f"periods are closed until {closed['date']}")
    return date


def _monthly(prices: Any) -> Decimal:
    rows = prices if isinstance(prices, list) else []
    amounts = [row for row in rows if isinstance(row, Mapping) and row.get("kind", "recurring") == "recurring"]
    return sum((money(row.get("amount_cny")) for row in amounts), Decimal(0))


def _percents(shares: Any) -> list[Any]:
    if isinstance(shares, Mapping):
        return list(shares.values())
    if isinstance(shares, list):
        return [row.get("percent", row.get("share")) for row in shares if isinstance(row, Mapping)]
    return []


HANDLERS: Final[Mapping[str, Handler]] = {
    "billing.check_credit": check_credit,
    "billing.open_account": open_account,
    "billing.close_account": close_account,
    "billing.create_subscription": create_subscription,
    "billing.cancel_subscription": cancel_subscription,
    "billing.charge_one_off": charge_one_off,
    "billing.refund_one_off": reverse_entry,
    "billing.start_charging": start_charging,
    "billing.reverse_charging": reverse_charging,
    "billing.change_charging": change_charging,
    "billing.suspend_charging": suspend_charging,
    "billing.resume_charging": resume_charging,
    "billing.stop_charging": stop_charging,
    "billing.restart_charging": restart_charging,
    "billing.issue_final_bill": issue_final_bill,
    "billing.transfer_owner": transfer_owner,
    "billing.set_apportionment": set_apportionment,
    "billing.post_credit": post_credit,
    "billing.reverse_credit": reverse_entry,
    "billing.confirm_arrears_action": confirm_arrears_action,
    "billing.query_subscription": query_subscription,
}

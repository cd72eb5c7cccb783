"""Promises as JSON: why something is due, stops of clocks, alarms, what is owed, and the rules of it all."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.paging import PageQuery
from app.api.schemas.fields import Code, In, Instant, Out, Text, Truth
from app.domain.promises.compensation_lifecycle import CompensationState

STOP_STATES = ("asked", "in_force", "refused", "revoked")


class TwoWords(Out):
    """The same in both languages."""

    zh = fields.String()
    en = fields.String()


class StopOfClock(Out):
    """A spell in which a clock stood, or was asked to."""

    stop_id = fields.String()
    reason = fields.String()
    evidence = fields.String()
    state = fields.String()
    from_at = fields.AwareDateTime()
    to_at = fields.AwareDateTime(allow_none=True)
    until_at = fields.AwareDateTime(allow_none=True, metadata={"description": "the clock runs again from then on"})
    who = fields.String()
    approver_role = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    decision_note = fields.String()


class AlarmOut(Out):
    """A level that was reached."""

    level = fields.Integer()
    percent = fields.Integer()
    cause = fields.String(metadata={"description": "time, forecast, repeat or suborder"})
    nth = fields.Integer()
    at = fields.AwareDateTime()
    reached_at = fields.AwareDateTime(allow_none=True)
    sent = fields.Boolean()
    fallen_at = fields.AwareDateTime(allow_none=True)
    message_zh = fields.String()
    message_en = fields.String()


class DayOut(Out):
    """A calendar day between start and due time; ``worked_s`` is the working time of it that counts."""

    day = fields.String()
    spans = fields.List(fields.List(fields.String()))
    worked_s = fields.Integer()
    note = fields.Nested(TwoWords)


class WhyOut(Out):
    """One promise explained; ``recounted_at`` is the due time counted anew by the rules of its day."""

    clock_id = fields.String()
    kind = fields.String()
    policy = fields.String()
    state = fields.String()
    started_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    first_due_at = fields.AwareDateTime()
    recounted_at = fields.AwareDateTime()
    forecast_at = fields.AwareDateTime(allow_none=True)
    stopped_at = fields.AwareDateTime(allow_none=True)
    sla_version = fields.Integer()
    calendar_version = fields.Integer()
    calendar = fields.Nested(TwoWords)
    rules = fields.List(fields.Nested(TwoWords))
    days = fields.List(fields.Nested(DayOut))
    stops = fields.List(fields.Nested(StopOfClock))
    alarms = fields.List(fields.Nested(AlarmOut))
    sentence = fields.Nested(TwoWords)


class WhyList(Out):
    """Every promise of an order or ticket."""

    promises = fields.List(fields.Nested(WhyOut))


class StopQuery(In):
    """Which stops."""

    state = fields.String(validate=validate.OneOf(STOP_STATES), load_default=None)
    about = Code(load_default=None)


class StopOut(StopOfClock):
    """A stop, with what it is about."""

    number = fields.String()
    clocks = fields.Integer()
    reason_name = fields.Nested(TwoWords)


class StopList(Out):
    """Stops, newest first."""

    stops = fields.List(fields.Nested(StopOut))


class RemarkIn(In):
    """A remark for the history."""

    note = Text(500, load_default="")


class ReasonIn(In):
    """Why; it stays in the history for good."""

    reason = Text(500, least=1, required=True)


class Done(Out):
    """It is done."""

    done = fields.Boolean()


class NoticeQuery(In):
    """``mine``: only what the caller was told."""

    mine = fields.Boolean(load_default=True)


class NoticeOut(AlarmOut):
    """An alarm that somebody was told of and has not read."""

    id = fields.String()
    told = fields.String()
    login = fields.String(allow_none=True)
    channels = fields.List(fields.String())
    clock = fields.String()
    number = fields.String()


class NoticeList(Out):
    """What is unread, newest first."""

    notices = fields.List(fields.Nested(NoticeOut))


class CompensationQuery(PageQuery):
    """Which amounts."""

    state = fields.String(validate=validate.OneOf([state.value for state in CompensationState]), load_default=None)
    about = Code(load_default=None)


class CompensationOut(Out):
    """An amount owed for a broken promise; ``basis``: how each rule came out."""

    id = fields.String()
    number = fields.String()
    rule = fields.String()
    group_code = fields.String()
    nth = fields.Integer()
    state = fields.String()
    amount_cny = fields.String()
    account_no = fields.String(allow_none=True)
    charged_area = fields.String(allow_none=True)
    basis = fields.List(fields.Dict())
    proposed_at = fields.AwareDateTime()
    payout_due_at = fields.AwareDateTime()
    decided_by = fields.String(allow_none=True)
    second_by = fields.String(allow_none=True)
    decision_note = fields.String()
    entry_no = fields.String(allow_none=True)
    credited_at = fields.AwareDateTime(allow_none=True)


class CompensationList(Out):
    """What is owed, newest first."""

    compensations = fields.List(fields.Nested(CompensationOut))


class MeasuredQuery(In):
    """``about``: an order (id or number) or a product."""

    about = Code(load_default=None)


class VisitIn(In):
    """A visit to an item: by when somebody was to come, and when somebody came; nothing where nobody did."""

    item = Code(required=True)
    promised_until = Instant(required=True)
    arrived_at = Instant(load_default=None)
    evidence = Text(500, least=1, required=True)
    exclusion = fields.String(load_default="")


class SpeedTestIn(In):
    """A test of the speed of an item, in Mbit/s."""

    item = Code(required=True)
    at = Instant(required=True)
    measured_mbps = fields.Decimal(required=True, allow_nan=False)
    evidence = Text(500, least=1, required=True)
    exclusion = fields.String(load_default="")


class MeasuredOut(Out):
    """What was agreed and what was measured: Mbit/s, per cent of a month, or for a visit the two instants."""

    id = fields.String()
    kind = fields.String()
    order_id = fields.String(allow_none=True)
    product_id = fields.String(allow_none=True)
    agreed = fields.String()
    measured = fields.String()
    broken = fields.Boolean()
    exclusion = fields.String()
    from_at = fields.AwareDateTime()
    to_at = fields.AwareDateTime(allow_none=True)
    evidence = fields.String()
    who = fields.String()
    at = fields.AwareDateTime()


class MeasuredList(Out):
    """What was measured, newest first."""

    measurements = fields.List(fields.Nested(MeasuredOut))


class BreachQuery(In):
    """Which breaches."""

    state = fields.String(validate=validate.OneOf(("open", "closed", "fallen")), load_default=None)


class CauseIn(In):
    """Why a promise was broken: a code of ``breach_causes`` in the book ``sla``."""

    cause = Code(required=True)
    note = Text(500, load_default="")


class BreachOut(Out):
    """A broken promise; ``fallen``: it was kept after all."""

    id = fields.String()
    number = fields.String()
    kind = fields.String()
    state = fields.String()
    due_at = fields.AwareDateTime()
    opened_at = fields.AwareDateTime()
    cause = fields.String(allow_none=True)
    cause_name = fields.Nested(TwoWords, allow_none=True)
    note = fields.String()
    closed_by = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)


class BreachList(Out):
    """Broken promises, newest first."""

    breaches = fields.List(fields.Nested(BreachOut))


class RulesIn(In):
    """A book of rules as YAML text; ``effective_from``: orders accepted from then on are promised by it."""

    content = Text(2_000_000, least=1, required=True)
    note = Text(500, load_default="")
    effective_from = Instant(load_default=None)


class RulesQuery(In):
    """As it held at that instant; now if not said."""

    at = Instant(load_default=None)


class RulesOut(Out):
    """What a file became; without a version nothing differs, or it was only checked."""

    code = fields.String()
    version = fields.Integer(allow_none=True)
    effective_from = fields.AwareDateTime()


class RuleVersionOut(RulesOut):
    """One version of a book."""

    made_by = fields.String()
    made_at = fields.AwareDateTime()
    note = fields.String()


class RuleHistory(Out):
    """Every version, newest first."""

    versions = fields.List(fields.Nested(RuleVersionOut))


class DayIn(In):
    """An area works, or not, on one day, whatever its calendars say."""

    area = Code(required=True)
    day = fields.Date(required=True)
    working = Truth(required=True)
    name_zh = Text(100, least=1, required=True)
    name_en = Text(100, least=1, required=True)
    note = Text(500, load_default="")

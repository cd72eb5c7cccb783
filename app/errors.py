"""The one tree of errors that callers can see. Clients match on ``code``; the texts are for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field of the input; ``path`` as in ``productOrderItem.0.action``."""

    path: str
    code: str
    zh: str
    en: str


class AppError(Exception):
    """Something the caller can understand: a stable code, an HTTP status, a text in two languages.

    ``retryable`` says whether the very same request may succeed later.
    """

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    title_zh: ClassVar[str] = "系统内部错误"
    title_en: ClassVar[str] = "Internal error"

    def __init__(
        self,
        message_en: str | None = None,
        message_zh: str | None = None,
        *,
        details: Sequence[FieldProblem] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.message_en = message_en or self.title_en
        # A caller that brings one text only has its own words repeated rather than lost.
        self.message_zh = message_zh or message_en or self.title_zh
        self.details: tuple[FieldProblem, ...] = tuple(details)
        self.facts: dict[str, Any] = dict(facts or {})
        super().__init__(self.message_en)

    def title(self, language: str) -> str:
        return self.title_en if language == "en" else self.title_zh

    def message(self, language: str) -> str:
        return self.message_en if language == "en" else self.message_zh


class BadRequest(AppError):
    """The request cannot be read: broken JSON, a wrong parameter."""

    code, http_status = "bad-request", 400
    title_zh, title_en = "请求无法读取", "The request cannot be read"


class NotPatchable(BadRequest):
    """The request changes a field that only the system sets."""

    code = "not-patchable"
    title_zh, title_en = "该字段不可修改", "This field cannot be changed"


class Unauthenticated(AppError):
    """Nobody knows who is calling."""

    code, http_status = "unauthenticated", 401
    title_zh, title_en = "请先登录", "Please log in"


class LoginRefused(Unauthenticated):
    """Login and password do not match; the answer is the same for unknown logins."""

    code = "login-refused"
    title_zh, title_en = "用户名或密码不正确", "Login or password is not correct"


class BadSignature(Unauthenticated):
    """The signature of a callback is missing, wrong or too old."""

    code = "bad-signature"
    title_zh, title_en = "签名无效", "The signature is not valid"


class Forbidden(AppError):
    """The caller is known and may not do this."""

    code, http_status = "forbidden", 403
    title_zh, title_en = "无权操作", "You may not do this"


class CsrfRefused(Forbidden):
    """The form did not come from a page of ours, or the page is too old."""

    code = "csrf-refused"
    title_zh, title_en = "页面已过期，请刷新后重试", "The page is too old; reload it and try again"


class NotFound(AppError):
    """There is no such thing, or the caller may not know of it."""

    code, http_status = "not-found", 404
    title_zh, title_en = "没有找到", "Not found"


class MethodNotAllowed(AppError):
    """The address exists, but not for this method."""

    code, http_status = "method-not-allowed", 405
    title_zh, title_en = "该地址不支持此方法", "This address does not take this method"


class NotAcceptable(AppError):
    """The caller asks for a media type we do not speak."""

    code, http_status = "not-acceptable", 406
    title_zh, title_en = "无法提供所要求的格式", "The wanted media type is not available"


class Conflict(AppError):
    """The request contradicts what is there already."""

    code, http_status = "conflict", 409
    title_zh, title_en = "与现有数据冲突", "This contradicts what is there already"


class IllegalTransition(Conflict):
    """The requested state change is not on the lifecycle map."""

    code = "illegal-transition"
    title_zh, title_en = "当前状态不允许此操作", "The state does not allow this"

    def __init__(self, current: str, wanted: str) -> None:
        super().__init__(
            f"cannot go from {current} to {wanted}",
            f"不能从 {current} 变为 {wanted}",
            facts={"current": current, "wanted": wanted},
        )
        self.current, self.wanted = current, wanted


class DuplicateExternalId(Conflict):
    """The same external id was used before, for something else."""

    code = "duplicate-external-id"
    title_zh, title_en = "外部单号已被另一张订单使用", "The external id was used for another order"


class OpenOrderConflict(Conflict):
    """Another open order works on the same product."""

    code = "open-order-conflict"
    title_zh, title_en = "该产品已有在途订单", "Another open order works on this product"


class AlreadyDone(Conflict):
    """Somebody else was faster: claimed, completed or resolved already."""

    code = "already-done"
    title_zh, title_en = "已被他人处理", "Somebody else has done this already"


class DraftLocked(Conflict):
    """Somebody else writes in this draft; ``facts`` say who (``locked_by``) and since when (``locked_at``)."""

    code = "draft-locked"
    title_zh, title_en = "草稿正由他人编辑", "Somebody else is working on this draft"


class DraftChanged(Conflict):
    """The draft was saved since the caller read it; ``facts``: by whom (``saved_by``) and its ``revision`` now."""

    code = "draft-changed"
    title_zh, title_en = "草稿之后又保存过", "The draft has been saved since"


class StaleVersion(AppError):
    """The thing has changed since the caller read it."""

    code, http_status = "stale-version", 412
    title_zh, title_en = "数据已被修改，请刷新", "It has changed since you read it"


class TooLarge(AppError):
    """The body is larger than we take."""

    code, http_status = "too-large", 413
    title_zh, title_en = "请求内容过大", "The request is too large"


class UnsupportedMedia(AppError):
    """The body has a media type we do not read."""

    code, http_status = "unsupported-media-type", 415
    title_zh, title_en = "不支持的内容类型", "The media type is not supported"


class InvalidInput(AppError):
    """The request can be read, but fields are wrong; ``details`` says which and why."""

    code, http_status = "invalid-input", 422
    title_zh, title_en = "输入内容有误", "Some fields are wrong"


class KeyReused(InvalidInput):
    """The same Idempotency-Key came with another body."""

    code = "key-reused"
    title_zh, title_en = "幂等键已用于另一请求", "The Idempotency-Key was used for another request"


class DefinitionRefusedError(InvalidInput):
    """A process or decision definition has findings of severity error; ``facts['findings']`` lists them all."""

    code = "definition-refused"
    title_zh, title_en = "流程检查未通过", "The process did not pass the check"

    def __init__(
        self, findings: Sequence[Mapping[str, Any]], message_en: str | None = None, message_zh: str | None = None
    ) -> None:
        rows = [dict(finding) for finding in findings]
        errors = sum(1 for row in rows if row.get("severity") == "error")
        super().__init__(
            message_en or f"{errors} finding(s) must be repaired before this can be deployed",
            message_zh or f"有 {errors} 处问题需要修正后才能发布",
            facts={"findings": rows},
        )
        self.findings: tuple[dict[str, Any], ...] = tuple(rows)


class TooMany(AppError):
    """Too many attempts; ``retry_after_s`` says when to come back."""

    code, http_status, retryable = "too-many", 429, True
    title_zh, title_en = "尝试过于频繁，请稍后再试", "Too many attempts; please wait"

    def __init__(
        self, message_en: str | None = None, message_zh: str | None = None, *, retry_after_s: int = 60
    ) -> None:
        super().__init__(message_en, message_zh)
        self.retry_after_s = retry_after_s


class Unavailable(AppError):
    """Something we need does not answer right now; ``retry_after_s`` says when to come back."""

    code, http_status, retryable = "unavailable", 503, True
    retry_after_s: ClassVar[int] = 5
    title_zh, title_en = "系统暂不可用，请稍后再试", "Not available right now; please try again"


class NotThisVersion(Unavailable):
    """A newer program has written this, and this process is to be exchanged as well: another one may answer."""

    title_zh, title_en = "系统正在升级，请稍后再试", "The system is being upgraded; please try again"

    def __init__(self, _cause: str = "") -> None:
        super().__init__()

"""Two failures only, split by "does trying again help?"."""


class AdapterError(Exception):
    """A call to an outside system did not succeed."""


class Unreachable(AdapterError):
    """No usable answer came; the same call may be sent again with the same operation id.

    ``retry_after_s``: seconds the far side asked us to wait, if it did.
    ``maybe_done``: the effect may have happened (the request may have arrived), so an operation
    that is not keyed must be queried before it is sent again. ``code``: our failure code, where the
    far side told why (such as ``resource-system-down``), else empty.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, maybe_done: bool = True, code: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.maybe_done = maybe_done


class StillWorking(Unreachable):
    """The far side has this very call in hand and has not done it yet; coming again later helps."""


class NotSent(Unreachable):
    """We did not even try: this system gets no call (of this kind) from us for ``wait_s`` more seconds."""

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message, retry_after_s=wait_s, maybe_done=False)
        self.wait_s = wait_s


class BreakerOpen(NotSent):
    """The breaker of this system is open for ``opens_until_s`` more seconds."""

    def __init__(self, message: str, *, opens_until_s: float) -> None:
        super().__init__(message, wait_s=opens_until_s)
        self.opens_until_s = opens_until_s


class BudgetSpent(NotSent):
    """So many repeats have gone out in vain that there is no room for another one now."""


class Rejected(AdapterError):
    """The far side understood and refused. ``code`` is one of our failure codes, such as ``no-free-port``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

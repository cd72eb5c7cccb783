"""The outside of a trial: people, far systems and messages as the answers say, and the clock that jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from adapters.operations import OperationRegistry, RetryPolicy
from processes.spiff.bridge import Wait
from processes.spiff.timers import parse_duration
from processes.trial_answers import Answers, News, Reply, Script
from processes.trial_run import Running, TrialRun

Sample = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
USUAL: Final = RetryPolicy(code="usual", attempts=3, first_wait_s=10, factor=2, cap_s=300)


@dataclass
class Outside:
    """Answers what a trial waits for, one thing at a time.

    ``later``: when a far system that gave no answer is asked again, by task. ``silent``: what is never answered.
    ``drawn``: replies that take their time. ``forms``: what people fill in by default, by key of the form.
    """

    trial: TrialRun
    answers: Answers
    sample: Sample | None = None
    registry: OperationRegistry | None = None
    used: dict[str, int] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    later: dict[str, datetime] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    drawn: dict[str, Reply] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def step(self) -> bool:
        """Deliver what is due, or answer whatever waits, or let the clock jump; False: nothing more can happen."""
        self.take_up_news()
        if self.deliver():
            return True
        for run in list(self.trial.running):
            for wait in list(run.open.values()):
                if wait.task_id in run.open and not run.ended and self.respond(run, wait):
                    return True
        return self.jump()

    # -- messages and signals -------------------------------------------------------------------------------------

    def take_up_news(self) -> None:
        """Send what is due now: by the clock, or because its element has been completed."""
        done, self.trial.completed = set(self.trial.completed), []
        for news in [*self.answers.messages, *self.answers.signals]:
            if news.after in done:
                news.after, news.at = None, news.at or self.trial.now
        for message in [one for one in self.answers.messages if self.is_due(one)]:
            self.answers.messages.remove(message)
            self.trial.messages.append(message)
        for signal in [one for one in self.answers.signals if self.is_due(one)]:
            if signal.at is not None or self.heard(signal.name):
                self.answers.signals.remove(signal)
                self.trial.signal(signal.name, signal.payload)

    def is_due(self, news: News) -> bool:
        """Whether it is time for it; without a time a message is there from the beginning."""
        return news.after is None and (news.at is None or news.at <= self.trial.now)

    def heard(self, name: str) -> bool:
        """Whether anybody waits for that signal."""
        waits = [wait for run in self.trial.running for wait in run.open.values()]
        return any(wait.kind == "signal" and wait.message == name for wait in waits)

    def deliver(self) -> bool:
        """Hand one message to whoever waits for it."""
        for news in list(self.trial.messages):
            for run in list(self.trial.running):
                for wait in run.open.values():
                    fits = wait.message == news.name and news.key in (None, wait.message_key)
                    if wait.kind == "message" and fits:
                        self.trial.messages.remove(news)
                        self.trial.seen.answered(run, wait, news.payload, self.trial.now)
                        self.answer(run, wait, partial(deliver, news=news))
                        return True
        return False

    # -- people and far systems -----------------------------------------------------------------------------------

    def respond(self, run: Running, wait: Wait) -> bool:
        """Let the outside answer one wait; False: it stays open."""
        trial = self.trial
        if wait.kind in ("timer", "message", "signal") or wait.task_id in self.silent | set(trial.incidents):
            return False
        if wait.task_id in run.children or self.later.get(wait.task_id, trial.now) > trial.now:
            return False
        if wait.kind == "user":
            return self.person(run, wait)
        if wait.kind == "undo":
            trial.seen.undone(run.execution.undoing.get(wait.task_id, ()))
            self.hand_in(run, wait, {})
            return True
        if wait.kind == "call":
            script = self.script(self.answers.calls, run, wait, wait.called_key or "")
            if script is None and trial.call(run, wait):
                return True
        else:
            script = self.script(self.answers.operations, run, wait, self.operation(run, wait))
        return self.far_system(run, wait, script)

    def person(self, run: Running, wait: Wait) -> bool:
        """A person's task: the answer given, one of a list for each time, else nothing; null: nobody does it."""
        given, path = self.answers.user_tasks, self.trial.path_of(run, wait.element_id)
        if wait.task_id in self.drawn:
            found = self.drawn.pop(wait.task_id).value
        elif self.answers.by_hand:
            return self.by_hand(run, wait, path)
        else:
            otherwise = given.get("*", self.form_answers(run, wait))
            found = next((given[key] for key in (path, wait.element_id) if key in given), otherwise)
            if isinstance(found, list):
                place = self.used.get(path, 0)
                self.used[path] = place + 1
                found = found[place] if place < len(found) else otherwise
            if found is None:
                self.silent.add(wait.task_id)
                return False
            if self.takes(run, wait, Reply("return", found)):
                return False
        self.hand_in(run, wait, dict(found) if isinstance(found, Mapping) else {})
        return True

    def by_hand(self, run: Running, wait: Wait, path: str) -> bool:
        """What somebody has handed in for this task, when it was handed in; else it waits."""
        found = next((row for row in self.answers.handed if row.task in (path, wait.element_id)), None)
        if found is None:
            self.silent.add(wait.task_id)
            return False
        self.answers.handed.remove(found)
        if found.at > self.trial.now:
            self.drawn[wait.task_id], self.later[wait.task_id] = Reply("return", found.result), found.at
            return False
        self.hand_in(run, wait, found.result)
        return True

    def form_answers(self, run: Running, wait: Wait) -> Mapping[str, Any]:
        """What somebody might fill in, where nothing is said of a task."""
        element = run.process.elements.get(wait.element_id)
        return self.forms.get(element.attributes.get("form", ""), {}) if element else {}

    def far_system(self, run: Running, wait: Wait, script: Script | None) -> bool:
        """An operation or a call that is not made: as scripted, else made up."""
        trial = self.trial
        if wait.task_id in self.drawn:
            reply: Reply | None = self.drawn.pop(wait.task_id)
        else:
            reply = self.reply(run, wait, script)
            if reply is not None and reply.kind == "never":
                self.silent.add(wait.task_id)
                return False
            if self.takes(run, wait, reply or Reply("ok")):
                return False
        if reply is not None and reply.kind == "error":
            trial.refuse(run, run.open.pop(wait.task_id), reply.value, reply.message)
        elif reply is not None and reply.kind == "fail":
            self.no_answer(run, wait, reply.value)
        else:
            is_given = reply is not None and reply.kind == "return"
            self.hand_in(run, wait, reply.value if reply is not None and is_given else self.made_up(run, wait))
        return True

    def reply(self, run: Running, wait: Wait, script: Script | None) -> Reply | None:
        """What comes first for this operation, else what is said of it."""
        before = self.script(self.answers.first, run, wait, self.operation(run, wait)) if wait.kind == "job" else None
        first = before.next() if before is not None else None
        if first is not None and first.kind != "otherwise":
            return first
        reply = script.next() if script is not None else None
        return reply if first is None else replace(reply or Reply("ok"), after=first.after)

    def takes(self, run: Running, wait: Wait, reply: Reply) -> bool:
        """Whether a reply takes its time: it is put aside until then."""
        span = reply.after
        if span is None and self.answers.takes_time:
            span = self.usual_time(run, wait)
        if not span:
            return False
        self.drawn[wait.task_id] = reply
        self.later[wait.task_id] = self.trial.now + span
        return True

    def usual_time(self, run: Running, wait: Wait) -> timedelta:
        """How long a step takes where nothing is said: the median of an operation, of people half of their target."""
        element = run.process.elements.get(wait.element_id)
        if wait.kind == "user":
            target = element.attributes.get("duration", "") if element else ""
            return max(parse_duration(target).rest / 2 if target else timedelta(), timedelta(minutes=10))
        code = self.operation(run, wait)
        if wait.kind != "job" or self.registry is None or code not in self.registry:
            return timedelta()
        return timedelta(seconds=self.registry.get(code).median_s)

    def no_answer(self, run: Running, wait: Wait, message: str) -> None:
        """An attempt that came to nothing: again after the policy's wait, or nobody tries any more."""
        policy = self.policy(run, wait)
        self.trial.seen.tried(wait.task_id, message, self.trial.now)
        tried = self.tries[wait.task_id] = self.tries.get(wait.task_id, 0) + 1
        if tried >= policy.attempts:
            self.trial.stop_at(run, wait.task_id, wait.element_id, "unreachable", message)
        else:
            self.later[wait.task_id] = self.trial.now + timedelta(seconds=policy.longest_wait_s(tried))

    def hand_in(self, run: Running, wait: Wait, result: Mapping[str, Any]) -> None:
        """A person or a far system has answered."""
        self.trial.seen.answered(run, wait, result, self.trial.now)
        self.answer(run, wait, lambda run, wait: run.execution.complete(wait.task_id, result))

    def answer(self, run: Running, wait: Wait, act: Callable[[Running, Wait], None]) -> None:
        """Close a wait by what has happened."""
        run.open.pop(wait.task_id, None)
        act(run, wait)
        self.trial.settle(run)

    def operation(self, run: Running, wait: Wait) -> str:
        """The operation of a service task."""
        element = run.process.elements.get(wait.element_id)
        return element.attributes.get("operation", "") if element else ""

    def policy(self, run: Running, wait: Wait) -> RetryPolicy:
        """How often this operation is tried."""
        element, code = run.process.elements.get(wait.element_id), self.operation(run, wait)
        asked = element.attributes.get("retry") if element else None
        if self.registry is None or (not asked and code not in self.registry):
            return USUAL
        return self.registry.policy(asked or self.registry.get(code).retry)

    def script(self, scripts: Mapping[str, Script], run: Running, wait: Wait, name: str) -> Script | None:
        """What is scripted for a wait: by its path, its id, or by name."""
        keys = (self.trial.path_of(run, wait.element_id), wait.element_id, name)
        return next((scripts[key] for key in keys if key in scripts), None)

    def made_up(self, run: Running, wait: Wait) -> Mapping[str, Any]:
        """An answer nobody has written: the inputs come back, and what the sample adds."""
        if wait.kind != "job" or self.sample is None:
            return wait.inputs
        return {**wait.inputs, **self.sample(self.operation(run, wait), wait.inputs)}

    # -- the clock ------------------------------------------------------------------------------------------------

    def jump(self) -> bool:
        """Let the clock go to whatever is due next, but not beyond the end of the trial."""
        trial, until = self.trial, self.answers.until
        timers, ahead = self.ahead()
        if trial.incidents and until is None:
            # What is on its way still comes, so that the others are seen as far as they get; no timer runs out.
            on_way = {wait.task_id for run in trial.running for wait in run.open.values()} & set(self.drawn)
            timers, ahead = [], [self.later[task_id] for task_id in on_way if self.later[task_id] > trial.now]
        if self.answers.by_hand:
            # People first: the clock goes on by itself only while nobody has anything to do.
            somebody = any(
                wait.kind == "user" for run in trial.running for key, wait in run.open.items() if key in self.silent
            )
            if not ahead or (somebody and (until is None or min(ahead) > until)):
                if somebody and until is not None:
                    trial.set_time(until)
                return False
        elif not ahead or (until is not None and min(ahead) > until):
            if until is not None and any(run.open for run in trial.running):
                trial.set_time(until)
            return False
        trial.set_time(min(ahead))
        due = [row for row in timers if row[0] <= trial.now]
        if due:
            _, run, wait = min(due, key=lambda row: row[0])
            trial.seen.answered(run, wait, {}, trial.now)
            self.answer(run, wait, lambda run, wait: run.execution.fire_timer(wait.task_id))
        return True

    def ahead(self) -> tuple[list[tuple[datetime, Running, Wait]], list[datetime]]:
        """The timers that run, and all instants at which anything is due."""
        open_waits = [(run, wait) for run in self.trial.running for wait in run.open.values()]
        timers = [(wait.due_at, run, wait) for run, wait in open_waits if wait.kind == "timer" and wait.due_at]
        instants = [row[0] for row in timers]
        instants += [self.later[wait.task_id] for _, wait in open_waits if wait.task_id in self.later]
        news = [*self.answers.messages, *self.answers.signals] if open_waits else []
        instants += [item.at for item in news if item.at is not None and item.after is None]
        known = {row[0] for row in timers}
        return timers, [at for at in instants if at > self.trial.now or at in known]

    def next_instant(self) -> datetime | None:
        """When something is due next; None: nothing is."""
        return min(self.ahead()[1], default=None)


def deliver(run: Running, wait: Wait, news: News) -> None:
    """Hand a message over."""
    run.execution.deliver(wait.task_id, news.payload)

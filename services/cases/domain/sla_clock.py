"""An SLA clock: a log of what happened to it, and where that leaves it.

`activated` starts it, `paused` and `resumed` stop and start it, `superseded` gives it other terms, `fulfilled` ends it,
`activated` once more (a reopened case) goes on where it ended. Time once counted stays counted, whatever the terms
become. `warned` and `breached` are marks on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.working_time import Span, WorkingTime, counted

RUNNING, PAUSED, FULFILLED = "running", "paused", "fulfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a clock is judged by: one version of a policy, on one version of a calendar, in one zone.

    It stands still in the `pauses` states of its case.
    """

    policy: str
    policy_version: int
    target_seconds: int
    calendar: str
    calendar_version: int
    zone: str
    warn_percent: tuple[int, ...] = (75,)
    escalate_after_minutes: tuple[int, ...] = ()
    pauses: tuple[str, ...] = ()


HoursOf = Callable[[Terms], WorkingTime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """One thing that happened to a clock. `mark` is the percent warned at, or the level breached."""

    at: datetime
    what: str
    terms: Terms | None = None
    reason: str | None = None
    mark: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock of a case: its log, and what follows from it.

    `counted_until` had `accrued` counted; while it runs, more has been counted since. `due_at` is when it runs out (or
    ran out), as far as is known now; a paused clock has none.
    """

    clock_id: UUID
    case_id: UUID
    target: str
    cycle: int
    state: str
    activated_at: datetime
    terms: Terms
    accrued: timedelta
    since: datetime
    due_at: datetime | None
    warned: int = 0
    level: int = 0
    log: tuple[ClockStep, ...] = ()
    version: int = 1

    @property
    def is_running(self) -> bool:
        """Whether time counts now."""
        return self.state == RUNNING

    @property
    def is_open(self) -> bool:
        """Whether what it measures is still to be done."""
        return self.state != FULFILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The next thing a running clock has to say: `warned` (percent) or `breached` (level), at `due_at`."""

    what: str
    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A stretch of a clock's life: counted, or skipped and why."""

    from_at: datetime
    to_at: datetime
    seconds: float
    counted: bool
    why: str
    policy: str
    policy_version: int
    calendar: str


def activated(
    *, clock_id: UUID, case_id: UUID, target: str, cycle: int, terms: Terms, hours: WorkingTime, now: datetime
) -> Clock:
    """A clock that starts to run."""
    return Clock(
        clock_id=clock_id,
        case_id=case_id,
        target=target,
        cycle=cycle,
        state=RUNNING,
        activated_at=now,
        terms=terms,
        accrued=timedelta(),
        since=now,
        due_at=hours.after(now, timedelta(seconds=terms.target_seconds)),
        log=(ClockStep(at=now, what="activated", terms=terms),),
    )


def activated_again(clock: Clock, hours: WorkingTime, *, now: datetime, reason: str) -> Clock:
    """A fulfilled clock goes on: what was counted before stays counted."""
    going = replace(clock, state=RUNNING, since=now, cycle=clock.cycle + 1)
    return _noted(_with_due(going, hours), ClockStep(at=now, what="activated", reason=reason))


def paused(clock: Clock, hours: WorkingTime, *, now: datetime, reason: str) -> Clock:
    """Time stops to count."""
    if not clock.is_running:
        return clock
    still = replace(_counted_to(clock, hours, now), state=PAUSED, due_at=None)
    return _noted(still, ClockStep(at=now, what="paused", reason=reason))


def resumed(clock: Clock, hours: WorkingTime, *, now: datetime) -> Clock:
    """Time counts again."""
    if clock.state != PAUSED:
        return clock
    going = replace(clock, state=RUNNING, since=now)
    return _noted(_with_due(going, hours), ClockStep(at=now, what="resumed"))


def superseded(clock: Clock, terms: Terms, hours_of: HoursOf, *, now: datetime, reason: str) -> Clock:
    """Other terms from now on. A pause stays a pause, and marks that the new target has not reached may come again."""
    if terms == clock.terms or not clock.is_open:
        return clock
    before = _counted_to(clock, hours_of(clock.terms), now) if clock.is_running else clock
    after = replace(before, terms=terms, **_marks_reached(before, terms))
    if after.is_running:
        after = _with_due(after, hours_of(terms))
    return _noted(after, ClockStep(at=now, what="superseded", terms=terms, reason=reason))


def fulfilled(clock: Clock, hours: WorkingTime, *, now: datetime, reason: str) -> Clock:
    """What it measures is done."""
    if not clock.is_open:
        return clock
    done = replace(_counted_to(clock, hours, now) if clock.is_running else clock, state=FULFILLED)
    return _noted(done, ClockStep(at=now, what="fulfilled", reason=reason))


def is_met(clock: Clock) -> bool:
    """Whether what was counted is within the target."""
    return clock.accrued <= timedelta(seconds=clock.terms.target_seconds)


def next_mark(clock: Clock, hours: WorkingTime) -> Mark | None:
    """What the clock says next if nothing happens to it; none when it stands or has said everything."""
    if not clock.is_running:
        return None
    found = next(_unsaid(clock), None)
    if found is None:
        return None
    what, number, threshold = found
    return Mark(what=what, number=number, due_at=hours.after(clock.since, max(threshold - clock.accrued, timedelta())))


def marked(clock: Clock, mark: Mark) -> Clock:
    """The clock after it has said it."""
    said: dict[str, Any] = {"warned": mark.number} if mark.what == "warned" else {"level": mark.number}
    return _noted(replace(clock, **said), ClockStep(at=mark.due_at, what=mark.what, mark=mark.number))


def thresholds(terms: Terms) -> Iterator[tuple[str, int, timedelta]]:
    """Each mark of the terms with the counted time at which it is reached, in order."""
    target = timedelta(seconds=terms.target_seconds)
    for percent in terms.warn_percent:
        yield "warned", percent, target * percent / 100
    yield "breached", 1, target
    for level, minutes in enumerate(terms.escalate_after_minutes, start=2):
        yield "breached", level, target + timedelta(minutes=minutes)


def counted_now(clock: Clock, hours: WorkingTime, now: datetime) -> timedelta:
    """How much has been counted by now."""
    return clock.accrued + (counted(hours, clock.since, now) if clock.is_running else timedelta())


def intervals(clock: Clock, hours_of: HoursOf, now: datetime) -> Iterator[Interval]:
    """The clock's whole life from its first activation until now, without a gap: what was counted, what not and why."""
    terms, state, why, since = clock.terms, FULFILLED, "", clock.activated_at
    for entry in clock.log:
        if entry.what in ("warned", "breached"):
            continue
        yield from _stretch(terms, state, why, hours_of, (since, entry.at))
        terms, since = entry.terms or terms, max(entry.at, since)
        state = {"paused": PAUSED, "fulfilled": FULFILLED, "superseded": state}.get(entry.what, RUNNING)
        why = why if entry.what == "superseded" else entry.reason or entry.what
    if state != FULFILLED:
        yield from _stretch(terms, state, why, hours_of, (since, now))


def _stretch(terms: Terms, state: str, why: str, hours_of: HoursOf, span: Span) -> Iterator[Interval]:
    start, end = span
    if start >= end:
        return
    if state != RUNNING:
        yield _interval(terms, start, end, False, why)
        return
    for opens, closes in _joined(hours_of(terms).spans(start, end)):
        if start < opens:
            yield _interval(terms, start, opens, False, "outside_hours")
        yield _interval(terms, opens, closes, True, "working_hours")
        start = closes
    if start < end:
        yield _interval(terms, start, end, False, "outside_hours")


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Spans that touch, as one."""
    current: Span | None = None
    for opens, closes in spans:
        if current and current[1] == opens:
            current = current[0], closes
            continue
        if current:
            yield current
        current = opens, closes
    if current:
        yield current


def _interval(terms: Terms, start: datetime, end: datetime, is_counted: bool, why: str) -> Interval:
    return Interval(
        from_at=start,
        to_at=end,
        seconds=(end - start).total_seconds(),
        counted=is_counted,
        why=why,
        policy=terms.policy,
        policy_version=terms.policy_version,
        calendar=terms.calendar,
    )


def _unsaid(clock: Clock) -> Iterator[tuple[str, int, timedelta]]:
    """Marks not yet said. Who has passed the target already is not warned of it any more."""
    late = clock.accrued >= timedelta(seconds=clock.terms.target_seconds)
    for what, number, threshold in thresholds(clock.terms):
        if what == "warned" and not late and not clock.level and number > clock.warned:
            yield what, number, threshold
        if what == "breached" and number > clock.level:
            yield what, number, threshold


def _marks_reached(clock: Clock, terms: Terms) -> dict[str, Any]:
    """Of the marks said, those that are reached under these terms too."""
    reached = [(what, number) for what, number, threshold in thresholds(terms) if threshold <= clock.accrued]
    warned = max((number for what, number in reached if what == "warned"), default=0)
    level = max((number for what, number in reached if what == "breached"), default=0)
    return {"warned": min(clock.warned, warned), "level": min(clock.level, level)}


def _counted_to(clock: Clock, hours: WorkingTime, now: datetime) -> Clock:
    return replace(clock, accrued=clock.accrued + counted(hours, clock.since, now), since=max(now, clock.since))


def _with_due(clock: Clock, hours: WorkingTime) -> Clock:
    left = timedelta(seconds=clock.terms.target_seconds) - clock.accrued
    return replace(clock, due_at=hours.after(clock.since, left) if left > timedelta() else clock.since)


def _noted(clock: Clock, entry: ClockStep) -> Clock:
    return replace(clock, log=(*clock.log, entry), version=clock.version + 1)

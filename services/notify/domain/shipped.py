"""The policies this product comes with, by event type."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.domain.families import BROADCAST
from services.notify.domain.ladder import DUTY_MANAGER, NEXT_CHANNEL, Step, placed

PHRASES = ("asked", "reminder", "silent", "overdue")
"""What a question's templates are for: asking, reminding, and telling those above before and after the deadline."""

OUTSIDE = {"cases.handoff.requested.v1": "handoff_outside", "cases.progress.requested.v1": "progress_outside"}
"""The topic of texts for a sender whose other side works outside the system. Only a recorded reply ends those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """The question that an event asks, of whom, and its ladder.

    `asked` and `reminder` are for the person asked, `silent` and `overdue` for those above, before and after the
    deadline. `within` is the time to answer where the event sets no deadline. `answerable` false: a ladder of reminders
    that only the owner of the matter ends, because more is wanted than a yes (a text, a call).
    """

    to: tuple[str, ...]
    asked: str
    reminder: str
    silent: str
    overdue: str
    ladder: tuple[Step, ...]
    within: str | None = None
    answerable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tells:
    """A plain message, outside any ladder.

    `when` names a field of the event that must be set (`not x`: unset). `once`: whoever was told for this occasion of
    the same matter is not told again.
    """

    template: str
    to: tuple[str, ...]
    when: str | None = None
    once: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one event asks and tells. `urgent`: not held back in quiet hours. Version 1 is the shipped one."""

    event_type: str
    asks: Asks | None = None
    tells: tuple[Tells, ...] = ()
    urgent: bool = False
    version: int = 1

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates that it uses."""
        asked = [getattr(self.asks, phrase) for phrase in PHRASES] if self.asks else []
        outside = OUTSIDE.get(self.event_type) if self.asks else None
        asked += [f"{outside}.{phrase}" for phrase in PHRASES] if outside else []
        return (*asked, *(tells.template for tells in self.tells))


def _steps(*steps: tuple[str, str]) -> tuple[Step, ...]:
    return placed([Step(offset, target) for offset, target in steps])


def _asks(to: str, topic: str, ladder: tuple[Step, ...], *, within: str | None = None, answerable: bool = True) -> Asks:
    """A question whose templates are named after its topic."""
    phrases = {phrase: f"{topic}.{phrase}" for phrase in PHRASES}
    return Asks(to=(to,), ladder=ladder, within=within, answerable=answerable, **phrases)


def _tells(template: str, *to: str, when: str | None = None, once: str | None = None) -> Tells:
    return Tells(template=template, to=to, when=when, once=once)


_CHANGE_LADDER = _steps(("+0", "recipient"), ("50%", "recipient"), ("75%", "lead"), ("deadline", "supervisor"))
_HANDOFF_LADDER = _steps(
    ("+0", "recipient"), ("50%", NEXT_CHANNEL), ("75%", "lead"), ("deadline", DUTY_MANAGER), ("+15min", "supervisor")
)
_CUSTOMER_LADDER = _steps(("+0", "recipient"), ("50%", "recipient"), ("deadline", "lead"), ("+30min", "supervisor"))
_PROMISE_LADDER = _steps(("-30min", "recipient"), ("-5min", NEXT_CHANNEL), ("deadline", "lead"))
_DESK_LADDER = _steps(("+0", "recipient"), ("50%", NEXT_CHANNEL), ("75%", "supervisor"), ("deadline", "manager"))
_NOTICE_LADDER = _steps(("+0", "recipient"), ("50%", "recipient"), ("80%", NEXT_CHANNEL), ("deadline", "lead"))

_OVER = _tells("shift_change.over", "agent", once="over")

_ALL: tuple[Policy, ...] = (
    Policy(
        event_type="roster.shift_change.announced.v1",
        asks=_asks("agent", "shift_change", _CHANGE_LADDER),
        tells=(_tells("shift_change.late_notice", "supervisor", when="late_notice", once="late-notice"),),
    ),
    Policy(
        event_type="roster.shift_change.refused.v1",
        tells=(_tells("shift_change.refused", "lead", "supervisor", once="refused"),),
    ),
    Policy(
        event_type="roster.shift_change.superseded.v1",
        tells=(_tells("shift_change.over", "agent", when="not by_change_id", once="over"),),
    ),
    Policy(event_type="roster.shift_change.withdrawn.v1", tells=(_OVER,)),
    Policy(
        event_type="roster.shift_change.resolved.v1", tells=(_tells("shift_change.resolved", "agent", once="over"),)
    ),
    Policy(event_type="roster.leave.approved.v1", tells=(_tells("leave.approved", "agent", "lead"),)),
    Policy(event_type="roster.leave.requested.v1", tells=(_tells("leave.requested", "told"),)),
    Policy(event_type="roster.leave.undecided.v1", tells=(_tells("leave.undecided", "told"),)),
    Policy(event_type="roster.leave.rejected.v1", tells=(_tells("leave.rejected", "agent", "requester"),)),
    Policy(event_type="roster.leave.withdrawn.v1", tells=(_tells("leave.withdrawn", "agent", "lead"),)),
    Policy(event_type="roster.leave.cancelled.v1", tells=(_tells("leave.cancelled", "agent", "lead"),)),
    Policy(event_type="roster.correction.requested.v1", tells=(_tells("correction.requested", "told"),)),
    Policy(event_type="roster.correction.undecided.v1", tells=(_tells("correction.undecided", "told"),)),
    Policy(event_type="roster.correction.approved.v1", tells=(_tells("correction.approved", "agent", "requester"),)),
    Policy(event_type="roster.correction.rejected.v1", tells=(_tells("correction.rejected", "agent", "requester"),)),
    Policy(
        event_type="roster.swap.offered.v1",
        tells=(
            _tells("swap.offered", "taker", when="to_on"),
            _tells("give_away.offered", "taker", when="not to_on"),
        ),
    ),
    Policy(event_type="roster.swap.accepted.v1", tells=(_tells("swap.accepted", "told", "giver"),)),
    Policy(event_type="roster.swap.undecided.v1", tells=(_tells("swap.undecided", "told"),)),
    Policy(event_type="roster.swap.closed.v1", tells=(_tells("swap.closed", "giver", "taker"),)),
    Policy(event_type="roster.swap.completed.v1", tells=(_tells("swap.completed", "sides", "lead"),)),
    Policy(event_type="roster.open_shift.opened.v1", tells=(_tells("open_shift.opened", "members"),)),
    Policy(event_type="roster.open_shift.unclaimed.v1", tells=(_tells("open_shift.unclaimed", "told"),)),
    Policy(event_type="roster.open_shift.closed.v1", tells=(_tells("open_shift.closed", "opener", "lead"),)),
    Policy(event_type="roster.roster.unresolved.v1", tells=(_tells("roster.unresolved", "told"),)),
    Policy(event_type="roster.duty.assigned.v1", tells=(_tells("duty.assigned", "assigned"),)),
    Policy(event_type="cases.case.reopened.v1", tells=(_tells("case.reopened", "owner", "lead"),)),
    Policy(event_type="cases.case.overdue.v1", tells=(_tells("case.overdue_step", "told"),)),
    Policy(event_type="cases.case.transferred.v1", tells=(_tells("case.transferred", "owner"),)),
    Policy(
        event_type="cases.handoff.requested.v1",
        asks=_asks("receiver", "handoff", _HANDOFF_LADDER),
    ),
    Policy(event_type="cases.handoff.accepted.v1", tells=(_tells("handoff.accepted", "sender"),)),
    Policy(event_type="cases.handoff.refused.v1", tells=(_tells("handoff.refused", "sender"),), urgent=True),
    Policy(event_type="cases.handoff.returned.v1", tells=(_tells("handoff.returned", "sender"),), urgent=True),
    Policy(event_type="cases.handoff.progressed.v1", tells=(_tells("handoff.progressed", "sender"),)),
    Policy(
        event_type="cases.handoff.answered.v1",
        asks=_asks("sender", "handoff_answer", _CUSTOMER_LADDER, within="4h", answerable=False),
    ),
    Policy(event_type="cases.handoff.overdue.v1", tells=(_tells("handoff.overdue_step", "told"),), urgent=True),
    Policy(
        event_type="cases.progress.requested.v1",
        asks=_asks("handler", "progress", _HANDOFF_LADDER, answerable=False),
        urgent=True,
    ),
    Policy(event_type="cases.progress.answered.v1", tells=(_tells("progress.answered", "sender"),), urgent=True),
    Policy(
        event_type="cases.promise.made.v1",
        asks=_asks("promiser", "promise", _PROMISE_LADDER, answerable=False),
        urgent=True,
    ),
    Policy(event_type="cases.promise.broken.v1", tells=(_tells("promise.broken", "promiser", "lead"),), urgent=True),
    Policy(event_type="cases.sla.warned.v1", tells=(_tells("sla.warned", "owner"),)),
    Policy(event_type="cases.sla.breached.v1", tells=(_tells("sla.breached", "level"),), urgent=True),
    Policy(
        event_type="cases.complaint.raised.v1",
        asks=_asks(DUTY_MANAGER, "complaint", _DESK_LADDER, within="30min"),
        tells=(_tells("complaint.support", "lead", when="support_wanted"),),
        urgent=True,
    ),
    Policy(event_type="cases.complaint.decided.v1", tells=(_tells("complaint.decided", "raiser", "owner"),)),
    Policy(event_type="cases.complaint.appealed.v1", tells=(_tells("complaint.appealed", "handler", "supervisor"),)),
    Policy(event_type="cases.complaint.overdue.v1", tells=(_tells("complaint.overdue_step", "told"),), urgent=True),
    Policy(event_type="cases.bulletin.posted.v1", tells=(_tells("bulletin.posted", "members"),)),
    Policy(event_type="cases.bulletin.fulfilled.v1", tells=(_tells("bulletin.fulfilled", "poster"),)),
    Policy(
        event_type="cases.problem.announced.v1",
        asks=_asks("departments", "problem", _NOTICE_LADDER, within="4h"),
    ),
    Policy(
        event_type="cases.problem.updated.v1",
        asks=_asks("departments", "problem_news", _NOTICE_LADDER, within="4h"),
    ),
    Policy(event_type="cases.problem.overdue.v1", tells=(_tells("problem.overdue_step", "owner", "announcer"),)),
    Policy(event_type="cases.problem.fixed.v1", tells=(_tells("problem.fixed", "departments", "announcer"),)),
    Policy(
        event_type="cases.topic.surged.v1",
        asks=_asks("owner", "surge", _DESK_LADDER, within="2h"),
        urgent=True,
    ),
    Policy(event_type="cases.topic.overdue.v1", tells=(_tells("surge.overdue_step", "owner", DUTY_MANAGER),)),
    Policy(event_type="cases.topic.acted.v1", tells=(_tells("surge.acted", "owner", DUTY_MANAGER),)),
    Policy(event_type="kpi.alert.raised.v1", asks=_asks("lead", "alert", _DESK_LADDER, within="2h")),
    Policy(event_type="kpi.alert.resolved.v1", tells=(_tells("alert.resolved", "lead"),)),
    Policy(event_type="kpi.pattern.found.v1", tells=(_tells("pattern.found", "lead"),)),
    Policy(event_type="kpi.scorecard.published.v1", tells=(_tells("scorecard.published", "subject"),)),
    Policy(event_type="kpi.ranking.published.v1", tells=(_tells("ranking.published", "ranked"),)),
    Policy(event_type=BROADCAST, asks=_asks("audience", "broadcast", _NOTICE_LADDER)),
)

SHIPPED: dict[str, Policy] = {policy.event_type: policy for policy in _ALL}

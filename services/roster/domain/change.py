"""A shift change: one question to one agent, and the one answer.

pending → notified → opened → confirmed | refused | expired | superseded | withdrawn. A supervisor resolves a refused or
expired one; after `insist` the agent may still confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import (
    Cell,
    DayChange,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeRefused,
    ShiftChangeResolved,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)

OPEN = ("pending", "notified", "opened")
UNRESOLVED = ("refused", "expired")
STATES = (*OPEN, "confirmed", "refused", "expired", "superseded", "withdrawn")
RESOLUTIONS = ("withdraw", "reassign", "insist")
CHANNELS = ("link", "console", "phone", "chat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a change; `details` are the particulars worth keeping as evidence."""

    at: datetime
    what: str
    by: str | None = None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the agent said, how, and (`shown`) to which text."""

    said: str
    channel: str
    answered_at: datetime
    by: str
    number: int
    diff_hash: str
    note: str | None = None
    shown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What the supervisor decided about a refused or expired change. `republished`: a newer version asks again.

    A reassigned one may have a `substitute` (staff number), who is asked by the change `asked_in`.
    """

    action: str
    reason: str
    resolved_by: str
    resolved_at: datetime
    substitute: str | None = None
    asked_in: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of the last message to the agent. `outcome`: `accepted`, `delivered` or `failed` (with `reason`)."""

    at: datetime
    channel: str
    outcome: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """The highest rung of the ladder reached above the agent: who was told of their silence, and when."""

    rung: int
    target: str
    staff_no: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftChange:
    """A shift change as it is now. Times of `days` are instants; `zone` is the team's."""

    change_id: UUID
    roster_id: UUID
    number: int
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    state: str = "pending"
    days: tuple[DayChange, ...]
    diff_hash: str
    note: str | None = None
    late_notice: bool
    announced_at: datetime
    confirm_by: datetime
    first_start_at: datetime
    answer: Answer | None = None
    resolution: Resolution | None = None
    superseded_by: UUID | None = None
    last_delivery: Delivery | None = None
    escalation: Escalation | None = None
    history: tuple[Step, ...] = ()
    version: int = 1
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the agent has yet to answer."""
        return self.state in OPEN

    @property
    def is_answerable(self) -> bool:
        """Whether the agent may still say yes: while it is open, or when the supervisor insisted."""
        return self.is_open or (self.resolution is not None and self.resolution.action == "insist")

    @property
    def is_unresolved(self) -> bool:
        """Whether a supervisor has yet to decide."""
        return self.state in UNRESOLVED and self.resolution is None


def still_to_work(change: ShiftChange, now: datetime) -> dict[date, Cell]:
    """The shifts that the change asks for and that have not begun: what somebody else could take over."""
    cells = {day.on: day.after for day in change.days if day.after}
    return {on: cell for on, cell in cells.items() if cell.starts_at and cell.starts_at > now}


def announced(change: ShiftChange) -> ShiftChangeAnnounced:
    """The news that an agent is asked."""
    return ShiftChangeAnnounced(
        **_fact(change),
        zone=change.zone,
        days=change.days,
        late_notice=change.late_notice,
        diff_hash=change.diff_hash,
        note=change.note,
    )


def notified(change: ShiftChange, *, at: datetime, details: dict[str, Any]) -> ShiftChange:
    """A message reached a channel."""
    state = "notified" if change.state == "pending" else change.state
    return _next(change, "delivered", at, None, details, state=state)


def delivered(change: ShiftChange, delivery: Delivery) -> ShiftChange:
    """What became of a message to the agent; the latest one is shown."""
    last = change.last_delivery
    return change if last and last.at > delivery.at else replace(change, last_delivery=delivery)


def escalated(change: ShiftChange, escalation: Escalation) -> ShiftChange:
    """Somebody above the silent agent was told."""
    highest = change.escalation
    if highest and highest.rung > escalation.rung:
        return change
    details = {"rung": escalation.rung, "target": escalation.target, "staff_no": escalation.staff_no}
    return replace(_next(change, "escalated", escalation.at, None, details), escalation=escalation)


def noted(
    change: ShiftChange, what: str, *, at: datetime, by: str | None = None, details: dict[str, Any]
) -> ShiftChange:
    """Something worth keeping that changes nothing else: a failed message, an answer that came too late."""
    return _next(change, what, at, by, details)


def opened(change: ShiftChange, *, at: datetime, channel: str) -> ShiftChange:
    """The agent looked at it. Opened is not confirmed."""
    state = "opened" if change.is_open else change.state
    return _next(change, "opened", at, change.staff_no, {"channel": channel}, state=state)


def confirmed(
    change: ShiftChange, *, channel: str, by: str, now: datetime, note: str | None = None, shown: str | None = None
) -> tuple[ShiftChange, Event]:
    """The agent said yes. Refuses when it is not to be answered any more."""
    _require_answerable(change)
    answer = _answer(change, "confirmed", channel=channel, by=by, at=now, note=note, shown=shown)
    after = _next(change, "confirmed", now, by, {"channel": channel, "note": note}, state="confirmed", answer=answer)
    return after, ShiftChangeConfirmed(**_fact(after), channel=channel, confirmed_at=now)


def refused(
    change: ShiftChange, *, reason: str, channel: str, by: str, now: datetime, shown: str | None = None
) -> tuple[ShiftChange, Event]:
    """The agent said no. What they answer for stays what it was."""
    if not change.is_open:
        _require_answerable(replace(change, resolution=None))
    answer = _answer(change, "refused", channel=channel, by=by, at=now, note=reason, shown=shown)
    after = _next(change, "refused", now, by, {"channel": channel, "reason": reason}, state="refused", answer=answer)
    return after, ShiftChangeRefused(**_fact(after), reason=reason, channel=channel, refused_at=now)


def expired(change: ShiftChange, *, now: datetime) -> tuple[ShiftChange, Event]:
    """Nobody answered in time."""
    after = _next(change, "expired", now, None, {}, state="expired")
    return after, ShiftChangeExpired(**_fact(after), expired_at=now)


def superseded(
    change: ShiftChange, *, by_number: int, by_change_id: UUID | None, now: datetime
) -> tuple[ShiftChange, Event]:
    """A newer publication asks instead, or leaves nothing to ask (`by_change_id` none)."""
    details = {"by_number": by_number, "by_change_id": str(by_change_id) if by_change_id else None}
    after = _next(change, "superseded", now, None, details, state="superseded", superseded_by=by_change_id)
    event = ShiftChangeSuperseded(**_fact(after), superseded_at=now, by_number=by_number, by_change_id=by_change_id)
    return after, event


def resolved(change: ShiftChange, *, action: str, reason: str, by: str, now: datetime) -> tuple[ShiftChange, Event]:
    """The supervisor decides about a refused or expired change."""
    if not change.is_unresolved:
        raise Refusal("change-not-to-resolve", state=change.state)
    decision = Resolution(action=action, reason=reason, resolved_by=by, resolved_at=now)
    after = _next(change, "resolved", now, by, {"action": action, "reason": reason}, resolution=decision)
    event = ShiftChangeResolved(**_fact(after), resolution=action, reason=reason, resolved_by=by, resolved_at=now)
    return after, event


def handed_to(change: ShiftChange, *, substitute: str, asked_in: UUID) -> ShiftChange:
    """A reassigned change names who is asked instead."""
    assert change.resolution is not None
    return replace(change, resolution=replace(change.resolution, substitute=substitute, asked_in=asked_in))


def withdrawn(change: ShiftChange, *, reason: str, by: str, now: datetime) -> tuple[ShiftChange, Event]:
    """The supervisor takes the question back."""
    if not (change.is_open or change.state in UNRESOLVED):
        raise Refusal("change-not-to-resolve", state=change.state)
    after = _next(change, "withdrawn", now, by, {"reason": reason}, state="withdrawn")
    return after, ShiftChangeWithdrawn(**_fact(after), withdrawn_at=now, reason=reason)


def is_same_answer(change: ShiftChange, said: str) -> bool:
    """Whether the agent has already said exactly that."""
    return change.state == said and change.answer is not None and change.answer.said == said


def require_fitting_channel(channel: str, note: str | None, *, own: bool, by_system: bool) -> None:
    """An agent answers by link, console or chat; a lead records what was said by phone, with a note; a system any."""
    if by_system:
        return
    if own and channel == "phone":
        raise Refusal("phone-needs-a-lead", faults=(Fault("channel", "phone-needs-a-lead", {}),))
    if not own and channel != "phone":
        raise Refusal("answer-is-the-agents", faults=(Fault("channel", "answer-is-the-agents", {}),))
    if channel == "phone" and not note:
        raise Refusal("phone-needs-a-note", faults=(Fault("note", "field-required", {}),))


def _require_answerable(change: ShiftChange) -> None:
    if change.is_answerable:
        return
    if change.state == "expired":
        raise Refusal("change-expired", confirm_by=change.confirm_by.isoformat())
    raise Refusal("change-withdrawn" if change.state == "withdrawn" else "change-already-answered", state=change.state)


def _answer(
    change: ShiftChange, said: str, *, channel: str, by: str, at: datetime, note: str | None, shown: str | None
) -> Answer:
    return Answer(
        said=said,
        channel=channel,
        answered_at=at,
        by=by,
        number=change.number,
        diff_hash=change.diff_hash,
        note=note,
        shown=shown,
    )


def _next(
    change: ShiftChange, what: str, at: datetime, by: str | None, details: dict[str, Any], **differences: Any
) -> ShiftChange:
    step = Step(at=at, what=what, by=by, details={name: value for name, value in details.items() if value is not None})
    return replace(
        change,
        history=(*change.history, step),
        version=change.version + 1,
        updated_at=max(at, change.updated_at),
        **differences,
    )


def _fact(change: ShiftChange) -> dict[str, Any]:
    return {
        "change_id": change.change_id,
        "roster_id": change.roster_id,
        "number": change.number,
        "agent_id": change.agent_id,
        "staff_no": change.staff_no,
        "agent_name": change.agent_name,
        "team_id": change.team_id,
        "team_name": change.team_name,
        "announced_at": change.announced_at,
        "confirm_by": change.confirm_by,
        "first_start_at": change.first_start_at,
    }

"""Which step was missed on a case's way, and who held it then.

A step is missed when its time passed before it was done, also when it was done late. What nobody had to do at the time
is nobody's miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.domain.handoff import Handoff
from services.cases.domain.handoff_chase import ACKNOWLEDGEMENT
from services.cases.domain.progress import ProgressRequest
from services.cases.domain.promise import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedStep:
    """A missed step. `holder` is a staff number, none where a whole team was asked.

    `step`: handoff_not_accepted, acknowledgement_not_chased, handoff_not_answered, progress_not_asked,
    progress_not_answered, customer_not_told, promise_not_kept.
    """

    step: str
    holder: str | None
    holder_name: str | None
    team_id: UUID | None
    team_name: str | None
    due_at: datetime
    done_at: datetime | None
    late_seconds: int
    handoff_id: UUID | None = None
    progress_id: UUID | None = None
    promise_id: UUID | None = None
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """A customer came again about the case: when, and whom they spoke to."""

    at: datetime
    by: str | None
    by_name: str | None
    contact_id: UUID | None


def missed_steps(
    handoffs: Sequence[Handoff],
    progress: Sequence[ProgressRequest],
    promises: Sequence[Promise],
    again: Sequence[AskedAgain],
    *,
    now: datetime,
) -> list[MissedStep]:
    """Every missed step of a case, in the order in which they were due."""
    found = [
        *(step for hop in handoffs for step in _of_hop(hop, now)),
        *_unanswered(progress, handoffs, now),
        *_not_asked(again, handoffs, progress, now),
        *_not_kept(promises, now),
    ]
    return sorted(found, key=lambda step: step.due_at)


def _of_hop(hop: Handoff, now: datetime) -> Iterator[MissedStep]:
    silent_until = hop.accepted_at or hop.ended_at
    if late := _late(hop.ack_due_at, silent_until, now):
        yield _receivers("handoff_not_accepted", hop, hop.ack_due_at, hop.accepted_at, late)
        chased = any(step.what == "overdue" and step.details.get("clock") == ACKNOWLEDGEMENT for step in hop.history)
        if not chased:
            yield _senders("acknowledgement_not_chased", hop, hop.ack_due_at, None, late)
    if hop.accepted_at and (late := _late(hop.due_at, hop.answered_at or hop.ended_at, now)):
        yield _receivers("handoff_not_answered", hop, hop.due_at, hop.answered_at, late)
    if hop.word_due_at and hop.answered_at and (late := _late(hop.word_due_at, hop.told_at, now)):
        yield _senders("customer_not_told", hop, hop.word_due_at, hop.told_at, late)


def _unanswered(
    progress: Iterable[ProgressRequest], handoffs: Sequence[Handoff], now: datetime
) -> Iterator[MissedStep]:
    hops = {hop.handoff_id: hop for hop in handoffs}
    for one in progress:
        done_at = one.answered_at or (hops[one.handoff_id].answered_at or hops[one.handoff_id].ended_at)
        if late := _late(one.due_at, done_at, now):
            yield MissedStep(
                step="progress_not_answered",
                holder=one.handler,
                holder_name=hops[one.handoff_id].receiver_name if one.handler else None,
                team_id=one.to_team_id,
                team_name=one.to_team_name,
                due_at=one.due_at,
                done_at=one.answered_at,
                late_seconds=late,
                handoff_id=one.handoff_id,
                progress_id=one.progress_id,
            )


def _not_asked(
    again: Iterable[AskedAgain], handoffs: Sequence[Handoff], progress: Sequence[ProgressRequest], now: datetime
) -> Iterator[MissedStep]:
    """The customer came again while a team was at work, and nobody asked that team."""
    for one in again:
        hop = next(
            (hop for hop in handoffs if hop.requested_at <= one.at < (hop.answered_at or hop.ended_at or now)), None
        )
        if hop is None or any(
            asked.handoff_id == hop.handoff_id and asked.requested_at >= one.at for asked in progress
        ):
            continue
        yield MissedStep(
            step="progress_not_asked",
            holder=one.by,
            holder_name=one.by_name,
            team_id=hop.from_team_id,
            team_name=hop.from_team_name,
            due_at=one.at,
            done_at=None,
            late_seconds=_seconds(one.at, hop.answered_at or hop.ended_at or now),
            handoff_id=hop.handoff_id,
            contact_id=one.contact_id,
        )


def _not_kept(promises: Iterable[Promise], now: datetime) -> Iterator[MissedStep]:
    for promise in promises:
        late = _late(promise.due_at, promise.kept_at or promise.cancelled_at, now)
        if late and promise.state != "cancelled":
            yield MissedStep(
                step="promise_not_kept",
                holder=promise.promised_by,
                holder_name=promise.promised_by_name,
                team_id=None,
                team_name=None,
                due_at=promise.due_at,
                done_at=promise.kept_at,
                late_seconds=late,
                handoff_id=promise.handoff_id,
                promise_id=promise.promise_id,
            )


def _receivers(step: str, hop: Handoff, due_at: datetime, done_at: datetime | None, late: int) -> MissedStep:
    return MissedStep(
        step=step,
        holder=hop.receiver,
        holder_name=hop.receiver_name,
        team_id=hop.to_team_id,
        team_name=hop.to_team_name,
        due_at=due_at,
        done_at=done_at,
        late_seconds=late,
        handoff_id=hop.handoff_id,
    )


def _senders(step: str, hop: Handoff, due_at: datetime, done_at: datetime | None, late: int) -> MissedStep:
    return MissedStep(
        step=step,
        holder=hop.sender,
        holder_name=hop.sender_name,
        team_id=hop.from_team_id,
        team_name=hop.from_team_name,
        due_at=due_at,
        done_at=done_at,
        late_seconds=late,
        handoff_id=hop.handoff_id,
    )


def _late(due_at: datetime, done_at: datetime | None, now: datetime) -> int:
    """Seconds by which something was or is late; 0 when it was in time."""
    return max(_seconds(due_at, done_at or now), 0)


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())

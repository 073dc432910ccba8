"""What moves a hand-off: pure functions, guards first, that answer the hop as it is afterwards, and its news."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.cases.domain.handoff import Handoff, Reply, fact_of, noted, require_accepted, why_not_asked
from services.cases.domain.sla_policy import HandoffTerms
from services.cases.domain.working_time import WorkingTime, counted, days_after, minutes_after, whole_seconds
from shared.contracts.cases import (
    HandoffAccepted,
    HandoffAnswered,
    HandoffClosed,
    HandoffProgressed,
    HandoffRefused,
    HandoffRequested,
    HandoffReturned,
)
from shared.contracts.event import Event
from shared.contracts.refusal import Refusal

Transition = tuple[Handoff, tuple[Event, ...]]


def due_times(
    terms: HandoffTerms, hours: WorkingTime, now: datetime, *, ack_within_minutes: int | None, work_days: int | None
) -> tuple[HandoffTerms, datetime, datetime]:
    """The terms of one hop, with when it is to be accepted and when answered if it were accepted at once."""
    own = replace(
        terms,
        ack_minutes=terms.ack_minutes if ack_within_minutes is None else ack_within_minutes,
        work_days=terms.work_days if work_days is None else work_days,
    )
    return own, minutes_after(hours, now, own.ack_minutes), days_after(hours, now, own.work_days)


def requested(handoff: Handoff, facts: dict[str, Any]) -> Transition:
    """A team is asked to act."""
    named = {"receiver": handoff.receiver} if handoff.receiver else {}
    asked = noted(handoff, "requested", at=handoff.requested_at, by=handoff.sender, details=named)
    asked = replace(asked, version=1, next_step_at=handoff.ack_due_at)
    event = HandoffRequested(**fact_of(asked, facts), previous_handoff_id=handoff.previous_handoff_id)
    return asked, (event,)


def accepted(
    handoff: Handoff, facts: dict[str, Any], hours: WorkingTime, reply: Reply, *, note: str | None
) -> Transition:
    """The receiver takes it on; its time to work begins."""
    if handoff.state != "requested":
        raise Refusal(why_not_asked(handoff), state=handoff.state)
    due_at = days_after(hours, reply.at, handoff.terms.work_days)
    after = replace(
        handoff,
        state="accepted",
        receiver=reply.by,
        receiver_name=reply.name,
        accepted_at=reply.at,
        due_at=due_at,
        next_step_at=due_at,
        chased=0,
    )
    after = _said(after, "accepted", reply, {"note": note})
    event = HandoffAccepted(
        **fact_of(after, facts),
        accepted_at=reply.at,
        accepted_by=reply.by,
        in_time=reply.at <= handoff.ack_due_at,
        ack_seconds=whole_seconds(counted(hours, handoff.requested_at, reply.at)),
    )
    return after, (event,)


def refused(handoff: Handoff, facts: dict[str, Any], reply: Reply, *, reason: str) -> Transition:
    """The receiver says no; it is the sender's again."""
    if handoff.state != "requested":
        raise Refusal(why_not_asked(handoff), state=handoff.state)
    after = _said(_over(handoff, "refused", reply.at), "refused", reply, {"reason": reason})
    event = HandoffRefused(**fact_of(after, facts), refused_at=reply.at, refused_by=reply.by, refusal=reason)
    return after, (event, _closed_event(after, facts, reply.at))


def returned(
    handoff: Handoff, facts: dict[str, Any], reply: Reply | None, *, why: str, note: str | None, now: datetime
) -> Transition:
    """It comes back to the sender: `given_back` by its receiver, or `not_accepted` by anybody in time."""
    if handoff.state not in ("requested", "accepted"):
        raise Refusal(why_not_asked(handoff), state=handoff.state)
    over, by = _over(handoff, "returned", now), reply.by if reply else None
    details = {"why": why, "note": note}
    after = (
        _said(over, "returned", reply, details) if reply else noted(over, "returned", at=now, by=None, details=details)
    )
    event = HandoffReturned(**fact_of(after, facts), returned_at=now, why=why, note=note, returned_by=by)
    return after, (event, _closed_event(after, facts, now))


def withdrawn(handoff: Handoff, facts: dict[str, Any], *, by: str, reason: str | None, now: datetime) -> Transition:
    """The sender takes the question back."""
    if handoff.state not in ("requested", "accepted"):
        raise Refusal(why_not_asked(handoff), state=handoff.state)
    after = noted(_over(handoff, "withdrawn", now), "withdrawn", at=now, by=by, details={"reason": reason})
    return after, (_closed_event(after, facts, now),)


def progressed(
    handoff: Handoff, facts: dict[str, Any], reply: Reply, *, note: str, eta_at: datetime | None
) -> Transition:
    """The receiver says where it stands."""
    require_accepted(handoff)
    after = _said(handoff, "progressed", reply, {"note": note, "eta_at": eta_at.isoformat() if eta_at else None})
    event = HandoffProgressed(
        **fact_of(after, facts),
        progressed_at=reply.at,
        progressed_by=reply.by,
        note=note,
        eta_at=eta_at,
    )
    return after, (event,)


def answered(
    handoff: Handoff,
    facts: dict[str, Any],
    hours: WorkingTime,
    reply: Reply,
    *,
    answer: str,
    word_due_at: datetime,
) -> Transition:
    """The receiver answers; now the customer must be told, by `word_due_at`."""
    require_accepted(handoff)
    assert handoff.accepted_at
    after = replace(
        handoff,
        state="answered",
        answered_at=reply.at,
        answer=answer,
        word_due_at=word_due_at,
        next_step_at=word_due_at,
        chased=0,
    )
    after = _said(after, "answered", reply, {"answer": answer})
    event = HandoffAnswered(
        **fact_of(after, facts),
        answered_at=reply.at,
        answered_by=reply.by,
        answer=answer,
        in_time=bool(after.answered_in_time),
        work_seconds=whole_seconds(counted(hours, handoff.accepted_at, reply.at)),
    )
    return after, (event,)


def told(handoff: Handoff, *, by: str, now: datetime) -> Handoff:
    """The customer heard the answer."""
    return noted(replace(handoff, told_at=now), "customer_told", at=now, by=by, details={})


def closed(handoff: Handoff, facts: dict[str, Any], *, by: str | None, now: datetime) -> Transition:
    """The hop is over: answered, and the customer told."""
    if handoff.state != "answered":
        raise Refusal(why_not_asked(handoff) if not handoff.is_open else "handoff-not-answered", state=handoff.state)
    if handoff.told_at is None:
        raise Refusal("handoff-customer-not-told")
    after = replace(handoff, state="closed", outcome="answered", ended_at=now, next_step_at=None)
    after = noted(after, "closed", at=now, by=by, details={})
    return after, (_closed_event(after, facts, now),)


def _over(handoff: Handoff, outcome: str, now: datetime) -> Handoff:
    return replace(handoff, state=outcome, outcome=outcome, ended_at=now, next_step_at=None)


def _said(handoff: Handoff, what: str, reply: Reply, details: dict[str, Any]) -> Handoff:
    own = {"recorded_by": reply.recorded_by, "name": reply.name if reply.recorded_by else None}
    return noted(handoff, what, at=reply.at, by=reply.by, details={**details, **own})


def _closed_event(handoff: Handoff, facts: dict[str, Any], now: datetime) -> HandoffClosed:
    in_time, is_told = handoff.answered_in_time, handoff.told_at is not None
    assert handoff.outcome
    return HandoffClosed(
        **fact_of(handoff, facts),
        closed_at=now,
        outcome=handoff.outcome,
        answered_in_time=in_time,
        customer_told=is_told,
        closed_loop=None if handoff.outcome == "withdrawn" else bool(in_time) and is_told,
    )

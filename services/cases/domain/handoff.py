"""A hand-off: one hop, in which one team asks another to act. The sender keeps the case and the customer.

requested → accepted | refused | returned | withdrawn; accepted → (progress…) → answered → closed. Only an explicit
acceptance moves the work: who was named or assigned has not accepted. Each transition appends a step; what a step said
is never changed by a later one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.case import Person
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
from shared.contracts.refusal import Fault, Refusal

OPEN = ("requested", "accepted", "answered")
STATES = (*OPEN, "refused", "returned", "withdrawn", "closed")
CHANNELS = ("system", "phone", "chat", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a hand-off: when, by whom, and the particulars."""

    at: datetime
    what: str
    by: str | None = None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Who said something, as whom it is recorded. `recorded_by`: the sender wrote down what a partner said."""

    by: str
    name: str
    at: datetime
    recorded_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """A hop as it is now. `chased` counts the steps of the clock that runs: acknowledgement, work, or word.

    `ack_due_at` and `due_at` are on the receiver's calendar, `word_due_at` (to tell the customer the answer) on the
    sender's. `external`: the other side works outside the system, and the sender records its replies.
    """

    handoff_id: UUID
    case_id: UUID
    hop: int
    state: str = "requested"
    from_team_id: UUID | None = None
    from_team_name: str | None = None
    sender: str
    sender_name: str
    to_team_id: UUID
    to_team_code: str
    to_team_name: str
    channel: str
    external: bool
    reason: str
    request: str
    terms: HandoffTerms
    requested_at: datetime
    ack_due_at: datetime
    due_at: datetime
    receiver: str | None = None
    receiver_name: str | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None
    word_due_at: datetime | None = None
    told_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    next_step_at: datetime | None = None
    chased: int = 0
    previous_handoff_id: UUID | None = None
    history: tuple[Step, ...] = ()
    version: int = 1
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the loop is still open."""
        return self.state in OPEN

    def is_receiver(self, team_ids: Collection[UUID], names: Collection[str]) -> bool:
        """Whether somebody with these teams (known ones by id, others by whatever name) is on the asked side."""
        return self.to_team_id in team_ids or bool({self.to_team_code, str(self.to_team_id)} & set(names))

    @property
    def asked(self) -> Person | None:
        """Who inside the system is to act or, for a partner outside it, to get its reply: the sender."""
        if self.external:
            return Person(self.sender, self.sender_name)
        return Person(self.receiver, self.receiver_name or self.receiver) if self.receiver else None

    @property
    def answered_in_time(self) -> bool | None:
        """Whether the answer came by its due time; none while there is none."""
        return self.answered_at <= self.due_at if self.answered_at else None


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
    asked = _step(handoff, "requested", handoff.requested_at, handoff.sender, named)
    asked = replace(asked, version=1, next_step_at=handoff.ack_due_at)
    event = HandoffRequested(**fact_of(asked, facts), previous_handoff_id=handoff.previous_handoff_id)
    return asked, (event,)


def accepted(
    handoff: Handoff, facts: dict[str, Any], hours: WorkingTime, reply: Reply, *, note: str | None
) -> Transition:
    """The receiver takes it on; its time to work begins."""
    if handoff.state != "requested":
        raise Refusal(_why_not_asked(handoff), state=handoff.state)
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
        raise Refusal(_why_not_asked(handoff), state=handoff.state)
    after = _said(_over(handoff, "refused", reply.at), "refused", reply, {"reason": reason})
    event = HandoffRefused(**fact_of(after, facts), refused_at=reply.at, refused_by=reply.by, refusal=reason)
    return after, (event, _closed_event(after, facts, reply.at))


def returned(
    handoff: Handoff, facts: dict[str, Any], reply: Reply | None, *, why: str, note: str | None, now: datetime
) -> Transition:
    """It comes back to the sender: `given_back` by its receiver, or `not_accepted` by anybody in time."""
    if handoff.state not in ("requested", "accepted"):
        raise Refusal(_why_not_asked(handoff), state=handoff.state)
    over, by = _over(handoff, "returned", now), reply.by if reply else None
    details = {"why": why, "note": note}
    after = _said(over, "returned", reply, details) if reply else _step(over, "returned", now, None, details)
    event = HandoffReturned(**fact_of(after, facts), returned_at=now, why=why, note=note, returned_by=by)
    return after, (event, _closed_event(after, facts, now))


def withdrawn(handoff: Handoff, facts: dict[str, Any], *, by: str, reason: str | None, now: datetime) -> Transition:
    """The sender takes the question back."""
    if handoff.state not in ("requested", "accepted"):
        raise Refusal(_why_not_asked(handoff), state=handoff.state)
    after = _step(_over(handoff, "withdrawn", now), "withdrawn", now, by, {"reason": reason})
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
    return _step(replace(handoff, told_at=now), "customer_told", now, by, {})


def closed(handoff: Handoff, facts: dict[str, Any], *, by: str | None, now: datetime) -> Transition:
    """The hop is over: answered, and the customer told."""
    if handoff.state != "answered":
        raise Refusal(_why_not_asked(handoff) if not handoff.is_open else "handoff-not-answered", state=handoff.state)
    if handoff.told_at is None:
        raise Refusal("handoff-customer-not-told")
    after = replace(handoff, state="closed", outcome="answered", ended_at=now, next_step_at=None)
    after = _step(after, "closed", now, by, {})
    return after, (_closed_event(after, facts, now),)


def noted(handoff: Handoff, what: str, *, at: datetime, by: str | None = None, details: dict[str, Any]) -> Handoff:
    """Something worth keeping that changes nothing else: a message delivered or failed, a late click."""
    return _step(handoff, what, at, by, details)


def require_accepted(handoff: Handoff) -> None:
    """Refuse work on what nobody has accepted, or what is over."""
    if handoff.state == "requested":
        raise Refusal("handoff-not-accepted")
    if handoff.state != "accepted":
        raise Refusal(_why_not_asked(handoff), state=handoff.state)


def require_other_team(to_team_id: UUID, own_team_id: UUID | None) -> None:
    """Refuse asking oneself."""
    if to_team_id == own_team_id:
        raise Refusal("handoff-to-own-team", faults=(Fault("to_team", "handoff-to-own-team", {}),))


def require_sensible_reply(handoff: Handoff, reply_at: datetime, *, now: datetime) -> None:
    """A reply was given after what it replies to and not in the future."""
    earliest = handoff.accepted_at or handoff.requested_at
    if not earliest <= reply_at <= now:
        fault = Fault("at", "reply-time-impossible", {"earliest": earliest.isoformat()})
        raise Refusal("invalid-value", faults=(fault,))


def owing_word(handoff: Handoff, word_due_at: datetime) -> Handoff:
    """The hop as the customer is owed word of it by then."""
    return replace(handoff, word_due_at=word_due_at)


def _why_not_asked(handoff: Handoff) -> str:
    known = {
        "accepted": "handoff-already-accepted",
        "answered": "handoff-already-answered",
        "closed": "handoff-already-answered",
        "withdrawn": "handoff-withdrawn",
    }
    return known.get(handoff.state, "handoff-over")


def _over(handoff: Handoff, outcome: str, now: datetime) -> Handoff:
    return replace(handoff, state=outcome, outcome=outcome, ended_at=now, next_step_at=None)


def _said(handoff: Handoff, what: str, reply: Reply, details: dict[str, Any]) -> Handoff:
    own = {"recorded_by": reply.recorded_by, "name": reply.name if reply.recorded_by else None}
    return _step(handoff, what, reply.at, reply.by, {**details, **own})


def _step(handoff: Handoff, what: str, at: datetime, by: str | None, details: dict[str, Any]) -> Handoff:
    step = Step(at=at, what=what, by=by, details={name: value for name, value in details.items() if value is not None})
    return replace(
        handoff,
        history=(*handoff.history, step),
        version=handoff.version + 1,
        updated_at=max(at, handoff.updated_at),
    )


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


def fact_of(handoff: Handoff, facts: dict[str, Any]) -> dict[str, Any]:
    asked = handoff.asked
    return facts | {
        "handoff_id": handoff.handoff_id,
        "hop": handoff.hop,
        "sender": handoff.sender,
        "sender_name": handoff.sender_name,
        "to_team_id": handoff.to_team_id,
        "to_team_name": handoff.to_team_name,
        "handoff_channel": handoff.channel,
        "external": handoff.external,
        "reason": handoff.reason,
        "request": handoff.request,
        "requested_at": handoff.requested_at,
        "ack_due_at": handoff.ack_due_at,
        "due_at": handoff.due_at,
        "from_team_id": handoff.from_team_id,
        "from_team_name": handoff.from_team_name,
        "receiver": asked.staff_no if asked else None,
        "receiver_name": asked.name if asked else None,
    }

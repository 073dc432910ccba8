"""A hand-off: one hop, in which one team asks another to act. The sender keeps the case and the customer.

requested → accepted | refused | returned | withdrawn; accepted → (progress…) → answered → closed. Only an explicit
acceptance moves the work: who was named or assigned has not accepted. Each transition appends a step; what a step said
is never changed by a later one. What moves it stands in `handoff_moves`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.case import Person
from services.cases.domain.sla_policy import HandoffTerms
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
    def answered_in_time(self) -> bool | None:
        """Whether the answer came by its due time; none while there is none."""
        return self.answered_at <= self.due_at if self.answered_at else None


def noted(handoff: Handoff, what: str, *, at: datetime, by: str | None = None, details: dict[str, Any]) -> Handoff:
    """The hop with one more step; by itself it changes nothing else."""
    step = Step(at=at, what=what, by=by, details={name: value for name, value in details.items() if value is not None})
    return replace(
        handoff,
        history=(*handoff.history, step),
        version=handoff.version + 1,
        updated_at=max(at, handoff.updated_at),
    )


def require_accepted(handoff: Handoff) -> None:
    """Refuse work on what nobody has accepted, or what is over."""
    if handoff.state == "requested":
        raise Refusal("handoff-not-accepted")
    if handoff.state != "accepted":
        raise Refusal(why_not_asked(handoff), state=handoff.state)


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


def why_not_asked(handoff: Handoff) -> str:
    """The code of the refusal for whoever comes too late."""
    known = {
        "accepted": "handoff-already-accepted",
        "answered": "handoff-already-answered",
        "closed": "handoff-already-answered",
        "withdrawn": "handoff-withdrawn",
    }
    return known.get(handoff.state, "handoff-over")


def fact_of(handoff: Handoff, facts: dict[str, Any]) -> dict[str, Any]:
    """The fields of a HandoffFact, from the hop and the facts of its case."""
    sender = _present_sender(handoff, facts)
    asked = sender if handoff.external else _receiver(handoff)
    return facts | {
        "handoff_id": handoff.handoff_id,
        "hop": handoff.hop,
        "sender": sender.staff_no,
        "sender_name": sender.name,
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


def _present_sender(handoff: Handoff, facts: dict[str, Any]) -> Person:
    """Who owns the loop now: the case's owner, to whom it may have passed since; else whoever asked."""
    if owner := facts.get("owner"):
        return Person(owner, facts.get("owner_name") or owner)
    return Person(handoff.sender, handoff.sender_name)


def _receiver(handoff: Handoff) -> Person | None:
    return Person(handoff.receiver, handoff.receiver_name or handoff.receiver) if handoff.receiver else None

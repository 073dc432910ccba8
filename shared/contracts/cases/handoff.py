"""Events about hand-offs, progress requests and promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.cases.case import CaseFact
from shared.contracts.event import event


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffFact(CaseFact):
    """One hop: `from_team` asks `to_team` to act. The sender keeps the case and the customer.

    `sender` owns the loop. `receiver` is a staff number once somebody accepted (or was named), none while the team's
    lead is asked. `external`: the other side works outside the system, so the sender records its replies and is chased
    for them, and stands as `receiver`. `request` has phone numbers masked. `ack_due_at` and `due_at` are on the
    receiver's calendar.
    """

    handoff_id: UUID
    hop: int
    sender: str
    sender_name: str
    to_team_id: UUID
    to_team_name: str
    handoff_channel: str
    external: bool
    reason: str
    request: str
    requested_at: datetime
    ack_due_at: datetime
    due_at: datetime
    from_team_id: UUID | None = None
    from_team_name: str | None = None
    receiver: str | None = None
    receiver_name: str | None = None


@event("cases.handoff.requested.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRequested(HandoffFact):
    """A team is asked to act and must accept by `ack_due_at`."""

    previous_handoff_id: UUID | None = None


@event("cases.handoff.accepted.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffAccepted(HandoffFact):
    """The receiver took it on."""

    accepted_at: datetime
    accepted_by: str
    in_time: bool
    ack_seconds: int


@event("cases.handoff.refused.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRefused(HandoffFact):
    """The receiver said no; it is the sender's again."""

    refused_at: datetime
    refused_by: str
    refusal: str


@event("cases.handoff.returned.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffReturned(HandoffFact):
    """It came back unanswered. `why` is not_accepted (in time, by anybody) or given_back (by its receiver)."""

    returned_at: datetime
    why: str
    note: str | None = None
    returned_by: str | None = None


@event("cases.handoff.progressed.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffProgressed(HandoffFact):
    """The receiver said where it stands."""

    progressed_at: datetime
    progressed_by: str
    note: str
    eta_at: datetime | None = None


@event("cases.handoff.answered.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffAnswered(HandoffFact):
    """The receiver answered; now the customer must be told."""

    answered_at: datetime
    answered_by: str
    answer: str
    in_time: bool
    work_seconds: int


@event("cases.handoff.overdue.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffOverdue(HandoffFact):
    """One step of the chase; `step` counts from 1.

    `clock` is acknowledgement, work, progress (the customer asked again), or word (the customer is to be told the
    answer); `told` is any of receiver, lead, duty_manager, supervisor, sender.
    """

    overdue_at: datetime
    clock: str
    step: int
    told: tuple[str, ...]


@event("cases.handoff.closed.v1", subject="handoff_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffClosed(HandoffFact):
    """The hop is over: `outcome` is answered, refused, returned or withdrawn.

    `closed_loop` is answered in time and the customer told; none when it was withdrawn.
    """

    closed_at: datetime
    outcome: str
    answered_in_time: bool | None = None
    customer_told: bool | None = None
    closed_loop: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressFact(CaseFact):
    """The customer asked again while a hand-off is open; its handler must say where it stands by `due_at`.

    `external`: the other side works outside the system, so the handler is the sender, who asks them and records it.
    """

    progress_id: UUID
    handoff_id: UUID
    to_team_id: UUID
    to_team_name: str
    sender: str
    requested_at: datetime
    due_at: datetime
    nth: int
    handler: str | None = None
    contact_id: UUID | None = None
    external: bool = False


@event("cases.progress.requested.v1", subject="progress_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRequested(ProgressFact):
    """The handler is asked where it stands."""

    request: str


@event("cases.progress.answered.v1", subject="progress_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressAnswered(ProgressFact):
    """The handler said where it stands and until when; the sender now owes the customer a word."""

    answered_at: datetime
    answered_by: str
    standing: str
    eta_at: datetime
    in_time: bool
    promise_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFact(CaseFact):
    """What a customer was promised, by whom, until when. `text` has phone numbers masked."""

    promise_id: UUID
    promised_by: str
    promised_by_name: str
    text: str
    made_at: datetime
    due_at: datetime


@event("cases.promise.made.v1", subject="promise_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(PromiseFact):
    """Somebody promised a customer something."""

    handoff_id: UUID | None = None


@event("cases.promise.kept.v1", subject="promise_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseKept(PromiseFact):
    """The promise was kept, with the contact or channel that kept it."""

    kept_at: datetime
    kept_by: str
    in_time: bool
    contact_id: UUID | None = None


@event("cases.promise.broken.v1", subject="promise_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBroken(PromiseFact):
    """The time passed and nothing had happened."""

    broken_at: datetime


@event("cases.promise.cancelled.v1", subject="promise_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCancelled(PromiseFact):
    """The promise was taken back, with a reason."""

    cancelled_at: datetime
    cancelled_by: str
    why: str

"""Events of the notify service: who was reached, who answered, who stayed silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFact(Event):
    """One way to reach one person. The address itself never leaves notify."""

    contact_id: UUID
    staff_no: str
    channel: str


@event("notify.contact.verified.v1", subject="contact_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactVerified(ContactFact):
    """The contact method is proved, or vouched for by a supervisor."""

    verified_by: str


@event("notify.contact.removed.v1", subject="contact_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRemoved(ContactFact):
    """The contact method is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementFact(Event):
    """One question to one person about `subject_type`/`subject_id` (`roster.shift_change`, …)."""

    acknowledgement_id: UUID
    subject_type: str
    subject_id: UUID
    staff_no: str


@event("notify.acknowledgement.opened.v1", subject="acknowledgement_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementOpened(AcknowledgementFact):
    """The person looked at the question. Opened is not confirmed."""

    channel: str
    opened_at: datetime


@event("notify.acknowledgement.given.v1", subject="acknowledgement_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementGiven(AcknowledgementFact):
    """The person said yes. `shown` is the text they answered to."""

    channel: str
    shown: str
    answered_at: datetime


@event("notify.acknowledgement.refused.v1", subject="acknowledgement_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementRefused(AcknowledgementFact):
    """The person said no, and why."""

    channel: str
    reason: str
    shown: str
    answered_at: datetime


@event("notify.acknowledgement.lapsed.v1", subject="acknowledgement_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementLapsed(AcknowledgementFact):
    """The ladder is at its end and nobody answered."""

    lapsed_at: datetime


@event("notify.acknowledgement.withdrawn.v1", subject="acknowledgement_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementWithdrawn(AcknowledgementFact):
    """The question is over for another reason (`confirmed`, `superseded`, `resolved`, …)."""

    reason: str
    withdrawn_at: datetime


@event("notify.escalation.raised.v1", subject="acknowledgement_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRaised(AcknowledgementFact):
    """Somebody above the silent person was told: rung number, `target` role and that person's staff number."""

    rung: int
    target: str
    target_staff_no: str
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFact(Event):
    """One message on one channel to one person, for an acknowledgement or (none) a plain notice.

    The person is one of the staff (`staff_no`) or a customer (`customer_id`). `subject_version` is the version of its
    subject that the message tells of.
    """

    message_id: UUID
    channel: str
    template: str
    staff_no: str | None = None
    customer_id: UUID | None = None
    acknowledgement_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    subject_version: int | None = None


@event("notify.message.delivered.v1", subject="message_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelivered(MessageFact):
    """The channel took it; `level` says how far that goes: `accepted` or `delivered`."""

    level: str
    delivered_at: datetime


@event("notify.message.failed.v1", subject="message_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed(MessageFact):
    """The channel gave up on it, in its own words (no addresses)."""

    reason: str
    failed_at: datetime


@event("notify.broadcast.completed.v1", subject="broadcast_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastCompleted(Event):
    """A broadcast is over: `outcome` is time_over or taken_back.

    Counts are people: asked, reached (some channel took it), opened, confirmed, refused, understood (quiz passed; 0
    without a quiz).
    """

    broadcast_id: UUID
    title: str
    announced_by: str
    announced_at: datetime
    ack_by: datetime
    completed_at: datetime
    outcome: str
    with_quiz: bool
    asked_count: int
    reached_count: int
    opened_count: int
    confirmed_count: int
    refused_count: int
    understood_count: int


@event("notify.watchdog.alarmed.v1", subject="alarm_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogAlarmed(Event):
    """Ladders or messages stand still. Said when it is noticed and every hour until it is over.

    `without_timer_count` open questions have no next step, `late_rung_count` rungs and `late_message_count` messages
    are more than five minutes late; `told_staff_nos` are the managers who were told.
    """

    alarm_id: UUID
    without_timer_count: int
    late_rung_count: int
    late_message_count: int
    told_staff_nos: tuple[str, ...]
    raised_at: datetime
    alarmed_at: datetime

"""One question to one person: `open → answered (given | refused) | withdrawn | lapsed`.

Opened is noted on the way and is never an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.notify.domain.families import is_strict
from services.notify.domain.ladder import Chain
from services.notify.domain.manner import Manner
from shared.contracts.notify import (
    AcknowledgementGiven,
    AcknowledgementLapsed,
    AcknowledgementOpened,
    AcknowledgementRefused,
    AcknowledgementWithdrawn,
    EscalationRaised,
)
from shared.contracts.refusal import Fault, Refusal

LINK_OUTLIVES_DEADLINE = timedelta(days=1)
BETWEEN_REMINDERS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A question as it stands.

    `content` is the event it is about, as JSON; `subject_version` that event's sequence. `manner`, the chain and the
    ladder are those it began with.
    """

    acknowledgement_id: UUID
    subject_type: str
    subject_id: UUID
    subject_version: int
    staff_no: str
    person_name: str
    team_id: UUID
    team_name: str
    chain: Chain
    zone: str
    manner: Manner
    content: dict[str, Any]
    announced_at: datetime
    deadline: datetime
    state: str = "open"
    opened_at: datetime | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    channel: str | None = None
    reason: str | None = None
    ended_at: datetime | None = None
    reminded_at: datetime | None = None
    reminder_count: int = 0
    version: int = 1

    @property
    def closes_at(self) -> datetime | None:
        """From when on no answer counts; none where it does as long as the question is open."""
        return self.deadline if is_strict(self.subject_type) else None

    @property
    def link_expires_at(self) -> datetime:
        """Until when its link can be looked at."""
        return self.deadline + LINK_OUTLIVES_DEADLINE


Answered = tuple[Acknowledgement, AcknowledgementGiven | AcknowledgementRefused]


def see(ack: Acknowledgement, channel: str, now: datetime) -> tuple[Acknowledgement, AcknowledgementOpened | None]:
    """The person looked and will answer later. The first look counts; nothing is confirmed by it."""
    require_answerable(ack, now)
    if ack.opened_at:
        return ack, None
    seen = replace(ack, opened_at=now, version=ack.version + 1)
    return seen, AcknowledgementOpened(**_facts(ack), channel=channel, opened_at=now)


def give(ack: Acknowledgement, channel: str, shown: str, now: datetime) -> Answered:
    """The person says yes to what was shown."""
    require_answerable(ack, now)
    given = _answered(ack, "given", channel, None, now)
    return given, AcknowledgementGiven(**_facts(ack), channel=channel, shown=shown, answered_at=now)


def refuse(ack: Acknowledgement, channel: str, reason: str, shown: str, now: datetime) -> Answered:
    """The person says no to what was shown, and why."""
    require_answerable(ack, now)
    if not reason.strip():
        raise Refusal("invalid-value", faults=(Fault("reason", "refusal-needs-reason", {}),))
    refused = _answered(ack, "refused", channel, reason, now)
    return refused, AcknowledgementRefused(**_facts(ack), channel=channel, reason=reason, shown=shown, answered_at=now)


def withdraw(ack: Acknowledgement, reason: str, now: datetime) -> tuple[Acknowledgement, AcknowledgementWithdrawn]:
    """The question is over for another reason."""
    withdrawn = replace(ack, state="withdrawn", reason=reason, ended_at=now, version=ack.version + 1)
    return withdrawn, AcknowledgementWithdrawn(**_facts(ack), reason=reason, withdrawn_at=now)


def lapse(ack: Acknowledgement, now: datetime) -> tuple[Acknowledgement, AcknowledgementLapsed]:
    """Nobody answered."""
    lapsed = replace(ack, state="lapsed", ended_at=now, version=ack.version + 1)
    return lapsed, AcknowledgementLapsed(**_facts(ack), lapsed_at=now)


def escalate(
    ack: Acknowledgement, rung: int, target: str, staff_no: str, now: datetime
) -> tuple[Acknowledgement, EscalationRaised]:
    """Somebody above the silent person is told."""
    event = EscalationRaised(**_facts(ack), rung=rung, target=target, target_staff_no=staff_no, raised_at=now)
    return replace(ack, version=ack.version + 1), event


def remind(ack: Acknowledgement, now: datetime) -> Acknowledgement:
    """Somebody asks for the answer again by hand; at most once in ten minutes."""
    if ack.state != "open" or ack.manner.answerable:
        require_answerable(ack, now)
    again_at = (ack.reminded_at or ack.announced_at - BETWEEN_REMINDERS) + BETWEEN_REMINDERS
    if now < again_at:
        raise Refusal("reminded-recently", retry_after=int((again_at - now).total_seconds()) + 1)
    return replace(ack, reminded_at=now, reminder_count=ack.reminder_count + 1, version=ack.version + 1)


def require_answerable(ack: Acknowledgement, now: datetime) -> None:
    """Refuse unless the question is open, its time is not over, and it is one that can be answered."""
    if not ack.manner.answerable:
        raise Refusal("acknowledgement-informs")
    if ack.state == "answered":
        raise Refusal("acknowledgement-answered", extra={"answer": ack.answer, "answered_at": ack.answered_at})
    if ack.state == "withdrawn":
        raise Refusal("acknowledgement-withdrawn", extra={"reason": ack.reason})
    if ack.state == "lapsed" or (ack.closes_at and now >= ack.closes_at):
        raise Refusal("acknowledgement-lapsed", extra={"deadline": ack.deadline})


def _answered(ack: Acknowledgement, answer: str, channel: str, reason: str | None, now: datetime) -> Acknowledgement:
    return replace(
        ack,
        state="answered",
        answer=answer,
        answered_at=now,
        opened_at=ack.opened_at or now,
        channel=channel,
        reason=reason,
        ended_at=now,
        version=ack.version + 1,
    )


def _facts(ack: Acknowledgement) -> dict[str, Any]:
    return {
        "acknowledgement_id": ack.acknowledgement_id,
        "subject_type": ack.subject_type,
        "subject_id": ack.subject_id,
        "staff_no": ack.staff_no,
    }

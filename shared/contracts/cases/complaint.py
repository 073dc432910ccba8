"""Events about complaints and surveys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.cases.case import CaseFact
from shared.contracts.event import event


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFact(CaseFact):
    """A complaint on its way through the stages. It lives on its case, so its id is the case's.

    `kind`: genuine, recognition or compensation; `loss`: yes, no or unknown. `subjects` are the staff numbers
    complained about; `handler` has it now (the duty manager first). `step` is where in the service it went wrong.
    """

    stage: str
    raised_at: datetime
    kind: str | None = None
    loss: str | None = None
    handler: str | None = None
    handler_name: str | None = None
    subjects: tuple[str, ...] = ()
    step: str | None = None
    due_at: datetime | None = None


@event("cases.complaint.raised.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRaised(ComplaintFact):
    """An agent captured a complaint and is free of it; the duty manager's desk has it."""

    raised_by: str
    support_wanted: bool = False


@event("cases.complaint.acknowledged.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAcknowledged(ComplaintFact):
    """The customer was told that it was received."""

    acknowledged_at: datetime
    acknowledged_by: str


@event("cases.complaint.dispatched.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDispatched(ComplaintFact):
    """It went to a department, as a hand-off."""

    dispatched_at: datetime
    dispatched_by: str
    handoff_id: UUID
    to_team_id: UUID
    to_team_name: str


@event("cases.complaint.decided.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDecided(ComplaintFact):
    """It was decided: `decision` is upheld, partly_upheld or rejected."""

    decided_at: datetime
    decided_by: str
    decision: str


@event("cases.complaint.appealed.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAppealed(ComplaintFact):
    """The customer did not accept; somebody else decides."""

    appealed_at: datetime
    appeal_count: int


@event("cases.complaint.overdue.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintOverdue(ComplaintFact):
    """Its stage was to be over by `due_at` and is not; `reminder` counts from 1.

    `told` is any of handler, duty_manager, supervisor, manager; `told_staff` are the staff numbers known for them.
    """

    overdue_at: datetime
    reminder: int
    told: tuple[str, ...]
    told_staff: tuple[str, ...] = ()


@event("cases.complaint.closed.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintClosed(ComplaintFact):
    """Closed with its root cause: business, service, process, management or system."""

    closed_at: datetime
    root_cause: str
    decision: str
    accepted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFact(CaseFact):
    """One survey of a resolved case, valid until `expires_at`."""

    survey_id: UUID
    requested_at: datetime
    expires_at: datetime


@event("cases.survey.requested.v1", subject="survey_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRequested(SurveyFact):
    """The customer is invited to say how it was."""

    invited: bool = True


@event("cases.survey.answered.v1", subject="survey_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(SurveyFact):
    """The customer answered (`rating` 1-5, `recommend` 0-10, `solved`), or declined. The last answer counts."""

    answered_at: datetime
    declined: bool
    rating: int | None = None
    recommend: int | None = None
    solved: bool | None = None

"""Complaints (ISO 10002 in spirit): each stage needs the evidence of the one before.

raised → acknowledged → assessed → dispatched → decided → responded → closed. An appeal goes back to be decided by
somebody else. Whoever is complained about has no hand in it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.case import Case, Person, facts_of
from shared.contracts.cases import (
    ComplaintAcknowledged,
    ComplaintAppealed,
    ComplaintClosed,
    ComplaintDecided,
    ComplaintDispatched,
    ComplaintOverdue,
    ComplaintRaised,
)
from shared.contracts.refusal import Fault, Refusal

RAISED, ACKNOWLEDGED, ASSESSED = "raised", "acknowledged", "assessed"
DISPATCHED, DECIDED, RESPONDED, CLOSED = "dispatched", "decided", "responded", "closed"
SUPPORT = "support"
STAGES = (RAISED, ACKNOWLEDGED, ASSESSED, DISPATCHED, DECIDED, RESPONDED, CLOSED)
KINDS = ("genuine", "recognition", "compensation")
ROOT_CAUSES = ("business", "service", "process", "management", "system")

ACKNOWLEDGE_WITHIN = timedelta(hours=2)
"""By the wall clock: somebody upset does not wait for office hours."""

WORKING_DAYS = {ACKNOWLEDGED: 1, ASSESSED: 1, DISPATCHED: 5, DECIDED: 3, RESPONDED: 1}
"""Working days that a complaint may stay in a stage: to be assessed, dispatched, decided, responded to, closed."""

REMIND_EVERY = timedelta(hours=4)
CLAIMS_BEFORE_PROPOSAL = 3
"""Compensation claims without loss by one customer within a year after which inviting them is proposed."""

SUPERVISOR_FROM, MANAGER_FROM = 2, 3
"""The reminders that reach the supervisor, and the managers, as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A complaint as it stands. It lives on its case.

    `subjects` are staff numbers complained about. `handler` has it now: the duty manager first, then whoever acts.
    `waived` is why no department had to be asked. `accepted` is the customer's last response, none when they said
    nothing. `due_at` is when its stage has to be over.
    """

    case_id: UUID
    version: int = 1
    stage: str = RAISED
    said: str
    kind: str | None = None
    loss: str | None = None
    findings: str | None = None
    subjects: tuple[str, ...] = ()
    step: str | None = None
    customer_id: UUID | None = None
    team_id: UUID | None = None
    handler: str | None = None
    handler_name: str | None = None
    raised_at: datetime
    raised_by: str
    raised_by_name: str
    acknowledged_at: datetime | None = None
    handoff_id: UUID | None = None
    waived: str | None = None
    decision: str | None = None
    decided_by: str | None = None
    deciders: tuple[str, ...] = ()
    remedy: str | None = None
    appeal_count: int = 0
    responded_at: datetime | None = None
    accepted: bool | None = None
    root_cause: str | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    reminder_count: int = 0
    support_wanted: bool = False
    support_for: str | None = None
    support_given_at: datetime | None = None
    support_given_by: str | None = None
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether it is still to be closed."""
        return self.stage != CLOSED


def raised(complaint: Complaint, case: Case) -> ComplaintRaised:
    """The news of a complaint."""
    return ComplaintRaised(
        **_fact(complaint, case), raised_by=complaint.raised_by, support_wanted=complaint.support_wanted
    )


def require_impartial(complaint: Complaint, *staff_nos: str | None) -> None:
    """Refuse whoever is complained about."""
    if set(staff_nos) & set(complaint.subjects):
        raise Refusal("complaint-about-you")


def taken(complaint: Complaint, person: Person, *, now: datetime) -> Complaint:
    """On this person's desk from now on."""
    require_impartial(complaint, person.staff_no)
    if complaint.handler == person.staff_no:
        return complaint
    return _next(complaint, now, handler=person.staff_no, handler_name=person.name)


def acknowledged(
    complaint: Complaint, case: Case, *, by: Person, due_at: datetime, now: datetime
) -> tuple[Complaint, ComplaintAcknowledged]:
    """The customer was told that it was received and who has it."""
    _require_stage(complaint, RAISED)
    after = _moved(complaint, by, now, stage=ACKNOWLEDGED, due_at=due_at, acknowledged_at=now)
    return after, ComplaintAcknowledged(**_fact(after, case), acknowledged_at=now, acknowledged_by=by.staff_no)


def assessed(
    complaint: Complaint,
    *,
    kind: str,
    loss: str | None,
    findings: str,
    subjects: Collection[str],
    step: str | None,
    by: Person,
    due_at: datetime,
    now: datetime,
) -> Complaint:
    """What kind it is, what was found so far, whom it is about; may be assessed again until it is decided."""
    _require_stage(complaint, ACKNOWLEDGED, ASSESSED, DISPATCHED)
    if kind == "compensation" and loss is None:
        raise Refusal("invalid-value", faults=(Fault("loss", "field-required", {}),))
    stage = ASSESSED if complaint.stage == ACKNOWLEDGED else complaint.stage
    after = _moved(
        complaint,
        by,
        now,
        stage=stage,
        due_at=due_at if stage != complaint.stage else complaint.due_at,
        kind=kind,
        loss=loss if kind == "compensation" else None,
        findings=findings,
        subjects=tuple(dict.fromkeys(subjects)),
        step=step or complaint.step,
    )
    require_impartial(after, by.staff_no)
    return after


def dispatched(
    complaint: Complaint,
    case: Case,
    *,
    handoff_id: UUID,
    team: tuple[UUID, str],
    by: Person,
    due_at: datetime,
    now: datetime,
) -> tuple[Complaint, ComplaintDispatched]:
    """A department is asked; another may be asked after the first has answered or given it back."""
    _require_stage(complaint, ASSESSED, DISPATCHED)
    after = _moved(complaint, by, now, stage=DISPATCHED, due_at=due_at, handoff_id=handoff_id, waived=None)
    return after, ComplaintDispatched(
        **_fact(after, case),
        dispatched_at=now,
        dispatched_by=by.staff_no,
        handoff_id=handoff_id,
        to_team_id=team[0],
        to_team_name=team[1],
    )


def waived(complaint: Complaint, *, why: str, by: Person, due_at: datetime, now: datetime) -> Complaint:
    """No department has to be asked: the desk can decide itself, and says why."""
    _require_stage(complaint, ASSESSED)
    return _moved(complaint, by, now, stage=DISPATCHED, due_at=due_at, waived=why)


def decided(
    complaint: Complaint,
    case: Case,
    *,
    decision: str,
    remedy: str,
    department_answered: bool,
    by: Person,
    due_at: datetime,
    now: datetime,
) -> tuple[Complaint, ComplaintDecided]:
    """It is decided; after an appeal by somebody who has not decided it before."""
    _require_stage(complaint, DISPATCHED)
    if not department_answered:
        raise Refusal("complaint-unanswered")
    if by.staff_no in complaint.deciders:
        raise Refusal("complaint-decided-by-you")
    after = _moved(
        complaint,
        by,
        now,
        stage=DECIDED,
        due_at=due_at,
        decision=decision,
        remedy=remedy,
        decided_by=by.staff_no,
        deciders=(*complaint.deciders, by.staff_no),
    )
    return after, ComplaintDecided(**_fact(after, case), decided_at=now, decided_by=by.staff_no, decision=decision)


def responded(complaint: Complaint, *, accepted: bool | None, by: Person, due_at: datetime, now: datetime) -> Complaint:
    """The customer accepted, or (`accepted` none) said nothing until their time was over."""
    _require_stage(complaint, DECIDED)
    if accepted is None and complaint.due_at and now < complaint.due_at:
        raise Refusal("complaint-customer-may-answer", until=complaint.due_at.isoformat())
    return _moved(complaint, by, now, stage=RESPONDED, due_at=due_at, accepted=accepted, responded_at=now)


def appealed(
    complaint: Complaint, case: Case, desk: Person | None, *, due_at: datetime, now: datetime
) -> tuple[Complaint, ComplaintAppealed]:
    """The customer did not accept: back to be decided, on the desk of somebody who has not decided it."""
    _require_stage(complaint, DECIDED)
    after = _next(
        complaint,
        now,
        stage=DISPATCHED,
        due_at=due_at,
        reminder_count=0,
        accepted=False,
        responded_at=now,
        appeal_count=complaint.appeal_count + 1,
        handler=desk.staff_no if desk else None,
        handler_name=desk.name if desk else None,
    )
    return after, ComplaintAppealed(**_fact(after, case), appealed_at=now, appeal_count=after.appeal_count)


def closed(
    complaint: Complaint, case: Case, *, root_cause: str, step: str | None, by: Person, now: datetime
) -> tuple[Complaint, ComplaintClosed]:
    """Closed with its root cause and the step where it went wrong; every stage left its evidence."""
    _require_stage(complaint, *STAGES[:-1])
    if missing := missing_evidence(complaint):
        raise Refusal("complaint-evidence-missing", extra={"missing": missing}, missing=", ".join(missing))
    where = step or complaint.step
    if where is None:
        raise Refusal("invalid-value", faults=(Fault("step", "field-required", {}),))
    after = _moved(complaint, by, now, stage=CLOSED, due_at=None, root_cause=root_cause, step=where, closed_at=now)
    assert after.decision
    event = ComplaintClosed(
        **_fact(after, case), closed_at=now, root_cause=root_cause, decision=after.decision, accepted=after.accepted
    )
    return after, event


def missing_evidence(complaint: Complaint) -> list[str]:
    """The stages that have left no evidence yet, in their order; an upset agent whom nobody looked after comes last."""
    evidence = {
        ACKNOWLEDGED: complaint.acknowledged_at,
        ASSESSED: complaint.kind,
        DISPATCHED: complaint.handoff_id or complaint.waived,
        DECIDED: complaint.decision if complaint.stage in (DECIDED, RESPONDED, CLOSED) else None,
        RESPONDED: complaint.responded_at if complaint.stage in (RESPONDED, CLOSED) else None,
        SUPPORT: complaint.support_given_at or not complaint.support_wanted,
    }
    return [stage for stage, found in evidence.items() if not found]


def overdue(
    complaint: Complaint, case: Case, *, told: tuple[str, ...], told_staff: tuple[str, ...], now: datetime
) -> tuple[Complaint, ComplaintOverdue]:
    """Its stage should be over: whoever has it is reminded, then those above."""
    after = _next(complaint, now, reminder_count=complaint.reminder_count + 1)
    event = ComplaintOverdue(
        **_fact(after, case), overdue_at=now, reminder=after.reminder_count, told=told, told_staff=told_staff
    )
    return after, event


def supported(complaint: Complaint, *, by: Person, now: datetime) -> Complaint:
    """Somebody looked after the agent."""
    if not complaint.support_wanted:
        raise Refusal("support-not-wanted")
    return _next(complaint, now, support_given_at=now, support_given_by=by.staff_no)


def asking_support(complaint: Complaint, *, staff_no: str, now: datetime) -> Complaint:
    """Mark an agent who is upset: their lead is to look after them."""
    return _next(
        complaint, now, support_wanted=True, support_for=staff_no, support_given_at=None, support_given_by=None
    )


def _require_stage(complaint: Complaint, *stages: str) -> None:
    if complaint.stage not in stages:
        raise Refusal("complaint-stage", stage=complaint.stage)


def _moved(complaint: Complaint, by: Person, now: datetime, **changes: Any) -> Complaint:
    """Whoever does something about it has it; they are not whom it is about."""
    require_impartial(complaint, by.staff_no)
    return _next(complaint, now, handler=by.staff_no, handler_name=by.name, reminder_count=0, **changes)


def _fact(complaint: Complaint, case: Case) -> dict[str, Any]:
    names = ("stage", "raised_at", "kind", "loss", "handler", "handler_name", "subjects", "step", "due_at")
    return facts_of(case) | {name: getattr(complaint, name) for name in names}


def _next(complaint: Complaint, now: datetime, **changes: Any) -> Complaint:
    return replace(complaint, **changes, version=complaint.version + 1, updated_at=now)

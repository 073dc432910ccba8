"""Events about cases, their SLA clocks, and what customers were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How the required fields of a case stand. Who `refused` or did not know was asked; `not_asked` was not."""

    required: int
    given: int
    refused: int
    unknown: int
    not_asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact(Event):
    """Which case, as it was then. `summary` is its subject line with phone numbers masked.

    `owner` is a staff number, none while it waits in its team's queue. `quadrant` is 1 (urgent and important) to 4.
    `historic`: taken over from another desk's log; it asks, reminds and promises nothing today.
    """

    case_id: UUID
    number: str
    case_type: str
    channel: str
    summary: str
    quadrant: int
    zone: str
    opened_at: datetime
    customer_id: UUID | None = None
    tier: str | None = None
    topic: str | None = None
    topic_name: str | None = None
    team_id: UUID | None = None
    team_name: str | None = None
    owner: str | None = None
    owner_name: str | None = None
    historic: bool = False


@event("cases.case.opened.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(CaseFact):
    """Somebody opened a case."""

    opened_by: str
    completeness: Completeness | None = None
    contact_id: UUID | None = None


@event("cases.case.assigned.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAssigned(CaseFact):
    """A case got another owner, or none: `how` is assigned, taken or released."""

    assigned_at: datetime
    how: str
    assigned_by: str
    previous_owner: str | None = None


@event("cases.case.transferred.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(CaseFact):
    """An agent gave a case to another, with a reason code."""

    transferred_at: datetime
    reason_code: str
    from_staff_no: str | None = None
    from_name: str | None = None
    from_team_id: UUID | None = None


@event("cases.case.waiting.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWaiting(CaseFact):
    """A case waits for the `customer` or a `team`; none: it waits no longer and is in progress."""

    since: datetime
    waiting_for: str | None = None


@event("cases.case.resolved.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResolved(CaseFact):
    """The matter is settled, by the owner's word.

    `resolution_seconds` is opening to now by the wall clock, `working_seconds` the same on the team's calendar.
    """

    resolved_at: datetime
    resolved_by: str
    resolution_seconds: int
    working_seconds: int | None = None
    contact_count: int = 1
    completeness: Completeness | None = None


@event("cases.case.closed.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(CaseFact):
    """Really over: `how` is confirmed (the customer said so), silence (the window passed), or imported."""

    closed_at: datetime
    how: str
    reopen_count: int
    informed_at: datetime | None = None
    completeness: Completeness | None = None


@event("cases.case.reopened.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(CaseFact):
    """It was not over. The second reopening goes to the lead."""

    reopened_at: datetime
    reopen_count: int
    reason: str
    previous_owner: str | None = None


@event("cases.case.overdue.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverdue(CaseFact):
    """A case stands still: it is not over, and nothing on a clock moves it. `step` counts the reminders from 1.

    `why` is customer_not_told (it is settled, and the customer has not heard), fields_missing (it cannot close for what
    was never asked), promise_broken (a promise was broken and not kept since), or unfinished (its clocks have said all
    that they had to say). `told` are the roles that hear it: owner, lead, duty_manager, supervisor.
    """

    overdue_at: datetime
    why: str
    step: int
    told: tuple[str, ...]


@event("cases.case.linked.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLinked(CaseFact):
    """A repeat contact, another case or a known problem was linked: `kind` is contact, case or problem."""

    linked_at: datetime
    kind: str
    linked_id: UUID
    repeat_count: int


@event("cases.customer.informed.v1", subject="case_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInformed(CaseFact):
    """The customer was told, with the channel and by whom."""

    notice_id: UUID
    informed_at: datetime
    informed_by: str
    told_on: str
    handoff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaFact(CaseFact):
    """One clock of a case: `target` is first_response, next_update or resolution; its seconds are counted ones.

    It runs by one version of a policy on one version of a calendar; imported history knows no calendar.
    """

    clock_id: UUID
    target: str
    policy: str
    policy_version: int
    target_seconds: int
    activated_at: datetime
    due_at: datetime
    calendar: str | None = None
    calendar_version: int | None = None


@event("cases.sla.activated.v1", subject="clock_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SlaActivated(SlaFact):
    """A clock started to run."""

    cycle: int = 1


@event("cases.sla.warned.v1", subject="clock_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SlaWarned(SlaFact):
    """A clock passed `percent` of its target."""

    warned_at: datetime
    percent: int


@event("cases.sla.breached.v1", subject="clock_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SlaBreached(SlaFact):
    """A clock ran out; `level` counts its escalations from 1."""

    breached_at: datetime
    level: int


@event("cases.sla.fulfilled.v1", subject="clock_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SlaFulfilled(SlaFact):
    """What the clock measured was done, in or out of time."""

    fulfilled_at: datetime
    counted_seconds: int
    calendar_seconds: int
    met: bool

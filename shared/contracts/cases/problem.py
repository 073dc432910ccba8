"""Events that stop the next contact: bulletins, known problems, surges; and notices to customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinFact(Event):
    """A case lacks information: whoever meets the customer next asks `questions`. Hints stay in cases."""

    bulletin_id: UUID
    case_id: UUID
    case_number: str
    questions: tuple[str, ...]
    posted_by: str
    posted_at: datetime
    valid_until: datetime


@event("cases.bulletin.posted.v1", subject="bulletin_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinPosted(BulletinFact):
    """A bulletin is out, for the named teams or (none) everybody."""

    team_ids: tuple[UUID, ...] = ()


@event("cases.bulletin.fulfilled.v1", subject="bulletin_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinFulfilled(BulletinFact):
    """It is over: `outcome` is captured, expired or withdrawn."""

    fulfilled_at: datetime
    outcome: str
    captured_by: str | None = None
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFact(Event):
    """A known fault of a system or a process. `eta_at` is when it is fixed, `next_word_at` when there is news."""

    problem_id: UUID
    number: str
    revision: int
    title: str
    cause: str
    workaround: str
    owner_team_id: UUID
    owner_team_name: str
    topics: tuple[str, ...]
    announced_at: datetime
    announced_by: str
    ack_by: datetime
    eta_at: datetime | None = None
    next_word_at: datetime | None = None
    team_ids: tuple[UUID, ...] = ()
    case_count: int = 0
    customer_count: int = 0


@event("cases.problem.announced.v1", subject="problem_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemAnnounced(ProblemFact):
    """Departments and branches (`team_ids`, none: everybody) are told and acknowledge."""

    surge_id: UUID | None = None


@event("cases.problem.updated.v1", subject="problem_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemUpdated(ProblemFact):
    """There is news; everybody told before is told again."""

    news: str
    updated_at: datetime


@event("cases.problem.fixed.v1", subject="problem_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFixed(ProblemFact):
    """It is fixed; everybody told before is told, and linked cases are resolved."""

    fix: str
    fixed_at: datetime


@event("cases.problem.overdue.v1", subject="problem_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemOverdue(ProblemFact):
    """The fix or the next word was announced for `due_at` and did not come; `step` counts the reminders from 1."""

    due_at: datetime
    overdue_at: datetime
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeFact(Event):
    """One topic's share of the contacts in a window passed its threshold and its own baseline. Shares are percent.

    `historic`: the window was long over when it was seen (an import); nobody has to be asked or reminded today.
    """

    surge_id: UUID
    topic: str
    topic_name: str
    window_from: datetime
    window_to: datetime
    contacts: int
    all_contacts: int
    customers: int
    share: float
    baseline_share: float | None
    threshold: float
    detected_at: datetime
    ack_by: datetime
    owner_team_id: UUID | None = None
    owner_team_name: str | None = None
    historic: bool = False


@event("cases.topic.surged.v1", subject="surge_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSurged(SurgeFact):
    """The responsible department has a task: acknowledge and act."""

    act_by: datetime


@event("cases.topic.acknowledged.v1", subject="surge_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TopicAcknowledged(SurgeFact):
    """Somebody of the department has seen it and said so; it has yet to act by `act_by`."""

    act_by: datetime
    acknowledged_at: datetime
    acknowledged_by: str


@event("cases.topic.acted.v1", subject="surge_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TopicActed(SurgeFact):
    """The department acted: `action` is guidance, training, fix or problem."""

    acted_at: datetime
    acted_by: str
    action: str
    note: str
    later_share: float | None = None


@event("cases.topic.overdue.v1", subject="surge_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class TopicOverdue(SurgeFact):
    """The department's `acknowledgement` or `action` is missing past its time; `step` counts the reminders from 1."""

    act_by: datetime
    overdue_at: datetime
    missing: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeField:
    """One value for a notice's template."""

    name: str
    value: str


@event("cases.notice.requested.v1", subject="request_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRequested(Event):
    """Up to 500 customers are to be told, each exactly once per matter and `matter_version`.

    `matter_type` is cases.problem, cases.survey or cases.case. The address is asked for when sending and not kept.
    notify answers with `notify.message.delivered` or `.failed`, whose `subject_type`/`subject_id` are the matter's and
    whose `customer_id` says who.
    """

    request_id: UUID
    matter_type: str
    matter_id: UUID
    matter_version: int
    template: str
    fields: tuple[NoticeField, ...]
    customers: tuple[UUID, ...]
    requested_at: datetime

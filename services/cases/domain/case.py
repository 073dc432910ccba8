"""A case: open → in_progress → waiting_customer | waiting_team → resolved → closed; reopened it is in progress again.

Each transition is a pure function: guards first, then the case as it is afterwards and the event that says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.fields import Given, given_from
from shared.contracts.cases import CaseLinked, CaseOpened, CaseWaiting, Completeness
from shared.contracts.privacy import mask_phones_in
from shared.contracts.refusal import Refusal

WAITING = {"customer": "waiting_customer", "team": "waiting_team"}
ACTIVE = ("open", "in_progress", *WAITING.values())
STATES = (*ACTIVE, "resolved", "closed")
LEVELS = ("high", "normal", "low")
SUMMARY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as named when it happened."""

    staff_no: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as it is now. Times are instants; `zone` is its team's.

    `informed_at` is when the customer last heard how it stands, none when there is news they have not heard.
    `silence_until` is when it closes by itself if the customer says nothing. `involved` are teams asked to act.
    """

    case_id: UUID
    version: int = 1
    number: str
    external_id: str | None = None
    historic: bool = False
    state: str = "open"
    case_type: str
    type_version: int
    channel: str
    subject: str
    description: str | None = None
    urgency: str
    importance: str
    quadrant: int
    zone: str
    customer_id: UUID | None = None
    tier: str | None = None
    topic: str | None = None
    topic_name: str | None = None
    team_id: UUID | None = None
    team_name: str | None = None
    owner: str | None = None
    owner_name: str | None = None
    opened_at: datetime
    opened_by: str
    contact_id: UUID | None = None
    fields: Mapping[str, Given] = field(default_factory=dict)
    waiting_since: datetime | None = None
    waiting_until: datetime | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    informed_at: datetime | None = None
    silence_until: datetime | None = None
    closed_at: datetime | None = None
    closed_how: str | None = None
    reopen_count: int = 0
    repeat_count: int = 0
    transfer_count: int = 0
    contact_count: int = 0
    due_at: datetime | None = None
    involved: tuple[UUID, ...] = ()
    updated_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in ACTIVE

    @property
    def waiting_for(self) -> str | None:
        """Whom it waits for: customer, team or nobody."""
        return next((who for who, state in WAITING.items() if state == self.state), None)


_FIELDS = [one.name for one in dataclass_fields(Case)]


def case_from(row: Any) -> Case:
    """A case from its stored form."""
    values = {name: row[name] for name in _FIELDS}
    stored = values["fields"]
    given = given_from(json.loads(stored) if isinstance(stored, str) else stored)
    return Case(**values | {"fields": given, "involved": tuple(values["involved"])})


def quadrant_of(urgency: str, importance: str) -> int:
    """1 urgent and important, 2 important, 3 urgent, 4 neither (Eisenhower's matrix; only `high` counts)."""
    return {(True, True): 1, (False, True): 2, (True, False): 3}.get((urgency == "high", importance == "high"), 4)


def facts_of(case: Case) -> dict[str, Any]:
    """The fields of a CaseFact: `CaseWaiting(**facts_of(case), since=now)`."""
    return {
        "case_id": case.case_id,
        "number": case.number,
        "case_type": case.case_type,
        "channel": case.channel,
        "summary": mask_phones_in(case.subject)[:SUMMARY_LENGTH],
        "quadrant": case.quadrant,
        "zone": case.zone,
        "opened_at": case.opened_at,
        "customer_id": case.customer_id,
        "tier": case.tier,
        "topic": case.topic,
        "topic_name": case.topic_name,
        "team_id": case.team_id,
        "team_name": case.team_name,
        "owner": case.owner,
        "owner_name": case.owner_name,
        "historic": case.historic,
    }


def opened(case: Case, *, completeness: Completeness) -> CaseOpened:
    """The news of a new case."""
    return CaseOpened(**facts_of(case), opened_by=case.opened_by, completeness=completeness, contact_id=case.contact_id)


def changed(case: Case, *, now: datetime, **changes: Any) -> Case:
    """The case with some of its descriptions or fields replaced; the quadrant follows. Refuses a closed one."""
    require_not_closed(case)
    after = next_version(case, now, **changes)
    return replace(after, quadrant=quadrant_of(after.urgency, after.importance))


def waiting(case: Case, *, for_: str, until: datetime | None, now: datetime) -> tuple[Case, CaseWaiting]:
    """The case waits for the `customer` or a `team`; waiting on for the same keeps since when."""
    require_active(case)
    state = WAITING[for_]
    since = case.waiting_since if case.state == state and case.waiting_since else now
    after = next_version(case, now, state=state, waiting_since=since, waiting_until=until)
    return after, CaseWaiting(**facts_of(after), since=since, waiting_for=for_)


def resumed(case: Case, *, now: datetime) -> tuple[Case, CaseWaiting]:
    """The case waits no longer (or its work begins)."""
    require_active(case)
    after = next_version(case, now, state="in_progress", waiting_since=None, waiting_until=None)
    return after, CaseWaiting(**facts_of(after), since=now)


def linked(case: Case, *, kind: str, linked_id: UUID, repeat: bool, now: datetime) -> tuple[Case, CaseLinked]:
    """A contact, another case or a known problem belongs to it; `repeat`: the customer had to come again."""
    after = next_version(
        case,
        now,
        repeat_count=case.repeat_count + repeat,
        contact_count=case.contact_count + (kind == "contact"),
    )
    event = CaseLinked(
        **facts_of(after), linked_at=now, kind=kind, linked_id=linked_id, repeat_count=after.repeat_count
    )
    return after, event


def involving(case: Case, team_id: UUID, *, now: datetime) -> Case:
    """A team that was asked to act may see the case from now on."""
    if team_id in case.involved:
        return case
    return next_version(case, now, involved=(*case.involved, team_id))


def require_active(case: Case) -> None:
    """Refuse what is over."""
    if not case.is_active:
        raise Refusal("case-closed" if case.state == "closed" else "case-resolved", number=case.number)


def require_not_closed(case: Case) -> None:
    """Refuse what is closed."""
    if case.state == "closed":
        raise Refusal("case-closed", number=case.number)


def next_version(case: Case, now: datetime, **changes: Any) -> Case:
    """The case with these changes, as its next version."""
    return replace(case, **changes, version=case.version + 1, updated_at=max(now, case.updated_at))


def level_of(*told: str | None) -> str:
    """The highest of the levels that type, topic and tier ask for."""
    return min((one for one in told if one is not None), key=LEVELS.index, default="normal")


def importance_of_tier(tier: str | None) -> str | None:
    """VIPs are important (`vip`, `SVIP`); other tiers say nothing."""
    return "high" if tier is not None and "vip" in tier.lower() else None

"""Who has a case: one owner at a time, or none while it waits in its team's queue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.cases.domain.case import Case, Person, facts_of, next_version, require_active
from shared.contracts.cases import CaseAssigned, CaseTransferred
from shared.contracts.refusal import Fault, Refusal


def assigned(
    case: Case, to: Person, *, team: tuple[UUID, str] | None, how: str, by: str, now: datetime
) -> tuple[Case, CaseAssigned]:
    """The case with its one owner. Taking (`how` taken) begins the work; being assigned does not."""
    require_active(case)
    state = "in_progress" if how == "taken" and case.state == "open" else case.state
    team_id, team_name = team or (case.team_id, case.team_name)
    after = next_version(
        case, now, owner=to.staff_no, owner_name=to.name, team_id=team_id, team_name=team_name, state=state
    )
    event = CaseAssigned(**facts_of(after), assigned_at=now, how=how, assigned_by=by, previous_owner=case.owner)
    return after, event


def require_free(case: Case, staff_no: str) -> None:
    """Refuse taking what somebody else owns."""
    if case.owner is not None and case.owner != staff_no:
        raise Refusal("case-owned", owner=case.owner_name or case.owner)


def released(case: Case, *, by: str, now: datetime) -> tuple[Case, CaseAssigned]:
    """Back into its team's queue."""
    require_active(case)
    if case.owner is None:
        raise Refusal("case-not-owned")
    after = next_version(case, now, owner=None, owner_name=None)
    return after, CaseAssigned(
        **facts_of(after), assigned_at=now, how="released", assigned_by=by, previous_owner=case.owner
    )


def transferred(
    case: Case, to: Person, *, team: tuple[UUID, str] | None, reason_code: str, now: datetime
) -> tuple[Case, CaseTransferred]:
    """Given to another agent, with a reason."""
    require_active(case)
    if case.owner == to.staff_no:
        raise Refusal("invalid-value", faults=(Fault("to", "case-transfer-to-owner", {}),))
    team_id, team_name = team or (case.team_id, case.team_name)
    after = next_version(
        case,
        now,
        owner=to.staff_no,
        owner_name=to.name,
        team_id=team_id,
        team_name=team_name,
        transfer_count=case.transfer_count + 1,
    )
    event = CaseTransferred(
        **facts_of(after),
        transferred_at=now,
        reason_code=reason_code,
        from_staff_no=case.owner,
        from_name=case.owner_name,
        from_team_id=case.team_id,
    )
    return after, event

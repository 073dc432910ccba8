"""Who decides now: the duty manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.event import Event, event


@event("roster.duty.assigned.v1", subject="duty_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAssigned(Event):
    """Somebody is duty manager of a post from `starts_at` until `ends_at` (excluded).

    `duty_id` is the post: one for each team with a rota of its own (`team_id`), and one for the centre (no team), which
    also answers for teams without. Published at every handover, and at once when the rota or an override changes a
    turn, also one to come. So for any instant the post's latest event (by `sequence`) whose span contains it names the
    one person. `reason`: `handover`, `override`, `swap`, `rota` (a new rota). `previous_*` is who it was until now.
    """

    duty_id: UUID
    team_id: UUID | None
    team_code: str | None
    team_name: str | None
    zone: str
    agent_id: UUID
    staff_no: str
    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    assigned_at: datetime
    previous_staff_no: str | None = None
    previous_name: str | None = None
    assigned_by: str | None = None
    note: str | None = None

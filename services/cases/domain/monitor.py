"""Service monitors: a customer who claims again and again without a loss may become one who helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts.refusal import Refusal

DECIDE_WITHIN = timedelta(days=14)
LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorProposal:
    """A proposal to invite a customer: open → invited | declined | lapsed. `case_ids` are the claims behind it."""

    proposal_id: UUID
    customer_id: UUID
    case_ids: tuple[UUID, ...]
    state: str = "open"
    proposed_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    note: str | None = None
    version: int = 1
    updated_at: datetime


def decided(proposal: MonitorProposal, *, state: str, note: str | None, by: str, now: datetime) -> MonitorProposal:
    """Somebody decides whether to invite the customer, or nobody did in time (lapsed)."""
    if proposal.state not in ("open", LAPSED) or (proposal.state == LAPSED and state == LAPSED):
        raise Refusal("proposal-decided", state=proposal.state)
    return replace(
        proposal,
        state=state,
        note=note,
        decided_at=now,
        decided_by=by,
        version=proposal.version + 1,
        updated_at=now,
    )

"""Looking after cases that stand still: not over, and nobody has anything on a clock that would move them.

Whoever has such a case hears of it, then those above, on every look until it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cases.domain.case import Case, facts_of, next_version
from shared.contracts.cases import CaseOverdue

LOOK = "case-look"
"""The kind of the timer."""

LOOK_EVERY = timedelta(days=1)
CUSTOMER_NOT_TOLD, FIELDS_MISSING, PROMISE_BROKEN, UNFINISHED = (
    "customer_not_told",
    "fields_missing",
    "promise_broken",
    "unfinished",
)
_TOLD = (("owner",), ("owner", "lead"), ("owner", "lead", "duty_manager", "supervisor"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What there is about a case beside itself: `moves` when any of its loops has a timer."""

    moves: bool
    broken_promises: int = 0
    fields_missing: bool = False


def owes_word(case: Case) -> bool:
    """Whether it is settled and its customer has not heard."""
    return case.state == "resolved" and case.customer_id is not None and case.informed_at is None


def why_it_stands(case: Case, standing: Standing) -> str | None:
    """Why somebody has to be reminded of a case now; none when it is over or moves by itself."""
    if case.state == "closed" or case.historic:
        return None
    if owes_word(case):
        return CUSTOMER_NOT_TOLD
    if case.state == "resolved" and standing.fields_missing:
        return FIELDS_MISSING
    if standing.broken_promises:
        return PROMISE_BROKEN
    return UNFINISHED if case.is_active and not standing.moves else None


def overdue(case: Case, *, why: str, step: int, now: datetime) -> tuple[Case, CaseOverdue]:
    """The nth reminder of a case that stands still, and who hears it."""
    after = next_version(case, now)
    told = _TOLD[min(step, len(_TOLD)) - 1]
    return after, CaseOverdue(**facts_of(after), overdue_at=now, why=why, step=step, told=told)

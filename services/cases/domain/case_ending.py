"""The end of a case: settled, told to the customer, confirmed by them or by their silence; or not over after all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.cases.domain.case import Case, Person, facts_of, next_version, require_active, require_not_closed
from shared.contracts.cases import CaseClosed, CaseReopened, CaseResolved, Completeness, CustomerInformed
from shared.contracts.privacy import mask_phones_in
from shared.contracts.refusal import Refusal


def resolved(
    case: Case,
    *,
    resolution: str | None,
    by: str,
    silence_until: datetime | None,
    working_seconds: int | None,
    completeness: Completeness,
    now: datetime,
) -> tuple[Case, CaseResolved]:
    """Settled by its owner's word. `silence_until` counts only when the customer knows, or when there is none."""
    require_active(case)
    after = next_version(
        case,
        now,
        state="resolved",
        resolution=resolution,
        resolved_at=now,
        resolved_by=by,
        waiting_since=None,
        waiting_until=None,
        silence_until=silence_until if case.informed_at or case.customer_id is None else None,
    )
    event = CaseResolved(
        **facts_of(after),
        resolved_at=now,
        resolved_by=by,
        resolution_seconds=int((now - case.opened_at).total_seconds()),
        working_seconds=working_seconds,
        contact_count=max(1, case.contact_count),
        completeness=completeness,
    )
    return after, event


def informed(
    case: Case,
    *,
    notice_id: UUID,
    by: str,
    channel: str,
    silence_until: datetime | None,
    now: datetime,
    handoff_id: UUID | None = None,
) -> tuple[Case, CustomerInformed]:
    """The customer was told; once it is resolved, the time for saying "no" begins."""
    require_not_closed(case)
    after = next_version(
        case, now, informed_at=now, silence_until=silence_until if case.state == "resolved" else case.silence_until
    )
    event = CustomerInformed(
        **facts_of(after), notice_id=notice_id, informed_at=now, informed_by=by, told_on=channel, handoff_id=handoff_id
    )
    return after, event


def with_news(case: Case, *, now: datetime) -> Case:
    """There is something that the customer has not heard: what was told before does not count any more."""
    return next_version(case, now, informed_at=None, silence_until=None)


def closed(case: Case, *, how: str, completeness: Completeness, now: datetime) -> tuple[Case, CaseClosed]:
    """Really over. What has to be settled before is asked by the command (see `require_closable`)."""
    after = next_version(case, now, state="closed", closed_at=now, closed_how=how, silence_until=None)
    event = CaseClosed(
        **facts_of(after),
        closed_at=now,
        how=how,
        reopen_count=case.reopen_count,
        informed_at=case.informed_at,
        completeness=completeness,
    )
    return after, event


def require_closable(case: Case, *, how: str, open_loops: Mapping[str, int], now: datetime) -> None:
    """Closing needs: resolved, no loop open, the customer told, and their confirmation or their silence long enough."""
    require_not_closed(case)
    if case.state != "resolved":
        raise Refusal("case-not-resolved", state=case.state)
    if still_open := {kind: count for kind, count in open_loops.items() if count}:
        raise Refusal("case-has-open-loops", extra={"open_loops": still_open}, kinds=", ".join(sorted(still_open)))
    if case.customer_id is not None and case.informed_at is None:
        raise Refusal("customer-not-told")
    if how == "silence" and (case.silence_until is None or case.silence_until > now):
        until = case.silence_until.isoformat() if case.silence_until else None
        raise Refusal("customer-may-answer", extra={"silence_until": until}, until=until)


def reopened(case: Case, *, reason: str, lead: Person | None, now: datetime) -> tuple[Case, CaseReopened]:
    """It was not over. From the second time on it is the lead's (or waits in the queue where there is none)."""
    if case.is_active:
        raise Refusal("case-still-active", state=case.state)
    again = case.reopen_count >= 1
    owner, name = (case.owner, case.owner_name) if not again else (lead.staff_no, lead.name) if lead else (None, None)
    after = next_version(
        case,
        now,
        state="in_progress",
        owner=owner,
        owner_name=name,
        reopen_count=case.reopen_count + 1,
        informed_at=None,
        silence_until=None,
        resolved_at=None,
        resolved_by=None,
        resolution=None,
        closed_at=None,
        closed_how=None,
    )
    event = CaseReopened(
        **facts_of(after),
        reopened_at=now,
        reopen_count=after.reopen_count,
        reason=mask_phones_in(reason),
        previous_owner=case.owner,
    )
    return after, event

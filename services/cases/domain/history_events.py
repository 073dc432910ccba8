"""What a case taken over from another desk tells others: facts to count, at their original times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from services.cases.domain.case import Case, facts_of
from services.cases.domain.history import History, Moment
from shared.contracts.cases import (
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseTransferred,
    CaseWaiting,
    SlaFulfilled,
)
from shared.contracts.event import Event

POLICY = "imported"
"""The policy of clocks that another desk kept."""


def told_events(told: History, case: Case) -> Iterator[Event]:
    """The events of a historic case, in order; whoever owned it then is named as then."""
    owner = told.first.assignee
    reopened = 0
    for moment in told.moments:
        facts = facts_of(replace(case, owner=owner, owner_name=owner))
        if moment.what == "reopened":
            reopened += 1
        owner = moment.data.get("to", owner) if moment.what in ("transferred", "assigned") else owner
        yield from _event(moment, facts, case, owner, reopened)
    if told.last.sla_met is not None and told.resolved_at:
        yield _kept_in_time(told, case)


def _event(moment: Moment, facts: dict[str, Any], case: Case, owner: str | None, reopened: int) -> Iterator[Event]:
    by, at = moment.by or case.opened_by, moment.at
    before = facts["owner"]
    after = facts | {"owner": owner, "owner_name": owner}
    match moment.what:
        case "opened":
            yield CaseOpened(**facts, opened_by=case.opened_by)
        case "transferred":
            times = moment.data.get("count", 1)
            for _ in range(min(times, 100)):
                yield CaseTransferred(
                    **after, transferred_at=at, reason_code=POLICY, from_staff_no=before, from_name=before
                )
        case "assigned":
            yield CaseAssigned(**after, assigned_at=at, how="assigned", assigned_by=by, previous_owner=before)
        case "waiting":
            yield CaseWaiting(**facts, since=at, waiting_for=moment.data["for"])
        case "resumed":
            yield CaseWaiting(**facts, since=at)
        case "resolved":
            seconds = int((at - case.opened_at).total_seconds())
            yield CaseResolved(**facts, resolved_at=at, resolved_by=by, resolution_seconds=seconds)
        case "reopened":
            reason = moment.data.get("reason", "")
            yield CaseReopened(**facts, reopened_at=at, reopen_count=reopened, reason=reason, previous_owner=before)
        case "closed":
            yield CaseClosed(**facts, closed_at=at, how=POLICY, reopen_count=case.reopen_count)


def _kept_in_time(told: History, case: Case) -> SlaFulfilled:
    """What the other desk said of its one clock, which has the case's id; its target's length the log does not tell."""
    assert told.resolved_at
    seconds = int((told.resolved_at - case.opened_at).total_seconds())
    return SlaFulfilled(
        **facts_of(case),
        clock_id=case.case_id,
        target="resolution",
        policy=POLICY,
        policy_version=0,
        target_seconds=0,
        activated_at=case.opened_at,
        due_at=told.resolved_at,
        fulfilled_at=told.resolved_at,
        counted_seconds=seconds,
        calendar_seconds=seconds,
        met=bool(told.last.sla_met),
    )

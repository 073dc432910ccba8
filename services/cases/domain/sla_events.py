"""What SLA clocks tell others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.cases.domain.sla_clock import Clock, Mark, is_met
from services.cases.domain.working_time import whole_seconds
from shared.contracts.cases import SlaActivated, SlaBreached, SlaFulfilled, SlaWarned
from shared.contracts.event import Event


def activated_event(clock: Clock, facts: dict[str, Any]) -> SlaActivated:
    """A clock started to run."""
    return SlaActivated(**_fact(clock, facts), cycle=clock.cycle)


def mark_event(clock: Clock, mark: Mark, facts: dict[str, Any]) -> Event:
    """A clock warned, breached or escalated."""
    if mark.what == "warned":
        return SlaWarned(**_fact(clock, facts), warned_at=mark.due_at, percent=mark.number)
    return SlaBreached(**_fact(clock, facts), breached_at=mark.due_at, level=mark.number)


def fulfilled_event(clock: Clock, facts: dict[str, Any]) -> SlaFulfilled:
    """What the clock measured is done: in counted seconds, and in seconds by the wall clock."""
    ended = clock.log[-1].at
    return SlaFulfilled(
        **_fact(clock, facts),
        fulfilled_at=ended,
        counted_seconds=whole_seconds(clock.accrued),
        calendar_seconds=max(ended - clock.activated_at, timedelta()) // timedelta(seconds=1),
        met=is_met(clock),
    )


def _fact(clock: Clock, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {
        "clock_id": clock.clock_id,
        "target": clock.target,
        "policy": clock.terms.policy,
        "policy_version": clock.terms.policy_version,
        "target_seconds": clock.terms.target_seconds,
        "activated_at": clock.activated_at,
        "due_at": clock.due_at or clock.since,
        "calendar": clock.terms.calendar,
        "calendar_version": clock.terms.calendar_version,
    }

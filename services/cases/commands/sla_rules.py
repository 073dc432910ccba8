"""SLA policies and calendars: added, and changed by a new version that open clocks follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.cases.commands.sla import REVISION
from services.cases.domain import business_calendar, sla_policy
from services.cases.domain.business_calendar import BusinessCalendar
from services.cases.domain.sla_policy import Policy
from services.cases.store import sla as store
from shared.contracts.refusal import Fault, Refusal
from shared.platform.timers import Timer, set_timers
from shared.platform.work import Work


async def create_policy(work: Work, *, policy: Policy) -> Policy:
    """Add a policy in its first version."""
    sound = sla_policy.require_sound(replace(policy, since=work.now))
    await _require_calendar(work, sound.calendar)
    await store.add_policy(work.conn, sound)
    return sound


async def change_policy(work: Work, *, policy_id: UUID, seen_version: int, changes: dict[str, Any]) -> Policy:
    """Make the next version of a policy; open clocks follow at once, and keep what they have counted."""
    before = await store.load_policy(work.conn, policy_id)
    after = sla_policy.revised(before, seen_version=seen_version, now=work.now, changes=changes)
    await _require_calendar(work, after.calendar)
    await store.add_policy(work.conn, after)
    await set_timers(work, [Timer(kind=REVISION["policy"], subject_id=policy_id, due_at=work.now)])
    return after


async def create_calendar(work: Work, *, calendar: BusinessCalendar) -> BusinessCalendar:
    """Add a calendar in its first version."""
    sound = business_calendar.require_sound(replace(calendar, since=work.now))
    await store.add_calendar(work.conn, sound)
    return sound


async def change_calendar(
    work: Work, *, calendar_id: UUID, seen_version: int, changes: dict[str, Any]
) -> BusinessCalendar:
    """Make the next version of a calendar; open clocks follow at once, and keep what they have counted."""
    before = await store.load_calendar(work.conn, calendar_id)
    after = business_calendar.revised(before, seen_version=seen_version, now=work.now, changes=changes)
    await store.add_calendar(work.conn, after)
    await set_timers(work, [Timer(kind=REVISION["calendar"], subject_id=calendar_id, due_at=work.now)])
    return after


async def _require_calendar(work: Work, code: str | None) -> None:
    if code is not None and not await store.calendar_exists(work.conn, code):
        raise Refusal("invalid-value", faults=(Fault("calendar", "calendar-unknown", {"calendar": code}),))

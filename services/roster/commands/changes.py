"""Shift changes: answered, expired, resolved; and what notify tells about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.roster.commands.handing_over import hand_over
from services.roster.commands.publishing import EXPIRY
from services.roster.commands.shifts import keep_shifts
from services.roster.domain import change as changes
from services.roster.domain.change import Delivery, Escalation, ShiftChange
from services.roster.domain.shift import Shift, confirmed, is_over, taken_back
from services.roster.domain.team import Team
from services.roster.queries.changes import peek_change, what_holds_now
from services.roster.queries.sheets import codebook_of, draft_texts
from services.roster.queries.sight import name_of, require_lead, require_self_or_lead
from services.roster.store import changes as store
from services.roster.store import people, rosters
from services.roster.store.shifts import load_shifts
from shared.contracts.event import Event
from shared.contracts.refusal import Refusal
from shared.platform.timers import Timer, cancel_timers
from shared.platform.work import Work

SUBJECT = "roster.shift_change"


async def confirm_change(
    work: Work, *, change_id: UUID, channel: str, note: str | None, shown: str | None = None
) -> ShiftChange:
    """The agent says yes; said once more it answers the same."""
    change, team = await _answerable(work, change_id, "confirmed", channel, note)
    if changes.is_same_answer(change, "confirmed"):
        return change
    by = name_of(work.actor)
    after, event = changes.confirmed(change, channel=channel, by=by, now=work.now, note=note, shown=shown)
    await _keep_confirmed(work, after, event, team)
    return after


async def refuse_change(work: Work, *, change_id: UUID, channel: str, reason: str) -> ShiftChange:
    """The agent says no; said once more it answers the same."""
    change, _ = await _answerable(work, change_id, "refused", channel, reason)
    if changes.is_same_answer(change, "refused"):
        return change
    after, event = changes.refused(change, reason=reason, channel=channel, by=name_of(work.actor), now=work.now)
    await _keep_answered(work, after, event)
    return after


async def _answerable(
    work: Work, change_id: UUID, said: str, channel: str, note: str | None
) -> tuple[ShiftChange, Team]:
    change = await store.load_change(work.conn, change_id)
    team = await people.load_team(work.conn, change.team_id)
    require_self_or_lead(work.actor, change.staff_no, team)
    own = work.actor.staff_no == change.staff_no
    changes.require_fitting_channel(channel, note, own=own, by_system="integration" in work.actor.roles)
    if change.state == "superseded":
        raise Refusal("change-superseded", extra=await what_holds_now(work.conn, change, team))
    return change, team


async def _keep_confirmed(work: Work, change: ShiftChange, event: Event, team: Team) -> None:
    await _keep_answered(work, change, event)
    await _move_shifts(work, change, team, confirmed)


async def _keep_answered(work: Work, change: ShiftChange, event: Event) -> None:
    await store.save_changes(work.conn, [change])
    await cancel_timers(work, EXPIRY, [change.change_id])
    work.record(event, sequence=change.version)


async def _move_shifts(
    work: Work, change: ShiftChange, team: Team, move: Callable[[Shift], Shift]
) -> list[tuple[Shift, Shift]]:
    """Move the days that the change asks about and that are not yet over; before and after."""
    days = [day.on for day in change.days]
    found = await load_shifts(work.conn, [change.agent_id], min(days), max(days))
    moved = [
        (shift, move(shift))
        for shift in found
        if shift.change_id == change.change_id and not is_over(shift.on, shift.cells, work.now, team.tz)
    ]
    await keep_shifts(work, [after for _, after in moved], timedelta(minutes=team.settings.grace_minutes))
    return moved


async def resolve_change(
    work: Work, *, change_id: UUID, action: str, reason: str, substitute: str | None = None
) -> ShiftChange:
    """A supervisor decides: `insist` keeps the plan; the others give the agent back what they had confirmed.

    `withdraw` also takes back a question that is still open. `reassign` with a `substitute` publishes a version that
    gives that person the shifts, and asks them.
    """
    glance = await peek_change(work.conn, change_id)
    roster = await rosters.load_roster(work.conn, glance.roster_id)
    change = await store.load_change(work.conn, change_id)
    team = await people.load_team(work.conn, change.team_id)
    require_lead(work.actor, team)
    if change.state == "superseded":
        raise Refusal("change-superseded", extra=await what_holds_now(work.conn, change, team))
    after = await _resolved(work, change, action, reason)
    if substitute:
        return await hand_over(work, roster, team, after, substitute)
    if action != "insist":
        moved = await _move_shifts(work, change, team, taken_back)
        await _restore_draft(work, change, team, moved)
        await rosters.save_roster(work.conn, replace(roster, version=roster.version + 1, updated_at=work.now))
    return after


async def _resolved(work: Work, change: ShiftChange, action: str, reason: str) -> ShiftChange:
    by = name_of(work.actor)
    if not (change.is_open and action == "withdraw"):
        change, event = changes.resolved(change, action=action, reason=reason, by=by, now=work.now)
        work.record(event, sequence=change.version)
    if action == "withdraw":
        change, event = changes.withdrawn(change, reason=reason, by=by, now=work.now)
        work.record(event, sequence=change.version)
    await store.save_changes(work.conn, [change])
    await cancel_timers(work, EXPIRY, [change.change_id])
    return change


async def _restore_draft(work: Work, change: ShiftChange, team: Team, moved: list[tuple[Shift, Shift]]) -> None:
    """The draft follows what was given back, except where it has been edited since."""
    codebook = await codebook_of(work.conn, team)
    texts = (await draft_texts(work.conn, change.roster_id)).get(change.agent_id, {})
    for before, after in moved:
        drafted = codebook.cell(texts[before.on], before.on) if before.on in texts else None
        if drafted != before.planned:
            continue
        if after.planned:
            texts[after.on] = codebook.text_for(after.planned, after.on)
        else:
            texts.pop(after.on, None)
    await rosters.save_draft(work.conn, change.roster_id, {change.agent_id: texts})


async def expire_change(work: Work, timer: Timer) -> None:
    """The time to answer is over."""
    change = await store.find_change(work.conn, timer.subject_id)
    if change is None or not change.is_open or change.confirm_by > work.now:
        return
    after, event = changes.expired(change, now=work.now)
    await store.save_changes(work.conn, [after])
    work.record(event, sequence=after.version)


async def mark_opened(work: Work, *, change_id: UUID, staff_no: str, channel: str, at: datetime) -> None:
    """The agent looked at the question. Opened is not confirmed."""
    change = await store.find_change(work.conn, change_id)
    if change and change.staff_no == staff_no:
        await store.save_changes(work.conn, [changes.opened(change, at=at, channel=channel)])


async def take_confirmation(
    work: Work, *, change_id: UUID, staff_no: str, channel: str, shown: str, at: datetime
) -> None:
    """A yes given in notify; too late or to a replaced question it is kept as evidence and changes nothing."""
    change = await store.find_change(work.conn, change_id)
    if change is None or change.staff_no != staff_no:
        return
    if not change.is_open:
        await _note_late_answer(work, change, at, said="confirmed", channel=channel, shown=shown)
        return
    after, event = changes.confirmed(change, channel=channel, by=staff_no, now=at, shown=shown)
    await _keep_confirmed(work, after, event, await people.load_team(work.conn, change.team_id))


async def take_refusal(
    work: Work, *, change_id: UUID, staff_no: str, channel: str, reason: str, shown: str, at: datetime
) -> None:
    """A no given in notify; too late or to a replaced question it is kept as evidence and changes nothing."""
    change = await store.find_change(work.conn, change_id)
    if change is None or change.staff_no != staff_no:
        return
    if not change.is_open:
        await _note_late_answer(work, change, at, said="refused", channel=channel, reason=reason, shown=shown)
        return
    after, event = changes.refused(change, reason=reason, channel=channel, by=staff_no, now=at, shown=shown)
    await _keep_answered(work, after, event)


async def _note_late_answer(work: Work, change: ShiftChange, at: datetime, **details: str) -> None:
    late = changes.noted(change, "answered_too_late", at=at, by=change.staff_no, details=details)
    await store.save_changes(work.conn, [late])


async def note_delivery(work: Work, *, change_id: UUID, staff_no: str, at: datetime, details: dict[str, Any]) -> None:
    """A message about the change reached a channel of the agent."""
    change = await store.find_change(work.conn, change_id)
    if change and change.staff_no == staff_no:
        delivery = Delivery(at=at, channel=details["channel"], outcome=details["level"])
        after = changes.delivered(changes.notified(change, at=at, details=details), delivery)
        await store.save_changes(work.conn, [after])


async def note_failure(work: Work, *, change_id: UUID, staff_no: str, at: datetime, details: dict[str, Any]) -> None:
    """A message about the change did not reach the agent."""
    change = await store.find_change(work.conn, change_id)
    if change and change.staff_no == staff_no:
        delivery = Delivery(at=at, channel=details["channel"], outcome="failed", reason=details["reason"])
        after = changes.delivered(changes.noted(change, "failed", at=at, details=details), delivery)
        await store.save_changes(work.conn, [after])


async def note_escalation(work: Work, *, change_id: UUID, escalation: Escalation) -> None:
    """Somebody above the agent was told of their silence."""
    change = await store.find_change(work.conn, change_id)
    if change:
        await store.save_changes(work.conn, [changes.escalated(change, escalation)])

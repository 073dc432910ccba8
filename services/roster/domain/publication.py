"""What a publication does: which days it plans anew, and what it asks whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.change import ShiftChange, confirmed
from services.roster.domain.deadline import deadline
from services.roster.domain.diff import diff_hash
from services.roster.domain.shift import Shift, asked, is_over, is_same, local_date, open_question
from services.roster.domain.team import Team
from shared.contracts.roster import DayChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One numbered publication of a roster, at one instant."""

    roster_id: UUID
    number: int
    team: Team
    by: str
    at: datetime
    within: timedelta
    note: str | None = None


def planned_shifts(
    publication: Publication,
    agent_id: UUID,
    days: Iterable[DayChange],
    known: Mapping[date, Shift],
    change_id: UUID,
) -> dict[date, Shift]:
    """The agent's days that are planned anew, to be asked about by `change_id`: those that differ and are not yet over.

    A day that another roster has planned since is not emptied.
    """
    at, zone = publication.at, publication.team.tz
    team_id, roster_id, number = publication.team.team_id, publication.roster_id, publication.number
    anew, today = {}, local_date(at, zone)
    for day in days:
        shift = known.get(day.on)
        planned, accountable = (shift.planned, shift.accountable) if shift else (None, None)
        elsewhere = day.after is None and shift is not None and shift.roster_id not in (None, roster_id)
        if elsewhere or (day.on <= today and is_over(day.on, (planned, accountable, day.after), at, zone)):
            continue
        anew[day.on] = Shift(  # written out: `replace` takes several times as long, and a large month has 60,000 days
            agent_id=agent_id,
            on=day.on,
            team_id=team_id,
            roster_id=roster_id,
            planned=day.after,
            planned_number=number,
            accountable=accountable,
            accountable_number=shift.accountable_number if shift else None,
            change_id=None if is_same(day.after, accountable) else change_id,
        )
    return anew


def days_over(publication: Publication, days: Mapping[UUID, Iterable[DayChange]]) -> dict[UUID, tuple[DayChange, ...]]:
    """The days that differ and can no longer be changed: they are only measured against, by agent."""
    zone, at = publication.team.tz, publication.at
    over = {
        agent_id: tuple(day for day in changes if is_over(day.on, (day.before, day.after), at, zone))
        for agent_id, changes in days.items()
    }
    return {agent_id: found for agent_id, found in over.items() if found}


def question(
    publication: Publication, agent: Agent, shifts: Mapping[date, Shift], change_id: UUID
) -> tuple[ShiftChange | None, dict[date, Shift]]:
    """What is left to ask the agent about this roster, if anything, and the days marked with it."""
    own = [shift for shift in shifts.values() if shift.roster_id == publication.roster_id]
    days = open_question(own, publication.at, publication.team.tz)
    marked = {day.on: asked(shifts[day.on], change_id) for day in days}
    return _change(publication, agent, days, change_id) if days else None, marked


def agreement(publication: Publication, agent: Agent, days: tuple[DayChange, ...], change_id: UUID) -> ShiftChange:
    """The record of a change that the agent asked for or accepted beforehand: it needs no answer any more.

    It is no late notice either, however near the shift is: who offers to come knows when.
    """
    change = replace(_change(publication, agent, days, change_id), late_notice=False, confirm_by=publication.at)
    agreed, _ = confirmed(change, channel="console", by=agent.staff_no, now=publication.at, note=publication.note)
    return agreed


def _change(publication: Publication, agent: Agent, days: tuple[DayChange, ...], change_id: UUID) -> ShiftChange:
    team = publication.team
    due = deadline(days, team.settings, publication.within, publication.at, team.tz)
    return ShiftChange(
        change_id=change_id,
        roster_id=publication.roster_id,
        number=publication.number,
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        agent_name=agent.name,
        team_id=team.team_id,
        team_name=team.name,
        zone=team.zone,
        days=days,
        diff_hash=diff_hash(days),
        note=publication.note,
        late_notice=due.late_notice,
        announced_at=publication.at,
        confirm_by=due.confirm_by,
        first_start_at=due.first_start_at,
        updated_at=publication.at,
    )

"""Everything that a draft is checked against, gathered; the judging is the domain's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Date, Text, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain import checks
from services.roster.domain.agent import Agent
from services.roster.domain.roster import Roster
from services.roster.domain.team import TeamSettings
from services.roster.queries.leave import approved_leave
from services.roster.queries.sheets import RosterSheet, agents_named
from services.roster.tables import contacts, shifts
from shared.contracts.roster import Cell
from shared.platform.db import Hot

_ELSEWHERE = Hot(
    select(
        shifts.c.agent_id,
        shifts.c.shift_on,
        shifts.c.planned_code,
        shifts.c.planned_starts_at,
        shifts.c.planned_ends_at,
    ).where(
        shifts.c.agent_id == any_(bindparam("agent_ids", type_=ARRAY(Uuid))),
        shifts.c.shift_on >= bindparam("from_on", type_=Date),
        shifts.c.shift_on <= bindparam("to_on", type_=Date),
        shifts.c.roster_id != bindparam("roster_id", type_=Uuid),
        shifts.c.planned_starts_at.is_not(None),
    )
)
_REACHABLE = Hot(
    select(contacts.c.staff_no).where(
        contacts.c.verified, contacts.c.staff_no == any_(bindparam("staff_nos", type_=ARRAY(Text)))
    )
)


async def draft_problems(conn: AsyncConnection, sheet: RosterSheet, now: datetime) -> list[checks.Problem]:
    """What is wrong with a draft, by the team's settings."""
    roster, ids = sheet.roster, sheet.texts.keys() | sheet.changes.keys()
    above = await _above(conn, sheet)
    asked = {sheet.agents[one].staff_no for one in sheet.changes}
    return checks.problems(
        checks.Sheet(
            team=sheet.team,
            texts=sheet.texts,
            lines=sheet.lines,
            agents=sheet.agents,
            codebook=sheet.codebook,
            elsewhere=await planned_elsewhere(conn, roster, sheet.team.settings, ids),
            changes=sheet.changes,
            leave=await approved_leave(conn, ids, roster.from_on, roster.to_on),
            above=above,
            reachable=await reachable(conn, asked | above.keys()),
        ),
        now,
    )


async def _above(conn: AsyncConnection, sheet: RosterSheet) -> dict[str, Agent]:
    named = [one for one in (sheet.team.lead, sheet.team.supervisor) if one]
    return {agent.staff_no: agent for agent in await agents_named(conn, staff_nos=named)}


async def reachable(conn: AsyncConnection, staff_nos: Collection[str]) -> frozenset[str]:
    """Of these people, who has a verified contact of their own: the in-app inbox, which everybody has, is none."""
    return frozenset(row["staff_no"] for row in await _REACHABLE.run(conn, staff_nos=list(staff_nos)))


async def planned_elsewhere(
    conn: AsyncConnection, roster: Roster, settings: TeamSettings, agent_ids: Collection[UUID]
) -> dict[UUID, dict[date, Cell]]:
    """Agents' shifts in other rosters, so far around the period as rest, weeks and days in a row look."""
    around = timedelta(days=max(7, settings.max_consecutive_days))
    rows = await _ELSEWHERE.run(
        conn,
        agent_ids=list(agent_ids),
        from_on=roster.from_on - around,
        to_on=roster.to_on + around,
        roster_id=roster.roster_id,
    )
    found: dict[UUID, dict[date, Cell]] = {}
    for agent_id, on, code, starts_at, ends_at in rows:
        found.setdefault(agent_id, {})[on] = Cell(code=code, starts_at=starts_at, ends_at=ends_at)
    return found

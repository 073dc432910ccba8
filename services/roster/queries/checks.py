"""Everything that a draft is checked against, gathered; the judging is the domain's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain import checks
from services.roster.domain.agent import Agent
from services.roster.queries.leave import approved_leave
from services.roster.queries.planned import around, planned_shifts
from services.roster.queries.sheets import RosterSheet, agents_named
from services.roster.tables import contacts
from shared.platform.db import Hot

_REACHABLE = Hot(
    select(contacts.c.staff_no).where(
        contacts.c.verified, contacts.c.staff_no == any_(bindparam("staff_nos", type_=ARRAY(Text)))
    )
)


async def draft_problems(conn: AsyncConnection, sheet: RosterSheet, now: datetime) -> list[checks.Problem]:
    """What is wrong with a draft, by the team's settings."""
    roster, ids = sheet.roster, sheet.texts.keys() | sheet.changes.keys()
    margin = around(sheet.team.settings)
    above = await _above(conn, sheet)
    asked = {sheet.agents[one].staff_no for one in sheet.changes}
    return checks.problems(
        checks.Sheet(
            team=sheet.team,
            texts=sheet.texts,
            lines=sheet.lines,
            agents=sheet.agents,
            codebook=sheet.codebook,
            elsewhere=await planned_shifts(
                conn, ids, roster.from_on - margin, roster.to_on + margin, except_roster=roster.roster_id
            ),
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

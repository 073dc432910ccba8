"""Rosters, drafts and versions as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain import checks
from services.roster.domain.diff import AgentDiff, LocalCell, Wording
from services.roster.domain.line import line_from
from services.roster.domain.roster import Roster, roster_view
from services.roster.domain.team import Team
from services.roster.queries.checks import draft_problems
from services.roster.queries.people import paged, team_of
from services.roster.queries.sheets import (
    RosterSheet,
    agents_named,
    find_roster,
    load_sheet,
    version_texts,
)
from services.roster.queries.sight import in_sight, of_team, require_lead
from services.roster.tables import roster_versions, rosters
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page
from shared.platform.problems import sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One agent's row of the draft: a code or explicit times for each day that has one."""

    agent_id: UUID
    staff_no: str
    name: str
    cells: dict[date, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A roster's draft."""

    roster_id: UUID
    zone: str
    number: int
    version: int
    lines: list[DraftLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiff:
    """What the draft changes against the last published version (`number`, 0: none), in the team's local time."""

    roster_id: UUID
    zone: str
    number: int
    agent_count: int
    day_count: int
    agents: list[AgentDiff]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """One failed check, in words; `staff_no` is none where the whole team is concerned."""

    check: str
    code: str
    level: str
    staff_no: str | None
    on: date
    can_override: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftProblems:
    """What is wrong with a draft: errors stop its publication, warnings are kept with it."""

    roster_id: UUID
    error_count: int
    warning_count: int
    items: list[ProblemView]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSummary:
    """A published version, without its lines."""

    roster_id: UUID
    number: int
    note: str | None
    published_by: str
    published_at: datetime
    override_reason: str | None
    problems: list[dict[str, object]]
    change_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One agent's row of a published version, in the team's local time."""

    agent_id: UUID
    staff_no: str
    name: str
    cells: dict[date, LocalCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion(VersionSummary):
    """A published version with its lines."""

    zone: str
    lines: list[VersionLine]


async def roster(conn: AsyncConnection, *, actor: Actor, roster_id: UUID) -> dict[str, Any]:
    """One roster."""
    found, _ = await _visible(conn, actor, roster_id)
    return roster_view(found)


async def list_rosters(
    conn: AsyncConnection,
    *,
    actor: Actor,
    team: str | None,
    on: date | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[dict[str, Any]]:
    """The rosters of the caller's teams."""
    query = select(rosters).where(in_sight(actor, rosters.c.team_id))
    if team:
        query = query.where(of_team(rosters.c.team_id, team))
    if on:
        query = query.where(rosters.c.from_on <= on, rosters.c.to_on >= on)
    return await paged(conn, query, rosters, roster_view, updated_after=updated_after, limit=limit, after=after)


async def draft(conn: AsyncConnection, *, actor: Actor, roster_id: UUID) -> Draft:
    """A roster's draft."""
    return draft_of(await visible_sheet(conn, actor, roster_id))


def draft_of(sheet: RosterSheet) -> Draft:
    """A draft as it is shown."""
    return Draft(
        roster_id=sheet.roster.roster_id,
        zone=sheet.team.zone,
        number=sheet.roster.number,
        version=sheet.roster.version,
        lines=[
            DraftLine(
                agent_id=agent.agent_id,
                staff_no=agent.staff_no,
                name=agent.name,
                cells=dict(sorted(sheet.texts[agent.agent_id].items())),
            )
            for agent in sheet.by_staff_no(sheet.texts)
        ],
    )


async def draft_diff(conn: AsyncConnection, *, actor: Actor, roster_id: UUID) -> DraftDiff:
    """What publishing the draft would change."""
    sheet = await visible_sheet(conn, actor, roster_id)
    changes, wording = sheet.changes, Wording(sheet.team.tz)
    return DraftDiff(
        roster_id=roster_id,
        zone=sheet.team.zone,
        number=sheet.roster.number,
        agent_count=len(changes),
        day_count=sum(map(len, changes.values())),
        agents=[
            wording.agent_diff(agent.agent_id, agent.staff_no, agent.name, changes[agent.agent_id])
            for agent in sheet.by_staff_no(changes)
        ],
    )


async def draft_checks(
    conn: AsyncConnection, *, actor: Actor, roster_id: UUID, now: datetime, language: str
) -> DraftProblems:
    """What would stop the draft's publication."""
    sheet = await visible_sheet(conn, actor, roster_id)
    found = await draft_problems(conn, sheet, now)
    error_count = sum(one.level == "error" for one in found)
    return DraftProblems(
        roster_id=roster_id,
        error_count=error_count,
        warning_count=len(found) - error_count,
        items=[problem_view(problem, language) for problem in found],
    )


def problem_view(problem: checks.Problem, language: str) -> ProblemView:
    """A failed check in the caller's language."""
    return ProblemView(
        check=problem.check,
        code=problem.code,
        level=problem.level,
        staff_no=problem.staff_no,
        on=problem.on,
        can_override=problem.can_override,
        message=sentence(problem.code, language, dict(problem.params)),
    )


async def list_versions(
    conn: AsyncConnection, *, actor: Actor, roster_id: UUID, limit: int, after: str | None
) -> Page[VersionSummary]:
    """A roster's published versions, the newest first."""
    await _visible(conn, actor, roster_id)
    return await page(
        conn,
        select(roster_versions).where(roster_versions.c.roster_id == roster_id),
        order=(roster_versions.c.number,),
        limit=limit,
        after=after,
        make=lambda row: VersionSummary(**row._mapping),
        descending=True,
    )


async def version(conn: AsyncConnection, *, actor: Actor, roster_id: UUID, number: int) -> PublishedVersion:
    """One published version with its lines."""
    _, team = await _visible(conn, actor, roster_id)
    table = roster_versions
    row = (
        await conn.execute(select(table).where(table.c.roster_id == roster_id, table.c.number == number))
    ).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="version", what=number)
    stored = await version_texts(conn, roster_id, number)
    people = await agents_named(conn, agent_ids=stored.keys())
    wording = Wording(team.tz)
    return PublishedVersion(
        **row._mapping,
        zone=team.zone,
        lines=[
            VersionLine(
                agent_id=agent.agent_id,
                staff_no=agent.staff_no,
                name=agent.name,
                cells={
                    on: local
                    for on, cell in line_from(stored[agent.agent_id]).items()
                    if (local := wording.local(cell))
                },
            )
            for agent in sorted(people, key=lambda one: one.staff_no)
        ],
    )


async def visible_sheet(conn: AsyncConnection, actor: Actor, roster_id: UUID) -> RosterSheet:
    """A roster's draft with all about it, for who leads the team."""
    found, team = await _visible(conn, actor, roster_id)
    return await load_sheet(conn, found, team)


async def _visible(conn: AsyncConnection, actor: Actor, roster_id: UUID) -> tuple[Roster, Team]:
    found = await find_roster(conn, roster_id)
    team = await team_of(conn, found.team_id)
    require_lead(actor, team)
    return found, team

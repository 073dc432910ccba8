"""Broadcasts, and how far they got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.broadcast import Tally
from services.notify.domain.families import BROADCAST
from services.notify.queries.sight import in_sight
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastDetail:
    """A broadcast as it stands; the right answers of its quiz are not shown."""

    broadcast_id: UUID
    title: str
    body: str
    state: str
    audience: dict[str, Any]
    quiz: list[dict[str, Any]]
    announced_at: datetime
    announced_by: str
    ack_by: datetime
    closed_at: datetime | None
    reason: str | None
    asked_count: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamProgress:
    """How far it got in one team, or in a branch: a team with all below it."""

    team_id: UUID
    team_name: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """People asked, reached (some channel took it), opened, confirmed, refused, understood (quiz passed), of those the
    caller may see; `understood` is 0 without a quiz."""

    broadcast_id: UUID
    title: str
    state: str
    ack_by: datetime
    as_of: datetime
    with_quiz: bool
    total: Tally
    teams: list[TeamProgress]
    branches: list[TeamProgress]


async def broadcasts(
    conn: AsyncConnection, *, state: str | None, limit: int, after: str | None
) -> Page[BroadcastDetail]:
    """Broadcasts, newest first."""
    table = tables.broadcasts
    found = select(table).where(table.c.state == state if state else true())
    return await page(
        conn, found, order=(table.c.broadcast_id,), limit=limit, after=after, make=_detail, descending=True
    )


async def broadcast(conn: AsyncConnection, *, broadcast_id: UUID) -> BroadcastDetail:
    """One broadcast."""
    return _detail(await _row(conn, broadcast_id))


async def progress(conn: AsyncConnection, *, broadcast_id: UUID, actor: Actor, now: datetime) -> Progress:
    """How far a broadcast got, in all, per team and per branch."""
    row = await _row(conn, broadcast_id)
    asked = tables.acknowledgements
    about = and_(asked.c.subject_type == BROADCAST, asked.c.subject_id == broadcast_id)
    found: Select[Any] = (
        select(asked.c.team_id, func.max(asked.c.team_name).label("team_name"), *tables.tallied())
        .where(about, in_sight(actor, asked.c.staff_no, asked.c.team_id))
        .group_by(asked.c.team_id)
    )
    teams = [_team(one) for one in await conn.execute(found)]
    return Progress(
        broadcast_id=broadcast_id,
        title=row.title,
        state=row.state,
        ack_by=row.ack_by,
        as_of=now,
        with_quiz=row.quiz is not None,
        total=sum((team.tally for team in teams), Tally()),
        teams=sorted(teams, key=lambda team: (team.team_name, team.team_id)),
        branches=await _branches(conn, teams),
    )


async def _branches(conn: AsyncConnection, teams: list[TeamProgress]) -> list[TeamProgress]:
    """What a team with others below it has in all, by name."""
    known = {row.team_id: row for row in await conn.execute(select(tables.teams))}
    tallies: dict[UUID, Tally] = {}
    for team in teams:
        for place in _line(known, team.team_id):
            tallies[place] = tallies.get(place, Tally()) + team.tally
    parents = {row.parent_id for row in known.values()}
    found = [
        TeamProgress(team_id=team_id, team_name=known[team_id].name, tally=tally)
        for team_id, tally in tallies.items()
        if team_id in parents
    ]
    return sorted(found, key=lambda branch: (branch.team_name, branch.team_id))


def _line(known: Mapping[UUID, Row[Any]], team_id: UUID | None) -> list[UUID]:
    """A team and those above it."""
    line: list[UUID] = []
    while team_id in known and team_id not in line:
        assert team_id is not None
        line.append(team_id)
        team_id = known[team_id].parent_id
    return line


async def _row(conn: AsyncConnection, broadcast_id: UUID) -> Row[Any]:
    table = tables.broadcasts
    row = (await conn.execute(select(table).where(table.c.broadcast_id == broadcast_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="broadcast", what=broadcast_id)
    return row


def _team(row: Row[Any]) -> TeamProgress:
    tally = Tally(**{name: getattr(row, name) for name in Tally.__dataclass_fields__})
    return TeamProgress(team_id=row.team_id, team_name=row.team_name, tally=tally)


def _detail(row: Row[Any]) -> BroadcastDetail:
    quiz = [{"question": one["question"], "choices": one["choices"]} for one in (row.quiz or {}).get("questions", [])]
    names = [name for name in BroadcastDetail.__dataclass_fields__ if name != "quiz"]
    return BroadcastDetail(**{name: row._mapping[name] for name in names}, quiz=quiz)

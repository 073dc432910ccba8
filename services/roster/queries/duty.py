"""Who has the duty: at an instant, and over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.duty import FAR, Override, Post, Stand, post_from, stands
from services.roster.domain.leave import Leave
from services.roster.domain.rota import Available, Rota
from services.roster.domain.team import Team, team_from
from services.roster.queries.leave import approved_leave
from services.roster.queries.named import team_named
from services.roster.queries.sheets import agents_named
from services.roster.tables import duty_overrides, duty_posts, teams
from shared.contracts.refusal import Refusal
from shared.platform.ids import stable_id
from shared.platform.paging import Page, page

INSTANT = timedelta(seconds=1)
DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyNow:
    """The one person who decides at an instant, in UTC (`zone` is the post's).

    `source`: `rota`, `override`, `swap`; or `lead`, `supervisor` where no rota says anything. `scope`: whether a rota
    of the `team` (or of one above it) or the `centre`'s was asked, or (`none`) no rota.
    """

    at: datetime
    team_id: UUID | None
    team_code: str | None
    team_name: str | None
    zone: str
    scope: str
    duty_id: UUID | None
    agent_id: UUID | None
    staff_no: str
    name: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    source: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTurn:
    """Somebody's stretch of duty."""

    starts_at: datetime
    ends_at: datetime
    agent_id: UUID
    staff_no: str
    name: str
    source: str
    override_id: UUID | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTurns:
    """Who has the duty of a post over time."""

    duty_id: UUID
    team_id: UUID | None
    zone: str
    items: list[DutyTurn]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRota:
    """The duty of a team (or of the centre, no team), with its rotas, the one in force last or next."""

    duty_id: UUID
    team_id: UUID | None
    zone: str
    set_by: str
    rotas: tuple[Rota, ...]
    version: int
    updated_at: datetime


def duty_id_of(team_id: UUID | None) -> UUID:
    """The id of a team's post, or of the centre's."""
    return stable_id("duty", team_id or "centre")


def rota_view(post: Post) -> DutyRota:
    """A post as it is shown."""
    return DutyRota(
        duty_id=post.duty_id,
        team_id=post.team_id,
        zone=post.zone,
        set_by=post.set_by,
        rotas=post.rotas,
        version=post.version,
        updated_at=post.updated_at,
    )


async def duty_rota(conn: AsyncConnection, *, team: str | None) -> DutyRota:
    """The rota of a team, or of the centre; 404 when it has none."""
    named = await team_named(conn, team) if team else None
    return rota_view(await _post(conn, named.team_id if named else None))


async def duty_now(conn: AsyncConnection, *, team: str | None, at: datetime) -> DutyNow:
    """Exactly one person for any instant: by the team's rota, one above it, the centre's; else lead or supervisor."""
    named = await team_named(conn, team) if team else None
    for post in await _posts(conn, named):
        found = await standing(conn, post, at, at + INSTANT)
        if found:
            [agent] = await agents_named(conn, staff_nos=[found[0].staff_no])
            return _now(at, post, found[0], agent, await _team(conn, post.team_id))
    return await _without_rota(conn, named, at)


async def _posts(conn: AsyncConnection, team: Team | None) -> list[Post]:
    """The posts to ask, the nearest first: the team's, those of the teams above, the centre's."""
    line: list[UUID | None] = []
    while team:
        line.append(team.team_id)
        team = await _team(conn, team.parent_id)
    found = await conn.execute(select(duty_posts).where(duty_posts.c.duty_id.in_(map(duty_id_of, [*line, None]))))
    posts = {row.team_id: post_from(row._mapping) for row in found}
    return [posts[one] for one in [*line, None] if one in posts]


async def _team(conn: AsyncConnection, team_id: UUID | None) -> Team | None:
    row = (await conn.execute(select(teams).where(teams.c.team_id == team_id))).one_or_none() if team_id else None
    return team_from(row._mapping) if row else None


def _now(at: datetime, post: Post, stand: Stand, agent: Agent, team: Team | None) -> DutyNow:
    return DutyNow(
        at=at,
        team_id=post.team_id,
        team_code=team.code if team else None,
        team_name=team.name if team else None,
        zone=post.zone,
        scope="team" if team else "centre",
        duty_id=post.duty_id,
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        name=agent.name,
        starts_at=stand.starts_at,
        ends_at=stand.ends_at,
        source=stand.source,
        reason=stand.reason,
    )


async def _without_rota(conn: AsyncConnection, team: Team | None, at: datetime) -> DutyNow:
    """Where no rota says anything, the lead decides, and without one the supervisor."""
    if team is None:
        raise Refusal("duty-nobody", at=at.isoformat())
    for source in ("lead", "supervisor"):
        staff_no = getattr(team, source)
        known = await agents_named(conn, staff_nos=[staff_no]) if staff_no else []
        if staff_no and (not known or known[0].employed_on(at.astimezone(team.tz).date())):
            return DutyNow(
                at=at,
                team_id=team.team_id,
                team_code=team.code,
                team_name=team.name,
                zone=team.zone,
                scope="none",
                duty_id=None,
                agent_id=known[0].agent_id if known else None,
                staff_no=staff_no,
                name=known[0].name if known else None,
                starts_at=None,
                ends_at=None,
                source=source,
            )
    raise Refusal("duty-nobody", at=at.isoformat())


async def duty_turns(conn: AsyncConnection, *, team: str | None, from_on: date, to_on: date) -> DutyTurns:
    """Who has the duty of a team's post (or the centre's) on these local days."""
    named = await team_named(conn, team) if team else None
    post = await _post(conn, named.team_id if named else None)
    zone = post.rotas[-1].tz
    span = datetime.combine(from_on, time(), zone), datetime.combine(to_on + timedelta(days=1), time(), zone)
    found = await standing(conn, post, *span)
    agents = {one.staff_no: one for one in await agents_named(conn, staff_nos={one.staff_no for one in found})}
    return DutyTurns(
        duty_id=post.duty_id,
        team_id=post.team_id,
        zone=post.zone,
        items=[
            DutyTurn(
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                agent_id=agents[one.staff_no].agent_id,
                staff_no=one.staff_no,
                name=agents[one.staff_no].name,
                source=one.source,
                override_id=one.override_id,
                reason=one.reason,
            )
            for one in found
        ],
    )


async def _post(conn: AsyncConnection, team_id: UUID | None) -> Post:
    row = (await conn.execute(select(duty_posts).where(duty_posts.c.duty_id == duty_id_of(team_id)))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="duty rota", what=team_id)
    return post_from(row._mapping)


async def standing(conn: AsyncConnection, post: Post, starts_at: datetime, ends_at: datetime) -> list[Stand]:
    """Who has the duty of a post within a span, those on leave or gone stood in for."""
    overrides = await _overrides(conn, post.duty_id, starts_at - FAR, ends_at + FAR)
    available = await availability(conn, post.rotas, starts_at - FAR, ends_at + FAR)
    return stands(post, overrides, starts_at, ends_at, available)


async def _overrides(conn: AsyncConnection, duty_id: UUID, since: datetime, until: datetime) -> list[Override]:
    table = duty_overrides
    query = select(table).where(
        table.c.duty_id == duty_id,
        table.c.cancelled_at.is_(None),
        table.c.ends_at > since,
        table.c.starts_at < until,
    )
    return [Override(**row._mapping) for row in await conn.execute(query)]


async def availability(
    conn: AsyncConnection, rotas: Iterable[Rota], starts_at: datetime, ends_at: datetime
) -> Available:
    """Who of the members of rotas can stand duty on a day: employed, and not on leave for the whole of it."""
    members = frozenset[str]().union(*(rota.members for rota in rotas))
    agents = {one.staff_no: one for one in await agents_named(conn, staff_nos=members)}
    ids = [one.agent_id for one in agents.values()]
    leave = await approved_leave(conn, ids, starts_at.date() - DAYS, ends_at.date() + DAYS)

    def available(staff_no: str, on: date) -> bool:
        agent = agents.get(staff_no)
        return agent is not None and agent.employed_on(on) and not _away(leave.get(agent.agent_id, ()), on)

    return available


def _away(leave: Sequence[Leave], on: date) -> bool:
    return any(one.starts_at is None and one.from_on <= on <= one.to_on for one in leave)


async def list_overrides(conn: AsyncConnection, *, team: str | None, limit: int, after: str | None) -> Page[Override]:
    """The overrides of a team's post, or of the centre's."""
    named = await team_named(conn, team) if team else None
    table = duty_overrides
    query = select(table).where(table.c.duty_id == duty_id_of(named.team_id if named else None))
    order = (table.c.override_id,)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: Override(**row._mapping))


async def override(conn: AsyncConnection, *, override_id: UUID) -> Override:
    """One override; 404 when there is none."""
    row = (await conn.execute(select(duty_overrides).where(duty_overrides.c.override_id == override_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="duty override", what=override_id)
    return Override(**row._mapping)

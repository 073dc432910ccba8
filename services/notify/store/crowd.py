"""People and teams, many at once: who stands above whom, who is on duty, how they are reached."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, Uuid, bindparam, delete, literal, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.notify import tables
from services.notify.domain.contact import Contact
from shared.platform.db import Hot
from shared.platform.kernel import Moment
from shared.platform.work import Work

DUTY_KEPT = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Team:
    """A team, and who stands above its people."""

    team_id: UUID
    code: str
    name: str
    zone: str
    lead: str | None
    supervisor: str | None
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who is duty manager of a post (a team's, or the centre's without one) for a while."""

    duty_id: UUID
    sequence: int
    team_id: UUID | None
    staff_no: str
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team."""

    staff_no: str
    name: str
    team_id: UUID
    team_name: str


@dataclass(frozen=True, slots=True)
class Known:
    """Who a staff number belongs to, and which word about them is the latest."""

    agent_id: UUID
    sequence: int


async def load_recipient(work: Work, staff_no: str) -> Known | None:
    """Who has a staff number now; whoever has not left comes first."""
    people = tables.recipients
    found = select(people.c.agent_id, people.c.sequence).where(people.c.staff_no == staff_no)
    row = (await work.conn.execute(found.order_by(people.c.left_on.desc().nulls_first()).limit(1))).one_or_none()
    return Known(*row) if row else None


async def load_teams_up(work: Work, team_ids: Collection[UUID]) -> dict[UUID, Team]:
    """These teams and all above them."""
    rows = await _UP.run(work.conn, ids=list(team_ids))
    return {row["team_id"]: Team(**row) for row in rows}


async def load_teams(work: Work) -> dict[UUID, Team]:
    """Every team."""
    rows = (await work.conn.execute(select(*_TEAM).order_by(tables.teams.c.code))).mappings()
    return {row["team_id"]: Team(**row) for row in rows}


async def load_on_duty(work: Work) -> dict[UUID | None, str]:
    """Who is duty manager now, by team and (none) for the centre: of each post the latest word."""
    rows = await _ON_DUTY.run(work.conn, now=work.now)
    return {row["team_id"]: row["staff_no"] for row in rows}


async def load_managers(work: Work) -> list[Member]:
    """Everybody with the role of a manager who has not left, by staff number."""
    return [Member(**row) for row in await _MANAGERS.run(work.conn, today=work.now.date())]


async def load_members(work: Work, team_ids: Collection[UUID]) -> list[Member]:
    """Everybody in these teams and those below them (none named: everybody) who has not left."""
    people = tables.recipients
    found = select(*_MEMBER).where(_present(work)).order_by(people.c.staff_no)
    if team_ids:
        found = found.where(people.c.team_id.in_(teams_down(team_ids)))
    return [Member(**row) for row in (await work.conn.execute(found)).mappings()]


async def load_contacts_of(work: Work, staff_nos: Collection[str]) -> dict[str, list[Contact]]:
    """How people can be reached, verified or not."""
    found: dict[str, list[Contact]] = {}
    for row in await _CONTACTS.run(work.conn, staff_nos=list(staff_nos)):
        found.setdefault(row["staff_no"], []).append(Contact(**row))
    return found


async def keep_turn(work: Work, turn: Turn, span: tuple[datetime, datetime]) -> None:
    """Note who is on duty when; what is long over is forgotten."""
    table = tables.duty
    new = insert(table).values(
        duty_id=turn.duty_id,
        sequence=turn.sequence,
        team_id=turn.team_id,
        staff_no=turn.staff_no,
        name=turn.name,
        starts_at=span[0],
        ends_at=span[1],
    )
    await work.conn.execute(new.on_conflict_do_nothing())
    await work.conn.execute(delete(table).where(table.c.ends_at < work.now - DUTY_KEPT))


def teams_down(team_ids: Collection[UUID]) -> Select[tuple[UUID]]:
    """The ids of these teams and of all below them, as a subquery."""
    teams = tables.teams
    down = select(teams.c.team_id).where(teams.c.team_id.in_(team_ids)).cte("down", recursive=True)
    return select(down.union(select(teams.c.team_id).where(teams.c.parent_id == down.c.team_id)).c.team_id)


def _present(work: Work) -> ColumnElement[bool]:
    left_on = tables.recipients.c.left_on
    return left_on.is_(None) | (left_on >= work.now.date())


_TEAMS, _PEOPLE, _DUTY = tables.teams, tables.recipients, tables.duty
_TEAM = [_TEAMS.c[name] for name in Team.__dataclass_fields__]
_MEMBER = [_PEOPLE.c[name] for name in Member.__dataclass_fields__]
_below = select(*_TEAM).where(_TEAMS.c.team_id == bindparam("ids", type_=ARRAY(Uuid)).any_()).cte("up", recursive=True)
_UP = Hot(select(_below.union(select(*_TEAM).where(_TEAMS.c.team_id == _below.c.parent_id))))
_now = bindparam("now", type_=Moment)
_ON_DUTY = Hot(
    select(_DUTY.c.team_id, _DUTY.c.staff_no)
    .ext(distinct_on(_DUTY.c.duty_id))
    .where(_DUTY.c.starts_at <= _now, _DUTY.c.ends_at > _now)
    .order_by(_DUTY.c.duty_id, _DUTY.c.sequence.desc())
)
_MANAGERS = Hot(
    select(*_MEMBER)
    .where(literal("manager") == _PEOPLE.c.roles.any_())
    .where(_PEOPLE.c.left_on.is_(None) | (_PEOPLE.c.left_on >= bindparam("today", type_=_PEOPLE.c.left_on.type)))
    .order_by(_PEOPLE.c.staff_no)
)
_CONTACTS = Hot(
    select(tables.contacts)
    .where(tables.contacts.c.staff_no == bindparam("staff_nos", type_=ARRAY(Text)).any_())
    .order_by(tables.contacts.c.staff_no, tables.contacts.c.channel)
)

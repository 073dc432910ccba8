"""The confirmation board: how each team stands, and every change that still waits, the most urgent first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.change import OPEN, UNRESOLVED, Delivery, Escalation
from services.roster.domain.next_step import WORDS, Waiting, next_step
from services.roster.queries.sight import in_sight, of_team
from services.roster.tables import rosters, shift_changes
from shared.contracts.codec import from_json
from shared.platform.actor import Actor
from shared.platform.paging import page


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamStanding:
    """How many changes of a team's rosters are in each state; of those, how many wait and for how many it is late."""

    team_id: UUID
    team_name: str
    states: dict[str, int]
    waiting_count: int
    overdue_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What to do, whose turn it is, by when, and how to say it."""

    action: str
    who: str
    by: datetime
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingChange:
    """A change that waits for an answer (open) or for a decision (refused, expired).

    `escalation` is the rung of the ladder reached above the agent, `last_delivery` what became of the last message.
    """

    change_id: UUID
    roster_id: UUID
    number: int
    agent_id: UUID
    staff_no: str
    agent_name: str
    team_id: UUID
    team_name: str
    zone: str
    state: str
    late_notice: bool
    announced_at: datetime
    confirm_by: datetime
    first_start_at: datetime
    escalation: Escalation | None
    last_delivery: Delivery | None
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The board as of a moment: `items` is a page of what waits, by deadline; `next` is the cursor of the next."""

    as_of: datetime
    teams: list[TeamStanding]
    items: list[WaitingChange]
    next: str | None


_COLUMNS = [shift_changes.c[name] for name in WaitingChange.__dataclass_fields__ if name != "next"]
_UNANSWERED = shift_changes.c.state.in_([*OPEN, *UNRESOLVED]) & shift_changes.c.resolution.is_(None)


async def confirmation_board(
    conn: AsyncConnection,
    *,
    actor: Actor,
    team: str | None,
    roster_id: UUID | None,
    now: datetime,
    language: str,
    limit: int,
    after: str | None,
) -> Board:
    """The caller's teams in rosters that are not yet over, and the changes that wait."""
    table = shift_changes
    mine = [in_sight(actor, table.c.team_id, table.c.staff_no)]
    mine += [of_team(table.c.team_id, team)] if team else []
    mine += [table.c.roster_id == roster_id] if roster_id else []
    waiting = await page(
        conn,
        select(*_COLUMNS).where(_UNANSWERED, *mine),
        order=(table.c.confirm_by, table.c.change_id),
        limit=limit,
        after=after,
        make=lambda row: _waiting(row._mapping, language),
    )
    return Board(as_of=now, teams=await _standings(conn, mine, roster_id, now), items=waiting.items, next=waiting.next)


async def _standings(
    conn: AsyncConnection, mine: list[ColumnElement[bool]], roster_id: UUID | None, now: datetime
) -> list[TeamStanding]:
    table = shift_changes
    in_force = select(rosters.c.roster_id).where(rosters.c.to_on >= _yesterday(now))
    wanted = [*mine] if roster_id else [*mine, table.c.roster_id.in_(in_force)]
    counted = (
        select(
            table.c.team_id,
            func.max(table.c.team_name).label("team_name"),
            table.c.state,
            func.count().label("changes"),
            func.count().filter(_UNANSWERED).label("waiting"),
            func.count().filter(_UNANSWERED, table.c.confirm_by <= now).label("overdue"),
        )
        .where(*wanted)
        .group_by(table.c.team_id, table.c.state)
    )
    by_team: dict[UUID, list[Any]] = {}
    for row in await conn.execute(counted):
        by_team.setdefault(row.team_id, []).append(row)
    found = [_standing(team_id, rows) for team_id, rows in by_team.items()]
    return sorted(found, key=lambda one: (one.team_name, one.team_id))


def _yesterday(now: datetime) -> date:
    """A roster that ends today somewhere on earth is not over."""
    return date.fromordinal(now.toordinal() - 1)


def _standing(team_id: UUID, rows: list[Any]) -> TeamStanding:
    return TeamStanding(
        team_id=team_id,
        team_name=max(row.team_name for row in rows),
        states={row.state: row.changes for row in sorted(rows, key=lambda one: str(one.state))},
        waiting_count=sum(row.waiting for row in rows),
        overdue_count=sum(row.overdue for row in rows),
    )


def _waiting(record: Any, language: str) -> WaitingChange:
    parts = {
        "escalation": _part(Escalation, record["escalation"]),
        "last_delivery": _part(Delivery, record["last_delivery"]),
    }
    step = next_step(Waiting(**{name: record[name] for name in _LOOKED_AT}, **parts))
    told = Next(action=step.action, who=step.who, by=step.by, message=WORDS[step.action][language])
    return WaitingChange(**{**record, **parts, "next": told})


_LOOKED_AT = ("state", "late_notice", "confirm_by", "first_start_at")


def _part(kind: type[Any], stored: str | None) -> Any:
    return from_json(kind, json.loads(stored)) if stored else None

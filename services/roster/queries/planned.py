"""What is planned for agents, by whichever roster."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.team import TeamSettings
from services.roster.tables import shifts
from shared.contracts.roster import Cell
from shared.platform.db import Hot

_PLANNED = Hot(
    select(
        shifts.c.agent_id,
        shifts.c.shift_on,
        shifts.c.roster_id,
        shifts.c.planned_code,
        shifts.c.planned_starts_at,
        shifts.c.planned_ends_at,
    ).where(
        shifts.c.agent_id == any_(bindparam("agent_ids", type_=ARRAY(Uuid))),
        shifts.c.shift_on >= bindparam("from_on", type_=Date),
        shifts.c.shift_on <= bindparam("to_on", type_=Date),
        shifts.c.planned_starts_at.is_not(None),
    )
)


def around(settings: TeamSettings) -> timedelta:
    """How far before and after some days rest, calendar weeks and days in a row have to look."""
    return timedelta(days=max(7, settings.max_consecutive_days))


async def planned_shifts(
    conn: AsyncConnection,
    agent_ids: Collection[UUID],
    from_on: date,
    to_on: date,
    *,
    except_roster: UUID | None = None,
) -> dict[UUID, dict[date, Cell]]:
    """Agents' planned shifts with hours within a period, except those of one roster."""
    rows = await _PLANNED.run(conn, agent_ids=list(agent_ids), from_on=from_on, to_on=to_on)
    found: dict[UUID, dict[date, Cell]] = {}
    for agent_id, on, roster_id, code, starts_at, ends_at in rows:
        if roster_id is None or roster_id != except_roster:
            found.setdefault(agent_id, {})[on] = Cell(code=code, starts_at=starts_at, ends_at=ends_at)
    return found

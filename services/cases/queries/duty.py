"""Who decides now: the duty manager, as roster last said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Person
from services.cases.tables import duty


async def duty_manager_at(conn: AsyncConnection, team_id: UUID | None, at: datetime) -> Person | None:
    """The duty manager of a team at an instant, else the centre's; none when roster named nobody."""
    query = (
        select(duty.c.staff_no, duty.c.name)
        .where(duty.c.starts_at <= at, duty.c.ends_at > at)
        .where(or_(duty.c.team_id.is_(None), duty.c.team_id == team_id))
        .order_by(duty.c.team_id.is_(None), duty.c.sequence.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return Person(row.staff_no, row.name) if row else None

"""Leave as it is read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.leave import Leave, leave_from
from services.roster.tables import leave_requests


async def approved_leave(
    conn: AsyncConnection, agent_ids: Collection[UUID], from_on: date, to_on: date
) -> dict[UUID, list[Leave]]:
    """Agents' approved leave that touches a period; `domain.leave.keeps_from` says which shifts it concerns."""
    table = leave_requests
    query = select(table).where(
        table.c.agent_id == any_(bindparam("agent_ids", list(agent_ids), type_=ARRAY(Uuid))),
        table.c.state == "approved",
        table.c.from_on <= to_on,
        table.c.to_on >= from_on,
    )
    found: dict[UUID, list[Leave]] = {}
    for row in await conn.execute(query.order_by(table.c.from_on, table.c.leave_id)):
        found.setdefault(row.agent_id, []).append(leave_from(row._mapping))
    return found

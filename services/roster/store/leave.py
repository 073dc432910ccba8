"""Leave requests."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.leave import Leave, leave_from, leave_record
from services.roster.store.rows import put_rows
from services.roster.tables import leave_requests
from shared.contracts.refusal import Refusal


async def find_leave(conn: AsyncConnection, leave_id: UUID) -> Leave | None:
    """A leave request, locked; none when there is none."""
    query = select(leave_requests).where(leave_requests.c.leave_id == leave_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return leave_from(row._mapping) if row else None


async def load_leave(conn: AsyncConnection, leave_id: UUID) -> Leave:
    """A leave request, locked; 404 when there is none."""
    leave = await find_leave(conn, leave_id)
    if leave is None:
        raise Refusal("not-found", noun="leave request", what=leave_id)
    return leave


async def save_leave(conn: AsyncConnection, leave: Leave) -> None:
    """Store a leave request, new or changed."""
    await put_rows(conn, leave_requests, [leave_record(leave)])

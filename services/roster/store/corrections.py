"""Corrections of settled days."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.correction import Correction, correction_from, correction_record
from services.roster.store.rows import put_rows
from services.roster.tables import attendance_corrections
from shared.contracts.refusal import Refusal


async def find_correction(conn: AsyncConnection, correction_id: UUID) -> Correction | None:
    """A correction, locked; none when there is none."""
    table = attendance_corrections
    query = select(table).where(table.c.correction_id == correction_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return correction_from(row._mapping) if row else None


async def load_correction(conn: AsyncConnection, correction_id: UUID) -> Correction:
    """A correction, locked; 404 when there is none."""
    correction = await find_correction(conn, correction_id)
    if correction is None:
        raise Refusal("not-found", noun="correction", what=correction_id)
    return correction


async def load_approved(conn: AsyncConnection, attendance_ids: Collection[UUID]) -> dict[UUID, list[Correction]]:
    """The approved corrections of settled days, in the order of their decision."""
    table = attendance_corrections
    among = any_(bindparam("attendance_ids", list(attendance_ids), type_=ARRAY(Uuid)))
    query = select(table).where(table.c.attendance_id == among, table.c.state == "approved")
    found: dict[UUID, list[Correction]] = {}
    for row in await conn.execute(query.order_by(table.c.decided_at, table.c.correction_id)):
        found.setdefault(row.attendance_id, []).append(correction_from(row._mapping))
    return found


async def has_open(conn: AsyncConnection, attendance_id: UUID) -> bool:
    """Whether a correction of that day waits for a decision."""
    table = attendance_corrections
    query = select(table.c.correction_id).where(table.c.attendance_id == attendance_id, table.c.state == "requested")
    return (await conn.execute(query.limit(1))).first() is not None


async def save_correction(conn: AsyncConnection, correction: Correction) -> None:
    """Store a correction, new or changed."""
    await put_rows(conn, attendance_corrections, [correction_record(correction)])

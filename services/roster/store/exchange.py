"""Swaps and open shifts. They are locked before the roster they change, always in this order."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.open_shift import OpenShift, open_shift_from, open_shift_record
from services.roster.domain.swap import Swap, swap_from, swap_record
from services.roster.store.rows import put_rows
from services.roster.tables import open_shifts, swaps
from shared.contracts.refusal import Refusal


async def find_swap(conn: AsyncConnection, swap_id: UUID) -> Swap | None:
    """A swap, locked; none when there is none."""
    row = (await conn.execute(select(swaps).where(swaps.c.swap_id == swap_id).with_for_update())).one_or_none()
    return swap_from(row._mapping) if row else None


async def load_swap(conn: AsyncConnection, swap_id: UUID) -> Swap:
    """A swap, locked; 404 when there is none."""
    swap = await find_swap(conn, swap_id)
    if swap is None:
        raise Refusal("not-found", noun="swap", what=swap_id)
    return swap


async def save_swap(conn: AsyncConnection, swap: Swap) -> None:
    """Store a swap, new or changed."""
    await put_rows(conn, swaps, [swap_record(swap)])


async def find_open_shift(conn: AsyncConnection, open_shift_id: UUID) -> OpenShift | None:
    """An open shift, locked: of many claims one is looked at after the other. None when there is none."""
    query = select(open_shifts).where(open_shifts.c.open_shift_id == open_shift_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return open_shift_from(row._mapping) if row else None


async def load_open_shift(conn: AsyncConnection, open_shift_id: UUID) -> OpenShift:
    """An open shift, locked; 404 when there is none."""
    found = await find_open_shift(conn, open_shift_id)
    if found is None:
        raise Refusal("not-found", noun="open shift", what=open_shift_id)
    return found


async def save_open_shift(conn: AsyncConnection, shift: OpenShift) -> None:
    """Store an open shift, new or changed."""
    await put_rows(conn, open_shifts, [open_shift_record(shift)])

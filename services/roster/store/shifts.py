"""Shifts: what is planned beside what is answered for. Always locked in the same order, so that nobody deadlocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Date, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.shift import Shift, shift_from
from services.roster.store.rows import Record, copy_records, put_records
from services.roster.tables import shifts
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.db import Hot

_LOCKED = select(shifts).order_by(shifts.c.agent_id, shifts.c.shift_on).with_for_update()

_OF_AGENTS = Hot(
    _LOCKED.where(
        shifts.c.agent_id == any_(bindparam("agent_ids", type_=ARRAY(Uuid))),
        shifts.c.shift_on >= bindparam("from_on", type_=Date),
        shifts.c.shift_on <= bindparam("to_on", type_=Date),
    )
)
_TO_SETTLE = Hot(_LOCKED.where(shifts.c.settlement_id == bindparam("settlement_id", type_=Uuid)))


async def load_shifts(conn: AsyncConnection, agent_ids: Collection[UUID], from_on: date, to_on: date) -> list[Shift]:
    """Agents' days within a period."""
    rows = await _OF_AGENTS.run(conn, agent_ids=list(agent_ids), from_on=from_on, to_on=to_on)
    return [shift_from(row) for row in rows]


async def load_shifts_to_settle(conn: AsyncConnection, settlement_id: UUID) -> list[Shift]:
    """The days that a settlement timer was set for."""
    return [shift_from(row) for row in await _TO_SETTLE.run(conn, settlement_id=settlement_id)]


async def save_shifts(
    conn: AsyncConnection, settling: Iterable[tuple[Shift, UUID | None]], *, new: bool = False
) -> None:
    """Store days, new or changed, each with the settlement that is to judge it (none: not to be judged).

    Many of them are taken while those before them are being stored.
    `new`: none of them was there just now, which is stored much faster. Refuses with 409 when somebody would be planned
    twice at one time, or somebody else has stored one of the new days meanwhile.
    """
    put = copy_records if new else put_records
    try:
        await put(conn, shifts, (_record(shift, settlement_id) for shift, settlement_id in settling))
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as error:
        raise Refusal("planned-twice") from error


def _record(shift: Shift, settlement_id: UUID | None) -> Record:
    """In the order of the table's columns; a large month has 60,000 days, and dictionaries of them take long."""
    return (
        shift.agent_id,
        shift.on,
        shift.team_id,
        shift.roster_id,
        shift.planned_number,
        *_cell(shift.planned),
        shift.accountable_number,
        *_cell(shift.accountable),
        shift.change_id,
        settlement_id,
    )


def _cell(cell: Cell | None) -> Record:
    return (cell.code, cell.starts_at, cell.ends_at) if cell else (None, None, None)

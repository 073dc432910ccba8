"""Shifts: what is planned beside what is answered for. Always locked in the same order, so that nobody deadlocks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Date, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.shift import Shift, shift_from
from services.roster.store.rows import copy_rows, put_rows
from services.roster.tables import shifts
from shared.contracts.refusal import Refusal
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
    conn: AsyncConnection, settling: Sequence[tuple[Shift, UUID | None]], *, new: bool = False
) -> None:
    """Store days, new or changed, each with the settlement that is to judge it (none: not to be judged).

    `new`: none of them was there just now, which is stored much faster. Refuses with 409 when somebody would be planned
    twice at one time, or somebody else has stored one of the new days meanwhile.
    """
    put = copy_rows if new else put_rows
    try:
        await put(conn, shifts, (_record(shift, settlement_id) for shift, settlement_id in settling))
    except (asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError) as error:
        raise Refusal("planned-twice") from error


def _record(shift: Shift, settlement_id: UUID | None) -> dict[str, Any]:
    planned, accountable = shift.planned, shift.accountable
    return {
        "agent_id": shift.agent_id,
        "shift_on": shift.on,
        "team_id": shift.team_id,
        "roster_id": shift.roster_id,
        "planned_number": shift.planned_number,
        "planned_code": planned.code if planned else None,
        "planned_starts_at": planned.starts_at if planned else None,
        "planned_ends_at": planned.ends_at if planned else None,
        "accountable_number": shift.accountable_number,
        "accountable_code": accountable.code if accountable else None,
        "accountable_starts_at": accountable.starts_at if accountable else None,
        "accountable_ends_at": accountable.ends_at if accountable else None,
        "change_id": shift.change_id,
        "settlement_id": settlement_id,
    }

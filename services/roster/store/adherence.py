"""Measured adherence, each figure with the plan it was measured against."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ARRAY, Uuid, any_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.measure import Measure, measure_from
from services.roster.domain.schedule import plan_json
from services.roster.store.rows import put_rows
from services.roster.tables import adherence
from shared.platform.db import Hot

_CURRENT = Hot(
    select(adherence)
    .where(adherence.c.attendance_id == any_(bindparam("ids", type_=ARRAY(Uuid))), adherence.c.current)
    .order_by(adherence.c.measure_id)
    .with_for_update()
)


async def load_measures(conn: AsyncConnection, attendance_ids: Collection[UUID]) -> dict[UUID, list[Measure]]:
    """The figures that hold, locked, by settled day."""
    found: dict[UUID, list[Measure]] = {}
    for row in await _CURRENT.run(conn, ids=list(attendance_ids)):
        found.setdefault(row["attendance_id"], []).append(measure_from(row))
    return found


async def save_measures(conn: AsyncConnection, measures: Sequence[Measure]) -> None:
    """Store new revisions; the ones before stay, no longer in force."""
    ids = [one.fact.measure_id for one in measures if one.fact.revision > 1]
    if ids:
        await conn.execute(update(adherence).where(adherence.c.measure_id.in_(ids)).values(current=False))
    await put_rows(conn, adherence, [_record(one) for one in measures])


def _record(measure: Measure) -> dict[str, Any]:
    fact = measure.fact
    return {
        "measure_id": fact.measure_id,
        "revision": fact.revision,
        "current": True,
        "attendance_id": fact.attendance_id,
        "basis": fact.basis,
        "agent_id": fact.agent_id,
        "staff_no": fact.staff_no,
        "team_id": fact.team_id,
        "shift_on": fact.shift_on,
        "schedule": plan_json(measure.plan),
        "record": to_json(fact).decode(),
        "measured_at": fact.measured_at,
    }

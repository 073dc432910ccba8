"""Shift changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.change import OPEN, UNRESOLVED, ShiftChange
from services.roster.domain.change_record import change_from, change_record
from services.roster.store.rows import put_rows
from services.roster.tables import shift_changes
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot

_ONE = Hot(
    select(shift_changes).where(shift_changes.c.change_id == bindparam("change_id", type_=Uuid)).with_for_update()
)
_UNSETTLED = Hot(
    select(shift_changes)
    .where(
        shift_changes.c.agent_id == any_(bindparam("agent_ids", type_=ARRAY(Uuid))),
        shift_changes.c.roster_id == bindparam("roster_id", type_=Uuid),
        shift_changes.c.state == any_(bindparam("states", type_=ARRAY(Text))),
    )
    .order_by(shift_changes.c.change_id)
    .with_for_update()
)


async def find_change(conn: AsyncConnection, change_id: UUID) -> ShiftChange | None:
    """A shift change, locked; none when there is none."""
    rows = await _ONE.run(conn, change_id=change_id)
    return change_from(rows[0]) if rows else None


async def load_change(conn: AsyncConnection, change_id: UUID) -> ShiftChange:
    """A shift change, locked; 404 when there is none."""
    change = await find_change(conn, change_id)
    if change is None:
        raise Refusal("not-found", noun="shift change", what=change_id)
    return change


async def load_unsettled_changes(
    conn: AsyncConnection, roster_id: UUID, agent_ids: Collection[UUID]
) -> dict[UUID, list[ShiftChange]]:
    """These agents' changes of a roster that wait for an answer or a decision, locked, by agent."""
    states = [*OPEN, *UNRESOLVED]
    rows = await _UNSETTLED.run(conn, roster_id=roster_id, agent_ids=list(agent_ids), states=states)
    by_agent: dict[UUID, list[ShiftChange]] = {}
    for change in map(change_from, rows):
        if change.is_open or change.is_unresolved:
            by_agent.setdefault(change.agent_id, []).append(change)
    return by_agent


async def save_changes(conn: AsyncConnection, changes: Sequence[ShiftChange]) -> None:
    """Store changes, new or changed."""
    await put_rows(conn, shift_changes, (change_record(change) for change in changes))

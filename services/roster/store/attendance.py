"""Punches, agent states, and settled shifts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ARRAY, Uuid, any_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.attendance import Punch
from services.roster.domain.settlement import Settlement, settlement_from
from services.roster.domain.states import LONGEST_STATE, AgentState
from services.roster.store.rows import add_rows, put_rows
from services.roster.tables import agent_states, attendance, punches
from shared.platform.db import Hot
from shared.platform.kernel import Moment

_PUNCHES = Hot(
    select(punches.c.agent_id, punches.c.at, punches.c.kind).where(
        punches.c.agent_id == any_(bindparam("agent_ids", type_=ARRAY(Uuid))),
        punches.c.at >= bindparam("starts_at", type_=Moment),
        punches.c.at <= bindparam("ends_at", type_=Moment),
    )
)
_STATES = Hot(
    select(agent_states.c.agent_id, agent_states.c.starts_at, agent_states.c.ends_at, agent_states.c.state).where(
        agent_states.c.agent_id == any_(bindparam("agent_ids", type_=ARRAY(Uuid))),
        agent_states.c.starts_at > bindparam("after", type_=Moment),
        agent_states.c.starts_at < bindparam("ends_at", type_=Moment),
        agent_states.c.ends_at > bindparam("starts_at", type_=Moment),
    )
)

_SETTLED = Hot(
    select(attendance)
    .where(attendance.c.attendance_id == any_(bindparam("attendance_ids", type_=ARRAY(Uuid))), attendance.c.current)
    .order_by(attendance.c.attendance_id)
    .with_for_update()
)


async def add_punches(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> set[tuple[UUID, datetime, str]]:
    """Store punches; the ones that were new, as (agent, instant, kind)."""
    return {(row["agent_id"], row["at"], row["kind"]) for row in await add_rows(conn, punches, rows)}


async def load_punches(
    conn: AsyncConnection, agent_ids: Collection[UUID], starts_at: datetime, ends_at: datetime
) -> dict[UUID, list[Punch]]:
    """Agents' punches between two instants."""
    found: dict[UUID, list[Punch]] = {}
    for row in await _PUNCHES.run(conn, agent_ids=list(agent_ids), starts_at=starts_at, ends_at=ends_at):
        found.setdefault(row["agent_id"], []).append(Punch(row["at"], row["kind"]))
    return found


async def add_states(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> set[tuple[UUID, AgentState]]:
    """Store reported states; the ones that were new, by agent."""
    new = await add_rows(conn, agent_states, rows)
    return {(row["agent_id"], AgentState(row["starts_at"], row["ends_at"], row["state"])) for row in new}


async def load_states(
    conn: AsyncConnection, agent_ids: Collection[UUID], starts_at: datetime, ends_at: datetime
) -> dict[UUID, list[AgentState]]:
    """Agents' reported states that touch a span."""
    found: dict[UUID, list[AgentState]] = {}
    span = {"after": starts_at - LONGEST_STATE, "starts_at": starts_at, "ends_at": ends_at}
    for row in await _STATES.run(conn, agent_ids=list(agent_ids), **span):
        state = AgentState(row["starts_at"], row["ends_at"], row["state"])
        found.setdefault(row["agent_id"], []).append(state)
    return found


async def load_settlements(conn: AsyncConnection, attendance_ids: Collection[UUID]) -> dict[UUID, Settlement]:
    """The revisions in force, locked."""
    rows = await _SETTLED.run(conn, attendance_ids=list(attendance_ids))
    return {row["attendance_id"]: settlement_from(row) for row in rows}


async def save_settlements(conn: AsyncConnection, settlements: Sequence[Settlement]) -> None:
    """Store new revisions; the ones before stay, no longer in force."""
    ids = [settlement.fact.attendance_id for settlement in settlements if settlement.fact.revision > 1]
    if ids:
        earlier = update(attendance).where(attendance.c.attendance_id.in_(ids)).values(current=False)
        await conn.execute(earlier)
    await put_rows(conn, attendance, [_record(settlement) for settlement in settlements])


def _record(settlement: Settlement) -> dict[str, Any]:
    fact = settlement.fact
    return {
        "attendance_id": fact.attendance_id,
        "revision": fact.revision,
        "current": settlement.current,
        "agent_id": fact.agent_id,
        "staff_no": fact.staff_no,
        "team_id": fact.team_id,
        "shift_on": fact.shift_on,
        "record": to_json({"fact": fact, "evidence": settlement.evidence}).decode(),
        "deviation": fact.deviation,
        "cause": fact.cause,
        "settled_at": settlement.settled_at,
    }

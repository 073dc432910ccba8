"""Targets, every version."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.standing import Tiers
from services.kpi.domain.target import Target
from services.kpi.tables import agents, targets
from shared.contracts.refusal import Refusal
from shared.contracts.roster import AgentFact


def target_of(row: Row[Any]) -> Target:
    """A target from its row."""
    kept = {name: value for name, value in row._mapping.items() if name != "current"}
    return Target(**kept | {"tiers": Tiers(**row.tiers), "stretch": tuple(row.stretch)})


async def load_target(conn: AsyncConnection, target_id: UUID) -> Target:
    """The newest version, locked; 404 `not-found`."""
    newest = select(targets).where(targets.c.target_id == target_id, targets.c.current).with_for_update()
    row = (await conn.execute(newest)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="target", what=target_id)
    return target_of(row)


async def require_no_target(conn: AsyncConnection, target: Target) -> None:
    """Refuses with `target-exists` a second target for the same groups."""
    same = [targets.c[name].is_not_distinct_from(getattr(target, name)) for name in ("metric", "group_by", "group")]
    there = (await conn.execute(select(targets.c.target_id).where(targets.c.current, *same))).scalar()
    if there is not None:
        raise Refusal("target-exists", target_id=str(there))


async def save_target(conn: AsyncConnection, target: Target) -> None:
    """Keep a version as the newest."""
    mine = targets.c.target_id == target.target_id
    await conn.execute(update(targets).where(mine, targets.c.current).values(current=False))
    values = asdict(target) | {"stretch": list(target.stretch), "tiers": asdict(target.tiers), "current": True}
    await conn.execute(insert(targets).values({targets.c[name]: value for name, value in values.items()}))


async def save_agent(conn: AsyncConnection, agent: AgentFact, *, sequence: int) -> None:
    """Keep who an agent is, unless something newer is known."""
    names = ("staff_no", "name", "team_id", "team_name", "roles", "hired_on", "left_on")
    told = {name: getattr(agent, name) for name in names} | {"roles": list(agent.roles), "sequence": sequence}
    new = upsert(agents).values(told)
    again = {name: new.excluded[name] for name in told if name != "staff_no"}
    newer = agents.c.sequence < new.excluded.sequence
    await conn.execute(new.on_conflict_do_update(index_elements=["staff_no"], set_=again, where=newer))

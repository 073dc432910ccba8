"""Setting targets, and raising them by rounds."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.kpi.domain import target as rules
from services.kpi.domain.period import day_at_home
from services.kpi.domain.standing import Tiers
from services.kpi.domain.target import Target
from services.kpi.queries.teams import named_group
from services.kpi.store.targets import load_target, require_no_target, save_agent, save_target
from shared.contracts.refusal import Refusal
from shared.contracts.roster import AgentFact
from shared.platform.ids import new_id
from shared.platform.work import Work


async def set_target(
    work: Work,
    *,
    metric: str,
    group_by: str,
    group: str | None,
    value: float,
    stretch: tuple[float, ...],
    tiers: Tiers,
    valid_from: date | None,
    note: str | None,
) -> Target:
    """Set a first target; 409 `target-exists` when the metric has one for these groups."""
    target = Target(
        target_id=new_id(),
        metric=metric,
        group_by=group_by,
        group=await named_group(work.conn, group_by, group),
        value=value,
        stretch=stretch,
        tiers=tiers,
        valid_from=valid_from or day_at_home(work.now),
        note=note,
        version=1,
        set_by=work.actor.sub,
        set_at=work.now,
    )
    await require_no_target(work.conn, rules.set_target(target))
    await save_target(work.conn, target)
    return target


async def change_target(
    work: Work,
    *,
    target_id: UUID,
    seen: int,
    value: float | None,
    stretch: tuple[float, ...] | None,
    tiers: Tiers | None,
    valid_from: date | None,
    note: str | None,
) -> Target:
    """The next round: a new version beside those before."""
    target = await load_target(work.conn, target_id)
    if target.version != seen:
        raise Refusal("stale-version", current=target.version)
    changed = rules.change_target(
        target,
        value=target.value if value is None else value,
        valid_from=valid_from or max(day_at_home(work.now), target.valid_from),
        tiers=tiers or target.tiers,
        stretch=target.stretch if stretch is None else stretch,
        note=note,
        by=work.actor.sub,
        now=work.now,
    )
    await save_target(work.conn, changed)
    return changed


async def keep_agent(work: Work, agent: AgentFact, *, sequence: int) -> None:
    """Remember who an agent is and since when; an older telling changes nothing."""
    await save_agent(work.conn, agent, sequence=sequence)

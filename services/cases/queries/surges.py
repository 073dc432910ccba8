"""Looking surges and their rules up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.surge import EVERYTHING, Surge, SurgeRule, Tally
from services.cases.tables import surge_rules, surges, topic_counts
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


async def list_surges(
    conn: AsyncConnection,
    *,
    states: list[str],
    topic: str | None,
    historic: bool | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Surge]:
    """Surges, the latest first; with `updated_after` in order of update. The share since an action is as of now."""
    query = select(surges)
    if states:
        query = query.where(surges.c.state.in_(states))
    if topic:
        query = query.where(surges.c.topic == topic)
    if historic is not None:
        query = query.where(surges.c.historic == historic)
    if updated_after:
        query = query.where(surges.c.updated_at > updated_after)
    found = await page(
        conn,
        query,
        order=(surges.c.updated_at if updated_after else surges.c.detected_at, surges.c.surge_id),
        limit=limit,
        after=after,
        make=_surge,
        descending=not updated_after,
    )
    return Page([await _so_far(conn, surge) for surge in found.items], found.next)


async def get_surge(conn: AsyncConnection, *, surge_id: UUID) -> Surge:
    """One surge; 404 `not-found`."""
    row = (await conn.execute(select(surges).where(surges.c.surge_id == surge_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="surge", what=surge_id)
    return await _so_far(conn, _surge(row))


async def list_rules(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[SurgeRule]:
    """The rules by topic; the centre's own is there from the beginning."""
    found = await page(conn, select(surge_rules), order=(surge_rules.c.topic,), limit=limit, after=after, make=_rule)
    if after is None and not any(rule.topic == EVERYTHING for rule in found.items):
        return Page([SurgeRule(), *found.items], found.next)
    return found


async def get_rule(conn: AsyncConnection, *, topic: str) -> SurgeRule:
    """The rule that is set for a topic, or for the centre (`*`); 404 where a topic has none of its own."""
    row = (await conn.execute(select(surge_rules).where(surge_rules.c.topic == topic))).one_or_none()
    if row is None and topic != EVERYTHING:
        raise Refusal("not-found", noun="surge rule", what=topic)
    return _rule(row) if row else SurgeRule()


async def _so_far(conn: AsyncConnection, surge: Surge) -> Surge:
    """While the share after an action is not measured for good, what it is so far."""
    if surge.acted_at is None or surge.measured_at is not None:
        return surge
    counts = topic_counts.c
    own = func.sum(counts.contacts).filter(counts.topic == surge.topic)
    query = select(own, func.sum(counts.contacts)).where(counts.bucket_at >= surge.acted_at)
    mine, everything = (await conn.execute(query)).one()
    later = Tally(mine or 0, everything or 0)
    return replace(surge, later_share=later.share if everything else None, later_contacts=later.all_contacts)


def _surge(row: Row[Any]) -> Surge:
    return Surge(**row._mapping)


def _rule(row: Row[Any]) -> SurgeRule:
    return SurgeRule(**{name: value for name, value in row._mapping.items() if name != "updated_at"})

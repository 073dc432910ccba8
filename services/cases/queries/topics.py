"""Looking topics up."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.topic import Topic
from services.cases.tables import topics
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


async def get_topic(conn: AsyncConnection, *, topic_id: UUID) -> Topic:
    """One topic."""
    row = (await conn.execute(select(topics).where(topics.c.topic_id == topic_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="topic", what=topic_id)
    return Topic(**row._mapping)


async def list_topics(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[Topic]:
    """Topics by code."""
    return await page(
        conn,
        select(topics),
        order=(topics.c.code,),
        limit=limit,
        after=after,
        make=lambda row: Topic(**row._mapping),
    )

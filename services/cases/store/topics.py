"""Topics into and out of the database."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.topic import Topic
from services.cases.tables import topics
from shared.contracts.refusal import Refusal


async def load_topics(conn: AsyncConnection) -> list[Topic]:
    """The whole tree, locked: two changes at once could close a circle that neither sees."""
    query = select(topics).order_by(topics.c.code).with_for_update()
    return [Topic(**row._mapping) for row in await conn.execute(query)]


async def add_topic(conn: AsyncConnection, topic: Topic) -> None:
    """Store a new topic; 409 `topic-code-taken`."""
    new = insert(topics).values(asdict(topic)).on_conflict_do_nothing(index_elements=[topics.c.code])
    if (await conn.execute(new.returning(topics.c.topic_id))).one_or_none() is None:
        raise Refusal("topic-code-taken", topic=topic.code)


async def save_topic(conn: AsyncConnection, topic: Topic) -> None:
    """Store a changed topic."""
    await conn.execute(update(topics).where(topics.c.topic_id == topic.topic_id).values(asdict(topic)))

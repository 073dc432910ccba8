"""Topics into and out of the database."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Text, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.topic import Topic
from services.cases.store.opening import Team
from services.cases.tables import teams, topics
from shared.contracts.refusal import Fault, Refusal
from shared.platform.db import Hot


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


async def owner_team_of(conn: AsyncConnection, code: str) -> Team | None:
    """The team that answers for a topic, or for the nearest topic above it that has one."""
    rows = await _OWNER_TEAM.run(conn, code=code)
    return Team(*rows[0]) if rows else None


async def name_of_topic(conn: AsyncConnection, code: str | None) -> str | None:
    """A topic's name; none for none, 422 when there is no such topic."""
    if code is None:
        return None
    name = (await conn.execute(select(topics.c.name).where(topics.c.code == code))).scalar_one_or_none()
    if name is None:
        raise Refusal("invalid-value", faults=(Fault("topic", "topic-unknown", {"topic": code}),))
    return str(name)


def _owner_team() -> Hot:
    start = select(topics.c.code, topics.c.parent, topics.c.owner_team, literal_column("0").label("depth"))
    path = start.where(topics.c.code == bindparam("code", type_=Text)).cte("path", recursive=True)
    above = select(topics.c.code, topics.c.parent, topics.c.owner_team, path.c.depth + literal_column("1"))
    path = path.union_all(above.join(path, topics.c.code == path.c.parent))
    query = select(teams.c.team_id, teams.c.name, teams.c.zone).join(path, teams.c.code == path.c.owner_team)
    return Hot(query.order_by(path.c.depth).limit(literal_column("1")))


_OWNER_TEAM = _owner_team()

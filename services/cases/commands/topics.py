"""Topics: added, renamed, moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.cases.domain.topic import Topic, require_place
from services.cases.store.topics import add_topic, load_topics, save_topic
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.work import Work


async def create_topic(work: Work, *, code: str, parent: str | None, **told: Any) -> Topic:
    """Add a topic; its parent must exist."""
    parents = {topic.code: topic.parent for topic in await load_topics(work.conn)}
    require_place(code, parent, parents)
    topic = Topic(topic_id=new_id(), code=code, parent=parent, **told, version=1, updated_at=work.now)
    await add_topic(work.conn, topic)
    return topic


async def change_topic(work: Work, *, topic_id: UUID, seen_version: int, changes: dict[str, Any]) -> Topic:
    """Replace the given fields; a topic cannot move below itself. Its code stays."""
    known = {topic.topic_id: topic for topic in await load_topics(work.conn)}
    before = known.get(topic_id)
    if before is None:
        raise Refusal("not-found", noun="topic", what=topic_id)
    if before.version != seen_version:
        raise Refusal("stale-version", current=before.version)
    after = replace(before, **changes, version=before.version + 1, updated_at=work.now)
    require_place(after.code, after.parent, {topic.code: topic.parent for topic in known.values()})
    await save_topic(work.conn, after)
    return after

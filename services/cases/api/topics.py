"""Topics over HTTP."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from starlette.responses import Response

from services.cases.commands import topics as commands
from services.cases.domain.topic import Topic
from services.cases.queries import topics as queries
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["topics"])

Level = Literal["high", "normal", "low"]


class NewTopic(Body):
    """A topic to add. `parent` is a topic's code, `owner_team` a team's."""

    code: Code
    name: Name
    parent: Code | None = None
    owner_team: Code | None = None
    urgency: Level | None = None
    importance: Level | None = None


class TopicChange(Body):
    """Fields to replace; what is absent stays."""

    name: Name = ""
    parent: Code | None = None
    owner_team: Code | None = None
    urgency: Level | None = None
    importance: Level | None = None


@router.post("/topics", status_code=201, response_model=Topic, operation_id="create_topic")
async def create_topic(body: NewTopic, door: Door = opens("cases:configure")) -> Response:
    """Add a topic."""
    return await door.run(commands.create_topic, status=201, **body.model_dump())


@router.get("/topics", response_model=Page[Topic], operation_id="list_topics")
async def list_topics(limit: Limit = 50, after: After = None, door: Door = opens("cases:read")) -> Response:
    """Topics by code."""
    return await door.read(queries.list_topics, limit=limit, after=after)


@router.get("/topics/{topic_id}", response_model=Topic, operation_id="get_topic")
async def get_topic(topic_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One topic."""
    return await door.read(queries.get_topic, topic_id=topic_id)


@router.patch("/topics/{topic_id}", response_model=Topic, operation_id="change_topic")
async def change_topic(topic_id: UUID, body: TopicChange, door: Door = opens("cases:configure")) -> Response:
    """Rename or move a topic."""
    changes = body.model_dump(exclude_unset=True)
    return await door.run(commands.change_topic, topic_id=topic_id, seen_version=door.if_match, changes=changes)

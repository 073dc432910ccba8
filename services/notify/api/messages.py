"""Messages, as their readers see them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.notify.api.reading import reading_of
from services.notify.queries import messages as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.web import Code

router = APIRouter(tags=["messages"])

State = Literal["queued", "sending", "accepted", "delivered", "failed", "unknown"]
Filter = Annotated[Code | None, Query()]


@router.get("/messages", response_model=Page[queries.MessageView], operation_id="list_messages")
async def list_messages(
    *,
    staff_no: Filter = None,
    subject_id: UUID | None = None,
    acknowledgement_id: UUID | None = None,
    channel: Filter = None,
    occasion: Filter = None,
    state: State | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("notify:read"),
) -> Response:
    """Messages the caller may see, oldest first, each as its reader sees it."""
    return await door.read(
        queries.messages,
        reading=reading_of(door),
        limit=limit,
        after=after,
        staff_no=staff_no,
        subject_id=subject_id,
        acknowledgement_id=acknowledgement_id,
        channel=channel,
        occasion=occasion,
        state=state,
    )


@router.get("/inbox", response_model=Page[queries.MessageView], operation_id="list_inbox")
async def list_inbox(limit: Limit = 50, after: After = None, door: Door = opens("notify:read")) -> Response:
    """The caller's own in-app messages, newest first."""
    return await door.read(queries.inbox, reading=reading_of(door), limit=limit, after=after)

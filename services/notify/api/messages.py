"""Messages, as their readers see them, and what providers say of them later."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.requests import Request
from starlette.responses import Response

from services.notify.api.reading import reading_of
from services.notify.api.recipients import TeamName
from services.notify.channels.sms import is_signed
from services.notify.commands import receipts as commands
from services.notify.queries import messages as queries
from services.notify.queries.messages import Sought
from shared.contracts.refusal import Refusal
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Code
from shared.platform.work import Database

router = Router(tags=["messages"])

State = Literal["queued", "sending", "accepted", "delivered", "opened", "failed", "unknown"]
Filter = Annotated[Code | None, Query()]
RECEIPT_LIMIT = 64 << 10


@router.get("/messages", response_model=Page[queries.MessageView], operation_id="list_messages")
async def list_messages(
    *,
    staff_no: Filter = None,
    customer_id: UUID | None = None,
    subject_type: Filter = None,
    subject_id: UUID | None = None,
    acknowledgement_id: UUID | None = None,
    channel: Filter = None,
    occasion: Filter = None,
    template: Filter = None,
    state: State | None = None,
    code: Filter = None,
    team: TeamName = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    newest_first: bool = False,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("notify:read"),
) -> Response:
    """Messages the caller may see, oldest first, each as its reader sees it, with every attempt to send it."""
    values: dict[str, object] = {
        "staff_no": staff_no,
        "customer_id": customer_id,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "acknowledgement_id": acknowledgement_id,
        "channel": channel,
        "occasion": occasion,
        "template": template,
        "state": state,
        "code": code,
    }
    return await door.read(
        queries.messages,
        reading=reading_of(door),
        sought=Sought(values=values, team=team, since=since, until=until),
        limit=limit,
        after=after,
        newest_first=newest_first,
    )


@router.get("/messages/{message_id}", response_model=queries.MessageView, operation_id="get_message")
async def get_message(message_id: UUID, door: Door = opens("notify:read")) -> Response:
    """One message, as its reader sees it, with every attempt to send it."""
    return await door.read(queries.message, message_id=message_id, reading=reading_of(door))


@router.post("/messages/{message_id}/open", response_model=commands.Seen, operation_id="open_message")
async def open_message(message_id: UUID, door: Door = opens("notify:answer")) -> Response:
    """Its reader has looked at it; this confirms nothing."""
    return await door.run(commands.open_message, message_id=message_id)


@router.get("/inbox", response_model=Page[queries.MessageView], operation_id="list_inbox")
async def list_inbox(limit: Limit = 50, after: After = None, door: Door = opens("notify:read")) -> Response:
    """The caller's own in-app messages, newest first."""
    return await door.read(queries.inbox, reading=reading_of(door), limit=limit, after=after)


@router.post(
    "/receipts/sms", response_model=commands.Noted, operation_id="receive_sms_receipt", include_in_schema=False
)
async def receive_sms_receipt(request: Request) -> Response:
    """A text message gateway says what became of a message, `{"id", "state": "delivered"|"failed", "reason"?}`.

    No token: the body is signed with the gateway's secret, as described in channels.sms.
    """
    receipt = await _signed_receipt(request)
    database: Database = request.app.state.database
    async with database.work() as work:
        noted = await commands.note_receipt(work, channel="sms", **receipt)
    return Response(json.dumps({"noted": noted.noted}), media_type="application/json")


async def _signed_receipt(request: Request) -> dict[str, Any]:
    """The gateway's words. Refuses what the gateway did not sign within these minutes, and what is no receipt."""
    body = await request.body()
    given = request.headers.get("x-ringback-timestamp", ""), request.headers.get("x-ringback-signature", "")
    if len(body) > RECEIPT_LIMIT or not is_signed(request.app.state.sms_secret, *given, body, time.time()):
        raise Refusal("receipt-unsigned")
    try:
        found = json.loads(body)
        provider_id, state = str(found["id"]), str(found["state"])
        reason = str(found.get("reason") or "") or None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refusal("malformed-request") from error
    if state not in ("delivered", "failed") or not provider_id:
        raise Refusal("invalid-value")
    return {"provider_id": provider_id, "state": state, "words": reason}

"""For operators, in every service: parked messages to see and replay, events to send again, and the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from shared.contracts.refusal import Refusal
from shared.platform import audit, consumer
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code
from shared.platform.ids import first_id_at
from shared.platform.kernel import Kernel
from shared.platform.paging import After, Limit, Page, page
from shared.platform.routing import Router
from shared.platform.work import Work

router = Router(tags=["operations"])


@dataclass(frozen=True, slots=True)
class Parked:
    """A message given up on."""

    parked_id: UUID
    message_id: str
    type: str | None
    reason: str
    attempts: int
    parked_at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """A parked message that was offered to its handler again."""

    parked_id: UUID
    replayed_at: datetime


class Resend(Body):
    """From when on, and (none: all) which event types."""

    since: AwareDatetime
    types: Annotated[list[Code], Field(max_length=200)] = []


@dataclass(frozen=True, slots=True)
class Resent:
    """How many events wait to be sent again."""

    event_count: int


@router.get("/parked", response_model=Page[Parked], operation_id="list_parked")
async def list_parked(limit: Limit = 50, after: After = None, door: Door = opens("ops:read")) -> Response:
    """Parked messages that nobody has replayed yet, oldest first."""
    return await door.read(parked_messages, kernel=door.database.kernel, limit=limit, after=after)


@router.get("/parked/{parked_id}", response_model=Parked, operation_id="get_parked")
async def get_parked(parked_id: UUID, door: Door = opens("ops:read")) -> Response:
    """One message that was parked, replayed since or not."""
    return await door.read(parked_message, kernel=door.database.kernel, parked_id=parked_id)


@router.post("/parked/{parked_id}/replay", response_model=Replayed, operation_id="replay_parked")
async def replay_parked(parked_id: UUID, door: Door = opens("ops:repair")) -> Response:
    """Offer a parked message to its handler again."""
    return await door.run(replay, parked_id=parked_id)


@router.post("/outbox/resend", response_model=Resent, operation_id="resend_events")
async def resend_events(body: Resend, door: Door = opens("ops:repair")) -> Response:
    """Send events again that were sent since some time, as far as they are kept (14 days): whoever had them drops them.

    For when a queue was deleted, or a broker lost, with what was in it.
    """
    return await door.run(resend, since=body.since, types=body.types)


@router.get("/audit", response_model=Page[audit.AuditEntry], operation_id="list_audit")
async def list_audit(
    actor: Code | None = None,
    operation: Code | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("ops:read"),
) -> Response:
    """Who did what, when, oldest first."""
    kernel = door.database.kernel
    return await door.read(audit.entries, kernel=kernel, actor=actor, operation=operation, limit=limit, after=after)


@router.get("/audit/verification", response_model=audit.AuditVerification, operation_id="verify_audit")
async def verify_audit(door: Door = opens("ops:read")) -> Response:
    """Whether the audit log's chain of seals is intact."""
    return await door.read(audit.verify, kernel=door.database.kernel)


async def parked_messages(conn: AsyncConnection, *, kernel: Kernel, limit: int, after: str | None) -> Page[Parked]:
    """What waits for somebody."""
    table = kernel.parked
    return await page(
        conn,
        select(table).where(table.c.replayed_at.is_(None)),
        order=(table.c.parked_at, table.c.parked_id),
        limit=limit,
        after=after,
        make=_parked,
    )


async def parked_message(conn: AsyncConnection, *, kernel: Kernel, parked_id: UUID) -> Parked:
    """One of them, by its id; 404 `not-found`."""
    found = select(kernel.parked).where(kernel.parked.c.parked_id == parked_id)
    row = (await conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="parked message", what=parked_id)
    return _parked(row)


def _parked(row: Row[Any]) -> Parked:
    return Parked(
        parked_id=row.parked_id,
        message_id=row.message_id,
        type=row.type,
        reason=row.reason,
        attempts=row.attempts,
        parked_at=row.parked_at,
        body=row.body.decode(errors="replace"),
    )


async def replay(work: Work, *, parked_id: UUID) -> Replayed:
    """Replay one."""
    await consumer.replay(work, parked_id)
    return Replayed(parked_id, work.now)


async def resend(work: Work, *, since: datetime, types: list[str]) -> Resent:
    """Let the relay send again what was recorded since then."""
    outbox = work.kernel.outbox
    again = update(outbox).where(outbox.c.sent_at.is_not(None), outbox.c.event_id >= first_id_at(since))
    if types:
        again = again.where(outbox.c.type.in_(types))
    done = await work.conn.execute(again.values(sent_at=None))
    return Resent(done.rowcount)

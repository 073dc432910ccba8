"""Events stored in the transaction that caused them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.event import Envelope
from shared.platform.codec import encode
from shared.platform.db import Hot
from shared.platform.kernel import Kernel


async def add(conn: AsyncConnection, kernel: Kernel, events: Sequence[Envelope]) -> None:
    """Store events for the relay, in order."""
    if len(events) == 1:
        await _insert(kernel).run(conn, **_row(events[0]))
    elif events:
        await _insert(kernel).run_many(conn, map(_row, events))


def _row(event: Envelope) -> dict[str, Any]:
    return {
        "stored_on": datetime.now(UTC).date(),
        "event_id": event.id,
        "type": event.type,
        "subject": event.subject,
        "sequence": event.sequence,
        "body": encode(event),
    }


@cache
def _insert(kernel: Kernel) -> Hot:
    columns = ("stored_on", "event_id", "type", "subject", "sequence", "body")
    return Hot(insert(kernel.outbox).values({name: bindparam(name) for name in columns}))

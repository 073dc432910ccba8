"""The organisation's own working days, and the secrets of calendar feeds."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.own_day import OwnDay
from services.roster.store.rows import put_rows
from services.roster.tables import calendar_feeds, calendar_overrides


async def save_own_day(conn: AsyncConnection, day: OwnDay) -> None:
    """Store a day, new or changed."""
    await put_rows(conn, calendar_overrides, [{name: getattr(day, name) for name in OwnDay.__slots__}])


async def delete_own_day(conn: AsyncConnection, on: date) -> bool:
    """Let the official calendar hold again; whether there was anything to delete."""
    gone = await conn.execute(delete(calendar_overrides).where(calendar_overrides.c.on == on))
    return bool(gone.rowcount)


async def save_feed(conn: AsyncConnection, agent_id: UUID, digest: str, *, by: str, now: datetime) -> None:
    """Give an agent's feed another secret; the one before is worth nothing any more."""
    row = {"agent_id": agent_id, "digest": digest, "made_by": by, "made_at": now}
    await put_rows(conn, calendar_feeds, [row])


async def delete_feed(conn: AsyncConnection, agent_id: UUID) -> None:
    """Close an agent's feed."""
    await conn.execute(delete(calendar_feeds).where(calendar_feeds.c.agent_id == agent_id))

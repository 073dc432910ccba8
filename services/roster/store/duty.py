"""Duty posts and overrides."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.duty import Override, Post, post_from, post_record
from services.roster.store.rows import put_rows
from services.roster.tables import duty_overrides, duty_posts
from shared.contracts.refusal import Refusal


async def find_post(conn: AsyncConnection, duty_id: UUID) -> Post | None:
    """A post, locked; none when there is none."""
    query = select(duty_posts).where(duty_posts.c.duty_id == duty_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return post_from(row._mapping) if row else None


async def save_post(conn: AsyncConnection, post: Post) -> None:
    """Store a post, new or changed."""
    await put_rows(conn, duty_posts, [post_record(post)])


async def load_override(conn: AsyncConnection, override_id: UUID) -> Override:
    """An override, locked; 404 when there is none."""
    query = select(duty_overrides).where(duty_overrides.c.override_id == override_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", what=f"override {override_id}")
    return Override(**row._mapping)


async def save_override(conn: AsyncConnection, override: Override) -> None:
    """Store an override, new or changed."""
    await put_rows(conn, duty_overrides, [{name: getattr(override, name) for name in Override.__slots__}])


async def load_overrides(conn: AsyncConnection, duty_id: UUID, since: datetime) -> list[Override]:
    """The overrides of a post that hold after an instant."""
    table = duty_overrides
    query = select(table).where(table.c.duty_id == duty_id, table.c.ends_at > since, table.c.cancelled_at.is_(None))
    return [Override(**row._mapping) for row in await conn.execute(query.order_by(table.c.made_at))]

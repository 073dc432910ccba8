"""Duty posts and overrides."""

from __future__ import annotations

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


async def load_posts_of(conn: AsyncConnection, staff_no: str) -> list[Post]:
    """The posts in whose rotas somebody takes turns, locked."""
    rows = await conn.execute(select(duty_posts).order_by(duty_posts.c.duty_id).with_for_update())
    posts = [post_from(row._mapping) for row in rows]
    return [post for post in posts if any(staff_no in rota.members for rota in post.rotas)]


async def save_post(conn: AsyncConnection, post: Post) -> None:
    """Store a post, new or changed."""
    await put_rows(conn, duty_posts, [post_record(post)])


async def load_override(conn: AsyncConnection, override_id: UUID) -> Override:
    """An override, locked; 404 when there is none."""
    query = select(duty_overrides).where(duty_overrides.c.override_id == override_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="duty override", what=override_id)
    return Override(**row._mapping)


async def save_override(conn: AsyncConnection, override: Override) -> None:
    """Store an override, new or changed."""
    await put_rows(conn, duty_overrides, [{name: getattr(override, name) for name in Override.__slots__}])

"""What the page behind an answer link shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify import tables
from services.notify.domain.acknowledgement import LINK_OUTLIVES_DEADLINE
from services.notify.domain.standing import Standing, standing
from services.notify.links import LinkClaims
from shared.contracts.codec import from_json
from shared.contracts.refusal import Refusal
from shared.contracts.roster import ShiftChangeAnnounced

LONGEST_TRAIL = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as its person sees it. `newer` is the one that took its place, where it is known here;
    `expects_newer` when there is one."""

    claims: LinkClaims
    standing: Standing
    language: str
    change: ShiftChangeAnnounced
    answered_at: datetime | None
    opened_at: datetime | None
    reason: str | None
    replaced_by: int | None = None
    expects_newer: bool = False
    newer: Asked | None = None


async def asked(conn: AsyncConnection, *, claims: LinkClaims, now: datetime) -> Asked:
    """The question that a link is for. Refuses a link that fits no question of that person."""
    table = tables.acknowledgements
    row = await _row(conn, table.c.acknowledgement_id == claims.acknowledgement_id)
    if row is None or row.staff_no != claims.staff_no or row.subject_version != claims.subject_version:
        raise Refusal("link-invalid")
    return replace(_asked(row, now), newer=await _newest(conn, row, now))


async def _newest(conn: AsyncConnection, row: Row[Any], now: datetime) -> Asked | None:
    """Follow "replaced by" to the end: only the last question counts."""
    newest, table = None, tables.acknowledgements
    for _ in range(LONGEST_TRAIL):
        successor = row.subject_content.get("by_change_id")
        if successor is None:
            break
        following = await _row(conn, table.c.subject_id == UUID(successor))
        if following is None or following.staff_no != row.staff_no:
            break
        row, newest = following, _asked(following, now)
    return newest


async def _row(conn: AsyncConnection, which: ColumnElement[bool]) -> Row[Any] | None:
    asked_, subject, person = tables.acknowledgements, tables.subjects, tables.recipients
    same = (subject.c.subject_type == asked_.c.subject_type) & (subject.c.subject_id == asked_.c.subject_id)
    language = (
        select(person.c.language)
        .where(person.c.staff_no == asked_.c.staff_no)
        .order_by(person.c.left_on.desc().nulls_first())
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(
            asked_,
            subject.c.state.label("subject_state"),
            subject.c.content.label("subject_content"),
            language.label("language"),
        )
        .select_from(asked_.join(subject, same))
        .where(which)
        .order_by(asked_.c.subject_version.desc())
        .limit(1)
    )
    return (await conn.execute(found)).one_or_none()


def _asked(row: Row[Any], now: datetime) -> Asked:
    return Asked(
        claims=LinkClaims(
            row.acknowledgement_id, row.subject_version, row.staff_no, row.deadline + LINK_OUTLIVES_DEADLINE
        ),
        standing=standing(
            state=row.state,
            answer=row.answer,
            reason=row.reason,
            subject_state=row.subject_state,
            deadline=row.deadline,
            now=now,
        ),
        language=row.language or "zh-CN",
        change=from_json(ShiftChangeAnnounced, row.content),
        answered_at=row.answered_at or row.ended_at,
        opened_at=row.opened_at,
        reason=row.reason,
        replaced_by=row.subject_content.get("by_number"),
        expects_newer=row.subject_content.get("by_change_id") is not None,
    )

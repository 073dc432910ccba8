"""What the page behind an answer link shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from services.notify import tables
from services.notify.domain.acknowledgement import LINK_OUTLIVES_DEADLINE
from services.notify.domain.facts import facts_in
from services.notify.domain.families import BROADCAST, is_strict
from services.notify.domain.local_time import moment, zone_of
from services.notify.domain.standing import Standing, standing
from services.notify.domain.wording import Catalogue, Wording
from services.notify.links import LinkClaims
from services.notify.queries.policies import catalogue
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
    subject_type: str
    person_name: str
    words: Mapping[str, Wording]
    """What it says, by language."""
    deadline: datetime
    zone: str
    change: ShiftChangeAnnounced | None
    """The shift change that it is about, when it is about one."""
    quiz: list[dict[str, Any]]
    """The questions of a broadcast's quiz: `question` and `choices`."""
    quiz_passed: bool | None
    """Whether the quiz was passed; none where there is none, or it was not tried."""
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
    texts = await catalogue(conn)
    newest = await _newest(conn, row)
    shown = _asked(row, texts, now, await _quiz(conn, row))
    return replace(shown, newer=_asked(newest, texts, now, (None, None)) if newest else None)


async def _newest(conn: AsyncConnection, row: Row[Any]) -> Row[Any] | None:
    """Follow "replaced by" to the end: only the last question counts."""
    newest, table = None, tables.acknowledgements
    for _ in range(LONGEST_TRAIL):
        following = await _row(conn, _replacing(row, table.c))
        if following is None or following.staff_no != row.staff_no:
            break
        row = newest = following
    return newest


def _replacing(row: Row[Any], column: ReadOnlyColumnCollection[str, Column[Any]]) -> ColumnElement[bool]:
    """The question in this one's place: about the change that its owner names, or about the subject as it is now."""
    if successor := row.subject_content.get("by_change_id"):
        return column.subject_id == UUID(successor)
    return and_(
        column.subject_type == row.subject_type,
        column.subject_id == row.subject_id,
        column.staff_no == row.staff_no,
        column.subject_version > row.subject_version,
    )


async def _quiz(conn: AsyncConnection, row: Row[Any]) -> tuple[list[dict[str, Any]] | None, bool | None]:
    """The quiz of a broadcast without its solutions, and whether it was passed."""
    if row.subject_type != BROADCAST:
        return None, None
    broadcasts, quizzes = tables.broadcasts, tables.quizzes
    found = select(broadcasts.c.quiz).where(broadcasts.c.broadcast_id == row.subject_id)
    quiz = (await conn.execute(found)).scalar()
    tried = select(func.bool_or(quizzes.c.passed)).where(quizzes.c.acknowledgement_id == row.acknowledgement_id)
    passed = (await conn.execute(tried)).scalar()
    questions = [{"question": one["question"], "choices": one["choices"]} for one in (quiz or {}).get("questions", [])]
    return questions, passed if questions else None


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


def _asked(
    row: Row[Any], texts: Catalogue, now: datetime, quiz: tuple[list[dict[str, Any]] | None, bool | None]
) -> Asked:
    strict = is_strict(row.subject_type)
    return Asked(
        claims=LinkClaims(
            row.acknowledgement_id, row.subject_version, row.staff_no, row.deadline + LINK_OUTLIVES_DEADLINE
        ),
        standing=standing(
            state=row.state,
            answer=row.answer,
            reason=row.reason,
            subject_state=row.subject_state,
            deadline=row.deadline if strict else row.deadline + LINK_OUTLIVES_DEADLINE,
            now=now,
        ),
        language=row.language or "zh-CN",
        subject_type=row.subject_type,
        person_name=row.person_name,
        words={language: _words(row, texts, language) for language in ("zh-CN", "en")},
        deadline=row.deadline,
        zone=row.zone,
        change=from_json(ShiftChangeAnnounced, row.content) if strict else None,
        quiz=quiz[0] or [],
        quiz_passed=quiz[1],
        answered_at=row.answered_at or row.ended_at,
        opened_at=row.opened_at,
        reason=row.reason,
        replaced_by=row.subject_content.get("by_number"),
        expects_newer=row.subject_content.get("by_change_id") is not None,
    )


def _words(row: Row[Any], texts: Catalogue, language: str) -> Wording:
    manner = row.manner
    said = facts_in(manner["event_type"], row.content, row.zone, language)
    deadline = moment(row.deadline, zone_of(row.zone), language)
    who = {"name": row.person_name, "staff_no": row.staff_no, "team": row.team_name, "deadline": deadline}
    return texts.render(manner["asked"], language, said | who)

"""Broadcasts, who has not been asked yet, and their quizzes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Text, and_, cast, false, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.broadcast import Audience, Broadcast, Marked, Quiz, QuizQuestion, Tally
from services.notify.domain.families import BROADCAST
from services.notify.domain.ladder import Step
from services.notify.domain.manner import Manner
from services.notify.store.crowd import Member, teams_down
from shared.contracts.refusal import Refusal
from shared.platform.work import Work


async def add_broadcast(work: Work, broadcast: Broadcast) -> None:
    """Save a new broadcast."""
    await work.conn.execute(insert(tables.broadcasts).values(_row(broadcast)))


async def save_broadcast(work: Work, broadcast: Broadcast) -> None:
    """Save what a transition changed."""
    table = tables.broadcasts
    await work.conn.execute(update(table).where(table.c.broadcast_id == broadcast.broadcast_id).values(_row(broadcast)))


async def load_broadcast(work: Work, broadcast_id: UUID) -> Broadcast:
    """Load and lock one; 404 when there is none."""
    table = tables.broadcasts
    found = select(table).where(table.c.broadcast_id == broadcast_id).with_for_update()
    row = (await work.conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="broadcast", what=broadcast_id)
    return _broadcast(row)


async def load_open_ids(work: Work) -> list[UUID]:
    """The broadcasts that are open."""
    table = tables.broadcasts
    return list((await work.conn.execute(select(table.c.broadcast_id).where(table.c.state == "open"))).scalars())


async def load_not_asked(work: Work, broadcast: Broadcast, limit: int) -> list[Member]:
    """People of the audience who are here and have not been asked."""
    people, asked = tables.recipients, tables.acknowledgements
    # hashed once, whatever the planner believes of a table that grows by thousands meanwhile
    already = select(asked.c.staff_no).where(about(broadcast.broadcast_id))
    present = people.c.left_on.is_(None) | (people.c.left_on >= work.now.date())
    columns = [people.c[name] for name in Member.__dataclass_fields__]
    found = select(*columns).where(_in_audience(broadcast.audience), present, people.c.staff_no.not_in(already))
    rows = (await work.conn.execute(found.order_by(people.c.staff_no).limit(limit))).mappings()
    return list({row["staff_no"]: Member(**row) for row in rows}.values())


async def load_tally(work: Work, broadcast_id: UUID) -> Tally:
    """How far a broadcast got."""
    row = (await work.conn.execute(select(*tables.tallied()).where(about(broadcast_id)))).one()
    return Tally(**row._mapping)


async def load_still_open(work: Work, broadcast_id: UUID, limit: int) -> list[UUID]:
    """Questions about a broadcast that nobody has answered."""
    asked = tables.acknowledgements
    found = select(asked.c.acknowledgement_id).where(about(broadcast_id), asked.c.state == "open").limit(limit)
    return list((await work.conn.execute(found)).scalars())


async def add_quiz_attempt(
    work: Work, acknowledgement_id: UUID, choices: list[int], marked: Marked, answered_at: datetime
) -> int:
    """Keep an attempt at a quiz; its number."""
    table = tables.quizzes
    of_one = select(func.coalesce(func.max(table.c.attempt), 0) + 1).where(
        table.c.acknowledgement_id == acknowledgement_id
    )
    attempt = int((await work.conn.execute(of_one)).scalar_one())
    await work.conn.execute(
        insert(table).values(
            acknowledgement_id=acknowledgement_id,
            attempt=attempt,
            choices=choices,
            correct_count=sum(marked.right),
            passed=marked.passed,
            answered_at=answered_at,
        )
    )
    return attempt


def about(broadcast_id: UUID) -> ColumnElement[bool]:
    """Questions about a broadcast."""
    asked = tables.acknowledgements
    return and_(asked.c.subject_type == BROADCAST, asked.c.subject_id == broadcast_id)


def _in_audience(audience: Audience) -> ColumnElement[bool]:
    people = tables.recipients
    places = [people.c.team_id.in_(audience.teams)] if audience.teams else []
    places += [people.c.team_id.in_(teams_down(audience.branches))] if audience.branches else []
    held = people.c.roles.op("&&")(cast(list(audience.roles), ARRAY(Text)))
    somewhere = or_(*places) if places else true()
    chosen = and_(held if audience.roles else true(), somewhere) if audience.roles or places else false()
    return or_(true() if audience.everyone else chosen, people.c.staff_no.in_(audience.staff))


def _row(broadcast: Broadcast) -> dict[str, Any]:
    row = {name: getattr(broadcast, name) for name in Broadcast.__dataclass_fields__}
    audience = asdict(broadcast.audience)
    places = {name: [str(team_id) for team_id in audience[name]] for name in ("teams", "branches")}
    return row | {
        "audience": audience | places,
        "quiz": asdict(broadcast.quiz) if broadcast.quiz else None,
        "manner": asdict(broadcast.manner),
        "ladder": [asdict(step) for step in broadcast.ladder],
    }


def _broadcast(row: Row[Any]) -> Broadcast:
    audience = row.audience
    return Broadcast(
        **dict(row._mapping)
        | {
            "audience": Audience(
                everyone=audience["everyone"],
                roles=tuple(audience["roles"]),
                staff=tuple(audience["staff"]),
                teams=tuple(UUID(team_id) for team_id in audience["teams"]),
                branches=tuple(UUID(team_id) for team_id in audience["branches"]),
            ),
            "quiz": _quiz(row.quiz) if row.quiz else None,
            "manner": Manner(**row.manner),
            "ladder": tuple(Step(**step) for step in row.ladder),
        }
    )


def _quiz(stored: dict[str, Any]) -> Quiz:
    questions = tuple(QuizQuestion(**{**one, "choices": tuple(one["choices"])}) for one in stored["questions"])
    return Quiz(questions=questions, pass_count=stored["pass_count"])

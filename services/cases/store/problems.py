"""Known problems, the words given about them, their cases, whom they reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, Uuid, bindparam, cast, delete, exists, func, literal, null, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.problem import Problem, Reach, Word
from services.cases.tables import (
    agents,
    cases,
    customers,
    links,
    problem_acknowledgements,
    problem_cases,
    problem_notices,
    problem_words,
    problems,
    teams,
    topics,
)
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.kernel import Moment

UNFINISHED = ("open", "in_progress", "waiting_customer", "waiting_team")


async def next_number(conn: AsyncConnection, local_on: date) -> str:
    """A number that people can say, `P20261122-003`; whoever asks at the same time waits."""
    prefix = f"P{local_on:%Y%m%d}-"
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(prefix, 0))))
    today = select(func.count()).select_from(problems).where(problems.c.number.startswith(prefix, autoescape=True))
    count: int = (await conn.execute(today)).scalar_one()
    return f"{prefix}{count + 1:03}"


async def find_team(conn: AsyncConnection, named: str) -> Row[Any, Any] | None:
    """A team by its id or code; none when roster knows none."""
    either = or_(teams.c.code == named, cast(teams.c.team_id, Text) == named.lower())
    return (await conn.execute(select(teams.c.team_id, teams.c.name).where(either).limit(1))).one_or_none()


async def known_topics(conn: AsyncConnection, codes: Sequence[str]) -> set[str]:
    """Which of these topics there are."""
    return set((await conn.execute(select(topics.c.code).where(topics.c.code.in_(codes)))).scalars())


async def find_problem(conn: AsyncConnection, problem_id: UUID) -> Problem | None:
    """A problem, locked; none when there is none."""
    query = select(problems).where(problems.c.problem_id == problem_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return problem_from(row) if row else None


async def load_problem(conn: AsyncConnection, problem_id: UUID) -> Problem:
    """A problem, locked; 404 `not-found`."""
    problem = await find_problem(conn, problem_id)
    if problem is None:
        raise Refusal("not-found", noun="problem", what=problem_id)
    return problem


async def save_problem(conn: AsyncConnection, problem: Problem) -> None:
    """Store a problem, new or changed."""
    values = asdict(problem) | {"topics": list(problem.topics), "team_ids": list(problem.team_ids)}
    new = insert(problems).values(values)
    changes = {column.name: new.excluded[column.name] for column in problems.columns if not column.primary_key}
    await conn.execute(new.on_conflict_do_update(index_elements=[problems.c.problem_id], set_=changes))


def problem_from(row: Row[Any]) -> Problem:
    """A problem from its row."""
    values = dict(row._mapping)
    return Problem(**values | {"topics": tuple(values["topics"]), "team_ids": tuple(values["team_ids"])})


async def add_word(conn: AsyncConnection, word: Word) -> None:
    """Store a word given."""
    await conn.execute(insert(problem_words).values(asdict(word) | {"said": dict(word.said)}))


async def find_word(conn: AsyncConnection, word_id: UUID) -> Word | None:
    """A word given; none when there is none."""
    row = (await conn.execute(select(problem_words).where(problem_words.c.word_id == word_id))).one_or_none()
    return Word(**row._mapping) if row else None


async def latest_word(conn: AsyncConnection, problem_id: UUID) -> Word:
    """The last word given about a problem."""
    query = select(problem_words).where(problem_words.c.problem_id == problem_id)
    row = (await conn.execute(query.order_by(problem_words.c.revision.desc()).limit(1))).one()
    return Word(**row._mapping)


async def mark_told(conn: AsyncConnection, word_id: UUID, *, now: datetime) -> None:
    """Everybody who waited for a word was asked to be told."""
    await conn.execute(update(problem_words).where(problem_words.c.word_id == word_id).values(told_at=now))


async def reach_of(conn: AsyncConnection, problem_id: UUID) -> Reach:
    """How many cases and customers a problem touches."""
    counted = select(func.count(), func.count(problem_cases.c.customer_id.distinct()))
    row = (await conn.execute(counted.where(problem_cases.c.problem_id == problem_id))).one()
    return Reach(*row)


async def link_cases(
    conn: AsyncConnection, problem_id: UUID, case_ids: Sequence[UUID], *, now: datetime, by: str
) -> tuple[int, set[UUID]]:
    """Note that a problem explains these cases; how many are new, and which of them nobody knows."""
    known = set((await conn.execute(select(cases.c.case_id).where(cases.c.case_id.in_(case_ids)))).scalars())
    count = await _link(conn, problem_id, cases.c.case_id.in_(known), now, by)
    return count, set(case_ids) - known


async def link_open_cases(conn: AsyncConnection, problem: Problem, *, since: datetime, now: datetime, by: str) -> int:
    """Note that a problem explains the unfinished cases about its topics opened at or after `since`; how many."""
    unfinished = cases.c.state.in_(UNFINISHED) & ~cases.c.historic
    theirs = cases.c.topic.in_(problem.topics) & (cases.c.opened_at >= since)
    return await _link(conn, problem.problem_id, unfinished & theirs, now, by)


async def _link(conn: AsyncConnection, problem_id: UUID, which: Any, now: datetime, by: str) -> int:
    rows = select(literal(problem_id, Uuid), cases.c.case_id, cases.c.customer_id, literal(now, Moment), literal(by))
    names = ["problem_id", "case_id", "customer_id", "linked_at", "linked_by"]
    new = insert(problem_cases).from_select(names, rows.where(which)).on_conflict_do_nothing()
    return len((await conn.execute(new.returning(problem_cases.c.case_id))).all())


async def unlink_case(conn: AsyncConnection, problem_id: UUID, case_id: UUID) -> bool:
    """A problem does not explain a case after all; false when it was not said to."""
    gone = delete(problem_cases).where(problem_cases.c.problem_id == problem_id, problem_cases.c.case_id == case_id)
    if (await conn.execute(gone.returning(problem_cases.c.case_id))).one_or_none() is None:
        return False
    await conn.execute(delete(links).where(links.c.case_id == case_id, links.c.linked_id == problem_id))
    return True


async def take_unnoted(conn: AsyncConnection, problem_id: UUID, *, at_most: int, now: datetime) -> list[UUID]:
    """Linked cases whose own timeline does not say so yet; from now on it does."""
    return await _take(conn, problem_id, problem_cases.c.noted_at, at_most, now)


async def take_unsettled(conn: AsyncConnection, problem_id: UUID, *, at_most: int, now: datetime) -> list[UUID]:
    """Linked cases to which the fix was not applied yet; from now on it was."""
    return await _take(conn, problem_id, problem_cases.c.settled_at, at_most, now)


async def _take(conn: AsyncConnection, problem_id: UUID, mark: Any, at_most: int, now: datetime) -> list[UUID]:
    waiting = (
        select(problem_cases.c.case_id)
        .where(problem_cases.c.problem_id == problem_id, mark.is_(None))
        .order_by(problem_cases.c.case_id)
        .limit(at_most)
    )
    taken = (
        update(problem_cases)
        .where(problem_cases.c.problem_id == problem_id, problem_cases.c.case_id.in_(waiting))
        .values({mark.name: now})
        .returning(problem_cases.c.case_id)
    )
    return sorted((await conn.execute(taken)).scalars())


async def note_outcome(conn: AsyncConnection, problem_id: UUID, case_id: UUID, outcome: str) -> None:
    """What the fix did to a case."""
    mine = (problem_cases.c.problem_id == problem_id, problem_cases.c.case_id == case_id)
    await conn.execute(update(problem_cases).where(*mine).values(outcome=outcome))


async def take_untold(
    conn: AsyncConnection, problem_id: UUID, revision: int, *, at_most: int, now: datetime
) -> list[UUID]:
    """Customers who wait for a word and were not asked to be told it; from now on they were."""
    rows = await _TELL.run(conn, problem_id=problem_id, revision=revision, at_most=at_most, now=now)
    return [row["customer_id"] for row in rows]


async def settle_notice(
    conn: AsyncConnection,
    problem_id: UUID,
    customer_id: UUID,
    state: str,
    *,
    revision: int | None,
    channel: str,
    reason: str | None = None,
    now: datetime,
) -> int | None:
    """What became of a word on its way to a customer; its revision, or none when it was not on its way any more.

    Who does not say which word means the oldest.
    """
    ending = ("requested", "failed") if state == "delivered" else ("requested",)
    mine = (problem_notices.c.problem_id == problem_id, problem_notices.c.customer_id == customer_id)
    oldest = select(func.min(problem_notices.c.revision)).where(*mine, problem_notices.c.state.in_(ending))
    if revision is not None:
        oldest = oldest.where(problem_notices.c.revision == revision)
    settled = (
        update(problem_notices)
        .where(*mine, problem_notices.c.revision == oldest.scalar_subquery())
        .values(state=state, channel=channel, reason=reason, settled_at=now)
        .returning(problem_notices.c.revision)
    )
    found: int | None = (await conn.execute(settled)).scalar_one_or_none()
    return found


async def customers_reached(conn: AsyncConnection, problem_id: UUID, revision: int) -> set[UUID]:
    """The customers whom a word has reached."""
    mine = (problem_notices.c.problem_id == problem_id, problem_notices.c.revision == revision)
    reached = select(problem_notices.c.customer_id).where(*mine, problem_notices.c.state == "delivered")
    return set((await conn.execute(reached)).scalars())


async def cases_of_customer(conn: AsyncConnection, problem_id: UUID, customer_id: UUID) -> list[UUID]:
    """A customer's unclosed cases that a problem explains."""
    query = (
        select(cases.c.case_id)
        .join(problem_cases, problem_cases.c.case_id == cases.c.case_id)
        .where(problem_cases.c.problem_id == problem_id, cases.c.customer_id == customer_id)
        .where(cases.c.state != "closed")
        .order_by(cases.c.case_id)
    )
    return list((await conn.execute(query)).scalars())


async def note_acknowledgement(
    conn: AsyncConnection, problem: Problem, staff_no: str, *, state: str, at: datetime, note: str | None
) -> None:
    """How somebody who was asked stands; having only opened it never replaces an answer."""
    person = select(agents.c.team_id, agents.c.team_name).where(agents.c.staff_no == staff_no).limit(1)
    row = (await conn.execute(person)).one_or_none()
    new = insert(problem_acknowledgements).values(
        problem_id=problem.problem_id,
        revision=problem.revision,
        staff_no=staff_no,
        team_id=row.team_id if row else None,
        team_name=row.team_name if row else None,
        state=state,
        at=at,
        note=note,
    )
    table = problem_acknowledgements
    changes = {name: new.excluded[name] for name in ("state", "at", "note", "team_id", "team_name")}
    still = table.c.state == "opened" if state in ("opened", "lapsed") else None
    await conn.execute(new.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes, where=still))


def _tell() -> Hot:
    """Everybody with a linked case, and everybody told an earlier word, whom this word was not sent yet."""
    problem_id, revision = bindparam("problem_id", type_=Uuid), bindparam("revision", type_=problems.c.revision.type)
    linked = select(problem_cases.c.customer_id).where(
        problem_cases.c.problem_id == problem_id, problem_cases.c.customer_id.is_not(None)
    )
    before = (
        select(func.coalesce(customers.c.merged_into, problem_notices.c.customer_id))
        .select_from(problem_notices.outerjoin(customers, customers.c.customer_id == problem_notices.c.customer_id))
        .where(problem_notices.c.problem_id == problem_id)
    )
    waiting = union(linked, before).subquery("waiting")
    asked = exists().where(
        problem_notices.c.problem_id == problem_id,
        problem_notices.c.customer_id == waiting.c.customer_id,
        problem_notices.c.revision == revision,
    )
    rows = (
        select(
            problem_id,
            revision,
            waiting.c.customer_id,
            literal("requested"),
            bindparam("now", type_=Moment),
            cast(null(), Moment),
        )
        .where(~asked)
        .order_by(waiting.c.customer_id)
        .limit(bindparam("at_most", type_=problems.c.revision.type))
    )
    names = ["problem_id", "revision", "customer_id", "state", "requested_at", "settled_at"]
    new = insert(problem_notices).from_select(names, rows).on_conflict_do_nothing()
    return Hot(new.returning(problem_notices.c.customer_id))


_TELL = _tell()

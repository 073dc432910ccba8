"""Looking known problems up: how they stand, whom they reached, who acknowledged, whom nobody could reach."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, and_, any_, bindparam, case, func, literal, literal_column, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.problem import Problem, Word
from services.cases.tables import (
    cases,
    problem_acknowledgements,
    problem_cases,
    problem_notices,
    problem_words,
    problems,
    teams,
)
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.paging import Page, page

DOUBTFUL_AFTER = timedelta(minutes=30)
"""How long a word may be on its way to a customer before it is in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemInShort:
    """What an agent tells a customer who comes about it."""

    problem_id: UUID
    number: str
    title: str
    cause: str
    workaround: str
    eta_at: datetime | None
    next_word_at: datetime | None
    owner_team_name: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView(Problem):
    """A problem, the words given about it, and in numbers whom the last word reached."""

    words: list[Word]
    case_count: int
    customer_count: int
    requested_count: int
    delivered_count: int
    unreached_count: int
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """A customer whom a word did not reach, and why; `case_id` where a case names no customer at all."""

    customer_id: UUID | None
    case_id: UUID | None
    reason: str
    channel: str | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamProgress:
    """How a team stands about the last word: by whom it was opened, acknowledged, refused."""

    team_id: UUID | None
    team_name: str | None
    acknowledged: bool
    acknowledged_at: datetime | None
    opened: list[str]
    given: list[str]
    refused: list[str]
    lapsed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Who acknowledged the last word, by department and branch."""

    problem_id: UUID
    revision: int
    ack_by: datetime
    asked_teams: int
    acknowledged_teams: int
    teams: list[TeamProgress]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCase:
    """A case that a problem explains; `outcome` is what the fix did to it."""

    case_id: UUID
    number: str
    state: str
    customer_id: UUID | None
    linked_at: datetime
    linked_by: str
    outcome: str | None


async def list_problems(
    conn: AsyncConnection,
    *,
    state: str | None,
    topic: str | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Problem]:
    """Known problems, the latest first; with `updated_after` in order of update."""
    query = select(problems)
    if state:
        query = query.where(problems.c.state == state)
    if topic:
        query = query.where(literal(topic) == any_(problems.c.topics))
    if updated_after:
        query = query.where(problems.c.updated_at > updated_after)
    return await page(
        conn,
        query,
        order=(problems.c.updated_at if updated_after else problems.c.announced_at, problems.c.problem_id),
        limit=limit,
        after=after,
        make=_problem,
        descending=not updated_after,
    )


async def get_problem(conn: AsyncConnection, *, problem_id: UUID) -> ProblemView:
    """One problem; 404 `not-found`."""
    return await view_problem(conn, await _load(conn, problem_id))


async def view_problem(conn: AsyncConnection, problem: Problem) -> ProblemView:
    """A problem with its words and numbers."""
    mine = problem_words.c.problem_id == problem.problem_id
    words = [
        Word(**row._mapping)
        for row in await conn.execute(select(problem_words).where(mine).order_by(problem_words.c.revision))
    ]
    linked = select(func.count(), func.count(problem_cases.c.customer_id.distinct()))
    cases_, customers = (await conn.execute(linked.where(problem_cases.c.problem_id == problem.problem_id))).one()
    states = await _states(conn, problem)
    return ProblemView(
        **{one.name: getattr(problem, one.name) for one in dataclass_fields(Problem)},
        words=words,
        case_count=cases_,
        customer_count=customers,
        requested_count=states.total(),
        delivered_count=states["delivered"],
        unreached_count=states["failed"],
        told_at=words[-1].told_at,
    )


async def _states(conn: AsyncConnection, problem: Problem) -> Counter[str]:
    mine = (problem_notices.c.problem_id == problem.problem_id, problem_notices.c.revision == problem.revision)
    counted = (
        select(problem_notices.c.state, func.count().label("number")).where(*mine).group_by(problem_notices.c.state)
    )
    return Counter({row.state: row.number for row in await conn.execute(counted)})


async def list_unreached(
    conn: AsyncConnection, *, problem_id: UUID, revision: int | None, now: datetime, limit: int, after: str | None
) -> Page[Unreached]:
    """Customers whom the last word (or that `revision`) did not reach, and cases that name no customer.

    Of whom nothing was heard for half an hour the word may have reached, or not: they are listed as `not_confirmed`.
    """
    problem = await _load(conn, problem_id)
    wanted = revision or problem.revision
    notices = problem_notices.c
    in_doubt = and_(notices.state == "requested", notices.requested_at <= now - DOUBTFUL_AFTER)
    failed = select(
        notices.customer_id.label("key"),
        notices.customer_id,
        null().label("case_id"),
        case((notices.state == "failed", notices.reason), else_="not_confirmed").label("reason"),
        notices.channel,
    ).where(notices.problem_id == problem_id, notices.revision == wanted, or_(notices.state == "failed", in_doubt))
    nobody = select(
        problem_cases.c.case_id.label("key"), null(), problem_cases.c.case_id, literal("no_customer"), null()
    ).where(problem_cases.c.problem_id == problem_id, problem_cases.c.customer_id.is_(None))
    both = failed.union_all(nobody).subquery("both")

    def make(row: Row[Any]) -> Unreached:
        return Unreached(
            customer_id=row.customer_id,
            case_id=row.case_id,
            reason=row.reason or "unknown",
            channel=row.channel,
            revision=wanted,
        )

    return await page(conn, select(both), order=(both.c.key,), limit=limit, after=after, make=make)


async def get_progress(conn: AsyncConnection, *, problem_id: UUID) -> Progress:
    """Who acknowledged the last word, by department and branch. One of a team is enough for the team."""
    problem = await _load(conn, problem_id)
    asked = select(teams.c.team_id, teams.c.name)
    if problem.team_ids:
        asked = asked.where(teams.c.team_id.in_(problem.team_ids))
    known = {row.team_id: row.name for row in await conn.execute(asked.order_by(teams.c.code))}
    table = problem_acknowledgements
    mine = (table.c.problem_id == problem_id, table.c.revision == problem.revision)
    answers = (await conn.execute(select(table).where(*mine).order_by(table.c.at, table.c.staff_no))).all()
    known |= {row.team_id: row.team_name for row in answers if row.team_id not in known}
    found = [
        _team(team_id, name, [one for one in answers if one.team_id == team_id]) for team_id, name in known.items()
    ]
    return Progress(
        problem_id=problem_id,
        revision=problem.revision,
        ack_by=problem.ack_by,
        asked_teams=len(found),
        acknowledged_teams=sum(team.acknowledged for team in found),
        teams=found,
    )


def _team(team_id: UUID | None, name: str | None, answers: list[Any]) -> TeamProgress:
    given = [one for one in answers if one.state == "given"]
    named = {
        state: [one.staff_no for one in answers if one.state == state] for state in ("opened", "refused", "lapsed")
    }
    return TeamProgress(
        team_id=team_id,
        team_name=name,
        acknowledged=bool(given),
        acknowledged_at=given[0].at if given else None,
        given=[one.staff_no for one in given],
        **named,
    )


async def list_linked_cases(
    conn: AsyncConnection, *, problem_id: UUID, outcome: str | None, limit: int, after: str | None
) -> Page[LinkedCase]:
    """Cases that a problem explains."""
    await _load(conn, problem_id)
    query = (
        select(
            problem_cases.c.case_id,
            cases.c.number,
            cases.c.state,
            problem_cases.c.customer_id,
            problem_cases.c.linked_at,
            problem_cases.c.linked_by,
            problem_cases.c.outcome,
        )
        .join(cases, cases.c.case_id == problem_cases.c.case_id)
        .where(problem_cases.c.problem_id == problem_id)
    )
    if outcome:
        query = query.where(problem_cases.c.outcome == outcome)
    return await page(
        conn,
        query,
        order=(problem_cases.c.case_id,),
        limit=limit,
        after=after,
        make=lambda row: LinkedCase(**row._mapping),
    )


async def known_problems(conn: AsyncConnection, topic: str | None) -> list[ProblemInShort]:
    """The open problems about a topic, the latest first: what to tell whoever comes about it now."""
    if topic is None:
        return []
    rows = await _KNOWN.run(conn, topic=topic)
    return [ProblemInShort(**dict(row) | {"topics": tuple(row["topics"])}) for row in rows]


async def _load(conn: AsyncConnection, problem_id: UUID) -> Problem:
    row = (await conn.execute(select(problems).where(problems.c.problem_id == problem_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="problem", what=problem_id)
    return _problem(row)


def _problem(row: Row[Any]) -> Problem:
    values = dict(row._mapping)
    return Problem(**values | {"topics": tuple(values["topics"]), "team_ids": tuple(values["team_ids"])})


_KNOWN = Hot(
    select(*(problems.c[one.name] for one in dataclass_fields(ProblemInShort)))
    .where(problems.c.state == literal_column("'open'"), bindparam("topic", type_=Text) == any_(problems.c.topics))
    .order_by(problems.c.announced_at.desc())
    .limit(literal_column("10"))
)

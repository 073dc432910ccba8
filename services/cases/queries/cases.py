"""Looking cases up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, cast, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Case, case_from
from services.cases.domain.customer import identity_forms
from services.cases.domain.fields import CaseType, case_type_from
from services.cases.domain.search import grams_of
from services.cases.queries.case_views import CaseInShort, CaseView, case_values
from services.cases.queries.sight import Sight, require_sight, sight_of
from services.cases.tables import case_columns, case_types, cases, customers, identities, teams
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, from_cursor, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases; none or empty: whichever."""

    states: tuple[str, ...] = ()
    team: str | None = None
    owner: str | None = None
    topic: str | None = None
    case_type: str | None = None
    customer_id: UUID | None = None
    identity: str | None = None
    quadrant: int | None = None
    overdue_at: datetime | None = None
    number: str | None = None
    q: str | None = None
    updated_after: datetime | None = None


ORDERS = {
    "queue": ("queue_rank", "opened_at", "case_id"),
    "newest": ("opened_at", "case_id"),
    "update": ("updated_at", "case_id"),
}
_short = [cases.c[name] for name in CaseInShort.__dataclass_fields__]


async def list_cases(
    conn: AsyncConnection, *, actor: Actor, wanted: Wanted, order: str, limit: int, after: str | None
) -> Page[CaseInShort]:
    """Cases as wanted, in the order of the queue, newest first, or (with `updated_after`) in the order of update."""
    query = select(*_short, cases.c.queue_rank).where(*_conditions(wanted))
    arms = [query] if _sees_any(actor, wanted) else _in_sight(query, await sight_of(conn, actor))
    by = "update" if wanted.updated_after else order
    cursor: dict[str, Any] = {"limit": limit, "after": after, "descending": by == "newest"}
    # Each arm begins at the cursor and ends with the page, or the planner would read it whole and sort.
    begun = [from_cursor(arm, order=tuple(arm.selected_columns[one] for one in ORDERS[by]), **cursor) for arm in arms]
    seen = union_all(*(select(arm.subquery()) for arm in begun)).subquery("seen")
    order_by = tuple(seen.c[name] for name in ORDERS[by])
    return await page(conn, select(seen), order=order_by, make=_in_short, **cursor)


async def get_case(conn: AsyncConnection, *, actor: Actor, case_id: UUID, language: str, personal: bool) -> CaseView:
    """One case; `not-found` also for one that is not the caller's to see."""
    case = await read_case(conn, case_id)
    await require_sight(conn, actor, case)
    return await view_of(conn, case, language=language, personal=personal)


async def read_case(conn: AsyncConnection, case_id: UUID) -> Case:
    """A case as it is; `not-found`."""
    row = (await conn.execute(select(*case_columns).where(cases.c.case_id == case_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="case", what=case_id)
    return case_from(row._mapping)


async def view_of(conn: AsyncConnection, case: Case, *, language: str, personal: bool) -> CaseView:
    """A case as people see it."""
    values = case_values(case, await case_type_of(conn, case), language=language, personal=personal)
    return CaseView(**values, **await _customer_of(conn, case))


async def case_type_of(conn: AsyncConnection, case: Case) -> CaseType:
    """The version of its type that a case was opened with."""
    same = (case_types.c.code == case.case_type, case_types.c.version == case.type_version)
    row = (await conn.execute(select(case_types).where(*same))).one()
    return case_type_from(row._mapping)


async def _customer_of(conn: AsyncConnection, case: Case) -> dict[str, Any]:
    if case.customer_id is None:
        return {}
    query = select(customers.c.name.label("customer_name"), customers.c.handle_with_care, customers.c.care_note)
    row = (await conn.execute(query.where(customers.c.customer_id == case.customer_id))).one()
    return dict(row._mapping)


def _sees_any(actor: Actor, wanted: Wanted) -> bool:
    """Whether nothing is to be hidden; whoever serves a customer sees all of that customer's cases."""
    serves = (wanted.customer_id or wanted.identity) and "partner" not in actor.roles
    return actor.sees_all or bool(serves)


def _in_sight(query: Select[Any], sight: Sight) -> list[Select[Any]]:
    """Their teams' cases, their own, and those their teams were asked to act on, each case in one of the lists."""
    theirs = list(sight.teams)
    elsewhere = or_(cases.c.team_id.is_(None), cases.c.team_id.not_in(theirs))
    others = or_(cases.c.owner.is_(None), cases.c.owner != sight.staff_no)
    asked = query.where(cases.c.involved.overlap(theirs), elsewhere, others).cte("asked")
    return [
        *(query.where(cases.c.team_id == team_id) for team_id in theirs),
        query.where(cases.c.owner == sight.staff_no, elsewhere),
        select(asked.prefix_with("MATERIALIZED")),  # or the whole queue would be walked to find these few
    ]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    plain = {
        "topic": wanted.topic,
        "case_type": wanted.case_type,
        "customer_id": wanted.customer_id,
        "quadrant": wanted.quadrant,
    }
    found: list[ColumnElement[bool]] = [cases.c[name] == value for name, value in plain.items() if value is not None]
    if wanted.states:
        found += _in_states(wanted.states)
    if wanted.owner is not None:
        found.append(cases.c.owner.is_(None) if wanted.owner == "none" else cases.c.owner == wanted.owner)
    if wanted.team is not None:
        named = or_(teams.c.code == wanted.team, cast(teams.c.team_id, Text) == wanted.team.lower())
        found.append(cases.c.team_id == select(teams.c.team_id).where(named).limit(1).scalar_subquery())
    if wanted.number is not None:
        found.append(or_(cases.c.number == wanted.number.upper(), cases.c.external_id == wanted.number))
    if wanted.overdue_at is not None:
        found += [cases.c.due_at < wanted.overdue_at, cases.c.queue_rank < 5]
    if wanted.q is not None:
        found.append(cases.c.grams.contains(grams_of(wanted.q)))
    if wanted.identity is not None:
        found.append(cases.c.customer_id.in_(_known_by(wanted.identity)))
    if wanted.updated_after is not None:
        found.append(cases.c.updated_at > wanted.updated_after)
    return found


def _in_states(states: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """With what it means for the rank, as a range: so the queue's index is walked in its order, and skips the rest."""
    ends = {"resolved": (5, 5), "closed": (6, 6)}
    ranges = [ends.get(state, (1, 4)) for state in states]
    lowest, highest = min(low for low, _ in ranges), max(high for _, high in ranges)
    return [cases.c.state.in_(states), cases.c.queue_rank.between(lowest, highest)]


def _known_by(identity: str) -> Select[Any]:
    forms = identity_forms(identity)
    return select(identities.c.customer_id).where(identities.c.value.in_(forms))


def _in_short(row: Row[Any]) -> CaseInShort:
    return CaseInShort(**{name: row._mapping[name] for name in CaseInShort.__dataclass_fields__})

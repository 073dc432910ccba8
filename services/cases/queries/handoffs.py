"""Looking hand-offs, progress requests, promises and partners up; where a case spent its time, and what was missed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.handoff import Handoff
from services.cases.domain.handoff_hops import Phase, Stretch, stretches
from services.cases.domain.handoff_stored import handoff_from
from services.cases.domain.missed_step import AskedAgain, MissedStep, missed_steps
from services.cases.domain.partner import Partner
from services.cases.domain.progress import ProgressRequest
from services.cases.domain.promise import Promise
from services.cases.queries.cases import read_case
from services.cases.queries.sight import Sight, require_sight, sight_of
from services.cases.tables import cases, entries, handoffs, partners, progress_requests, promises, teams
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page

_PHASES = {
    "opened": "open",
    "resumed": "in_progress",
    "reopened": "in_progress",
    "resolved": "resolved",
    "closed": "closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a case spent its time; the stretches sum to `age_seconds`, from the opening to the closing or now."""

    case_id: UUID
    opened_at: datetime
    until: datetime
    age_seconds: float
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What was missed on a case's way, and who held it."""

    case_id: UUID
    as_of: datetime
    steps: list[MissedStep]


async def list_handoffs(
    conn: AsyncConnection,
    *,
    actor: Actor,
    states: Collection[str],
    team: str | None,
    case_id: UUID | None,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[Handoff]:
    """Hops that the caller's teams sent or were asked, the oldest first; with `updated_after` in order of update."""
    query = await _visible(conn, select(handoffs), actor, handoffs)
    if states:
        query = query.where(handoffs.c.state.in_(states))
    if team:
        query = query.where(_of_team(team))
    if case_id:
        query = query.where(handoffs.c.case_id == case_id)
    if updated_after:
        query = query.where(handoffs.c.updated_at > updated_after)
    first = handoffs.c.updated_at if updated_after else handoffs.c.requested_at
    order = (first, handoffs.c.handoff_id)
    return await page(conn, query, order=order, limit=limit, after=after, make=lambda row: handoff_from(row._mapping))


async def get_handoff(conn: AsyncConnection, *, actor: Actor, handoff_id: UUID) -> Handoff:
    """One hop with its history; `not-found` also for one that is not the caller's to see."""
    row = (await conn.execute(select(handoffs).where(handoffs.c.handoff_id == handoff_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="hand-off", what=handoff_id)
    handoff = handoff_from(row._mapping)
    sight = await sight_of(conn, actor)
    case = await read_case(conn, handoff.case_id)
    if not (sight.sees(case) or handoff.is_receiver(sight.teams, actor.teams)):
        raise Refusal("not-found", noun="hand-off", what=handoff_id)
    return handoff


async def list_progress_requests(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    case_id: UUID | None,
    handoff_id: UUID | None,
    limit: int,
    after: str | None,
) -> Page[ProgressRequest]:
    """Progress requests that the caller's teams made or have to answer, the oldest first."""
    table = progress_requests
    query = await _visible(conn, select(table), actor, table)
    wanted = {table.c.state: state, table.c.case_id: case_id, table.c.handoff_id: handoff_id}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    order = (table.c.requested_at, table.c.progress_id)
    return await page(conn, query, order=order, limit=limit, after=after, make=_progress)


async def get_progress_request(conn: AsyncConnection, *, actor: Actor, progress_id: UUID) -> ProgressRequest:
    """One progress request."""
    query = await _visible(conn, select(progress_requests), actor, progress_requests)
    row = (await conn.execute(query.where(progress_requests.c.progress_id == progress_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="progress request", what=progress_id)
    return _progress(row)


async def list_promises(
    conn: AsyncConnection,
    *,
    actor: Actor,
    state: str | None,
    case_id: UUID | None,
    owner: str | None,
    limit: int,
    after: str | None,
) -> Page[Promise]:
    """Promises on cases that the caller sees, and the caller's own, by due time."""
    table = promises
    query = await _visible(conn, select(table), actor, table)
    wanted = {table.c.state: state, table.c.case_id: case_id, table.c.promised_by: owner}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    order = (table.c.due_at, table.c.promise_id)
    return await page(conn, query, order=order, limit=limit, after=after, make=_promise)


async def get_promise(conn: AsyncConnection, *, actor: Actor, promise_id: UUID) -> Promise:
    """One promise."""
    query = await _visible(conn, select(promises), actor, promises)
    row = (await conn.execute(query.where(promises.c.promise_id == promise_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="promise", what=promise_id)
    return _promise(row)


async def list_partners(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[Partner]:
    """Partners by code."""
    return await page(conn, select(partners), order=(partners.c.code,), limit=limit, after=after, make=_partner)


async def get_partner(conn: AsyncConnection, *, partner_id: UUID) -> Partner:
    """One partner."""
    row = (await conn.execute(select(partners).where(partners.c.partner_id == partner_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="partner", what=partner_id)
    return _partner(row)


async def whereabouts(conn: AsyncConnection, *, actor: Actor, case_id: UUID, now: datetime) -> Whereabouts:
    """Where a case spent its time: hop by hop, wait by wait."""
    case = await read_case(conn, case_id)
    await require_sight(conn, actor, case)
    until = case.closed_at or now
    query = select(entries.c.at, entries.c.kind, entries.c.data).where(entries.c.case_id == case_id)
    kinds = (*_PHASES, "waiting")
    rows = await conn.execute(query.where(entries.c.kind.in_(kinds)).order_by(entries.c.at, entries.c.entry_id))
    phases = [Phase(at=case.opened_at, state="open"), *(_phase(row) for row in rows)]
    own = [replace(phase, team_id=case.team_id, team_name=case.team_name) for phase in phases]
    return Whereabouts(
        case_id=case_id,
        opened_at=case.opened_at,
        until=until,
        age_seconds=(until - case.opened_at).total_seconds(),
        stretches=list(stretches(own, await _handoffs(conn, case_id), until=until)),
    )


async def missed(conn: AsyncConnection, *, actor: Actor, case_id: UUID, now: datetime) -> Missed:
    """Which steps were missed on a case's way, and who held them."""
    case = await read_case(conn, case_id)
    await require_sight(conn, actor, case)
    again = select(entries).where(entries.c.case_id == case_id, entries.c.kind == "repeat_contact")
    steps = missed_steps(
        await _handoffs(conn, case_id),
        [_progress(row) for row in await conn.execute(_of_case(progress_requests, case_id))],
        [_promise(row) for row in await conn.execute(_of_case(promises, case_id))],
        [_asked_again(row) for row in await conn.execute(again.order_by(entries.c.at))],
        now=case.closed_at or now,
    )
    return Missed(case_id=case_id, as_of=now, steps=steps)


async def _handoffs(conn: AsyncConnection, case_id: UUID) -> list[Handoff]:
    query = select(handoffs).where(handoffs.c.case_id == case_id).order_by(handoffs.c.hop)
    return [handoff_from(row._mapping) for row in await conn.execute(query)]


def _of_case(table: Any, case_id: UUID) -> Select[Any]:
    return select(table).where(table.c.case_id == case_id).order_by(*table.primary_key.columns)


def _phase(row: Any) -> Phase:
    state = f"waiting_{row.data.get('for')}" if row.kind == "waiting" else _PHASES[row.kind]
    return Phase(at=row.at, state=state)


def _asked_again(row: Any) -> AskedAgain:
    contact_id = row.data.get("contact_id")
    return AskedAgain(at=row.at, by=row.by, by_name=row.by_name, contact_id=UUID(contact_id) if contact_id else None)


async def _visible(conn: AsyncConnection, query: Select[Any], actor: Actor, table: Any) -> Select[Any]:
    """What belongs to cases in the caller's sight, or was asked of the caller's teams, or promised by the caller."""
    sight = await sight_of(conn, actor)
    if sight.sees_all:
        return query
    query = query.join(cases, cases.c.case_id == table.c.case_id)
    return query.where(or_(_case_seen(sight), *_own(sight, actor, table)))


def _case_seen(sight: Sight) -> ColumnElement[bool]:
    mine = or_(cases.c.owner == sight.staff_no, cases.c.opened_by == sight.staff_no)
    return or_(mine, cases.c.team_id.in_(sight.teams), cases.c.involved.overlap(list(sight.teams)))


def _own(sight: Sight, actor: Actor, table: Any) -> list[ColumnElement[bool]]:
    if table is promises:
        return [table.c.promised_by == sight.staff_no]
    asked = [table.c.to_team_id.in_(sight.teams)]
    by_name = table.c.to_team_code.in_(actor.teams) if table is handoffs else false()
    return [*asked, by_name]


def _of_team(named: str) -> ColumnElement[bool]:
    team_ids = select(teams.c.team_id).where(or_(teams.c.code == named, cast(teams.c.team_id, Text) == named.lower()))
    to = or_(handoffs.c.to_team_code == named, cast(handoffs.c.to_team_id, Text) == named.lower())
    return or_(to, handoffs.c.from_team_id.in_(team_ids))


def _partner(row: Any) -> Partner:
    return Partner(**row._mapping)


def _progress(row: Any) -> ProgressRequest:
    return ProgressRequest(**row._mapping)


def _promise(row: Any) -> Promise:
    return Promise(**row._mapping)

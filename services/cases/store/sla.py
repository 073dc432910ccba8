"""SLA policies, calendars and clocks into and out of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.business_calendar import BusinessCalendar
from services.cases.domain.case import Case, case_from
from services.cases.domain.sla_clock import Clock
from services.cases.domain.sla_policy import STANDARD, Policy
from services.cases.domain.sla_stored import (
    calendar_from,
    calendar_record,
    clock_from,
    clock_record,
    policy_from,
    policy_record,
)
from services.cases.tables import calendars, case_columns, case_types, cases, partners, sla_clocks, sla_policies, teams
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot


@dataclass(frozen=True, slots=True)
class Rules:
    """What a case's clocks are judged by: a policy, and a version of a calendar with its stored hours."""

    policy: Policy
    calendar: str
    calendar_version: int
    hours: str


async def add_policy(conn: AsyncConnection, policy: Policy) -> None:
    """Store a version of a policy; 409 `sla-code-taken` when another one has the code."""
    await _add(conn, sla_policies, policy_record(policy))


async def add_calendar(conn: AsyncConnection, calendar: BusinessCalendar) -> None:
    """Store a version of a calendar; 409 `sla-code-taken` when another one has the code."""
    await _add(conn, calendars, calendar_record(calendar))


async def load_policy(conn: AsyncConnection, policy_id: UUID) -> Policy:
    """A policy in its newest version, locked; 404 when there is none."""
    return policy_from(await _newest(conn, sla_policies, "policy_id", policy_id))


async def load_calendar(conn: AsyncConnection, calendar_id: UUID) -> BusinessCalendar:
    """A calendar in its newest version, locked; 404 when there is none."""
    return calendar_from(await _newest(conn, calendars, "calendar_id", calendar_id))


async def calendar_exists(conn: AsyncConnection, code: str) -> bool:
    """Whether there is a calendar of that code."""
    return (await conn.execute(select(calendars.c.code).where(calendars.c.code == code).limit(1))).first() is not None


async def rules_for(conn: AsyncConnection, *, case_type: str, type_version: int, team_id: UUID | None) -> Rules:
    """The policy in force for cases of a type, and the newest version of the calendar that it means for a team."""
    [row] = await _RULES.run(conn, case_type=case_type, type_version=type_version, team_id=team_id)
    return Rules(policy_from(row), row["calendar"], row["calendar_version"], row["hours"])


async def add_clocks(conn: AsyncConnection, clocks: Sequence[Clock]) -> None:
    """Store new clocks."""
    if clocks:
        rows = [clock_record(clock) for clock in clocks]
        await _ADD_CLOCKS.run(conn, **{name: [row[name] for row in rows] for name in _CLOCK})


async def save_clocks(conn: AsyncConnection, clocks: Sequence[Clock]) -> None:
    """Store changed clocks, which were loaded locked."""
    if clocks:
        rows = [clock_record(clock) for clock in clocks]
        await _SAVE_CLOCKS.run(conn, **{name: [row[name] for row in rows] for name in _CLOCK})


async def clocks_of(conn: AsyncConnection, case_id: UUID) -> list[Clock]:
    """Every clock of a case in order of its activation, locked."""
    return [clock_from(row) for row in await _OF_CASE.run(conn, case_id=case_id)]


async def clocks_with_cases(conn: AsyncConnection, clock_ids: Sequence[UUID]) -> list[tuple[Clock, Case, str]]:
    """Clocks with their cases, both locked, and the stored hours that they run by."""
    ids = list(clock_ids)
    held = {row["case_id"]: case_from(row) for row in await _CASES_OF.run(conn, clock_ids=ids)}
    rows = await _CLOCKS.run(conn, clock_ids=ids)
    return [(clock_from(row), held[row["case_id"]], row["hours"]) for row in rows]


async def save_due(conn: AsyncConnection, case_id: UUID, due_at: datetime | None) -> None:
    """Note on a case when the next of its clocks runs out."""
    await conn.execute(update(cases).where(cases.c.case_id == case_id).values(due_at=due_at))


async def cases_behind(conn: AsyncConnection, rule: str, code: str, version: int, *, limit: int) -> list[UUID]:
    """Cases with an open clock that still runs by an older version of that `policy` or `calendar`."""
    followed, at = sla_clocks.c[rule], sla_clocks.c[f"{rule}_version"]
    query = select(sla_clocks.c.case_id).where(sla_clocks.c.state != "fulfilled", followed == code, at < version)
    return list((await conn.execute(query.distinct().limit(limit))).scalars())


async def _add(conn: AsyncConnection, table: Table, record: Mapping[str, Any]) -> None:
    new = insert(table).values(**record).on_conflict_do_nothing().returning(table.c.version)
    if (await conn.execute(new)).one_or_none() is None:
        raise Refusal("sla-code-taken", named=record["code"])


async def _newest(conn: AsyncConnection, table: Table, key: str, value: UUID) -> Any:
    query = select(table).where(table.c[key] == value).order_by(table.c.version.desc()).limit(1).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun=key.removesuffix("_id"), what=value)
    return row._mapping


def _is_newest(table: Table) -> Any:
    newer = table.alias("newer")
    newest = select(func.max(newer.c.version)).where(newer.c.code == table.c.code)
    return table.c.version == newest.scalar_subquery()


def _rules() -> Hot:
    """The type's policy, else the standard one; its calendar, else the one that lists the team, else the standard."""
    one: Any = literal_column("1")
    named = (
        select(case_types.c.sla_policy)
        .where(case_types.c.code == bindparam("case_type", type_=Text))
        .where(case_types.c.version == bindparam("type_version", type_=Integer))
        .scalar_subquery()
    )
    policy = (
        select(sla_policies)
        .where(or_(sla_policies.c.code == named, sla_policies.c.code == STANDARD))
        .order_by(sla_policies.c.code == STANDARD, sla_policies.c.version.desc())
        .limit(one)
        .subquery("policy")
    )
    team_id = bindparam("team_id", type_=Uuid)
    team = func.coalesce(
        select(teams.c.code).where(teams.c.team_id == team_id).scalar_subquery(),
        select(partners.c.code).where(partners.c.partner_id == team_id).scalar_subquery(),
    )
    wanted = policy.c.calendar
    fits = or_(
        calendars.c.code == wanted,
        wanted.is_(None) & (team == any_(calendars.c.teams)),
        calendars.c.code == STANDARD,
    )
    calendar = (
        select(calendars.c.code, calendars.c.version, calendars.c.body)
        .where(_is_newest(calendars), fits)
        .order_by(calendars.c.code == STANDARD, calendars.c.code)
        .limit(one)
        .lateral("calendar")
    )
    return Hot(
        select(
            policy.c.policy_id,
            policy.c.version,
            policy.c.code,
            policy.c.since,
            policy.c.body,
            calendar.c.code.label("calendar"),
            calendar.c.version.label("calendar_version"),
            calendar.c.body.label("hours"),
        )
    )


def _save_clocks() -> Hot:
    columns = list(sla_clocks.columns)
    arrays = (bindparam(one.name, type_=ARRAY(one.type)) for one in columns)
    given = func.unnest(*arrays).table_valued(*(column(one.name, one.type) for one in columns)).render_derived("given")
    changes = {one.name: given.c[one.name] for one in columns if not one.primary_key}
    return Hot(update(sla_clocks).where(sla_clocks.c.clock_id == given.c.clock_id).values(changes))


_CLOCK = tuple(one.name for one in sla_clocks.columns)
_clock_id, _case_id = bindparam("clock_id", type_=Uuid), bindparam("case_id", type_=Uuid)
_RULES = _rules()
_ADD_CLOCKS = Hot(
    insert(sla_clocks).from_select(
        list(_CLOCK), select(*(func.unnest(bindparam(one.name, type_=ARRAY(one.type))) for one in sla_clocks.columns))
    )
)
_SAVE_CLOCKS = _save_clocks()
_OF_CASE = Hot(
    select(sla_clocks)
    .where(sla_clocks.c.case_id == _case_id)
    .order_by(sla_clocks.c.activated_at, sla_clocks.c.clock_id)
    .with_for_update()
)
_clock_ids = bindparam("clock_ids", type_=ARRAY(Uuid))
_CASES_OF = Hot(
    select(*case_columns)
    .where(cases.c.case_id.in_(select(sla_clocks.c.case_id).where(sla_clocks.c.clock_id == any_(_clock_ids))))
    .order_by(cases.c.case_id)
    .with_for_update()
)
_CLOCKS = Hot(
    select(sla_clocks, calendars.c.body.label("hours"))
    .join(
        calendars, (calendars.c.code == sla_clocks.c.calendar) & (calendars.c.version == sla_clocks.c.calendar_version)
    )
    .where(sla_clocks.c.clock_id == any_(_clock_ids))
    .order_by(sla_clocks.c.due_at, sla_clocks.c.clock_id)
    .with_for_update(of=sla_clocks)
)

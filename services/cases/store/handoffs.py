"""Hand-offs, progress requests, promises and partners into and out of the database."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, Text, Uuid, bindparam, cast, func, literal, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.handoff import Handoff
from services.cases.domain.handoff_stored import handoff_from, handoff_record
from services.cases.domain.partner import Partner
from services.cases.domain.progress import ProgressRequest
from services.cases.domain.promise import Promise
from services.cases.tables import handoffs, partners, progress_requests, promises, teams
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot

T = TypeVar("T", ProgressRequest, Promise, Partner)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who can be asked: a team of roster's, or a partner with its channel. `zone` is theirs."""

    team_id: UUID
    code: str
    name: str
    zone: str
    partner_channel: str | None = None
    active: bool = True


async def find_receiver(conn: AsyncConnection, named: str) -> Receiver | None:
    """The team or partner of this code or id; none when nobody is called so."""
    rows = await _RECEIVER.run(conn, named=named)
    return Receiver(*rows[0]) if rows else None


async def find_handoff(conn: AsyncConnection, handoff_id: UUID) -> Handoff | None:
    """A hand-off, locked; none when there is none."""
    rows = await _HANDOFF.run(conn, handoff_id=handoff_id)
    return handoff_from(rows[0]) if rows else None


async def case_of(conn: AsyncConnection, kind: str, subject_id: UUID) -> UUID | None:
    """The case that a `handoff`, `progress` or `promise` belongs to."""
    rows = await _CASE_OF[kind].run(conn, subject_id=subject_id)
    return rows[0]["case_id"] if rows else None


async def handoffs_of(conn: AsyncConnection, case_id: UUID) -> list[Handoff]:
    """Every hop of a case in order, locked."""
    return [handoff_from(row) for row in await _HANDOFFS.run(conn, case_id=case_id)]


async def save_handoff(conn: AsyncConnection, handoff: Handoff) -> None:
    """Store a hand-off, new or changed."""
    await _PUT[handoffs].run(conn, **handoff_record(handoff))


async def find_progress(conn: AsyncConnection, progress_id: UUID) -> ProgressRequest | None:
    """A progress request, locked; none when there is none."""
    return await _find(conn, progress_requests, ProgressRequest, progress_id)


async def progress_of(conn: AsyncConnection, case_id: UUID) -> list[ProgressRequest]:
    """Every progress request of a case in order, locked."""
    return await _of_case(conn, progress_requests, ProgressRequest, case_id)


async def save_progress(conn: AsyncConnection, progress: ProgressRequest) -> None:
    """Store a progress request, new or changed."""
    await _PUT[progress_requests].run(conn, **_record(progress))


async def find_promise(conn: AsyncConnection, promise_id: UUID) -> Promise | None:
    """A promise, locked; none when there is none."""
    return await _find(conn, promises, Promise, promise_id)


async def promises_of(conn: AsyncConnection, case_id: UUID) -> list[Promise]:
    """Every promise of a case in order, locked."""
    return await _of_case(conn, promises, Promise, case_id)


async def save_promise(conn: AsyncConnection, promise: Promise) -> None:
    """Store a promise, new or changed."""
    await _PUT[promises].run(conn, **_record(promise))


async def add_partner(conn: AsyncConnection, partner: Partner) -> None:
    """Store a new partner; 409 `partner-code-taken`, also when a team is called so."""
    if await find_receiver(conn, partner.code):
        raise Refusal("partner-code-taken", named=partner.code)
    new = insert(partners).values(**_record(partner)).on_conflict_do_nothing().returning(partners.c.partner_id)
    if (await conn.execute(new)).one_or_none() is None:
        raise Refusal("partner-code-taken", named=partner.code)


async def load_partner(conn: AsyncConnection, partner_id: UUID) -> Partner:
    """A partner, locked; 404 when there is none."""
    partner = await _find(conn, partners, Partner, partner_id)
    if partner is None:
        raise Refusal("not-found", noun="partner", what=partner_id)
    return partner


async def save_partner(conn: AsyncConnection, partner: Partner) -> None:
    """Store a changed partner."""
    await conn.execute(update(partners).where(partners.c.partner_id == partner.partner_id).values(**_record(partner)))


async def _find(conn: AsyncConnection, table: Table, cls: type[T], key: UUID) -> T | None:
    rows = await _ONE[table].run(conn, key=key)
    return cls(**rows[0]) if rows else None


async def _of_case(conn: AsyncConnection, table: Table, cls: type[T], case_id: UUID) -> list[T]:
    return [cls(**row) for row in await _OF_CASE[table].run(conn, case_id=case_id)]


def _record(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _key(table: Table) -> Any:
    [column] = table.primary_key.columns
    return column


def _put(table: Table) -> Hot:
    new = insert(table).values({one.name: bindparam(one.name, type_=one.type) for one in table.columns})
    changes = {one.name: new.excluded[one.name] for one in table.columns if not one.primary_key}
    return Hot(new.on_conflict_do_update(index_elements=[_key(table)], set_=changes))


def _one(table: Table) -> Hot:
    return Hot(select(table).where(_key(table) == bindparam("key", type_=Uuid)).with_for_update())


def _of(table: Table) -> Hot:
    mine = table.c.case_id == bindparam("case_id", type_=Uuid)
    return Hot(select(table).where(mine).order_by(_key(table)).with_for_update())


def _case(table: Table) -> Hot:
    return Hot(select(table.c.case_id).where(_key(table) == bindparam("subject_id", type_=Uuid)))


def _receiver() -> Hot:
    named = bindparam("named", type_=Text)
    by_team = select(
        teams.c.team_id, teams.c.code, teams.c.name, teams.c.zone, literal(None, Text), literal_column("true")
    ).where(or_(teams.c.code == named, cast(teams.c.team_id, Text) == func.lower(named)))
    by_partner = select(
        partners.c.partner_id, partners.c.code, partners.c.name, partners.c.zone, partners.c.channel, partners.c.active
    ).where(or_(partners.c.code == named, cast(partners.c.partner_id, Text) == func.lower(named)))
    return Hot(by_team.union_all(by_partner).limit(literal_column("1")))


_RECEIVER = _receiver()
_HANDOFF = Hot(select(handoffs).where(handoffs.c.handoff_id == bindparam("handoff_id", type_=Uuid)).with_for_update())
_HANDOFFS = Hot(
    select(handoffs)
    .where(handoffs.c.case_id == bindparam("case_id", type_=Uuid))
    .order_by(handoffs.c.hop)
    .with_for_update()
)
_ONE = {table: _one(table) for table in (progress_requests, promises, partners)}
_OF_CASE = {table: _of(table) for table in (progress_requests, promises)}
_PUT = {table: _put(table) for table in (handoffs, progress_requests, promises)}
_CASE_OF = {"handoff": _case(handoffs), "progress": _case(progress_requests), "promise": _case(promises)}

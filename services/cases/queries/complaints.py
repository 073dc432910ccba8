"""Looking complaints up: one with its evidence, the desk's list, proposals."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, all_, and_, false, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Case
from services.cases.domain.complaint import Complaint, missing_evidence
from services.cases.domain.complaint_guidance import GUIDANCE, guidance_for
from services.cases.domain.monitor import MonitorProposal
from services.cases.queries.duty import duty_manager_at
from services.cases.queries.sight import Sight, sight_of
from services.cases.tables import cases, complaint_steps, complaints, monitor_proposals
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was done about a complaint, when and by whom."""

    what: str
    at: datetime
    by: str
    by_name: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintView(Complaint):
    """A complaint, how to meet it, the stages still without evidence, and what was done so far."""

    number: str
    subject: str
    guidance: str | None
    missing_evidence: list[str]
    steps: list[Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintInShort:
    """A complaint in a list."""

    case_id: UUID
    number: str
    subject: str
    stage: str
    kind: str | None
    handler: str | None
    handler_name: str | None
    team_id: UUID | None
    customer_id: UUID | None
    raised_at: datetime
    due_at: datetime | None
    reminder_count: int
    appeal_count: int
    support_wanted: bool
    support_given_at: datetime | None
    root_cause: str | None
    step: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class GuidanceText:
    """How to meet one kind of complaint; `loss` only matters for compensation."""

    kind: str
    loss: str | None
    text: str


async def get_complaint(conn: AsyncConnection, *, actor: Actor, case_id: UUID, language: str) -> ComplaintView:
    """A case's complaint; 404 also for one that is not the caller's to see."""
    columns = (*complaints.columns, cases.c.number, cases.c.subject)
    query = select(*columns).join(cases, cases.c.case_id == complaints.c.case_id).where(complaints.c.case_id == case_id)
    row = (await conn.execute(query.where(await _in_sight(conn, actor)))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="complaint of case", what=case_id)
    values = dict(row._mapping)
    number, subject = values.pop("number"), values.pop("subject")
    lists = {"subjects": tuple(values["subjects"]), "deciders": tuple(values["deciders"])}
    return await view_complaint(conn, Complaint(**values | lists), number=number, subject=subject, language=language)


async def view_complaint(
    conn: AsyncConnection, complaint: Complaint, *, number: str, subject: str, language: str
) -> ComplaintView:
    """A complaint with its evidence and guidance."""
    query = select(complaint_steps).where(complaint_steps.c.case_id == complaint.case_id)
    steps = await conn.execute(query.order_by(complaint_steps.c.at, complaint_steps.c.step_id))
    return ComplaintView(
        **{one.name: getattr(complaint, one.name) for one in dataclass_fields(Complaint)},
        number=number,
        subject=subject,
        guidance=guidance_for(complaint.kind, complaint.loss, language),
        missing_evidence=missing_evidence(complaint),
        steps=[
            Evidence(what=row.what, at=row.at, by=row.by, by_name=row.by_name, evidence=row.evidence) for row in steps
        ],
    )


async def list_complaints(
    conn: AsyncConnection,
    *,
    actor: Actor,
    now: datetime,
    mine: bool,
    stages: list[str],
    handler: str | None,
    team_id: UUID | None,
    customer_id: UUID | None,
    support: bool,
    overdue: bool,
    updated_after: datetime | None,
    limit: int,
    after: str | None,
) -> Page[ComplaintInShort]:
    """Complaints in sight, the oldest first; `mine` is the caller's desk; with `updated_after` in order of update."""
    query = select(*_short()).join(cases, cases.c.case_id == complaints.c.case_id)
    query = query.where(await _in_sight(conn, actor))
    if mine:
        query = query.where(await _on_desk(conn, actor, now))
    if stages:
        query = query.where(complaints.c.stage.in_(stages))
    if support:
        query = query.where(complaints.c.support_wanted, complaints.c.support_given_at.is_(None))
    if overdue:
        query = query.where(complaints.c.due_at < now)
    if updated_after:
        query = query.where(complaints.c.updated_at > updated_after)
    wanted = {"handler": handler, "team_id": team_id, "customer_id": customer_id}
    query = query.where(*(complaints.c[name] == value for name, value in wanted.items() if value is not None))
    first = complaints.c.updated_at if updated_after else complaints.c.raised_at
    return await page(
        conn,
        query,
        order=(first, complaints.c.case_id),
        limit=limit,
        after=after,
        make=lambda row: ComplaintInShort(**row._mapping),
    )


async def list_proposals(
    conn: AsyncConnection, *, state: str | None, limit: int, after: str | None
) -> Page[MonitorProposal]:
    """Proposals to invite a customer as a service monitor, the oldest first."""
    query = select(monitor_proposals)
    if state:
        query = query.where(monitor_proposals.c.state == state)
    order = (monitor_proposals.c.proposed_at, monitor_proposals.c.proposal_id)
    return await page(conn, query, order=order, limit=limit, after=after, make=_proposal)


async def guidance_texts(conn: AsyncConnection, *, language: str) -> list[GuidanceText]:
    """How to meet each kind of complaint, in the caller's language."""
    return [
        GuidanceText(kind, loss, text.en if language == "en" else text.zh) for (kind, loss), text in GUIDANCE.items()
    ]


def sees_complaint(sight: Sight, complaint: Complaint, case: Case) -> bool:
    """Whether a complaint may be shown: not to those it is about, unless they see all."""
    if sight.staff_no in complaint.subjects and not sight.sees_all:
        return False
    return sight.sees(case) or sight.staff_no in (complaint.handler, complaint.raised_by)


async def _in_sight(conn: AsyncConnection, actor: Actor) -> ColumnElement[bool]:
    """Those of the caller's cases and teams, and those they raised or have; never one about themselves."""
    sight = await sight_of(conn, actor)
    if sight.sees_all:
        return complaints.c.case_id == cases.c.case_id
    me = sight.staff_no
    theirs = or_(
        complaints.c.team_id.in_(sight.teams) if sight.teams else false(),
        cases.c.owner == me,
        complaints.c.handler == me,
        complaints.c.raised_by == me,
    )
    return and_(theirs, literal(me) != all_(complaints.c.subjects))


async def _on_desk(conn: AsyncConnection, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """What the caller has; and while they are duty manager, what nobody has taken yet."""
    sight = await sight_of(conn, actor)
    on_duty = [team for team in (None, *sight.teams) if await _is_on_duty(conn, sight.staff_no, team, now)]
    untaken = complaints.c.stage == "raised"
    posts = [complaints.c.team_id == team for team in on_duty if team is not None]
    if None in on_duty:
        posts.append(complaints.c.team_id.is_(None))
    has = and_(complaints.c.handler == sight.staff_no, complaints.c.stage != "closed")
    return or_(has, and_(untaken, or_(false(), *posts)))


async def _is_on_duty(conn: AsyncConnection, staff_no: str, team_id: UUID | None, now: datetime) -> bool:
    manager = await duty_manager_at(conn, team_id, now)
    return manager is not None and manager.staff_no == staff_no


def _short() -> list[Any]:
    own = {column.name for column in complaints.columns}
    return [
        complaints.c[one.name] if one.name in own else cases.c[one.name] for one in dataclass_fields(ComplaintInShort)
    ]


def _proposal(row: Row[Any]) -> MonitorProposal:
    return MonitorProposal(**dict(row._mapping) | {"case_ids": tuple(row.case_ids)})


async def open_complaints(conn: AsyncConnection, case_id: UUID) -> int:
    """How many complaints of a case are still to be closed."""
    query = select(complaints.c.case_id).where(complaints.c.case_id == case_id, complaints.c.stage != "closed")
    return len((await conn.execute(query)).all())

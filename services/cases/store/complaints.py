"""Complaints, what was done about them, and proposals to invite a customer as a service monitor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Person
from services.cases.domain.complaint import Complaint
from services.cases.domain.monitor import MonitorProposal
from services.cases.tables import agents, complaint_steps, complaints, handoffs, monitor_proposals, teams
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id


async def find_complaint(conn: AsyncConnection, case_id: UUID) -> Complaint | None:
    """A case's complaint, locked; none when there is none."""
    query = select(complaints).where(complaints.c.case_id == case_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return complaint_from(row) if row else None


async def load_complaint(conn: AsyncConnection, case_id: UUID) -> Complaint:
    """A case's complaint, locked; 404 `not-found`."""
    complaint = await find_complaint(conn, case_id)
    if complaint is None:
        raise Refusal("not-found", noun="complaint of case", what=case_id)
    return complaint


async def save_complaint(conn: AsyncConnection, complaint: Complaint) -> None:
    """Store a complaint, new or changed."""
    lists = {"subjects": list(complaint.subjects), "deciders": list(complaint.deciders)}
    new = insert(complaints).values(asdict(complaint) | lists)
    changes = {column.name: new.excluded[column.name] for column in complaints.columns if not column.primary_key}
    await conn.execute(new.on_conflict_do_update(index_elements=[complaints.c.case_id], set_=changes))


def complaint_from(row: Row[Any]) -> Complaint:
    """A complaint from its row."""
    values = dict(row._mapping)
    lists = {"subjects": tuple(values["subjects"]), "deciders": tuple(values["deciders"])}
    return Complaint(**values | lists)


async def add_step(
    conn: AsyncConnection, case_id: UUID, what: str, by: Person, evidence: Mapping[str, Any], *, at: datetime
) -> None:
    """Keep what was done about a complaint, with its evidence."""
    told = json.loads(json.dumps(to_jsonable_python(dict(evidence))))
    values = {"case_id": case_id, "what": what, "by": by.staff_no, "by_name": by.name, "evidence": told, "at": at}
    await conn.execute(insert(complaint_steps).values(step_id=new_id(), **values))


async def handoff_state(conn: AsyncConnection, handoff_id: UUID) -> str:
    """How the hand-off to a department stands."""
    query = select(handoffs.c.state).where(handoffs.c.handoff_id == handoff_id)
    return str((await conn.execute(query)).scalar_one())


async def supervisor_of(conn: AsyncConnection, team_id: UUID | None) -> Person | None:
    """A team's supervisor, named as roster names them now."""
    query = (
        select(teams.c.supervisor, agents.c.name)
        .outerjoin(agents, agents.c.staff_no == teams.c.supervisor)
        .where(teams.c.team_id == team_id, teams.c.supervisor.is_not(None))
    )
    row = (await conn.execute(query)).one_or_none()
    return Person(row.supervisor, row.name or row.supervisor) if row else None


async def claims_without_loss(conn: AsyncConnection, customer_id: UUID, *, since: datetime) -> list[UUID]:
    """The cases of a customer's compensation claims without loss, raised at or after `since`, the oldest first."""
    query = (
        select(complaints.c.case_id)
        .where(complaints.c.customer_id == customer_id, complaints.c.raised_at >= since)
        .where(complaints.c.kind == "compensation", complaints.c.loss == "no")
        .order_by(complaints.c.raised_at, complaints.c.case_id)
    )
    return list((await conn.execute(query)).scalars())


async def add_proposal(conn: AsyncConnection, proposal: MonitorProposal) -> bool:
    """Store a proposal; false when there was one for that customer."""
    new = insert(monitor_proposals).values(asdict(proposal) | {"case_ids": list(proposal.case_ids)})
    added = await conn.execute(new.on_conflict_do_nothing().returning(monitor_proposals.c.proposal_id))
    return added.one_or_none() is not None


async def load_proposal(conn: AsyncConnection, proposal_id: UUID) -> MonitorProposal:
    """A proposal, locked; 404 `not-found`."""
    query = select(monitor_proposals).where(monitor_proposals.c.proposal_id == proposal_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="proposal", what=proposal_id)
    return MonitorProposal(**dict(row._mapping) | {"case_ids": tuple(row.case_ids)})


async def save_proposal(conn: AsyncConnection, proposal: MonitorProposal) -> None:
    """Store a changed proposal."""
    same = monitor_proposals.c.proposal_id == proposal.proposal_id
    values = asdict(proposal) | {"case_ids": list(proposal.case_ids)}
    await conn.execute(update(monitor_proposals).where(same).values(values))

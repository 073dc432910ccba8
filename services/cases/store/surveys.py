"""Surveys into and out of the database."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.survey import Survey
from services.cases.tables import customers, surveys
from shared.contracts.refusal import Refusal


async def add_survey(conn: AsyncConnection, survey: Survey) -> bool:
    """Store a case's survey; false when it has one already."""
    new = insert(surveys).values(asdict(survey)).on_conflict_do_nothing(index_elements=[surveys.c.case_id])
    return (await conn.execute(new.returning(surveys.c.survey_id))).one_or_none() is not None


async def load_survey(conn: AsyncConnection, survey_id: UUID) -> Survey:
    """A survey, locked; 404 `survey-unknown`."""
    query = select(surveys).where(surveys.c.survey_id == survey_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("survey-unknown")
    return Survey(**row._mapping)


async def save_survey(conn: AsyncConnection, survey: Survey) -> None:
    """Store an answered survey."""
    await conn.execute(update(surveys).where(surveys.c.survey_id == survey.survey_id).values(asdict(survey)))


async def may_be_asked(conn: AsyncConnection, customer_id: UUID | None) -> bool:
    """Whether there is a customer who did not ask to be left alone."""
    if customer_id is None:
        return False
    query = select(customers.c.do_not_contact).where(customers.c.customer_id == customer_id)
    return not (await conn.execute(query)).scalar_one()

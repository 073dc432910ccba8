"""Looking surveys up: by their signed link, and in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.survey import Survey, require_signed, survey_id_of, token_of
from services.cases.tables import cases, surveys
from shared.contracts.refusal import Refusal

LINK = "/cases/v1/surveys/{token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPage:
    """What the customer sees: what it is about, until when they may answer, and what they said so far."""

    number: str
    subject: str
    expires_at: datetime
    open: bool
    answered_at: datetime | None
    declined: bool | None
    rating: int | None
    recommend: int | None
    solved: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyCounts:
    """Surveys requested within a period, each counted once: by whether anybody was invited, and what became of it.

    `average_rating` is over the answered ones with a rating.
    """

    requested: int
    invited: int
    answered: int
    declined: int
    silent: int
    average_rating: float | None


async def survey_page(conn: AsyncConnection, *, token: str, now: datetime) -> SurveyPage:
    """The survey behind a signed link; `survey-unknown` for any other."""
    survey_id = survey_id_of(token)
    query = select(surveys, cases.c.number, cases.c.subject).join(cases, cases.c.case_id == surveys.c.case_id)
    row = (await conn.execute(query.where(surveys.c.survey_id == survey_id))).one_or_none()
    if row is None:
        raise Refusal("survey-unknown")
    survey = _survey(row)
    require_signed(survey, token)
    said = ("answered_at", "declined", "rating", "recommend", "solved", "expires_at")
    told = {name: getattr(survey, name) for name in said}
    return SurveyPage(number=row.number, subject=row.subject, open=survey.expires_at > now, **told)


async def survey_counts(conn: AsyncConnection, *, since: datetime | None, until: datetime | None) -> SurveyCounts:
    """Invited, answered, declined and silent, counted apart."""
    said = surveys.c.declined.is_(False)
    counts = select(
        func.count().label("requested"),
        func.count().filter(surveys.c.invited).label("invited"),
        func.count().filter(said).label("answered"),
        func.count().filter(surveys.c.declined).label("declined"),
        func.count().filter(and_(surveys.c.invited, surveys.c.declined.is_(None))).label("silent"),
        func.avg(surveys.c.rating).label("average_rating"),
    )
    if since is not None:
        counts = counts.where(surveys.c.requested_at >= since)
    if until is not None:
        counts = counts.where(surveys.c.requested_at < until)
    row = (await conn.execute(counts)).one()._mapping
    average = row["average_rating"]
    return SurveyCounts(**{**row, "average_rating": None if average is None else float(average)})


async def survey_link(conn: AsyncConnection, survey_id: UUID, customer_id: UUID) -> str | None:
    """The path of a customer's survey; none when there is no such survey of theirs."""
    query = select(surveys).join(cases, cases.c.case_id == surveys.c.case_id)
    same = (surveys.c.survey_id == survey_id, cases.c.customer_id == customer_id)
    row = (await conn.execute(query.where(*same))).one_or_none()
    return LINK.format(token=token_of(_survey(row))) if row else None


def _survey(row: Row[Any]) -> Survey:
    return Survey(**{name: row._mapping[name] for name in Survey.__dataclass_fields__})

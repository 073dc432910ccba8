"""Surveys: one for each resolved case, answered through a signed link."""

from __future__ import annotations

import secrets
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.survey import Answer, Survey, answered, requested, require_signed, survey_id_of, token_of
from services.cases.queries.surveys import LINK
from services.cases.store.cases import add_entry, load_case
from services.cases.store.surveys import add_survey, load_survey, may_be_asked, save_survey
from shared.contracts.cases import NoticeField, NoticeRequested
from shared.contracts.privacy import mask_phones_in
from shared.platform.ids import new_id
from shared.platform.work import Work

MATTER = "cases.survey"
TEMPLATE = "survey_invited"
SECRET_BYTES = 16


async def request_survey(work: Work, case: Case) -> None:
    """Invite the customer of a resolved case, once; history taken over invites nobody."""
    if case.historic:
        return
    invited = await may_be_asked(work.conn, case.customer_id)
    secret = secrets.token_bytes(SECRET_BYTES)
    survey, event = requested(case, survey_id=new_id(), secret=secret, invited=invited, now=work.now)
    if not await add_survey(work.conn, survey):
        return
    work.record(event, sequence=survey.version)
    if invited and case.customer_id is not None:
        work.record(_invitation(work, survey, case, case.customer_id), sequence=1)


async def answer_survey(work: Work, *, token: str, answer: Answer) -> None:
    """The customer says how it was; said again, the last word counts."""
    survey = await load_survey(work.conn, survey_id_of(token))
    require_signed(survey, token)
    case = await load_case(work.conn, survey.case_id, lock=False)
    after, event = answered(survey, case, answer, now=work.now)
    await save_survey(work.conn, after)
    await add_entry(work, case, "survey_answered", data={"rating": after.rating, "declined": after.declined})
    work.record(event, sequence=after.version)


def _invitation(work: Work, survey: Survey, case: Case, customer_id: UUID) -> NoticeRequested:
    told = {"number": case.number, "subject": mask_phones_in(case.subject), "link": LINK.format(token=token_of(survey))}
    return NoticeRequested(
        request_id=new_id(),
        matter_type=MATTER,
        matter_id=survey.survey_id,
        matter_version=1,
        template=TEMPLATE,
        fields=tuple(NoticeField(name=name, value=value) for name, value in told.items()),
        customers=(customer_id,),
        requested_at=work.now,
    )

"""Surveys: after resolution the customer may say how it was, once for each case; the last answer counts."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import Any
from uuid import UUID

from services.cases.domain.case import Case, facts_of
from shared.contracts.cases import SurveyAnswered, SurveyRequested
from shared.contracts.refusal import Refusal

VALID_FOR = timedelta(hours=24)
TOKEN_BYTES = 32
"""The survey's id, and as many bytes of signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One survey of one case. `invited` false: nobody could be asked. `declined` true: asked not to be asked."""

    survey_id: UUID
    case_id: UUID
    version: int = 1
    invited: bool
    secret: bytes
    requested_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    declined: bool | None = None
    rating: int | None = None
    recommend: int | None = None
    solved: bool | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the customer said: `rating` 1-5, `recommend` 0-10, `solved`; or that they decline."""

    declined: bool = False
    rating: int | None = None
    recommend: int | None = None
    solved: bool | None = None
    comment: str | None = None


def requested(
    case: Case, *, survey_id: UUID, secret: bytes, invited: bool, now: datetime
) -> tuple[Survey, SurveyRequested]:
    """The survey of a case that was just resolved."""
    survey = Survey(
        survey_id=survey_id,
        case_id=case.case_id,
        invited=invited,
        secret=secret,
        requested_at=now,
        expires_at=now + VALID_FOR,
    )
    return survey, SurveyRequested(**_facts(survey, case), invited=invited)


def answered(survey: Survey, case: Case, answer: Answer, *, now: datetime) -> tuple[Survey, SurveyAnswered]:
    """The customer answered, again perhaps; refuses when its time is over or nothing was said."""
    if survey.expires_at <= now:
        raise Refusal("survey-expired")
    if not answer.declined and answer.rating is None and answer.recommend is None and answer.solved is None:
        raise Refusal("survey-empty")
    said = Answer(declined=True, comment=answer.comment) if answer.declined else answer
    after = replace(
        survey,
        version=survey.version + 1,
        answered_at=now,
        declined=said.declined,
        rating=said.rating,
        recommend=said.recommend,
        solved=said.solved,
        comment=said.comment,
    )
    event = SurveyAnswered(
        **_facts(survey, case),
        answered_at=now,
        declined=said.declined,
        rating=said.rating,
        recommend=said.recommend,
        solved=said.solved,
    )
    return after, event


def token_of(survey: Survey) -> str:
    """The survey's link: its id, signed with its own secret."""
    raw = survey.survey_id.bytes + _signature(survey)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def survey_id_of(token: str) -> UUID:
    """Which survey a token names, before its signature is judged; `survey-unknown` for anything else."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise Refusal("survey-unknown") from error
    if len(raw) != TOKEN_BYTES:
        raise Refusal("survey-unknown")
    return UUID(bytes=raw[:16])


def require_signed(survey: Survey, token: str) -> None:
    """Refuse a token that we did not sign as if there were no such survey."""
    if not compare_digest(token_of(survey), token):
        raise Refusal("survey-unknown")


def _signature(survey: Survey) -> bytes:
    return blake2b(survey.survey_id.bytes, key=survey.secret, digest_size=TOKEN_BYTES - 16).digest()


def _facts(survey: Survey, case: Case) -> dict[str, Any]:
    return facts_of(case) | {
        "survey_id": survey.survey_id,
        "requested_at": survey.requested_at,
        "expires_at": survey.expires_at,
    }

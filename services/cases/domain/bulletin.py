"""Bulletins: a case lacks information and nobody can call the customer; whoever meets them next asks.

open → fulfilled (captured | expired | withdrawn). It closes towards whoever posted it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.cases.domain.fields import FieldRule, given_json, read_given
from services.cases.domain.recognition import Hint
from shared.contracts.cases import BulletinFulfilled, BulletinPosted
from shared.contracts.refusal import Fault, Refusal

_WORDS = FieldRule(code="", name="", name_en="")
VALID_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to ask; `field` is the case's field that its answer fills, none: the answer goes on the timeline."""

    question: str
    field: str | None = None

    @property
    def name(self) -> str:
        """How its answer is given: by the field, else by the question's own words."""
        return self.field or self.question


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """A bulletin as it stands. `answers` are by field, or by question."""

    bulletin_id: UUID
    version: int = 1
    state: str = "open"
    case_id: UUID
    case_number: str
    note: str | None = None
    questions: tuple[Ask, ...]
    hints: tuple[Hint, ...]
    team_ids: tuple[UUID, ...] = ()
    posted_by: str
    posted_by_name: str
    posted_at: datetime
    valid_until: datetime
    answers: Mapping[str, Any]
    outcome: str | None = None
    fulfilled_at: datetime | None = None
    captured_by: str | None = None
    contact_id: UUID | None = None
    updated_at: datetime


def posted(bulletin: Bulletin) -> BulletinPosted:
    """The news of a bulletin."""
    if bulletin.valid_until <= bulletin.posted_at:
        raise Refusal("invalid-value", faults=(Fault("valid_until", "time-passed", {}),))
    return BulletinPosted(**_fact(bulletin), team_ids=bulletin.team_ids)


def unanswered(bulletin: Bulletin) -> list[Ask]:
    """What is still to be asked."""
    return [ask for ask in bulletin.questions if ask.name not in bulletin.answers]


def answered(bulletin: Bulletin, answers: Mapping[str, Any], *, now: datetime) -> Bulletin:
    """With what the customer said; refuses answers to questions that nobody asked, and what is no answer.

    An answer that fills no field is a text, or why it was refused or is unknown.
    """
    require_open(bulletin)
    asked = {ask.name: ask for ask in bulletin.questions}
    taken, faults = dict(bulletin.answers), []
    for name, raw in answers.items():
        try:
            taken[name] = _taken(asked.get(name), raw)
        except Refusal as refusal:
            faults.append(Fault(f"answers.{name}"[:200], refusal.code, refusal.params))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return _next(bulletin, now, answers=taken)


def _taken(ask: Ask | None, raw: Any) -> Any:
    if ask is None:
        raise Refusal("unknown-field")
    if raw is None:
        raise Refusal("field-required")
    return raw if ask.field else given_json({"": read_given(_WORDS, raw)})[""]


def captured(
    bulletin: Bulletin, *, by: str, contact_id: UUID | None, now: datetime
) -> tuple[Bulletin, BulletinFulfilled]:
    """Everything was asked."""
    return _fulfilled(bulletin, "captured", now, captured_by=by, contact_id=contact_id)


def ended(bulletin: Bulletin, outcome: str, *, now: datetime) -> tuple[Bulletin, BulletinFulfilled]:
    """It is over without all the answers: `expired`, or `withdrawn`."""
    require_open(bulletin)
    return _fulfilled(bulletin, outcome, now)


def require_open(bulletin: Bulletin) -> None:
    """Refuse what is over."""
    if bulletin.state != "open":
        raise Refusal("bulletin-over", outcome=bulletin.outcome)


def _fulfilled(bulletin: Bulletin, outcome: str, now: datetime, **more: Any) -> tuple[Bulletin, BulletinFulfilled]:
    after = _next(bulletin, now, state="fulfilled", outcome=outcome, fulfilled_at=now, **more)
    event = BulletinFulfilled(
        **_fact(after),
        fulfilled_at=now,
        outcome=outcome,
        captured_by=after.captured_by,
        contact_id=after.contact_id,
    )
    return after, event


def _fact(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "bulletin_id": bulletin.bulletin_id,
        "case_id": bulletin.case_id,
        "case_number": bulletin.case_number,
        "questions": tuple(ask.question for ask in bulletin.questions),
        "posted_by": bulletin.posted_by,
        "posted_at": bulletin.posted_at,
        "valid_until": bulletin.valid_until,
    }


def _next(bulletin: Bulletin, now: datetime, **changes: Any) -> Bulletin:
    return replace(bulletin, **changes, version=bulletin.version + 1, updated_at=now)


def by_strength(kinds: Sequence[str]) -> int:
    """How sure a match is, the surest first: an identity, a word such as an order number, a mere name."""
    return min(2 if kind == "name" else 1 if kind == "word" else 0 for kind in kinds)

"""A case as people see it: with what to know of its customer, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.domain.fields import CaseType, FieldRule, Given, completeness_of, missing_fields
from services.cases.domain.phone import mask_phone
from services.cases.queries.problems import ProblemInShort
from shared.contracts.cases import Completeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A field that was not asked yet: how to ask, and from which stage on it is required."""

    field: str
    name: str
    question: str
    required_from: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseInShort:
    """A case in a list. Read `warning` before calling the customer."""

    case_id: UUID
    number: str
    state: str
    case_type: str
    subject: str
    quadrant: int
    customer_id: UUID | None
    tier: str | None
    topic: str | None
    team_id: UUID | None
    team_name: str | None
    owner: str | None
    owner_name: str | None
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    repeat_count: int
    reopen_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView(Case):
    """A whole case. `handle_with_care` and its note are to be read before anyone calls the customer."""

    waiting_for: str | None = None
    customer_name: str | None = None
    handle_with_care: bool = False
    care_note: str | None = None
    completeness: Completeness
    missing_fields: list[Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase(CaseView):
    """What became of a wish to open a case: `opened`, or `linked` to the one that the customer comes back to."""

    outcome: str
    similar_cases: list[CaseInShort]
    known_problems: list[ProblemInShort]


_CASE = [field.name for field in fields(Case)]
_SHORT = [field.name for field in fields(CaseInShort)]


def case_values(case: Case, case_type: CaseType, *, language: str, personal: bool) -> dict[str, Any]:
    """The fields of a CaseView that follow from the case and its type."""
    shown = case.fields if personal else _masked(case.fields, case_type.fields)
    return {name: getattr(case, name) for name in _CASE} | {
        "fields": dict(shown),
        "waiting_for": case.waiting_for,
        "completeness": completeness_of(case_type.fields, case.fields),
        "missing_fields": questions(missing_fields(case_type.fields, case.fields, "closed"), language),
    }


def in_short(case: Case) -> CaseInShort:
    """The case as lists show it."""
    return CaseInShort(**{name: getattr(case, name) for name in _SHORT})


def questions(rules: Sequence[FieldRule], language: str) -> list[Question]:
    """What to ask, in the caller's language."""
    return [
        Question(
            field=rule.code,
            name=rule.name_en if language == "en" else rule.name,
            question=rule.question(language),
            required_from=rule.required_from or "",
            kind=rule.kind,
        )
        for rule in rules
    ]


def _masked(given: Mapping[str, Given], rules: Sequence[FieldRule]) -> dict[str, Given]:
    phones = {rule.code for rule in rules if rule.kind == "phone"}
    return {
        code: replace(one, value=mask_phone(str(one.value))) if code in phones and one.value is not None else one
        for code, one in given.items()
    }

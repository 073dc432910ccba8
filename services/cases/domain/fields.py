"""What a case of a type has to tell: its fields, what was given, and what was refused, not known or never asked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from typing import Any

from services.cases.domain.phone import normalise_phone
from shared.contracts.cases import Completeness
from shared.contracts.refusal import Fault, Refusal

STAGES = ("open", "in_progress", "waiting", "resolved", "closed")
"""From where on a field can be required, in their order. Opening never blocks."""
KINDS = ("text", "number", "date", "choice", "flag", "phone")
LONGEST_VALUE = 2000
"""Characters."""

Value = str | float | bool


@dataclass(frozen=True, slots=True)
class Given:
    """A field's answer: a value, or the reason why the customer `refused` to give it or it is `unknown` to them."""

    value: Value | None = None
    refused: str | None = None
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One field of a type: its kind, from which stage on it is required (none: never), and how to ask for it."""

    code: str
    name: str
    name_en: str
    kind: str = "text"
    required_from: str | None = None
    question_zh: str | None = None
    question_en: str | None = None
    choices: tuple[str, ...] = ()

    def question(self, language: str) -> str:
        """How an agent asks for it, in the caller's language."""
        if language == "en":
            return self.question_en or f"{self.name_en}?"
        return self.question_zh or f"请问{self.name}是？"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseType:
    """One version of a case type.

    `team` is the code of the responsible team. `silence_days` are the working days in which a customer who was told can
    still say "no"; within `repeat_days` days the same matter again is no new case.
    """

    code: str
    version: int
    name: str
    name_en: str
    fields: tuple[FieldRule, ...] = ()
    team: str | None = None
    sla_policy: str | None = None
    urgency: str = "normal"
    importance: str = "normal"
    silence_days: int = 3
    repeat_days: int = 7
    updated_at: datetime
    updated_by: str


def case_type_from(row: Any) -> CaseType:
    """A type from its stored form."""
    stored = row["fields"]
    raw = json.loads(stored) if isinstance(stored, str) else stored
    rules = tuple(FieldRule(**{**one, "choices": tuple(one.get("choices", ()))}) for one in raw)
    return CaseType(**{one.name: row[one.name] for one in dataclass_fields(CaseType)} | {"fields": rules})


def require_sound(rules: Sequence[FieldRule]) -> tuple[FieldRule, ...]:
    """Refuse fields that are there twice, and choices without any."""
    codes = [rule.code for rule in rules]
    faults = [
        Fault(f"fields.{place}.code", "field-code-twice", {"code": code})
        for place, code in enumerate(codes)
        if code in codes[:place]
    ]
    faults += [
        Fault(f"fields.{place}.choices", "field-choices-missing", {})
        for place, rule in enumerate(rules)
        if rule.kind == "choice" and not rule.choices
    ]
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return tuple(rules)


def stage_of(state: str) -> str:
    """A state as fields are required by it: both kinds of waiting are one."""
    return "waiting" if state.startswith("waiting") else state


def missing_fields(rules: Sequence[FieldRule], given: Mapping[str, Given], state: str) -> list[FieldRule]:
    """What is required in a state and was never asked. Refused and unknown were asked."""
    reached = STAGES.index(stage_of(state))
    return [
        rule
        for rule in rules
        if rule.required_from is not None and STAGES.index(rule.required_from) <= reached and rule.code not in given
    ]


def require_complete(rules: Sequence[FieldRule], given: Mapping[str, Given], state: str) -> None:
    """Refuse to move on into a state while something required there was never asked, with each one's question."""
    missing = missing_fields(rules, given, state)
    if missing:
        raise Refusal("case-incomplete", faults=tuple(_unasked(rule) for rule in missing))


def moves_on(before: str, after: str) -> bool:
    """Whether a state lies further on than another; opening again and going on working do not."""
    return STAGES.index(stage_of(after)) > STAGES.index(stage_of(before))


def _unasked(rule: FieldRule) -> Fault:
    asked: dict[str, object] = {"question_zh": rule.question("zh-CN"), "question_en": rule.question("en")}
    return Fault(f"fields.{rule.code}", "case-field-missing", asked)


def completeness_of(rules: Sequence[FieldRule], given: Mapping[str, Given]) -> Completeness:
    """How the fields stand that are required before the end."""
    required = [given.get(rule.code) for rule in rules if rule.required_from is not None]
    return Completeness(
        required=len(required),
        given=sum(one is not None and one.value is not None for one in required),
        refused=sum(one is not None and one.refused is not None for one in required),
        unknown=sum(one is not None and one.unknown is not None for one in required),
        not_asked=sum(one is None for one in required),
    )


def with_fields(rules: Sequence[FieldRule], given: Mapping[str, Given], changes: Mapping[str, Any]) -> dict[str, Given]:
    """The answers with changes applied (none: as if never asked); refuses with every one that does not fit."""
    known = {rule.code: rule for rule in rules}
    after, faults = dict(given), []
    for code, raw in changes.items():
        rule = known.get(code)
        if rule is None:
            faults.append(Fault(f"fields.{code}"[:200], "unknown-field", {}))
        elif raw is None:
            after.pop(code, None)
        else:
            try:
                after[code] = read_given(rule, raw)
            except Refusal as refusal:
                faults.append(Fault(f"fields.{code}", refusal.code, refusal.params))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return after


def read_given(rule: FieldRule, raw: Any) -> Given:
    """One answer: a plain value, or an object with exactly one of value, refused, unknown."""
    if not isinstance(raw, Mapping):
        return Given(value=_value(rule, raw))
    if len(raw) != 1 or not raw.keys() <= {"value", "refused", "unknown"}:
        raise Refusal("field-answer-unclear")
    [(kind, told)] = raw.items()
    if kind == "value":
        return Given(value=_value(rule, told))
    if not isinstance(told, str) or not told.strip():
        raise Refusal("field-reason-missing")
    return Given(**{kind: _text(told)})


def given_json(given: Mapping[str, Given]) -> dict[str, dict[str, Any]]:
    """Answers as stored: by field an object with exactly one of value, refused, unknown."""
    return {code: _one_json(one) for code, one in given.items()}


def given_from(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Given]:
    """Answers from their stored form."""
    return {code: Given(**one) for code, one in stored.items()}


def _one_json(one: Given) -> dict[str, Any]:
    told = {"value": one.value, "refused": one.refused, "unknown": one.unknown}
    return {kind: value for kind, value in told.items() if value is not None}


def _value(rule: FieldRule, raw: Any) -> Value:
    if rule.kind == "flag":
        return _flag(raw)
    if rule.kind == "number":
        return _number(raw)
    text = _text(raw)
    if rule.kind == "date":
        _require_date(text)
    if rule.kind == "choice" and text not in rule.choices:
        raise Refusal("not-one-of", expected=", ".join(rule.choices))
    return normalise_phone(text) if rule.kind == "phone" else text


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Refusal("not-a-boolean")
    return raw


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or abs(raw) > 1e15:
        raise Refusal("not-a-number")
    return raw


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Refusal("not-text")
    text = raw.strip()
    if not text:
        raise Refusal("text-too-short", min_length=1)
    if len(text) > LONGEST_VALUE:
        raise Refusal("text-too-long", max_length=LONGEST_VALUE)
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise Refusal("text-unstorable")
    return text


def _require_date(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("not-a-date") from error

"""Fields of a type: what fits them, what is still to be asked, and what was asked in vain."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from services.cases.domain.fields import (
    STAGES,
    FieldRule,
    Given,
    completeness_of,
    given_from,
    given_json,
    missing_fields,
    moves_on,
    read_given,
    with_fields,
)
from shared.contracts.refusal import Refusal

STATES = st.sampled_from(["open", "in_progress", "waiting_customer", "waiting_team", "resolved", "closed"])
ANSWERS = st.sampled_from([Given(value="x"), Given(refused="no"), Given(unknown="?"), None])
RULES = [
    FieldRule(code=f"f{place}", name="n", name_en="n", required_from=stage)
    for place, stage in enumerate((*STAGES, None, "resolved"))
]


def rule(kind: str, **more: Any) -> FieldRule:
    return FieldRule(code="f", name="数", name_en="number", kind=kind, **more)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "  a ", "a"),
        ("number", 3, 3),
        ("number", 2.5, 2.5),
        ("date", "2026-03-02", "2026-03-02"),
        ("flag", False, False),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("choice", "S", "S"),
    ],
)
def test_a_value_that_fits_is_kept_in_its_one_form(kind: str, raw: object, value: object) -> None:
    fitting = rule(kind, choices=("S", "M"))
    assert read_given(fitting, raw) == read_given(fitting, {"value": raw}) == Given(value=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("number", "3", "not-a-number"),
        ("number", True, "not-a-number"),
        ("number", float("inf"), "not-a-number"),
        ("date", "02/03/2026", "not-a-date"),
        ("flag", "yes", "not-a-boolean"),
        ("flag", 1, "not-a-boolean"),
        ("text", "", "text-too-short"),
        ("text", "a\x00", "text-unstorable"),
        ("text", 5, "not-text"),
        ("choice", "L", "not-one-of"),
        ("text", {}, "field-answer-unclear"),
        ("text", {"said": "x"}, "field-answer-unclear"),
        ("text", {"unknown": 5}, "field-reason-missing"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(kind: str, raw: object, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_given(rule(kind, choices=("S",)), raw)
    assert refused.value.code == code


@given(STATES, st.lists(ANSWERS, min_size=len(RULES), max_size=len(RULES)))
def test_missing_are_those_required_by_now_that_were_never_asked(state: str, answers: list[Given | None]) -> None:
    told = {one.code: answer for one, answer in zip(RULES, answers, strict=True) if answer is not None}
    stage = "waiting" if state.startswith("waiting") else state
    reached = STAGES[: STAGES.index(stage) + 1]
    expected = [one.code for one in RULES if one.required_from in reached and one.code not in told]
    assert [one.code for one in missing_fields(RULES, told, state)] == expected


@given(st.lists(ANSWERS, min_size=len(RULES), max_size=len(RULES)))
def test_given_refused_unknown_and_not_asked_add_up(answers: list[Given | None]) -> None:
    told = {one.code: answer for one, answer in zip(RULES, answers, strict=True) if answer is not None}
    count = completeness_of(RULES, told)
    assert count.required == len(RULES) - 1 == count.given + count.refused + count.unknown + count.not_asked


@given(STATES, STATES)
def test_of_two_states_at_most_one_moves_on_to_the_other(one: str, other: str) -> None:
    assert not (moves_on(one, other) and moves_on(other, one))


def test_every_wrong_answer_is_named_and_none_is_taken() -> None:
    rules = [rule("number"), FieldRule(code="g", name="g", name_en="g")]
    with pytest.raises(Refusal) as refused:
        with_fields(rules, {}, {"f": "x", "g": 5, "h": "y"})
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("fields.f", "not-a-number"),
        ("fields.g", "not-text"),
        ("fields.h", "unknown-field"),
    ]


def test_answers_come_back_from_the_database_as_they_went() -> None:
    told = {"a": Given(value=False), "b": Given(value=0.0), "c": Given(refused="no"), "d": Given(unknown="?")}
    assert given_from(given_json(told)) == told


def test_a_question_has_words_even_when_nobody_wrote_them() -> None:
    assert (rule("text").question("zh-CN"), rule("text").question("en")) == ("请问数是？", "number?")

"""Every complaint that the validation library knows becomes a fault of our own, with its values in both languages."""

from __future__ import annotations

import pytest
from pydantic_core._pydantic_core import list_all_errors

from shared.contracts.errors import PROBLEMS
from shared.platform.faults import FIELD_LENGTH, faults_of
from shared.platform.problems import sentence

COMPLAINTS = {error["type"]: error.get("example_context") or {} for error in list_all_errors()}


@pytest.mark.parametrize("kind", sorted(COMPLAINTS))
def test_a_complaint_has_a_code_and_whole_sentences(kind: str) -> None:
    [fault] = faults_of([{"type": kind, "loc": ("body", "name"), "ctx": COMPLAINTS[kind]}])
    assert PROBLEMS[fault.code].status == 422
    for language in ("zh-CN", "en"):
        assert "…" not in sentence(fault.code, language, fault.params)


@pytest.mark.parametrize(
    ("location", "field"),
    [
        (("body", "days", 3, "code"), "days.3.code"),
        (("query", "limit"), "limit"),
        (("body",), "body"),
        (("body", "x" * 500), "x" * FIELD_LENGTH),
    ],
)
def test_a_field_is_the_path_to_it(location: tuple[str | int, ...], field: str) -> None:
    [fault] = faults_of([{"type": "missing", "loc": location}])
    assert fault.field == field


def test_a_validator_of_ours_may_give_the_code_itself() -> None:
    [fault] = faults_of([{"type": "zone-unknown", "loc": ("body", "zone"), "ctx": {"zone": "Mars/Base"}}])
    assert (fault.code, sentence(fault.code, "en", fault.params)) == (
        "zone-unknown",
        "There is no time zone Mars/Base; use an IANA name such as Asia/Shanghai.",
    )

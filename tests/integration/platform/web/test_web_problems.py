"""Every refusal is a problem document with a code, in the caller's language; nothing that is sent gives a 5xx."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Api

NOTES = "/roster/v1/notes"


def is_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["code"] == code
    assert document["type"].endswith(code)
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"].startswith("/")
    return document


async def test_a_body_that_is_no_json_is_malformed(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"\xff\xfe", b"[" * 100_000):
        response = await api.as_("manager").post(NOTES, content=body, headers=headers)
        assert response.status_code == 400
        assert response.json()["code"] in {"malformed-json", "malformed-request"}


async def test_every_fault_is_named_in_chinese_unless_english_is_asked_for(api: Api) -> None:
    body = {"text": "", "count": -1, "kind": "poem", "on": "yesterday", "extra": 1, "tags": ["a", "b", "c"]}
    chinese = is_problem(await api.as_("manager").post(NOTES, json=body), 422, "invalid-value")
    english = is_problem(await api.as_("manager", language="en").post(NOTES, json=body), 422, "invalid-value")
    told = {error["field"]: (error["code"], error["message"]) for error in chinese["errors"]}
    assert told == {
        "text": ("text-too-short", "至少 1 个字符。"),
        "count": ("too-small", "不得小于 0。"),
        "kind": ("not-one-of", "须为下列之一：memo, letter。"),
        "on": ("not-a-date", "须为有效日期，如 2026-02-14。"),
        "extra": ("unknown-field", "没有这个字段。"),
        "tags": ("too-many", "最多 2 项。"),
    }
    assert {error["field"]: error["message"] for error in english["errors"]}["tags"] == "At most 2 items."


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("text", None, "not-text"),
        ("text", "a\u0000b", "text-unstorable"),
        ("text", "x" * 2001, "text-too-long"),
        ("count", "many", "not-a-whole-number"),
        ("count", 1.5, "not-a-whole-number"),
        ("count", 1001, "too-large"),
        ("at", "2026-02-14T09:00:00", "offset-missing"),
        ("at", "soon", "not-an-instant"),
        ("about", "me", "not-an-id"),
        ("tags", "a", "not-a-list"),
        ("weight", "heavy", "not-a-number"),
    ],
)
async def test_a_wrong_value_has_a_code_that_says_what_is_expected(
    api: Api, field: str, value: object, code: str
) -> None:
    response = await api.as_("manager").post(NOTES, json={"text": "ok", field: value})
    [error] = is_problem(response, 422, "invalid-value")["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert "…" not in error["message"]


async def test_not_a_number_and_lone_surrogates_are_refused(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b'{"text": "a", "weight": NaN}', b'{"text": "\\ud800"}', b'{"text": "a", "weight": 1e999}'):
        response = await api.as_("manager").post(NOTES, content=body, headers=headers)
        is_problem(response, 422, "invalid-value")


async def test_the_weight_of_languages_counts(api: Api) -> None:
    client = api.as_("manager", language="en;q=0.3, fr, zh-CN;q=0.8")
    assert (await client.post(NOTES, json={})).headers["content-language"] == "zh-CN"
    client = api.as_("manager", language="fr, en-GB;q=0.5, zh;q=0")
    assert (await client.post(NOTES, json={})).headers["content-language"] == "en"


async def test_unknown_addresses_and_methods_are_problems_too(api: Api) -> None:
    is_problem(await api.as_("manager").get("/roster/v1/nowhere"), 404, "no-such-route")
    is_problem(await api.as_("manager").delete(NOTES), 405, "method-not-allowed")
    is_problem(await api.as_("manager").post(NOTES, content=b"text=a"), 422, "invalid-value")


async def test_a_broken_constraint_is_a_conflict_and_tells_no_values(api: Api) -> None:
    client = api.as_("manager")
    await client.post(NOTES, json={"text": "13800138000"})
    document = is_problem(await client.post(NOTES, json={"text": "13800138000"}), 409, "conflict")
    assert "13800138000" not in json.dumps(document)


async def test_a_value_that_the_database_cannot_store_is_invalid(api: Api) -> None:
    response = await api.as_("manager").get(NOTES, params={"after": "a\u0000"})
    assert response.status_code == 422


async def test_a_bug_is_recorded_and_tells_the_caller_nothing(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as logs:
        response = await api.as_("manager").post(f"{NOTES}/broken")
    document = is_problem(response, 500, "internal-error")
    assert "13800138000" not in json.dumps(document, ensure_ascii=False)
    assert "x-request-id" in response.headers
    assert [entry["event"] for entry in logs] == ["unexpected_error", "request"]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("text", "count", "kind", "on", "at", "about", "weight", "tags", "surprise"), JUNK),
    )
)
async def test_whatever_the_body_the_answer_is_no_server_error(api: Api, body: dict[str, Any]) -> None:
    content = io.StringIO()
    json.dump(body, content)
    response = await api.as_("manager").post(
        NOTES, content=content.getvalue(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code in {201, 409, 422}

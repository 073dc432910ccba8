"""Opening never blocks on missing fields; moving on does, on every path alike."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.cases import CaseOpened, CaseResolved, Completeness
from tests.integration.cases.office import CASES, Office

ORDER = {"code": "order_no", "name": "订单号", "name_en": "Order number", "required_from": "in_progress"}
ORDER |= {"question_zh": "请问订单号是多少？", "question_en": "What is the order number?"}
PHONE = {"code": "call_back", "name": "回电号码", "kind": "phone", "required_from": "resolved"}
SIZE = {"code": "size", "name": "尺码", "kind": "choice", "choices": ["S", "M"], "required_from": "resolved"}
WISH = {"code": "wish", "name": "期望"}


@pytest.fixture
async def case(office: Office) -> dict[str, Any]:
    """A case of a type with two required fields, none of them asked."""
    await office.case_type("repair", ORDER, PHONE, SIZE, WISH)
    return await office.open(type="repair")


async def test_opening_says_what_is_still_to_be_asked_and_how(office: Office, case: dict[str, Any]) -> None:
    asked = [(one["field"], one["question"], one["required_from"]) for one in case["missing_fields"]]
    assert asked == [
        ("order_no", "请问订单号是多少？", "in_progress"),
        ("call_back", "请问回电号码是？", "resolved"),
        ("size", "请问尺码是？", "resolved"),
    ]
    english = office.api.as_("agent", staff_no="A001", teams=("A",), language="en")
    shown = (await english.get(f"{CASES}/{case['case_id']}")).json()
    assert shown["missing_fields"][0]["question"] == "What is the order number?"
    [event] = await office.events(CaseOpened)
    assert event.completeness == Completeness(required=3, given=0, refused=0, unknown=0, not_asked=3)


@pytest.mark.parametrize(
    ("verb", "body", "missing"),
    [
        ("take", {}, ["order_no"]),
        ("wait", {"for": "team"}, ["order_no"]),
        ("wait", {"for": None}, ["order_no"]),
        ("resolve", {}, ["order_no", "call_back", "size"]),
    ],
)
async def test_moving_on_lists_every_missing_field_with_its_question(
    office: Office, case: dict[str, Any], verb: str, body: dict[str, Any], missing: list[str]
) -> None:
    answer = await office.try_to(case, verb, **body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "case-incomplete")
    assert [one["field"] for one in problem["errors"]] == [f"fields.{name}" for name in missing]
    assert problem["errors"][0] == {
        "field": "fields.order_no",
        "code": "case-field-missing",
        "message": "请先询问（请问订单号是多少？）。",
    }
    assert (await office.see(case))["state"] == "open"


async def test_refused_and_unknown_were_asked_and_are_counted_apart(office: Office, case: dict[str, Any]) -> None:
    fields = {"order_no": {"refused": "不愿透露"}, "call_back": {"unknown": "换号了"}, "size": "M"}
    url = f"{CASES}/{case['case_id']}"
    changed = (await office.agent.patch(url, headers={"If-Match": '"1"'}, json={"fields": fields})).json()
    assert changed["fields"]["order_no"]["refused"] == "不愿透露"
    counted = {"required": 3, "given": 1, "refused": 1, "unknown": 1, "not_asked": 0}
    assert changed["completeness"] == counted
    assert changed["missing_fields"] == []
    await office.act(case, "resolve")
    [event] = await office.events(CaseResolved)
    assert event.completeness == Completeness(**counted)


async def test_an_answer_taken_back_counts_as_never_asked(office: Office, case: dict[str, Any]) -> None:
    url = f"{CASES}/{case['case_id']}"
    await office.agent.patch(url, headers={"If-Match": '"1"'}, json={"fields": {"size": "M"}})
    back = await office.agent.patch(url, headers={"If-Match": '"2"'}, json={"fields": {"size": None}})
    assert "size" not in back.json()["fields"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("size", "XL", "not-one-of"),
        ("size", 7, "not-text"),
        ("call_back", "12", "phone-invalid"),
        ("wish", {"refused": ""}, "field-reason-missing"),
        ("wish", {"refused": "a", "unknown": "b"}, "field-answer-unclear"),
        ("wish", {"value": ["x"]}, "not-text"),
        ("wish", "x" * 2001, "text-too-long"),
        ("colour", "red", "unknown-field"),
    ],
)
async def test_a_field_of_the_wrong_kind_is_refused_wherever_it_is_given(
    office: Office, case: dict[str, Any], field: str, value: object, code: str
) -> None:
    url = f"{CASES}/{case['case_id']}"
    changed = await office.agent.patch(url, headers={"If-Match": '"1"'}, json={"fields": {field: value}})
    opened = await office.agent.post(CASES, json={"type": "repair", "subject": "s", "fields": {field: value}})
    for answer in (changed, opened):
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["field"], error["code"]) == (422, f"fields.{field}", code)


async def test_a_phone_number_in_a_field_is_masked_for_those_who_need_not_see_it(
    office: Office, case: dict[str, Any]
) -> None:
    url = f"{CASES}/{case['case_id']}"
    fields = {"call_back": "138 0013 8000"}
    seen = (await office.agent.patch(url, headers={"If-Match": '"1"'}, json={"fields": fields})).json()
    assert seen["fields"]["call_back"]["value"] == "138****8000"
    supervisor = office.person("SA", "supervisor")
    assert (await office.see(case, supervisor))["fields"]["call_back"]["value"] == "+8613800138000"
    assert "13800138000" not in str(await office.timeline(case))


async def test_a_case_keeps_the_version_of_its_type(office: Office, case: dict[str, Any]) -> None:
    url = "/cases/v1/case-types/repair"
    changed = await office.crm.patch(url, headers={"If-Match": '"1"'}, json={"fields": [WISH]})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert [one["code"] for one in (await office.crm.get(url, params={"version": 1})).json()["fields"]] == [
        "order_no",
        "call_back",
        "size",
        "wish",
    ]
    assert (await office.try_to(case, "take")).status_code == 422
    newer = await office.open(type="repair", subject="新的")
    assert (newer["type_version"], newer["missing_fields"]) == (2, [])
    stale = await office.crm.patch(url, headers={"If-Match": '"1"'}, json={"fields": []})
    assert stale.json()["code"] == "stale-version"


async def test_a_type_that_makes_no_sense_is_refused(office: Office) -> None:
    body = {"code": "odd", "name": "odd", "team": "Z", "fields": [WISH, WISH, SIZE | {"choices": []}]}
    answer = await office.crm.post("/cases/v1/case-types", json=body)
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("fields.1.code", "field-code-twice"),
        ("fields.2.choices", "field-choices-missing"),
    ]
    answer = await office.crm.post("/cases/v1/case-types", json=body | {"fields": []})
    assert answer.json()["errors"][0]["code"] == "team-unknown"
    taken = await office.crm.post("/cases/v1/case-types", json={"code": "consult", "name": "x"})
    assert taken.json()["code"] == "case-type-taken"


async def test_three_types_are_there_from_the_start(office: Office) -> None:
    types = (await office.agent.get("/cases/v1/case-types")).json()["items"]
    assert [one["code"] for one in types] == ["complaint", "consult", "feedback"]


async def test_moving_on_by_a_change_asks_the_same(office: Office, case: dict[str, Any]) -> None:
    url, seen = f"{CASES}/{case['case_id']}", {"If-Match": '"1"'}
    for state, missing in (("in_progress", 1), ("waiting_customer", 1), ("resolved", 3)):
        answer = await office.agent.patch(url, headers=seen, json={"state": state, "subject": "别的"})
        assert (answer.status_code, answer.json()["code"]) == (422, "case-incomplete")
        assert len(answer.json()["errors"]) == missing
    assert (await office.see(case))["version"] == 1
    fields = {"order_no": "1", "size": "M", "call_back": {"unknown": "没带手机"}}
    done = (await office.agent.patch(url, headers=seen, json={"fields": fields, "state": "resolved"})).json()
    assert (done["state"], done["completeness"]["unknown"]) == ("resolved", 1)

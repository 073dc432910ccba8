"""A case lacks information and the customer left no way back: whoever meets them next is shown what to ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.cases import BulletinFulfilled, BulletinPosted
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock
from tests.integration.cases.cause_desk import Desk

Json = dict[str, Any]
FIELDS = [
    {"code": "plate", "name": "车牌号", "name_en": "plate", "required_from": "resolved"},
    {"code": "amount", "name": "金额", "name_en": "amount", "kind": "number"},
]


@pytest.fixture
async def desk(api: Api, database: Database, clock: ManualClock) -> Desk:
    """A hotline with a type of case that needs a number plate."""
    desk = Desk(api, database, clock)
    await desk.team("T1", "热线一组", lead="L001")
    kind = {"code": "parking", "name": "停车", "name_en": "Parking", "fields": FIELDS}
    await desk.ask("POST", "/case-types", status=201, json=kind)
    return desk


@pytest.fixture
async def case_id(desk: Desk) -> str:
    """A vague case from a chat, without a customer."""
    body = {"type": "parking", "subject": "停车费多扣", "channel": "chat", "team": "T1"}
    return str((await desk.ask("POST", "/cases", status=201, by=agent(desk), json=body))["case_id"])


def agent(desk: Desk, staff_no: str = "A001") -> Any:
    return desk.agent(staff_no, "T1")


async def post(desk: Desk, case_id: str, hints: list[Any], **more: Any) -> Json:
    questions = [{"question": "请问车牌号是？", "field": "plate"}, "哪个停车场？"]
    body = {"case_id": case_id, "questions": questions, "hints": hints, **more}
    return dict(await desk.ask("POST", "/bulletins", status=201, by=agent(desk), json=body))


async def come(desk: Desk, **more: Any) -> Json:
    """Somebody comes in; what their agent is shown."""
    body = {"queued_at": desk.clock.now().isoformat(), **more}
    return dict(await desk.ask("POST", "/contacts", status=201, by=agent(desk, "A002"), json=body))


async def customer(desk: Desk, name: str, *identities: tuple[str, str]) -> str:
    body = {"name": name, "identities": [{"kind": kind, "value": value} for kind, value in identities]}
    return str((await desk.ask("POST", "/customers", status=201, json=body))["customer_id"])


async def test_the_next_matching_contact_on_any_channel_shows_what_to_ask(desk: Desk, case_id: str) -> None:
    bulletin = await post(desk, case_id, [{"kind": "phone", "value": "138 0013 8000"}], note="聊天中断")
    assert (await come(desk, channel="phone"))["bulletins"] == []
    [shown] = (await come(desk, channel="phone", identity={"kind": "phone", "value": "+86 13800138000"}))["bulletins"]
    assert (shown["bulletin_id"], shown["note"], shown["recognised_by"]) == (
        bulletin["bulletin_id"],
        "聊天中断",
        ["phone"],
    )
    assert [ask["question"] for ask in shown["questions"]] == ["请问车牌号是？", "哪个停车场？"]
    known = await customer(desk, "王芳", ("phone", "13800138000"))
    for channel in ("chat", "message"):
        assert len((await come(desk, channel=channel, customer_id=known))["bulletins"]) == 1


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ({"kind": "order", "value": "SO-2026 / 77"}, "so202677"),
        ({"kind": "vehicle", "value": "沪A·12345"}, "沪a12345"),
        ("星河湾", "星河湾"),
        ({"kind": "name", "value": "张"}, "张伟"),
    ],
    ids=["order number", "number plate", "a word", "a part of a name"],
)
async def test_words_recognise_the_customer_however_they_are_written(
    desk: Desk, case_id: str, hint: Any, said: str
) -> None:
    await post(desk, case_id, [hint])
    assert len((await come(desk, hints=[said]))["bulletins"]) == 1
    assert (await come(desk, hints=["别的"]))["bulletins"] == []


async def test_a_name_alone_comes_after_what_is_surer(desk: Desk, case_id: str) -> None:
    by_name = await post(desk, case_id, [{"kind": "name", "value": "王芳"}])
    by_wechat = await post(desk, case_id, [{"kind": "wechat", "value": "wang-f"}])
    known = await customer(desk, "王芳", ("wechat", "wang-f"))
    found = (await come(desk, customer_id=known))["bulletins"]
    assert [one["bulletin_id"] for one in found] == [by_wechat["bulletin_id"], by_name["bulletin_id"]]


async def test_captured_answers_fill_the_case_and_tell_whoever_asked(desk: Desk, case_id: str) -> None:
    bulletin = await post(desk, case_id, ["星河湾"])
    known = await customer(desk, "王芳")
    contact = (await come(desk, hints=["星河湾"], customer_id=known))["contact"]
    path = f"/bulletins/{bulletin['bulletin_id']}"
    body = {"answers": {"plate": "沪A12345"}, "contact_id": contact["contact_id"]}
    halfway = await desk.ask("POST", f"{path}/capture", by=agent(desk, "A002"), json=body)
    assert halfway["state"] == "open"
    [still] = (await come(desk, hints=["星河湾"]))["bulletins"]
    assert [ask["question"] for ask in still["questions"]] == ["哪个停车场？"]
    body = {"answers": {"哪个停车场？": "星河湾地下二层"}, "contact_id": contact["contact_id"]}
    done = await desk.ask("POST", f"{path}/capture", by=agent(desk, "A002"), json=body)
    assert (done["state"], done["outcome"], done["captured_by"]) == ("fulfilled", "captured", "A002")
    case = await desk.ask("GET", f"/cases/{case_id}")
    assert (case["fields"]["plate"]["value"], case["customer_id"]) == ("沪A12345", known)
    [event] = await desk.published(BulletinFulfilled)
    assert (event.posted_by, event.captured_by, str(event.contact_id)) == ("A001", "A002", contact["contact_id"])
    assert (await come(desk, hints=["星河湾"]))["bulletins"] == []
    again = await desk.ask("POST", f"{path}/capture", status=409, json={"answers": {"plate": "x"}})
    assert again["code"] == "bulletin-over"


async def test_what_the_customer_refused_was_asked(desk: Desk, case_id: str) -> None:
    bulletin = await post(desk, case_id, ["星河湾"])
    answers = {"plate": {"refused": "不愿提供"}, "哪个停车场？": {"unknown": "记不清"}}
    path = f"/bulletins/{bulletin['bulletin_id']}/capture"
    assert (await desk.ask("POST", path, json={"answers": answers}))["outcome"] == "captured"
    assert (await desk.ask("GET", f"/cases/{case_id}"))["fields"]["plate"]["refused"] == "不愿提供"


async def test_events_and_strangers_see_no_number(desk: Desk, case_id: str) -> None:
    bulletin = await post(desk, case_id, [{"kind": "phone", "value": "13800138000"}])
    assert bulletin["hints"] == [{"kind": "phone", "value": "138****8000"}]
    [event] = await desk.published(BulletinPosted)
    assert "13800138000" not in repr(event)
    whole = await desk.ask("GET", f"/bulletins/{bulletin['bulletin_id']}")
    assert whole["hints"] == [{"kind": "phone", "value": "+8613800138000"}], "a manager may see it"


async def test_a_bulletin_that_nobody_could_fulfil_expires_towards_whoever_asked(desk: Desk, case_id: str) -> None:
    await post(desk, case_id, ["星河湾"], valid_until=(START + timedelta(days=2)).isoformat())
    await desk.advance(days=3)
    [event] = await desk.published(BulletinFulfilled)
    assert (event.outcome, event.posted_by) == ("expired", "A001")
    assert (await come(desk, hints=["星河湾"]))["bulletins"] == []


async def test_a_bulletin_is_withdrawn_by_hand_or_when_its_case_closes(desk: Desk, case_id: str) -> None:
    first, second = await post(desk, case_id, ["星河湾"]), await post(desk, case_id, ["月亮湾"])
    stranger = desk.agent("B001", "T9")
    await desk.ask("POST", f"/bulletins/{first['bulletin_id']}/withdraw", status=404, by=stranger)
    await desk.ask("POST", f"/bulletins/{first['bulletin_id']}/withdraw", by=agent(desk))
    await desk.ask("POST", f"/bulletins/{first['bulletin_id']}/capture", status=409, json={"answers": {"plate": "x"}})
    case = await desk.ask("GET", f"/cases/{case_id}")
    await desk.ask(
        "PATCH", f"/cases/{case_id}", headers={"If-Match": f'"{case["version"]}"'}, json={"fields": {"plate": "沪A1"}}
    )
    await desk.ask("POST", f"/cases/{case_id}/resolve", by=agent(desk), json={"resolution": "已退费"})
    await desk.ask("POST", f"/cases/{case_id}/close", by=agent(desk), json={"confirmed": True})
    await desk.settle()
    assert (await desk.ask("GET", f"/bulletins/{second['bulletin_id']}"))["outcome"] == "withdrawn"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hints": [{"kind": "phone", "value": "12"}]}, "hints.0.value"),
        ({"hints": ["···"]}, "hints.0.value"),
        ({"hints": []}, "hints"),
        ({"questions": [{"question": "?", "field": "nonsense"}]}, "questions.0.field"),
        ({"teams": ["X"]}, "teams.0"),
        ({"valid_until": "2020-01-01T00:00:00Z"}, "valid_until"),
    ],
)
async def test_a_bulletin_that_cannot_work_is_refused(desk: Desk, case_id: str, change: Json, field: str) -> None:
    body: Json = {"case_id": case_id, "questions": ["哪里？"], "hints": ["星河湾"], **change}
    answer = await desk.ask("POST", "/bulletins", status=422, by=agent(desk), json=body)
    assert [error["field"] for error in answer["errors"]] == [field]
    assert (await desk.ask("GET", "/bulletins"))["items"] == []


async def test_an_answer_to_what_nobody_asked_is_refused(desk: Desk, case_id: str) -> None:
    bulletin = await post(desk, case_id, ["星河湾"])
    path = f"/bulletins/{bulletin['bulletin_id']}/capture"
    answer = await desk.ask("POST", path, status=422, json={"answers": {"amount": 5}})
    assert [error["field"] for error in answer["errors"]] == ["answers.amount"]
    for nonsense in (5, {"refused": ""}, {"x": "y"}, ["a"], "\u0000", None):
        answer = await desk.ask("POST", path, status=422, json={"answers": {"哪个停车场？": nonsense}})
        assert [error["field"] for error in answer["errors"]] == ["answers.哪个停车场？"]
    nobody = {"answers": {"plate": "沪A1"}, "contact_id": bulletin["bulletin_id"]}
    answer = await desk.ask("POST", path, status=422, json=nobody)
    assert [error["code"] for error in answer["errors"]] == ["contact-unknown"]
    assert "plate" not in (await desk.ask("GET", f"/cases/{case_id}"))["fields"]


async def test_the_known_problem_is_told_to_new_contacts_at_intake(desk: Desk) -> None:
    await desk.ask("POST", "/topics", status=201, json={"code": "parking", "name": "停车", "owner_team": "T1"})
    problem = {
        "title": "道闸故障",
        "cause": "系统升级",
        "workaround": "现场登记",
        "owner_team": "T1",
        "topics": ["parking"],
        "next_word_at": (START + timedelta(hours=3)).isoformat(),
    }
    known = await desk.ask("POST", "/problems", status=201, json=problem)
    [shown] = (await come(desk, topic="parking"))["known_problems"]
    assert (shown["number"], shown["workaround"]) == (known["number"], "现场登记")
    opened = await desk.ask(
        "POST", "/cases", status=201, json={"type": "consult", "topic": "parking", "subject": "抬杆"}
    )
    assert [one["number"] for one in opened["known_problems"]] == [known["number"]]
    await desk.ask("POST", f"/problems/{known['problem_id']}/fix", json={"fix": "已修复"})
    assert (await come(desk, topic="parking"))["known_problems"] == []

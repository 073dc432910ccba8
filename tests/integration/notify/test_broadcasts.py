"""Broadcasts: everybody concerned is asked once, joiners too; reached, opened, confirmed and understood are apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.contracts.notify import BroadcastCompleted
from shared.platform.ids import stable_id
from tests.conftest import START
from tests.integration.notify.conftest import LEAD, SUPERVISOR, Centre, a_team, an_agent

ACK_BY = START + timedelta(hours=8)
QUIZ = {
    "questions": [
        {"question": "退款几天到账？", "choices": ["1 天", "3 天"], "correct": 1},
        {"question": "谁审批？", "choices": ["班长", "主管", "经理"], "correct": 0},
    ]
}
BRANCH_ID, NORTH_ID = stable_id("team", "BR"), stable_id("team", "N1")


async def announce(centre: Centre, client: httpx.AsyncClient | None = None, **changes: Any) -> dict[str, Any]:
    body = {
        "title": "退款流程变更",
        "body": "自明日起，退款三天到账。",
        "audience": {"teams": ["T1"], "roles": ["agent"]},
        "ack_by": ACK_BY.isoformat(),
    } | changes
    response = await (client or centre.manager).post("/notify/v1/broadcasts", json=body)
    assert response.status_code == 201, response.text
    await centre.settle()
    made: dict[str, Any] = response.json()
    return made


async def progress(centre: Centre, made: dict[str, Any], client: httpx.AsyncClient | None = None) -> dict[str, Any]:
    response = await (client or centre.manager).get(f"/notify/v1/broadcasts/{made['broadcast_id']}/progress")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def question_of(centre: Centre, made: dict[str, Any], staff_no: str) -> str:
    params = {"subject_id": made["broadcast_id"], "staff_no": staff_no}
    listed = await centre.manager.get("/notify/v1/acknowledgements", params=params)
    [one] = listed.json()["items"]
    asked: str = one["acknowledgement_id"]
    return asked


async def a_branch(centre: Centre) -> None:
    """A branch with one team below it, with one agent of its own."""
    await centre.hear(a_team(team_id=BRANCH_ID, code="BR", name="北方分部", lead=None, supervisor=SUPERVISOR))
    await centre.hear(a_team(team_id=NORTH_ID, code="N1", name="北一组", lead="L002", parent_id=BRANCH_ID))
    await centre.hear(an_agent("A100", team_id=NORTH_ID, team_name="北一组"))
    await centre.hear(an_agent("A101", team_id=BRANCH_ID, team_name="北方分部"))


async def test_everybody_in_the_audience_is_asked_once(centre: Centre) -> None:
    made = await announce(centre, audience={"teams": ["T1"], "roles": ["agent"], "staff": ["A001", LEAD]})
    await centre.settle()
    for staff_no in ("A001", "A002", LEAD):
        [message] = await centre.messages(staff_no, subject_id=made["broadcast_id"])
        assert message["title"] == "退款流程变更"
        assert message["text"].startswith("自明日起，退款三天到账。\n请在 3月2日 周一 17:00 前确认。")
    total = (await progress(centre, made))["total"]
    assert total == {"asked": 4, "reached": 4, "opened": 0, "confirmed": 0, "refused": 0, "understood": 0}


async def test_reached_opened_confirmed_and_understood_are_counted_apart(centre: Centre) -> None:
    made = await announce(centre, quiz=QUIZ)
    first, second = await question_of(centre, made, "A001"), await question_of(centre, made, "A002")
    agent = centre.agent("A001")
    assert (await agent.post(f"/notify/v1/acknowledgements/{first}/open")).status_code == 200
    wrong = await agent.post(f"/notify/v1/acknowledgements/{first}/quiz", json={"choices": [0, 0]})
    assert wrong.json() == {"acknowledgement_id": first, "attempt": 1, "right": [False, True], "passed": False}
    total = (await progress(centre, made))["total"]
    assert (total["opened"], total["confirmed"], total["understood"]) == (1, 0, 0)
    right = await agent.post(f"/notify/v1/acknowledgements/{first}/quiz", json={"choices": [1, 0]})
    assert (right.json()["attempt"], right.json()["passed"]) == (2, True)
    for staff_no, one in (("A001", first), ("A002", second)):
        answered = await centre.agent(staff_no).post(
            f"/notify/v1/acknowledgements/{one}/answer", json={"answer": "confirm"}
        )
        assert answered.status_code == 200, answered.text
    total = (await progress(centre, made))["total"]
    assert (total["asked"], total["confirmed"], total["understood"]) == (4, 2, 1)


async def test_branches_count_with_all_below_them(centre: Centre) -> None:
    await a_branch(centre)
    made = await announce(centre, audience={"branches": ["BR"]})
    found = await progress(centre, made)
    assert [(team["team_name"], team["tally"]["asked"]) for team in found["teams"]] == [("北一组", 1), ("北方分部", 1)]
    assert [(one["team_name"], one["tally"]["asked"]) for one in found["branches"]] == [("北方分部", 2)]


async def test_a_joiner_is_asked_too_while_it_is_valid(centre: Centre) -> None:
    made = await announce(centre)
    await centre.move_to(START + timedelta(hours=1))
    await centre.hear(an_agent("A003"))
    await centre.settle()
    [message] = await centre.messages("A003")
    assert message["subject_id"] == made["broadcast_id"]
    await centre.move_to(ACK_BY)
    await centre.hear(an_agent("A004"))
    await centre.settle()
    assert await centre.messages("A004") == []


async def test_who_moves_into_the_audience_is_asked_and_nobody_twice(centre: Centre) -> None:
    await a_branch(centre)
    await announce(centre, audience={"teams": ["N1"]})
    await centre.hear(an_agent("A002", team_id=NORTH_ID, team_name="北一组"), 2)
    await centre.hear(an_agent("A100", name="改名", team_id=NORTH_ID, team_name="北一组"), 2)
    await centre.settle()
    assert [len(await centre.messages(staff_no)) for staff_no in ("A001", "A002", "A100")] == [0, 1, 1]


async def test_silence_is_reminded_and_reaches_the_lead(centre: Centre) -> None:
    await announce(centre)
    await centre.move_to(ACK_BY)
    assert (await centre.templates("A001"))[:2] == ["asked", "reminder"]
    assert "overdue" in await centre.templates(LEAD)


async def test_a_broadcast_completes_when_its_time_is_over(centre: Centre) -> None:
    made = await announce(centre)
    one = await question_of(centre, made, "A001")
    await centre.agent("A001").post(f"/notify/v1/acknowledgements/{one}/answer", json={"answer": "confirm"})
    await centre.move_to(ACK_BY)
    [event] = [e for e in await centre.published() if isinstance(e, BroadcastCompleted)]
    assert (event.outcome, event.asked_count, event.confirmed_count) == ("time_over", 4, 1)
    await centre.move_to(ACK_BY + timedelta(minutes=10))
    watch = (await centre.manager.get("/notify/v1/watchdog")).json()
    assert (watch["open_count"], watch["ok"]) == (0, True)


async def test_a_broadcast_that_is_taken_back_asks_nobody_any_more(centre: Centre) -> None:
    made = await announce(centre)
    path = f"/notify/v1/broadcasts/{made['broadcast_id']}/close"
    taken = await centre.manager.post(path, json={"reason": "写错了"})
    assert taken.status_code == 200, taken.text
    await centre.settle()
    assert (await centre.manager.get(f"/notify/v1/broadcasts/{made['broadcast_id']}")).json()["state"] == "closed"
    one = await question_of(centre, made, "A001")
    detail = (await centre.manager.get(f"/notify/v1/acknowledgements/{one}")).json()
    assert (detail["state"], detail["reason"], detail["next"]) == ("withdrawn", "taken_back", None)
    [event] = [e for e in await centre.published() if isinstance(e, BroadcastCompleted)]
    assert event.outcome == "taken_back"
    assert (await centre.manager.post(path, json={"reason": "again"})).json()["code"] == "broadcast-closed"


async def test_the_page_asks_the_quiz_and_confirms_in_one_go(centre: Centre) -> None:
    made = await announce(centre, quiz=QUIZ)
    [message] = await centre.messages("A001")
    link = httpx.URL(message["link"]).path
    shown = (await centre.anyone.get(link)).text
    assert "退款几天到账？" in shown
    assert "3 天" in shown
    missing = await centre.anyone.post(link, data={"answer": "confirm", "q0": "1"})
    assert missing.status_code == 422
    done = await centre.anyone.post(link, data={"answer": "confirm", "q0": "1", "q1": "2"})
    assert done.status_code == 200, done.text
    assert "还有答错的题" in done.text
    again = await centre.anyone.post(link, data={"answer": "quiz", "q0": "1", "q1": "0"})
    assert "答对了" in again.text
    total = (await progress(centre, made))["total"]
    assert (total["confirmed"], total["understood"]) == (1, 1)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"audience": {}}, "audience", "audience-empty"),
        ({"ack_by": START.isoformat()}, "ack_by", "time-past"),
        ({"ack_by": "9999-12-31T23:59:59Z"}, "ack_by", "time-too-far"),
        (
            {"quiz": {"questions": [{"question": "?", "choices": ["a", "b"], "correct": 2}]}},
            "quiz.questions.0.correct",
            "choice-unknown",
        ),
    ],
)
async def test_a_broadcast_that_makes_no_sense_is_refused(
    centre: Centre, change: dict[str, Any], field: str, code: str
) -> None:
    body = {"title": "t", "body": "b", "audience": {"everyone": True}, "ack_by": ACK_BY.isoformat()} | change
    response = await centre.manager.post("/notify/v1/broadcasts", json=body)
    assert response.status_code == 422
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(field, code)]


async def test_a_supervisor_speaks_to_the_own_teams_only(centre: Centre) -> None:
    await a_branch(centre)
    body = {"title": "t", "body": "b", "ack_by": ACK_BY.isoformat()}
    for audience in ({"everyone": True}, {"teams": ["N1"]}, {"staff": ["A100"]}, {"roles": ["agent"]}):
        response = await centre.supervisor.post("/notify/v1/broadcasts", json=body | {"audience": audience})
        assert response.status_code == 403, audience
    made = await announce(centre, centre.supervisor)
    assert (await progress(centre, made, centre.lead))["total"]["asked"] == 4
    assert (await centre.agent("A001").get(f"/notify/v1/broadcasts/{made['broadcast_id']}/progress")).status_code == 403


async def test_only_who_was_asked_answers_the_quiz(centre: Centre) -> None:
    made = await announce(centre, quiz=QUIZ)
    one = await question_of(centre, made, "A001")
    path = f"/notify/v1/acknowledgements/{one}/quiz"
    assert (await centre.agent("A002").post(path, json={"choices": [1, 0]})).status_code == 403
    assert (await centre.agent("A001").post(path, json={"choices": [1]})).status_code == 422

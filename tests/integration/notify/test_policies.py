"""Policies and templates over HTTP: versioned, checked when saved, and in force from the next question on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.platform.ids import new_id, stable_id
from tests.conftest import START
from tests.integration.notify.conftest import SUPERVISOR, TEAM_ID, Centre, a_change, a_team, an_agent

ANNOUNCED = "roster.shift_change.announced.v1"
PATH = f"/notify/v1/policies/{ANNOUNCED}"
ASKS = {
    "to": ["agent"],
    "asked": "shift_change.asked",
    "reminder": "shift_change.reminder",
    "silent": "shift_change.silent",
    "overdue": "shift_change.overdue",
    "ladder": [{"offset": "+0", "target": "recipient"}, {"offset": "+15 min", "target": "supervisor"}],
}


async def save(centre: Centre, team: str | None = None, **changes: Any) -> dict[str, Any]:
    params = {"team": team} if team else {}
    response = await centre.manager.put(PATH, json={"asks": ASKS | changes}, params=params)
    assert response.status_code == 200, response.text
    saved: dict[str, Any] = response.json()
    return saved


async def policy(centre: Centre, team: str | None = None) -> dict[str, Any]:
    response = await centre.manager.get(PATH, params={"team": team} if team else {})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_every_event_has_a_shipped_policy_that_can_be_read(centre: Centre) -> None:
    items = (await centre.manager.get("/notify/v1/policies")).json()["items"]
    assert len(items) > 30
    assert {item["source"] for item in items} == {"shipped"}
    shipped = await policy(centre)
    assert [step["offset"] for step in shipped["policy"]["asks"]["ladder"]] == ["+0", "50%", "75%", "deadline"]
    assert {"agent", "lead", "supervisor", "duty manager", "manager"} <= set(shipped["words"])


async def test_a_saved_policy_is_in_force_for_the_next_question_and_not_for_the_last(centre: Centre) -> None:
    await centre.hear(a_change("A001"))
    assert (await save(centre))["version"] == 2
    await centre.hear(a_change("A002"))
    before, after = await centre.question(a_change("A001")), await centre.question(a_change("A002"))
    assert ([len(one["rungs"]) for one in (before, after)], after["policy_version"]) == ([4, 2], 2)
    await centre.move_to(START + timedelta(minutes=15))
    assert await centre.templates(SUPERVISOR) == ["silent"]


async def test_a_teams_policy_outweighs_its_branchs_and_the_centres(centre: Centre) -> None:
    branch, below = stable_id("team", "BR"), stable_id("team", "N1")
    await centre.hear(a_team(team_id=branch, code="BR", name="分部"))
    await centre.hear(a_team(team_id=below, code="N1", name="北一", parent_id=branch))
    await centre.hear(an_agent("A100", team_id=below))
    await save(centre)
    await save(centre, "BR", ladder=[{"offset": "+0", "target": "recipient"}])
    change = a_change("A100", team_id=below)
    await centre.hear(change)
    assert len((await centre.question(change))["rungs"]) == 1
    await save(
        centre, "N1", ladder=[{"offset": "+0", "target": "recipient"}, *({"offset": "90%", "target": "lead"},) * 2]
    )
    assert (await policy(centre, "N1"))["source"] == "team"
    assert (await policy(centre, str(TEAM_ID)))["source"] == "centre"
    again = a_change("A100", team_id=below, change_id=new_id())
    await centre.hear(again)
    assert len((await centre.question(again))["rungs"]) == 3


async def test_a_dropped_policy_gives_way_to_the_one_above_and_its_versions_stay(centre: Centre) -> None:
    await save(centre)
    assert (await centre.manager.delete(PATH)).status_code == 204
    found = await policy(centre)
    assert (found["source"], found["version"]) == ("shipped", 3)
    assert [(one["version"], one["reset"]) for one in found["versions"]] == [(3, True), (2, False)]


async def test_plus_after_the_deadline_counts_from_the_deadline(centre: Centre) -> None:
    ladder = [
        {"offset": offset, "target": target}
        for offset, target in (
            ("+0", "recipient"),
            ("50 %", "recipient, next channel"),
            ("-2 h", "lead"),
            ("deadline", "duty_manager"),
            ("+15 min", "manager"),
        )
    ]
    saved = await save(centre, ladder=ladder)
    steps = [(step["offset"], step["target"]) for step in saved["policy"]["asks"]["ladder"]]
    assert steps[3:] == [("deadline", "duty manager"), ("deadline+15 min", "manager")]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"to": ["nobody"]}, "asks.to.0", "target-unknown"),
        ({"asked": "no.such"}, "asks.asked", "template-unknown"),
        ({"ladder": [{"offset": "soon", "target": "lead"}]}, "asks.ladder.0.offset", "offset-invalid"),
        ({"ladder": [{"offset": "+0", "target": "boss"}]}, "asks.ladder.0.target", "target-unknown"),
        (
            {"ladder": [{"offset": "deadline", "target": "lead"}, {"offset": "50%", "target": "lead"}]},
            "asks.ladder.1.offset",
            "rung-out-of-order",
        ),
        ({"within": "-3h"}, "asks.within", "offset-invalid"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused(
    centre: Centre, changes: dict[str, Any], field: str, code: str
) -> None:
    response = await centre.manager.put(PATH, json={"asks": ASKS | changes})
    assert response.status_code == 422
    assert (field, code) in [(error["field"], error["code"]) for error in response.json()["errors"]]


async def test_unknown_events_and_events_without_a_question_are_refused(centre: Centre) -> None:
    unknown = await centre.manager.put("/notify/v1/policies/cases.nothing.v1", json={"asks": ASKS})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "policy-unknown")
    silent = await centre.manager.put("/notify/v1/policies/cases.sla.warned.v1", json={"asks": ASKS})
    assert "event-asks-nothing" in [error["code"] for error in silent.json()["errors"]]
    when = {"tells": [{"template": "sla.warned", "to": ["owner"], "when": "no_such_field"}]}
    field = await centre.manager.put("/notify/v1/policies/cases.sla.warned.v1", json=when)
    assert [error["code"] for error in field.json()["errors"]] == ["field-unknown"]


async def test_a_supervisor_writes_for_the_own_team_only(centre: Centre) -> None:
    own = await centre.supervisor.put(PATH, json={"asks": ASKS}, params={"team": "T1"})
    assert own.status_code == 200, own.text
    assert (await centre.supervisor.put(PATH, json={"asks": ASKS})).status_code == 403
    assert (await centre.lead.put(PATH, json={"asks": ASKS}, params={"team": "T1"})).status_code == 403


async def test_a_stale_version_is_refused(centre: Centre) -> None:
    await save(centre)
    stale = await centre.manager.put(PATH, json={"asks": ASKS}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_a_saved_template_is_what_the_next_message_says(centre: Centre) -> None:
    path = "/notify/v1/templates/shift_change.asked"
    texts = {"zh-CN": {"title": "请看 {name}", "text": "{days}\n{{原样}}"}}
    saved = await centre.manager.put(path, json={"texts": texts})
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    await centre.hear(a_change())
    [message] = await centre.messages("A001")
    assert message["title"] == "请看 李静"
    assert message["text"].endswith("{原样}")
    found = (await centre.manager.get(path)).json()
    assert (found["source"], found["version"], set(found["texts"])) == ("centre", 2, {"zh-CN", "en"})


@pytest.mark.parametrize(
    ("text", "code"), [("{colour}", "field-unknown"), ("{name.__class__}", "brace-unmatched"), ("{", "brace-unmatched")]
)
async def test_a_template_that_names_an_unknown_field_is_refused(centre: Centre, text: str, code: str) -> None:
    texts = {"en": {"title": "t", "text": text}}
    response = await centre.manager.put("/notify/v1/templates/shift_change.asked", json={"texts": texts})
    assert response.status_code == 422
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("texts.en", code)]


async def test_a_template_of_ones_own_serves_a_policy(centre: Centre) -> None:
    texts = {language: {"title": "自定", "text": "{agent_name}"} for language in ("zh-CN", "en")}
    path = "/notify/v1/templates/our.leave"
    no_event = await centre.manager.put(path, json={"texts": texts})
    assert no_event.json()["errors"][0]["code"] == "event-unknown"
    made = await centre.manager.put(path, json={"texts": texts, "event_type": "roster.leave.approved.v1"})
    assert made.json()["version"] == 1
    tells = {"tells": [{"template": "our.leave", "to": ["agent"]}]}
    assert (await centre.manager.put("/notify/v1/policies/roster.leave.approved.v1", json=tells)).status_code == 200


async def test_a_preview_shows_values_and_names_what_is_missing(centre: Centre) -> None:
    path = "/notify/v1/templates/handoff.asked/preview"
    shown = (await centre.lead.post(path, json={"language": "zh-CN", "fields": {"number": "C1"}})).json()
    assert shown["title"] == "转办请接收：C1 ‹summary›"
    draft = {"language": "en", "draft": {"title": "{number}", "text": "{name}"}, "fields": {"name": "Li"}}
    shown = (await centre.lead.post(path, json=draft)).json()
    assert (shown["title"], shown["text"]) == ("‹number›", "Li")
    assert (await centre.lead.post("/notify/v1/templates/none/preview", json={})).status_code == 404


@pytest.mark.parametrize("odd", ["\\ud800", "\\u0000", "x" * 3000])
async def test_odd_text_is_an_error_of_the_callers(centre: Centre, odd: str) -> None:
    json = {"Content-Type": "application/json"}
    for method, path, body in (
        ("PUT", PATH, f'{{"asks": {{"to": ["{odd}"], "ladder": [{{"offset": "{odd}", "target": "{odd}"}}]}}}}'),
        ("POST", "/notify/v1/templates/handoff.asked/preview", f'{{"fields": {{"name": "{odd}"}}}}'),
        ("PUT", "/notify/v1/templates/handoff.asked", f'{{"texts": {{"en": {{"title": "{odd}", "text": "{odd}"}}}}}}'),
        ("POST", "/notify/v1/webhooks", f'{{"url": "https://{odd}/", "events": ["{odd}"]}}'),
        ("POST", "/notify/v1/broadcasts", f'{{"title": "{odd}", "body": "{odd}", "audience": {{"staff": ["{odd}"]}}}}'),
        ("PUT", "/notify/v1/recipients/P1", f'{{"name": "{odd}", "team": "{odd}"}}'),
    ):
        response = await centre.manager.request(method, path, content=body, headers=json)
        assert response.status_code in (400, 422), (method, path, response.text)

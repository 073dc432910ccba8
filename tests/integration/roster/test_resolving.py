"""What becomes of a refusal: who could take over, what each decision does to the shifts, and the board."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.notify import EscalationRaised, MessageDelivered, MessageFailed
from shared.platform.ids import new_id
from tests.conftest import ManualClock
from tests.integration.roster.centre import Centre, day

Change = dict[str, Any]


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed by all: A001 works early from tomorrow on, A002 late, A003 has nothing."""
    made = await centre.roster(7)
    await plan(centre, made, {})
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


async def plan(centre: Centre, roster_id: str, tomorrow: dict[str, str]) -> None:
    lines = {"A001": {day(n): "早" for n in range(1, 4)}, "A002": {day(n): "晚" for n in range(1, 4)}}
    for staff_no, code in tomorrow.items():
        lines.setdefault(staff_no, {})[day(1)] = code
    await centre.draft(roster_id, lines)


@pytest.fixture
async def refused(centre: Centre, roster_id: str) -> Change:
    """A001 was to work late tomorrow, and refused."""
    await plan(centre, roster_id, {"A001": "晚"})
    change = (await centre.publish(roster_id))["changes"]["A001"]
    path = f"/shift-changes/{change['change_id']}/refuse"
    return await centre.ask("POST", path, by=centre.agent("A001"), json={"reason": "孩子生病"})


async def candidates(centre: Centre, change: Change) -> tuple[list[str], dict[str, list[str]]]:
    found = await centre.ask("GET", f"/shift-changes/{change['change_id']}/candidates", by=centre.supervisor)
    ruled_out = {one["staff_no"]: [reason["code"] for reason in one["reasons"]] for one in found["ruled_out"]}
    return [one["staff_no"] for one in found["items"]], ruled_out


async def resolve(centre: Centre, change: Change, *, status: int = 200, **body: Any) -> Change:
    path = f"/shift-changes/{change['change_id']}/resolve"
    body = {"reason": "人手安排", **body}
    return await centre.ask("POST", path, status=status, by=centre.supervisor, json=body)


async def set_skills(centre: Centre, staff_no: str, *skills: str) -> None:
    path = f"/agents/{centre.agents[staff_no]['agent_id']}"
    version = (await centre.get(path))["version"]
    await centre.ask("PATCH", path, json={"skills": skills}, headers={"If-Match": str(version)})


async def test_a_refusal_lists_who_passes_skills_rest_and_hours(centre: Centre, refused: Change) -> None:
    assert await candidates(centre, refused) == (["A003"], {"A002": ["agent-at-work"]})
    await set_skills(centre, "A001", "voice", "chat")
    await set_skills(centre, "A003", "voice")
    assert await candidates(centre, refused) == (
        [],
        {"A002": ["agent-at-work", "skills-missing"], "A003": ["skills-missing"]},
    )


async def test_a_candidate_without_rest_is_ruled_out(centre: Centre, roster_id: str) -> None:
    await plan(centre, roster_id, {"A001": "休"})
    lines = {"A001": {day(1): "夜"}, "A002": {day(2): "早"}, "A003": {day(2): "晚"}}
    await centre.draft(roster_id, lines)
    change = (await centre.publish(roster_id))["changes"]["A001"]
    items, ruled_out = await candidates(centre, change)
    assert (items, ruled_out) == ([], {"A002": ["rest-too-short"], "A003": ["rest-too-short"]})


async def test_a_candidate_whose_week_would_be_too_long_is_ruled_out(centre: Centre, roster_id: str) -> None:
    lines = {"A001": {day(1): "晚"}, "A002": {day(1): "早"}, "A003": {day(number): "早" for number in range(2, 7)}}
    await centre.draft(roster_id, lines)
    change = (await centre.publish(roster_id))["changes"]["A001"]
    assert await candidates(centre, change) == (
        [],
        {"A002": ["agent-at-work"], "A003": ["weekly-hours-exceeded"]},
    )


async def test_candidates_are_for_who_resolves(centre: Centre, refused: Change) -> None:
    path = f"/shift-changes/{refused['change_id']}/candidates"
    await centre.ask("GET", path, status=403, by=centre.agent("A001"))
    await centre.ask("GET", path, status=403, by=centre.api.as_("supervisor", staff_no="S9", teams=("T9",)))
    await centre.ask("GET", f"/shift-changes/{new_id()}/candidates", status=404)


async def test_until_resolved_the_accountable_shift_stays_what_it_was(centre: Centre, refused: Change) -> None:
    shift = await centre.shift("A001", day(1))
    assert (shift["planned"]["code"], shift["accountable"]["code"]) == ("晚", "早")
    assert (shift["why"]["reason"], shift["why"]["change_id"]) == ("refused", refused["change_id"])
    assert "拒绝" in shift["why"]["message"]


async def test_reassigning_makes_a_version_that_asks_the_substitute(
    centre: Centre, roster_id: str, refused: Change
) -> None:
    resolved = await resolve(centre, refused, action="reassign", substitute="A003")
    decision = resolved["resolution"]
    assert (resolved["state"], decision["action"], decision["substitute"]) == ("refused", "reassign", "A003")
    asked = await centre.change(decision["asked_in"])
    assert (asked["staff_no"], asked["state"], asked["number"]) == ("A003", "pending", 3)
    assert [(one["on"], one["after"]["code"]) for one in asked["days"]] == [(day(1), "晚")]
    given_back = await centre.shift("A001", day(1))
    assert (given_back["planned"]["code"], given_back["same"]) == ("早", True)
    taken = await centre.shift("A003", day(1))
    assert (taken["planned"]["code"], taken["accountable"], taken["why"]["reason"]) == ("晚", None, "unanswered")
    assert (await centre.get(f"/rosters/{roster_id}"))["number"] == 3
    assert (await centre.get(f"/rosters/{roster_id}/draft/diff"))["agents"] == [], "the draft has followed"
    await centre.confirm(asked)
    assert (await centre.shift("A003", day(1)))["same"]


async def test_reassigning_leaves_alone_what_is_being_drafted(centre: Centre, roster_id: str, refused: Change) -> None:
    await plan(centre, roster_id, {"A001": "晚", "A002": "休"})
    await resolve(centre, refused, action="reassign", substitute="A003")
    assert (await centre.shift("A002", day(1)))["planned"]["code"] == "晚"
    [pending] = (await centre.get(f"/rosters/{roster_id}/draft/diff"))["agents"]
    assert pending["staff_no"] == "A002"


@pytest.mark.parametrize(
    ("substitute", "code"),
    [("A002", "agent-at-work"), ("A001", "substitute-is-the-same"), ("S001", "agent-not-in-team")],
)
async def test_who_cannot_take_over_is_not_asked(centre: Centre, refused: Change, substitute: str, code: str) -> None:
    answer = await resolve(centre, refused, status=409, action="reassign", substitute=substitute)
    assert answer["code"] == "substitute-unfit"
    assert code in [error["code"] for error in answer["errors"]]
    assert (await centre.change(refused["change_id"]))["resolution"] is None, "nothing was half done"


async def test_a_substitute_goes_with_reassigning_only(centre: Centre, refused: Change) -> None:
    await resolve(centre, refused, status=422, action="insist", substitute="A003")
    await resolve(centre, refused, status=422, action="reassign", substitute="A404")


async def test_withdrawing_gives_back_what_was_confirmed(centre: Centre, refused: Change) -> None:
    assert (await resolve(centre, refused, action="withdraw"))["state"] == "withdrawn"
    assert (await centre.shift("A001", day(1)))["planned"]["code"] == "早"


async def test_a_confirmation_keeps_version_hash_channel_time_and_the_text_that_was_shown(
    centre: Centre, roster_id: str
) -> None:
    await plan(centre, roster_id, {"A001": "晚"})
    change = (await centre.publish(roster_id))["changes"]["A001"]
    path, body = f"/shift-changes/{change['change_id']}/confirm", {"channel": "console", "shown": "周二改晚班"}
    confirmed = await centre.ask("POST", path, by=centre.agent("A001"), json=body)
    answer = confirmed["answer"]
    assert (answer["number"], answer["diff_hash"]) == (2, confirmed["diff_hash"])
    assert (answer["channel"], answer["shown"], answer["by"]) == ("console", "周二改晚班", "A001")
    assert answer["answered_at"] == "2026-03-02T01:00:00Z"
    assert await centre.ask("POST", path, by=centre.agent("A001"), json=body) == confirmed, "said once more"


async def test_insisting_keeps_the_plan_and_moves_nothing_the_agent_answers_for(
    centre: Centre, refused: Change
) -> None:
    await resolve(centre, refused, action="insist")
    shift = await centre.shift("A001", day(1))
    assert (shift["planned"]["code"], shift["accountable"]["code"], shift["why"]["reason"]) == ("晚", "早", "insisted")
    await centre.confirm(refused)
    assert (await centre.shift("A001", day(1)))["same"]


async def test_the_board_counts_by_team_and_state_and_says_what_to_do_next(
    centre: Centre, roster_id: str, refused: Change, clock: ManualClock
) -> None:
    await plan(centre, roster_id, {"A001": "晚", "A002": "早", "A003": "早"})
    changes = (await centre.publish(roster_id))["changes"]
    about: dict[str, Any] = {"subject_type": "roster.shift_change", "acknowledgement_id": new_id()}
    message: dict[str, Any] = {**about, "message_id": new_id(), "channel": "sms", "template": "x"}
    silent, unreached = changes["A002"], changes["A003"]
    ids = {one["staff_no"]: UUID(one["change_id"]) for one in changes.values()}
    told: dict[str, Any] = {"staff_no": "A002", "subject_id": ids["A002"]}
    await centre.hear(MessageDelivered(**message, **told, level="accepted", delivered_at=clock.now()))
    raised: dict[str, Any] = {
        "rung": 2,
        "target": "lead",
        "target_staff_no": "L001",
        "raised_at": clock.now() + timedelta(hours=1),
    }
    await centre.hear(EscalationRaised(**about, **told, **raised))
    failed: dict[str, Any] = {"staff_no": "A003", "subject_id": ids["A003"], "reason": "停机", "failed_at": clock.now()}
    await centre.hear(MessageFailed(**message, **failed))
    board = await centre.ask("GET", "/confirmation-board", by=centre.supervisor)
    [team] = board["teams"]
    assert team["states"] == {"confirmed": 2, "notified": 1, "pending": 1, "refused": 1}
    assert (team["team_name"], team["waiting_count"], team["overdue_count"]) == ("一组", 3, 0)
    by_agent = {one["staff_no"]: one for one in board["items"]}
    assert by_agent.keys() == {"A001", "A002", "A003"}
    asked = by_agent["A002"]
    assert (asked["confirm_by"], asked["last_delivery"]["outcome"]) == (silent["confirm_by"], "accepted")
    assert (asked["escalation"]["rung"], asked["escalation"]["staff_no"]) == (2, "L001")
    assert (asked["next"]["action"], asked["next"]["who"]) == ("ask_in_person", "lead")
    assert by_agent["A003"]["last_delivery"]["reason"] == "停机"
    assert by_agent["A003"]["next"]["action"] == "phone_agent"
    assert by_agent["A003"]["next"]["by"] == unreached["confirm_by"]


async def test_the_board_shows_refusals_until_they_are_resolved(centre: Centre, refused: Change) -> None:
    [one] = (await centre.get("/confirmation-board", team="T1"))["items"]
    assert (one["change_id"], one["next"]["action"], one["next"]["who"]) == (
        refused["change_id"],
        "resolve_refusal",
        "supervisor",
    )
    assert (await centre.get("/confirmation-board", team="T9"))["items"] == []
    assert (await centre.ask("GET", "/confirmation-board", by=centre.agent("A002")))["items"] == []
    await resolve(centre, refused, action="insist")
    assert (await centre.get("/confirmation-board"))["items"] == []


async def test_the_board_comes_in_pages_by_deadline(centre: Centre, roster_id: str) -> None:
    await plan(centre, roster_id, {"A001": "晚", "A002": "早", "A003": "早"})
    await centre.publish(roster_id)
    first = await centre.get("/confirmation-board", limit=2)
    rest = await centre.get("/confirmation-board", limit=2, after=first["next"])
    assert len({one["change_id"] for one in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None

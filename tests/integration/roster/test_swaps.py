"""Swap or give-away: offered → accepted → approved (or by the team's rules) → a version both sides have confirmed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import ManualClock
from tests.integration.roster.centre import Centre, day


@pytest.fixture
def lead(centre: Centre) -> httpx.AsyncClient:
    return centre.api.as_("lead", staff_no="L001")


@pytest.fixture
async def roster_id(centre: Centre) -> str:
    """Confirmed: A001 early on day 2 and off on day 3, A002 the other way round, A003 early on days 1 to 4."""
    made = await centre.roster(7)
    lines = {
        "A001": {day(2): "早", day(3): "休"},
        "A002": {day(2): "休", day(3): "晚"},
        "A003": {day(number): "早" for number in range(1, 5)},
    }
    await centre.draft(made, lines)
    for change in (await centre.publish(made))["changes"].values():
        await centre.confirm(change)
    return made


async def offer(centre: Centre, **more: Any) -> dict[str, Any]:
    body = {"on": day(2), "with_staff_no": "A002", "with_on": day(3), "note": "家里有事"}
    return await centre.ask("POST", "/swaps", status=201, by=centre.agent("A001"), json=body | more)


async def act(centre: Centre, swap: dict[str, Any], verb: str, by: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    return await centre.ask("POST", f"/swaps/{swap['swap_id']}/{verb}", by=by, **more)


async def auto(centre: Centre) -> None:
    path = f"/teams/{centre.team['team_id']}"
    await centre.ask("PATCH", path, json={"settings": {"swap_approval": "auto"}}, headers={"If-Match": '"1"'})


async def test_an_approved_swap_is_a_version_that_both_sides_have_confirmed(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    swap = await offer(centre)
    assert (swap["state"], swap["kind"], swap["from_cell"]["code"], swap["to_cell"]["code"]) == (
        "offered",
        "swap",
        "早",
        "晚",
    )
    refused = await act(centre, swap, "approve", lead, status=409)
    assert refused["code"] == "swap-not-accepted"
    assert (await act(centre, swap, "accept", centre.agent("A002")))["state"] == "accepted"
    done = await act(centre, swap, "approve", lead)
    assert (done["state"], done["number"], done["decided_by"]) == ("approved", 2, "L001")
    for staff_no, on, code in (
        ("A001", day(2), "休"),
        ("A001", day(3), "晚"),
        ("A002", day(2), "早"),
        ("A002", day(3), "休"),
    ):
        shift = await centre.shift(staff_no, on)
        assert (shift["same"], shift["planned"]["code"], shift["accountable_number"]) == (True, code, 2)
    assert (await centre.get("/shift-changes", state="pending"))["items"] == []
    mine = [one for one in (await centre.get("/shift-changes", agent="A001"))["items"] if one["number"] == 2]
    assert [(one["state"], one["answer"]["by"], one["late_notice"]) for one in mine] == [("confirmed", "A001", False)]
    [told] = [data for type_, data in await centre.told() if type_ == "roster.swap.completed.v1"]
    assert [(side["staff_no"], [one["on"] for one in side["days"]]) for side in told["sides"]] == [
        ("A001", [day(2), day(3)]),
        ("A002", [day(2), day(3)]),
    ]
    assert (await act(centre, swap, "approve", lead))["version"] == done["version"]
    draft = {one["staff_no"]: one["cells"] for one in (await centre.get(f"/rosters/{roster_id}/draft"))["lines"]}
    assert (draft["A001"], draft["A002"]) == ({day(2): "休", day(3): "晚"}, {day(2): "早", day(3): "休"})


async def test_a_shift_is_given_away_for_nothing(centre: Centre, roster_id: str, lead: httpx.AsyncClient) -> None:
    swap = await offer(centre, with_on=None)
    assert swap["kind"] == "give_away"
    await act(centre, swap, "accept", centre.agent("A002"))
    await act(centre, swap, "approve", lead)
    assert (await centre.shift("A001", day(2)))["planned"]["code"] == "休"
    assert (await centre.shift("A002", day(2)))["accountable"]["code"] == "早"


async def test_two_shifts_of_one_day_are_swapped(centre: Centre, roster_id: str, lead: httpx.AsyncClient) -> None:
    body = {"on": day(3), "with_staff_no": "A003", "with_on": day(3)}
    swap = await centre.ask("POST", "/swaps", status=201, by=centre.agent("A002"), json=body)
    await act(centre, swap, "accept", centre.agent("A003"))
    await act(centre, swap, "approve", lead)
    assert (await centre.shift("A002", day(3)))["planned"]["code"] == "早"
    assert (await centre.shift("A003", day(3)))["planned"]["code"] == "晚"


async def test_the_teams_rules_may_approve_by_themselves(centre: Centre, roster_id: str) -> None:
    await auto(centre)
    swap = await offer(centre)
    done = await act(centre, swap, "accept", centre.agent("A002"))
    assert (done["state"], done["decided_by"], done["number"]) == ("approved", None, 2)


async def test_what_a_rule_would_warn_of_waits_for_the_lead(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    """A003 works early on day 4: late on day 3 leaves eleven hours, early at eight less."""
    await auto(centre)
    cells = {"A001": {day(2): "早", day(3): "休"}, "A002": {day(2): "休", day(3): "14:00-23:00"}}
    lines = cells | {"A003": {day(number): "早" for number in range(1, 5)}}
    await centre.draft(roster_id, lines)
    for change in (await centre.publish(roster_id))["changes"].values():
        await centre.confirm(change)
    body = {"on": day(3), "with_staff_no": "A003", "with_on": day(3)}
    swap = await centre.ask("POST", "/swaps", status=201, by=centre.agent("A002"), json=body)
    assert (await act(centre, swap, "accept", centre.agent("A003")))["state"] == "accepted"
    assert (await act(centre, swap, "approve", lead))["state"] == "approved"


async def test_only_the_one_who_was_asked_accepts_and_only_somebody_else_approves(
    centre: Centre, roster_id: str
) -> None:
    swap = await offer(centre)
    await act(centre, swap, "accept", centre.agent("A001"), status=403)
    await act(centre, swap, "accept", centre.agent("A003"), status=403)
    await act(centre, swap, "accept", centre.agent("A002"))
    await act(centre, swap, "approve", centre.agent("A001"), status=403)
    own = centre.api.as_("lead", staff_no="A002", teams=("T1",))
    assert (await act(centre, swap, "approve", own, status=403))["code"] == "decision-is-anothers"
    await centre.ask("GET", f"/swaps/{swap['swap_id']}", status=403, by=centre.agent("A003"))
    assert (await centre.ask("GET", "/swaps", by=centre.agent("A003")))["items"] == []
    assert len((await centre.ask("GET", "/swaps", by=centre.agent("A002")))["items"]) == 1
    await centre.ask(
        "POST",
        "/swaps",
        status=403,
        by=centre.agent("A003"),
        json={"staff_no": "A001", "on": day(2), "with_staff_no": "A002"},
    )


async def test_a_swap_is_rejected_withdrawn_or_lapses(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient, clock: ManualClock
) -> None:
    declined = await act(centre, await offer(centre), "reject", centre.agent("A002"), json={"reason": "不方便"})
    assert (declined["state"], declined["reason"]) == ("rejected", "不方便")
    assert (await act(centre, declined, "accept", centre.agent("A002"), status=409))["code"] == "swap-not-open"
    by_lead = await offer(centre)
    await act(centre, by_lead, "accept", centre.agent("A002"))
    assert (await act(centre, by_lead, "reject", lead))["decided_by"] == "L001"
    mine = await offer(centre)
    await act(centre, mine, "withdraw", centre.agent("A002"), status=403)
    assert (await act(centre, mine, "withdraw", centre.agent("A001")))["state"] == "withdrawn"
    late = await offer(centre)
    clock.move_to(clock.now().replace(day=4, hour=2))
    await centre.worker().fire_due()
    assert (await centre.get(f"/swaps/{late['swap_id']}"))["state"] == "lapsed"
    assert (await act(centre, late, "accept", centre.agent("A002"), status=409))["code"] == "swap-not-open"


async def test_what_cannot_be_is_not_offered(centre: Centre, roster_id: str) -> None:
    async def refused(status: int, by: str = "A001", **body: Any) -> str:
        body = {"on": day(2), "with_staff_no": "A002"} | body
        answer = await centre.ask("POST", "/swaps", status=status, by=centre.agent(by), json=body)
        return str(answer["errors"][0]["code"] if status == 422 else answer["code"])

    assert await refused(422, with_staff_no="A404") == "agent-unknown"
    assert await refused(422, with_staff_no="A001") == "swap-with-oneself"
    assert await refused(409, on=day(3)) == "shift-not-there"
    assert await refused(409, with_staff_no="A003") == "works-that-day"
    assert await refused(409, with_staff_no="A003", with_on=day(4)) == "works-that-day"
    assert await refused(409, with_on=day(6)) == "shift-not-there"
    await centre.draft(roster_id, {"A001": {day(2): "晚"}, "A002": {day(2): "休", day(3): "晚"}})
    await centre.publish(roster_id)
    assert await refused(409) == "shift-not-confirmed"


async def test_who_is_on_leave_or_gone_takes_no_shift(centre: Centre, roster_id: str, lead: httpx.AsyncClient) -> None:
    body = {"staff_no": "A002", "from": day(2), "to": day(2)}
    leave = await centre.ask("POST", "/leave-requests", status=201, json=body)
    await centre.ask("POST", f"/leave-requests/{leave['leave_id']}/approve", by=lead)
    json = {"on": day(2), "with_staff_no": "A002"}
    answer = await centre.ask("POST", "/swaps", status=409, by=centre.agent("A001"), json=json)
    assert (answer["code"], answer["errors"][0]["code"]) == ("exchange-impossible", "agent-on-leave")


async def test_a_roster_republished_meanwhile_makes_the_offer_void(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    swap = await offer(centre)
    lines = {
        "A001": {day(2): "晚", day(3): "休"},
        "A002": {day(2): "休", day(3): "晚"},
        "A003": {day(number): "早" for number in range(1, 5)},
    }
    await centre.draft(roster_id, lines)
    await centre.confirm((await centre.publish(roster_id))["changes"]["A001"])
    answer = await act(centre, swap, "accept", centre.agent("A002"), status=409)
    assert answer["code"] == "swap-shifts-changed"


async def test_what_is_being_drafted_survives_a_swap(centre: Centre, roster_id: str, lead: httpx.AsyncClient) -> None:
    version = (await centre.get(f"/rosters/{roster_id}"))["version"]
    edit = {"assignments": [{"staff_no": "A003", "on": day(5), "code": "夜"}]}
    await centre.ask("PATCH", f"/rosters/{roster_id}/draft", json=edit, headers={"If-Match": f'"{version}"'})
    swap = await offer(centre)
    await act(centre, swap, "accept", centre.agent("A002"))
    await act(centre, swap, "approve", lead)
    published = await centre.get(f"/rosters/{roster_id}/versions/2")
    assert day(5) not in next(one for one in published["lines"] if one["staff_no"] == "A003")["cells"]
    changes = (await centre.publish(roster_id))["changes"]
    assert list(changes) == ["A003"]


async def test_a_shift_given_back_by_a_withdrawal_is_swapped_as_it_is_planned(
    centre: Centre, roster_id: str, lead: httpx.AsyncClient
) -> None:
    lines = {
        "A001": {day(2): "晚", day(3): "休"},
        "A002": {day(2): "休", day(3): "晚"},
        "A003": {day(number): "早" for number in range(1, 5)},
    }
    await centre.draft(roster_id, lines)
    change = (await centre.publish(roster_id))["changes"]["A001"]
    body = {"action": "withdraw", "reason": "不改了"}
    await centre.ask("POST", f"/shift-changes/{change['change_id']}/resolve", json=body)
    swap = await offer(centre, with_on=None)
    await act(centre, swap, "accept", centre.agent("A002"))
    await act(centre, swap, "approve", lead)
    assert (await centre.shift("A002", day(2)))["planned"]["code"] == "早"
    draft = {one["staff_no"]: one["cells"] for one in (await centre.get(f"/rosters/{roster_id}/draft"))["lines"]}
    assert (draft["A001"][day(2)], draft["A002"][day(2)]) == ("休", "早")
    nothing = await centre.ask("POST", f"/rosters/{roster_id}/publish", status=409, json={})
    assert nothing["code"] == "nothing-to-publish"

"""The founding loop, over HTTP only, with the clock in hand, on both transports."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.conftest import Centre
from tests.e2e.floor import AGENTS, LEAD, SUPERVISOR, Floor, said

CONFIRMED, REFUSED, SILENT = "A001", "A002", "A003"


@pytest.fixture
async def floor(centre: Centre) -> Floor:
    """A team whose first roster version is published and confirmed by everybody."""
    floor = Floor(centre)
    await floor.open()
    await floor.plan_month()
    preview = await floor.import_sheet(floor.sheet(), dry_run=True)
    assert preview["agent_count"] == len(AGENTS), "a dry run shows what would change"
    draft = f"/roster/v1/rosters/{floor.roster_id}/draft/diff"
    assert said(await floor.manager.get(draft))["agents"] == [], "a dry run writes nothing"
    await floor.import_sheet(floor.sheet())
    first = await floor.publish("十二月班表")
    assert first["number"] == 1
    assert sorted(change["staff_no"] for change in first["changes"]) == sorted(AGENTS)
    for change in first["changes"]:
        confirm = f"/roster/v1/shift-changes/{change['change_id']}/confirm"
        answer = said(await floor.agent(change["staff_no"]).post(confirm, json={"channel": "console"}))
        assert answer["state"] == "confirmed"
    await floor.centre.advance(minutes=1)
    return floor


async def test_the_founding_loop(floor: Floor) -> None:
    tomorrow = floor.days[1]
    before = {staff_no: await floor.count(staff_no) for staff_no in (*AGENTS, LEAD, SUPERVISOR)}
    await floor.import_sheet(floor.sheet({(who, tomorrow): "晚" for who in (CONFIRMED, REFUSED, SILENT)}))
    second = await floor.publish("明天人力调整")
    changes = {change["staff_no"]: change["change_id"] for change in second["changes"]}
    assert second["number"] == 2
    assert sorted(changes) == [CONFIRMED, REFUSED, SILENT], "exactly the affected are asked"

    told = {staff_no: await floor.count(staff_no) - before[staff_no] for staff_no in before}
    assert told == {who: (1 if who in changes else 0) for who in before}, "nobody else hears anything"

    await _opening_is_not_confirming(floor, changes[CONFIRMED])
    await _a_refusal_reaches_the_lead(floor, changes[REFUSED])
    await _silence_climbs_the_ladder(floor, changes[SILENT])
    await _the_day_is_settled_fairly(floor)
    await _the_number_moves_and_opens(floor, changes)


async def _opening_is_not_confirming(floor: Floor, change_id: str) -> None:
    page = floor.centre.anonymous()
    link = await floor.link(CONFIRMED, change_id)
    for method in ("HEAD", "GET", "GET"):
        assert (await page.request(method, link)).status_code == 200
    await floor.centre.advance(minutes=0)
    assert (await floor.change(change_id))["state"] == "notified"
    answered = await page.post(link, data={"answer": "confirm"})
    assert answered.status_code == 200
    assert "已确认" in answered.text
    await floor.centre.advance(minutes=0)
    change = await floor.change(change_id)
    assert (change["state"], change["answer"]["channel"]) == ("confirmed", "link")


async def _a_refusal_reaches_the_lead(floor: Floor, change_id: str) -> None:
    before = await floor.count(LEAD)
    page = floor.centre.anonymous()
    link = await floor.link(REFUSED, change_id)
    assert (await page.post(link, data={"answer": "refuse", "reason": "孩子生病要去医院"})).status_code == 200
    await floor.centre.advance(minutes=0)
    assert (await floor.change(change_id))["state"] == "refused"
    heard = (await floor.messages(LEAD))[before:]
    assert len(heard) == 1, heard
    assert "孩子生病要去医院" in heard[0]["text"]


async def _silence_climbs_the_ladder(floor: Floor, change_id: str) -> None:
    ladder = await floor.ladder(change_id)
    dues = [rung["due_at"] for rung in ladder["rungs"]]
    targets = [rung["target"] for rung in ladder["rungs"]]
    assert targets == ["recipient", "recipient", "lead", "supervisor"]
    before = {who: await floor.count(who) for who in (SILENT, LEAD, SUPERVISOR)}
    expected = {SILENT: (1, 1, 1), LEAD: (0, 1, 1), SUPERVISOR: (0, 0, 1)}
    for step, due in enumerate(dues[1:]):
        await floor.centre.advance(to=due, minus_seconds=30)
        early = {who: await floor.count(who) - before[who] for who in before}
        assert early == {who: (0, *counts)[step] for who, counts in expected.items()}, f"rung {step + 1} not early"
        await floor.centre.advance(to=due)
        now = {who: await floor.count(who) - before[who] for who in before}
        assert now == {who: counts[step] for who, counts in expected.items()}, f"rung {step + 1} once, at its time"
    assert (await floor.change(change_id))["state"] == "expired"
    await floor.centre.advance(hours=3)
    after = {who: await floor.count(who) - before[who] for who in before}
    assert after == {SILENT: 1, LEAD: 1, SUPERVISOR: 1}, "each rung fires once"
    ladder = await floor.ladder(change_id)
    assert ladder["state"] == "lapsed"
    assert [rung["state"] for rung in ladder["rungs"]] == ["sent"] * 4


async def _the_day_is_settled_fairly(floor: Floor) -> None:
    tomorrow = floor.days[1]
    await floor.until(7, 55)
    for who in (REFUSED, SILENT, "A004", "A005", "A006"):
        await floor.punch(who, "in")
    await floor.until(16, 2)
    for who in (REFUSED, SILENT, "A004", "A005", "A006"):
        await floor.punch(who, "out")
    await floor.until(23, 30)
    causes = {who: (await floor.attendance(who, tomorrow)) for who in AGENTS}
    assert (causes[CONFIRMED]["deviation"], causes[CONFIRMED]["cause"]) == ("absent", "agent")
    assert causes[SILENT]["cause"] == "management", causes[SILENT]
    assert causes[SILENT]["planned"]["code"] == "晚"
    assert causes[SILENT]["accountable"]["code"] == "早"
    assert causes[REFUSED]["cause"] == "management", causes[REFUSED]
    assert {causes[who]["deviation"] for who in ("A004", "A005", "A006")} == {"none"}


async def _the_number_moves_and_opens(floor: Floor, changes: dict[str, str]) -> None:
    [rate] = await floor.metric("change_ack_rate")
    assert (rate["numerator"], rate["denominator"]) == (7, 9)
    assert rate["value"] == pytest.approx(100 * 7 / 9)
    facts = await floor.facts("change_ack_rate")
    assert len(facts) == 9
    assert set(changes.values()) <= {fact["fact_key"] for fact in facts}
    on = {"from": str(floor.days[1]), "to": str(floor.days[1])}
    by_cause = {point["group"]["cause"]: point["value"] for point in await floor.metric("deviations", by="cause", **on)}
    assert by_cause == {"agent": 1, "management": 2}
    absent = await floor.facts("deviations", cause="agent", **on)
    assert [fact["dimensions"]["agent"] for fact in absent] == [CONFIRMED]


async def test_a_republished_roster_supersedes_an_unconfirmed_change(floor: Floor) -> None:
    later = floor.days[3]
    await floor.import_sheet(floor.sheet({("A004", later): "晚"}))
    [old] = (await floor.publish("第二版"))["changes"]
    old_link = await floor.link("A004", old["change_id"])
    await floor.import_sheet(floor.sheet({("A004", later): "休"}))
    third = await floor.publish("第三版")
    [new] = third["changes"]
    assert third["number"] == 3
    assert (await floor.change(old["change_id"]))["state"] == "superseded"

    page = floor.centre.anonymous()
    shown = await page.get(old_link)
    assert shown.status_code == 200
    assert "休" in shown.text, "the old link shows the current state"
    assert (await page.post(old_link, data={"answer": "confirm"})).status_code == 410
    await floor.centre.advance(minutes=0)
    assert (await floor.change(old["change_id"]))["state"] == "superseded"
    assert (await floor.change(new["change_id"]))["state"] == "notified", "the old link confirms nothing"

    refused = await floor.agent("A004").post(
        f"/roster/v1/shift-changes/{old['change_id']}/confirm", json={"channel": "console"}
    )
    assert said(refused, 409)["code"] == "change-superseded"
    shifts = said(
        await floor.manager.get(
            f"/roster/v1/agents/{new['agent_id']}/shifts", params={"from": str(later), "to": str(later)}
        )
    )
    [day] = shifts["shifts"]
    assert day["planned"]["code"] == "休"
    assert day["accountable"]["code"] == "早", "answerable for what was confirmed last"


async def test_a_broken_sheet_is_told_by_row_and_column_and_changes_nothing(floor: Floor) -> None:
    wrong = floor.sheet({("A005", floor.days[2]): "夜猫", ("A006", floor.days[4]): "??"})
    problem = await floor.import_sheet(wrong, status=422)
    assert problem["code"] == "sheet-invalid"
    assert len(problem["errors"]) == 2
    assert "6" in problem["errors"][0]["field"], "row 6"
    assert "夜猫" in problem["errors"][0]["message"]
    draft = said(await floor.manager.get(f"/roster/v1/rosters/{floor.roster_id}/draft/diff"))
    assert draft["agents"] == []


async def test_two_publishes_at_once_one_wins(floor: Floor) -> None:
    import asyncio

    await floor.import_sheet(floor.sheet({("A001", floor.days[9]): "晚"}))
    url = f"/roster/v1/rosters/{floor.roster_id}/publish"
    both = await asyncio.gather(*(floor.supervisor().post(url, json={"note": "同时"}) for _ in range(2)))
    assert sorted(response.status_code for response in both) == [201, 409]


async def test_the_shift_a_day_ahead_is_asked_in_time(floor: Floor) -> None:
    """A change at 22:00 for 08:00 next morning still sends the immediate notice and every rung not yet past."""
    await floor.until(22, 0)
    tomorrow = (await floor.now()).date() + timedelta(days=1)
    before = {who: await floor.count(who) for who in ("A001", SUPERVISOR)}
    await floor.import_sheet(floor.sheet({("A001", tomorrow): "休"}))
    [change] = (await floor.publish("临时调整"))["changes"]
    assert await floor.count("A001") == before["A001"] + 1
    ladder = await floor.ladder(change["change_id"])
    assert [rung["state"] for rung in ladder["rungs"]].count("sent") == 1
    assert all(rung["state"] in ("sent", "due") for rung in ladder["rungs"])

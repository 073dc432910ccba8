"""Two supervisors on one roster at once: nothing that either wrote is lost, and nothing is published twice."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.integration.roster.centre import ROOT, Centre, day


def second(centre: Centre) -> httpx.AsyncClient:
    """Another supervisor of the same team."""
    return centre.api.as_("supervisor", staff_no="S002", teams=("T1",))


def cell(staff_no: str, number: int, code: str = "早") -> dict[str, str]:
    return {"staff_no": staff_no, "on": day(number), "code": code}


async def write_until_written(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> int:
    """Read, change, and read again when somebody was faster, as a screen does; how often it was stale."""
    stale = 0
    while True:
        draft = (await client.get(path)).json()
        answer = await client.patch(path, json=body, headers={"If-Match": str(draft["version"])})
        if answer.status_code == 200:
            return stale
        assert answer.status_code == 412, answer.text
        stale += 1


async def test_edits_of_two_supervisors_at_once_are_all_kept(centre: Centre) -> None:
    roster_id = await centre.roster(31)
    path = f"{ROOT}/rosters/{roster_id}/draft"
    writers = {"A001": centre.supervisor, "A002": second(centre)}

    async def write(staff_no: str, number: int) -> int:
        return await write_until_written(writers[staff_no], path, {"assignments": [cell(staff_no, number)]})

    stale = await asyncio.gather(*(write(staff_no, number) for number in range(1, 11) for staff_no in writers))
    assert sum(stale) > 0, "they did get in each other's way"
    draft = await centre.get(f"/rosters/{roster_id}/draft")
    assert {line["staff_no"]: len(line["cells"]) for line in draft["lines"]} == {"A001": 10, "A002": 10}


async def test_an_edit_made_during_a_publication_is_published_or_still_drafted(centre: Centre) -> None:
    roster_id = await centre.roster(31)
    await centre.draft(roster_id, {"A001": {day(1): "早"}})
    path = f"{ROOT}/rosters/{roster_id}"
    edits = [
        write_until_written(second(centre), f"{path}/draft", {"assignments": [cell("A002", number)]})
        for number in range(1, 9)
    ]
    publications = [centre.manager.post(f"{path}/publish", json={}) for _ in range(4)]
    answers = await asyncio.gather(*publications, *edits)
    assert {answer.status_code for answer in answers[:4]} <= {201, 409}
    numbers = sorted(answer.json()["number"] for answer in answers[:4] if answer.status_code == 201)
    assert numbers == list(range(1, len(numbers) + 1))
    published = await centre.get(f"/rosters/{roster_id}/versions/{numbers[-1]}")
    kept = {line["staff_no"]: set(line["cells"]) for line in published["lines"]}
    for one in (await centre.get(f"/rosters/{roster_id}/draft/diff"))["agents"]:
        kept[one["staff_no"]] = kept.get(one["staff_no"], set()) | {change["on"] for change in one["added"]}
    assert kept == {"A001": {day(1)}, "A002": {day(number) for number in range(1, 9)}}


async def test_of_two_who_publish_what_they_saw_one_is_told_that_it_changed(centre: Centre) -> None:
    roster_id = await centre.roster(5)
    version = (await centre.draft(roster_id, {"A001": {day(1): "早"}}))["version"]
    publish = {"url": f"{ROOT}/rosters/{roster_id}/publish", "json": {}, "headers": {"If-Match": str(version)}}
    answers = await asyncio.gather(centre.supervisor.post(**publish), second(centre).post(**publish))
    assert sorted(answer.status_code for answer in answers) == [201, 412]


async def test_a_whole_draft_is_not_written_over_somebody_elses_unseen(centre: Centre) -> None:
    roster_id = await centre.roster(5)
    path, body = f"/rosters/{roster_id}/draft", {"assignments": [cell("A001", 1)]}
    first = await centre.ask("PUT", path, by=centre.supervisor, json=body)
    blind = await centre.ask("PUT", path, by=second(centre), status=428, json={"assignments": []})
    assert blind["code"] == "if-match-required"
    headers = {"If-Match": str(first["version"])}
    await centre.ask("PUT", path, by=second(centre), json={"assignments": []}, headers=headers)
    await centre.ask("PUT", path, by=second(centre), json=body)
    await centre.ask("POST", f"/rosters/{roster_id}/publish", status=201, by=second(centre), json={})
    await centre.ask("PUT", path, by=centre.supervisor, json=body)


async def test_a_rosters_period_is_moved_but_not_away_from_its_shifts(centre: Centre) -> None:
    roster_id = await centre.roster(5)
    await centre.draft(roster_id, {"A001": {day(4): "早"}})
    path, headers = f"/rosters/{roster_id}", {"If-Match": "2"}
    cut = await centre.ask("PATCH", path, status=409, json={"to": day(3)}, headers=headers)
    assert cut["code"] == "roster-days-in-use"
    longer = await centre.ask("PATCH", path, json={"to": day(9)}, headers=headers)
    assert (longer["from"], longer["to"], longer["version"]) == (day(0), day(9), 3)
    await centre.ask("PATCH", path, status=412, json={"to": day(8)}, headers=headers)
    await centre.ask("PATCH", path, status=428, json={"to": day(8)})
    other = {"team_id": centre.team["team_id"], "from": day(10), "to": day(12)}
    await centre.post("/rosters", other)
    over = await centre.ask("PATCH", path, status=409, json={"to": day(10)}, headers={"If-Match": "3"})
    assert over["code"] == "roster-overlaps"

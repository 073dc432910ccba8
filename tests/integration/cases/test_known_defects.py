"""What other desks are known to get wrong, each tried over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.cases import HandoffAccepted, HandoffOverdue, SlaBreached, SlaWarned
from tests.integration.cases.handoff_floor import Floor, Json, said

OFFICE = {day: [{"start": "09:00", "end": "18:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}


async def policy(floor: Floor, minutes: int, **more: Any) -> Json:
    """A policy with one target for the resolution, on a calendar of office hours."""
    calendar = {"code": "office", "name": "office", "windows": OFFICE, "holidays": False}
    said(await floor.manager.post("/cases/v1/calendars", json=calendar | more), 201)
    body = {"code": "p", "name": "p", "calendar": "office", "targets": [{"target": "resolution", "minutes": minutes}]}
    made: Json = said(await floor.manager.post("/cases/v1/sla-policies", json=body), 201)
    said(await floor.manager.post("/cases/v1/case-types", json={"code": "t", "name": "t", "sla_policy": "p"}), 201)
    return made


async def resolution_of(floor: Floor, case: Json) -> Json:
    clocks = (await floor.read(f"/cases/{case['case_id']}/sla"))["clocks"]
    [clock] = [one for one in clocks if one["target"] == "resolution"]
    found: Json = clock
    return found


async def change(floor: Floor, path: str, version: int, **changes: Any) -> None:
    answer = await floor.manager.patch(f"/cases/v1{path}", json=changes, headers={"If-Match": f'"{version}"'})
    said(answer)
    await floor.wait(seconds=1)


def local(text: str) -> str:
    """An instant as answers give it, from Shanghai's clock."""
    return (
        datetime.fromisoformat(text)
        .replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        .astimezone(ZoneInfo("UTC"))
        .strftime("%Y-%m-%dT%H:%M:%SZ")
    )


async def test_pending_time_is_not_counted(floor: Floor) -> None:
    await policy(floor, 120)
    case = await floor.case(type="t")
    await floor.at("2026-03-02T09:30:00")
    await floor.act("A1", f"/cases/{case['case_id']}/wait", **{"for": "customer", "until": "2026-03-09T09:00:00+08:00"})
    await floor.at("2026-03-04T15:00:00")
    await floor.act("A1", f"/cases/{case['case_id']}/wait", **{"for": None})
    clock = await resolution_of(floor, case)
    assert (clock["counted_seconds"], clock["due_at"]) == (1800, local("2026-03-04T16:30:00"))
    assert await floor.events(SlaWarned, SlaBreached) == []


async def test_the_target_of_an_old_policy_is_not_kept(floor: Floor) -> None:
    made = await policy(floor, 120)
    case = await floor.case(type="t")
    await floor.at("2026-03-02T10:00:00")
    targets = [{"target": "resolution", "minutes": 300}]
    await change(floor, f"/sla-policies/{made['policy_id']}", made["version"], targets=targets)
    clock = await resolution_of(floor, case)
    assert (clock["policy_version"], clock["due_at"]) == (2, local("2026-03-02T14:00:00"))
    assert clock["counted_seconds"] >= 3600, "the first hour stays counted"


async def test_a_pause_is_not_lost_when_the_policy_changes(floor: Floor) -> None:
    made = await policy(floor, 120)
    case = await floor.case(type="t")
    await floor.at("2026-03-02T10:00:00")
    await floor.act("A1", f"/cases/{case['case_id']}/wait", **{"for": "customer", "until": "2026-03-09T09:00:00+08:00"})
    targets = [{"target": "resolution", "minutes": 180}]
    await change(floor, f"/sla-policies/{made['policy_id']}", made["version"], targets=targets)
    await floor.at("2026-03-04T09:00:00")
    assert (await resolution_of(floor, case))["state"] == "paused"
    assert await floor.events(SlaWarned, SlaBreached) == []
    await floor.act("A1", f"/cases/{case['case_id']}/wait", **{"for": None})
    assert (await resolution_of(floor, case))["due_at"] == local("2026-03-04T11:00:00"), "two of three hours are left"


async def test_a_holiday_makes_no_escalation_sooner(floor: Floor) -> None:
    """Two working days from Monday at nine end on Tuesday evening; with Tuesday off on Wednesday, and not before."""
    await policy(floor, 1080, overrides=[{"on": "2026-03-03", "windows": []}])
    case = await floor.case(type="t")
    assert (await resolution_of(floor, case))["due_at"] == local("2026-03-04T18:00:00")
    await floor.at("2026-03-04T17:59:00")
    assert await floor.events(SlaBreached) == []
    await floor.at("2026-03-04T18:01:00")
    assert len(await floor.events(SlaBreached)) == 1


async def test_no_warning_comes_at_midnight(floor: Floor) -> None:
    await policy(floor, 480)
    await floor.at("2026-03-02T14:00:00")
    await floor.case(type="t")
    await floor.at("2026-03-03T18:00:00")
    [warned] = await floor.events(SlaWarned)
    assert warned.warned_at.isoformat()[:16] == "2026-03-03T03:00", "at eleven next morning: six of eight working hours"


async def test_the_sites_zone_counts_and_not_the_agents(floor: Floor) -> None:
    await policy(floor, 60, zone="Europe/Berlin")
    await floor.at("2026-03-02T09:00:00")  # two in the night in Berlin
    case = await floor.case(type="t")
    clock = await resolution_of(floor, case)
    assert (clock["zone"], clock["due_at"]) == ("Europe/Berlin", "2026-03-02T09:00:00Z"), "ten in Berlin"


async def test_acceptance_is_not_counted_when_merely_assigned(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case, receiver="B1")
    await floor.at("2026-03-02T10:00:00")
    assert await floor.events(HandoffAccepted) == []
    assert [step.clock for step in await floor.events(HandoffOverdue)] == ["acknowledgement"]
    assert (await floor.read(f"/handoffs/{handoff['handoff_id']}"))["accepted_at"] is None


async def test_the_time_of_a_handoff_is_not_overwritten_by_a_later_save(floor: Floor) -> None:
    case = await floor.case()
    handoff = await floor.handoff(case)
    path = f"/handoffs/{handoff['handoff_id']}"
    await floor.wait(minutes=10)
    await floor.act("B1", f"{path}/accept")
    accepted = await floor.read(path)
    for _ in range(3):
        await floor.wait(minutes=10)
        await floor.act("B1", f"{path}/accept")
        await floor.act("B1", f"{path}/progress", note="仓库已在找")
    found = await floor.read(path)
    kept = ("requested_at", "accepted_at", "ack_due_at", "due_at", "receiver")
    assert {name: found[name] for name in kept} == {name: accepted[name] for name in kept}


async def test_the_same_team_handed_back_to_has_clocks_of_its_own(floor: Floor) -> None:
    case = await floor.case()
    first = await floor.handoff(case)
    await floor.act("B1", f"/handoffs/{first['handoff_id']}/accept")
    await floor.wait(hours=1)
    await floor.act("B1", f"/handoffs/{first['handoff_id']}/return", note="单号不对")
    await floor.wait(hours=1)
    again = await floor.handoff(case)
    assert (again["hop"], again["state"], again["accepted_at"]) == (2, "requested", None)
    assert again["ack_due_at"] == local("2026-03-02T12:00:00")
    earlier = await floor.read(f"/handoffs/{first['handoff_id']}")
    assert (earlier["state"], earlier["accepted_at"]) == ("returned", local("2026-03-02T09:00:00"))

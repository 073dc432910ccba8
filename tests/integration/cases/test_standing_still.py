"""No open loop is silent: whoever has a case that stands still hears of it again and again, then those above."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.cases import worker
from shared.contracts.cases import CaseOverdue
from shared.platform.embedded import EmbeddedTransport
from tests.integration.cases.office import Office

PHONED = {"channel": "phone", "text": "已经补发"}


async def reminders(office: Office) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(one.why, one.step, one.told) for one in await office.events(CaseOverdue)]


async def watch(office: Office) -> dict[str, Any]:
    """What the watchdog sees."""
    answer = await office.crm.get("/cases/v1/watchdog")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_settled_case_whose_customer_was_not_told_has_a_time_for_the_word_and_is_said_until_they_are(
    office: Office,
) -> None:
    case = await office.open(customer_id=await office.customer())
    resolved = await office.act(case, "resolve")
    assert resolved["due_at"].startswith("2026-03-02T03:00"), "two working hours for the word"
    await office.wait(hours=1, minutes=59)
    assert await reminders(office) == []
    await office.wait(minutes=2)
    assert await reminders(office) == [("customer_not_told", 1, ("owner",))]
    await office.wait(days=2)
    assert await reminders(office) == [
        ("customer_not_told", 1, ("owner",)),
        ("customer_not_told", 2, ("owner", "lead")),
        ("customer_not_told", 3, ("owner", "lead", "duty_manager", "supervisor")),
    ]
    told = await office.act(case, "customer-notices", **PHONED)
    assert told["due_at"] is None
    await office.wait(days=1)
    assert len(await reminders(office)) == 3
    assert "case_overdue" in await office.kinds(case)


async def test_a_case_whose_clocks_have_said_everything_is_said_every_working_day(office: Office) -> None:
    await office.open()
    await office.wait(days=14)
    heard = await reminders(office)
    assert {why for why, _, _ in heard} == {"unfinished"}
    assert [step for _, step, _ in heard] == list(range(1, len(heard) + 1))
    assert len(heard) >= 5


async def test_a_case_without_any_clock_is_not_forgotten(office: Office) -> None:
    vips_only = {"target": "resolution", "minutes": 60, "tier": "vip"}
    policy = {"code": "lax", "name": "lax", "targets": [vips_only]}
    assert (await office.crm.post("/cases/v1/sla-policies", json=policy)).status_code == 201
    await office.case_type("note", sla_policy="lax")
    await office.open(type="note")
    await office.wait(days=1, hours=1)
    assert await reminders(office) == [("unfinished", 1, ("owner",))]


async def test_a_broken_promise_is_said_until_it_is_kept(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    due_at = (office.clock.now() + timedelta(hours=3)).isoformat()
    promise = await office.act(case, "promises", due_at=due_at, text="三点前回电")
    await office.wait(days=2, hours=1)
    assert [why for why, _, _ in await reminders(office)] == ["promise_broken", "promise_broken"]
    kept = await office.agent.post(f"/cases/v1/promises/{promise['promise_id']}/keep", json={})
    assert kept.status_code == 200
    await office.act(case, "wait", **{"for": "customer", "until": (office.clock.now() + timedelta(days=5)).isoformat()})
    await office.wait(days=3)
    assert len(await reminders(office)) == 2


async def test_a_case_that_cannot_close_for_what_was_never_asked_is_said_after_the_customers_silence(
    office: Office,
) -> None:
    await office.case_type("repair", {"code": "serial", "name": "序列号", "required_from": "closed"})
    case = await office.open(type="repair", customer_id=await office.customer())
    await office.act(case, "resolve")
    await office.act(case, "customer-notices", **PHONED)
    await office.wait(days=3)
    assert await reminders(office) == []
    await office.wait(days=2)
    assert {why for why, _, _ in await reminders(office)} == {"fields_missing"}


async def test_a_closed_case_is_left_alone_and_a_reopened_one_is_looked_after_again(office: Office) -> None:
    case = await office.open()
    await office.act(case, "resolve")
    await office.act(case, "close", confirmed=True)
    await office.wait(days=5)
    assert await reminders(office) == []
    await office.act(case, "reopen", reason="又坏了")
    assert (await watch(office))["ok"] is True
    await office.wait(days=14)
    assert len(await reminders(office)) >= 5


async def test_the_watchdog_finds_every_open_loop_with_a_timer_and_names_the_one_that_lost_it(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    await office.act(case, "handoffs", to_team="B", reason="查件", request="请查")
    await office.act(case, "promises", due_at=(office.clock.now() + timedelta(hours=3)).isoformat(), text="回电")
    seen = await watch(office)
    loops = {one["kind"]: (one["open_count"], one["without_timer_count"]) for one in seen["loops"]}
    assert seen["ok"] is True
    assert {kind: loops[kind] for kind in ("case", "handoff", "promise")} == {
        "case": (1, 0),
        "handoff": (1, 0),
        "promise": (1, 0),
    }
    async with office.database.work() as work:
        await work.conn.execute(text("DELETE FROM cases.timers WHERE kind = 'case-look'"))
    seen = await watch(office)
    assert seen["ok"] is False
    assert [one["without_timer"] for one in seen["loops"] if one["without_timer_count"]] == [[case["case_id"]]]
    await worker.build(office.database, EmbeddedTransport()).drain_all()
    figures = (await office.api.client().get("/metrics")).text
    assert 'ringback_loops_without_timer{kind="case",service="cases"} 1.0' in figures
    assert 'ringback_loops_without_timer{kind="promise",service="cases"} 0.0' in figures
    office.clock.move_to(office.clock.now() + timedelta(days=1))
    late = await watch(office)
    assert late["late_timer_count"] > 0
    assert late["lateness_seconds"] > 300


async def test_agents_do_not_see_the_watchdog(office: Office) -> None:
    assert (await office.agent.get("/cases/v1/watchdog")).status_code == 403

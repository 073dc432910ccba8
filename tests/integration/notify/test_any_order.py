"""What roster says may arrive in any order: nothing that is over is left open, nobody hears a thing twice."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from shared.contracts.event import Event
from shared.contracts.notify import AcknowledgementWithdrawn, EscalationRaised
from shared.contracts.roster import (
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeRefused,
    ShiftChangeResolved,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)
from shared.platform.ids import new_id
from tests.conftest import START
from tests.integration.notify.conftest import DEADLINE, LEAD, SUPERVISOR, Centre, a_change, a_team, an_agent, then

CONFIRMED = then(a_change(), ShiftChangeConfirmed, channel="phone", confirmed_at=START)
REFUSED = then(a_change(), ShiftChangeRefused, reason="没有人带孩子", channel="console", refused_at=START)
EXPIRED = then(a_change(), ShiftChangeExpired, expired_at=DEADLINE)
SUPERSEDED = then(a_change(), ShiftChangeSuperseded, superseded_at=START, by_number=3, by_change_id=new_id())
VANISHED = then(a_change(), ShiftChangeSuperseded, superseded_at=START, by_number=3)
WITHDRAWN = then(a_change(), ShiftChangeWithdrawn, withdrawn_at=START, reason="排错了")
RESOLVED = then(
    a_change(), ShiftChangeResolved, resolution="insist", reason="人手不够", resolved_by=SUPERVISOR, resolved_at=START
)


@pytest.mark.parametrize("ending", [CONFIRMED, REFUSED, SUPERSEDED, WITHDRAWN, RESOLVED, VANISHED])
async def test_an_ending_that_comes_before_its_announcement_leaves_nothing_open(centre: Centre, ending: Event) -> None:
    await centre.hear(ending, 2)
    await centre.hear(a_change(), 1)
    await centre.move_to(DEADLINE + timedelta(days=1))
    asked = await centre.question(a_change())
    assert asked["state"] == "withdrawn"
    assert asked["next"] is None
    assert "asked" not in await centre.templates("A001")
    assert (await centre.manager.get("/notify/v1/watchdog")).json()["open_count"] == 0


async def test_an_expiry_before_its_announcement_still_reaches_those_above_once(centre: Centre) -> None:
    centre.clock.move_to(DEADLINE)
    await centre.hear(EXPIRED, 2)
    await centre.hear(a_change(), 1)
    await centre.move_to(DEADLINE + timedelta(days=1))
    assert (await centre.question(a_change()))["state"] == "lapsed"
    assert await centre.templates("A001") == []
    assert await centre.templates(LEAD) == ["silent"]
    assert await centre.templates(SUPERVISOR) == ["overdue"]


async def test_refused_reaches_the_lead_and_the_supervisor_once(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.hear(REFUSED, 2, times=5)
    await centre.hear(REFUSED, 2)
    await centre.move_to(DEADLINE)
    for above in (LEAD, SUPERVISOR):
        [message] = await centre.messages(above)
        assert message["template"] == "shift_change.refused"
        assert "没有人带孩子" in message["text"]
        assert "早 08:00–17:00 → 夜 22:00–06:00 次日" in message["text"]
        assert message["link"] is None


async def test_a_question_that_vanished_with_nothing_new_is_told_once(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.hear(VANISHED, 2)
    await centre.hear(WITHDRAWN, 3)
    await centre.settle()
    assert await centre.templates("A001") == ["asked", "over"]


async def test_a_replaced_question_is_withdrawn_in_silence(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.settle()
    await centre.hear(SUPERSEDED, 2)
    await centre.move_to(DEADLINE)
    assert await centre.templates("A001") == ["asked"]
    [withdrawn] = [e for e in await centre.published() if isinstance(e, AcknowledgementWithdrawn)]
    assert withdrawn.reason == "superseded"


async def test_a_question_that_is_over_before_it_was_sent_is_not_sent(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.hear(SUPERSEDED, 2)
    await centre.settle()
    [message] = await centre.messages("A001")
    assert (message["state"], message["reason"]) == ("failed", "superseded")


async def test_a_supervisors_decision_closes_towards_the_person(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.hear(REFUSED, 2)
    await centre.hear(RESOLVED, 3)
    await centre.settle()
    [*_, last] = await centre.messages("A001")
    assert last["template"] == "shift_change.resolved"
    assert "按新班次执行" in last["text"]
    assert "人手不够" in last["text"]


async def test_an_answer_that_did_not_reach_its_owner_in_time_still_reaches_the_supervisor(centre: Centre) -> None:
    """The agent confirmed in the last second; roster had already let the change expire."""
    await centre.hear(a_change())
    await centre.move_to(DEADLINE - timedelta(seconds=1))
    link = await centre.link(a_change())
    assert (await centre.anyone.post(link, data={"answer": "confirm"})).status_code == 200
    centre.clock.move_to(DEADLINE)
    await centre.hear(EXPIRED, 2)
    await centre.settle()
    assert await centre.templates(SUPERVISOR) == ["overdue"]
    assert "答复期限已过" in (await centre.anyone.get(link)).text


async def test_every_order_of_a_history_ends_in_the_same_state(centre: Centre) -> None:
    for number, order in enumerate(itertools.permutations((0, 1, 2))):
        change = a_change("A002", change_id=new_id(), number=number)
        history = [
            (change, 1),
            (then(change, ShiftChangeRefused, reason="x", channel="link", refused_at=START), 2),
            (then(change, ShiftChangeWithdrawn, withdrawn_at=START, reason="y"), 3),
        ]
        for step in order:
            await centre.hear(*history[step])
        asked = await centre.question(change)
        assert (asked["state"], asked["subject_state"]) == ("withdrawn", "withdrawn"), order


async def test_announced_again_is_a_new_question_and_the_old_one_is_over(centre: Centre) -> None:
    await centre.hear(a_change(), 1)
    await centre.hear(a_change(confirm_by=DEADLINE + timedelta(hours=1)), 4)
    await centre.hear(a_change(), 1)
    response = await centre.manager.get("/notify/v1/acknowledgements", params={"staff_no": "A001"})
    assert [(q["subject_version"], q["state"]) for q in response.json()["items"]] == [(4, "open"), (1, "withdrawn")]


async def test_stale_news_of_people_and_teams_is_dropped(centre: Centre) -> None:
    await centre.hear(a_team(lead="L009", name="新名"), 5)
    await centre.hear(a_team(lead="L002"), 4)
    await centre.hear(an_agent("A001", name="李静二"), 7)
    await centre.hear(an_agent("A001", name="旧名"), 6)
    person = (await centre.manager.get("/notify/v1/recipients/A001")).json()
    assert person["name"] == "李静二"
    await centre.hear(a_change())
    assert (await centre.question(a_change()))["lead"] == "L009"


async def test_a_team_heard_of_after_the_question_is_climbed_all_the_same(centre: Centre) -> None:
    team_id = new_id()
    change = a_change(team_id=team_id)
    await centre.hear(change)
    await centre.hear(a_team(team_id=team_id, code="T2", lead="L002"))
    await centre.move_to(START + timedelta(hours=6))
    assert await centre.templates("L002") == ["silent"]


async def test_the_chain_is_the_one_that_the_ladder_started_with(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.hear(a_team(lead="L002"), 2)
    await centre.move_to(START + timedelta(hours=6))
    assert await centre.templates(LEAD) == ["silent"]
    assert await centre.templates("L002") == []


async def test_a_rung_that_finds_nobody_goes_on_and_says_so(centre: Centre) -> None:
    await centre.hear(a_team(lead=None), 2)
    await centre.hear(a_change())
    await centre.move_to(START + timedelta(hours=6))
    rung = (await centre.question(a_change()))["rungs"][2]
    assert (rung["state"], rung["staff_no"], rung["outcome"]) == ("sent", SUPERVISOR, "no-lead-told-supervisor")
    [message] = await centre.messages(SUPERVISOR)
    assert "没有可通知的班长" in message["text"]
    [raised] = [e for e in await centre.published() if isinstance(e, EscalationRaised)]
    assert (raised.target, raised.target_staff_no) == ("supervisor", SUPERVISOR)


async def test_a_lead_is_not_told_of_their_own_silence(centre: Centre) -> None:
    change = a_change(LEAD)
    await centre.hear(change)
    await centre.move_to(START + timedelta(hours=6))
    assert await centre.templates(LEAD) == ["asked", "reminder"]
    assert await centre.templates(SUPERVISOR) == ["silent"]


async def test_a_rung_that_reaches_nobody_at_all_is_seen_by_the_watchdog(centre: Centre) -> None:
    await centre.hear(a_team(lead=None, supervisor=None), 2)
    await centre.hear(a_change())
    await centre.move_to(START + timedelta(hours=6))
    assert (await centre.question(a_change()))["rungs"][2]["state"] == "unreachable"
    seen = (await centre.manager.get("/notify/v1/watchdog")).json()
    assert seen["unreached_rung_count"] == 1

"""A topic that passes its threshold and its own baseline becomes its department's task, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.contracts.cases import TopicActed, TopicOverdue, TopicSurged
from shared.contracts.notify import AcknowledgementGiven
from shared.platform.ids import new_id
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock
from tests.integration.cases.cause_desk import Desk, calls

Json = dict[str, Any]


@pytest.fixture
async def desk(api: Api, database: Database, clock: ManualClock) -> Desk:
    """A desk whose finance department answers for refunds."""
    desk = Desk(api, database, clock)
    await desk.team("FIN", "财务部", lead="F001")
    for code, owner in (("refund", "FIN"), ("delivery", None)):
        body = {"code": code, "name": code.title(), "owner_team": owner}
        await desk.ask("POST", "/topics", status=201, json=body)
    return desk


async def come_in(desk: Desk, *, refund: int, other: int, day: int = 0, name: str = "a") -> None:
    """Calls of an hour, `day` days after the beginning; the clock stands at their end."""
    at = START + timedelta(days=day)
    await desk.contacts(
        [
            *calls(refund, "refund", at, prefix=f"{name}{day}-r"),
            *calls(other, "delivery", at, prefix=f"{name}{day}-d"),
        ]
    )
    desk.clock.move_to(at + timedelta(hours=1))
    await desk.settle()


async def surges(desk: Desk) -> list[Json]:
    return list((await desk.ask("GET", "/surges"))["items"])


@pytest.fixture
async def surge(desk: Desk) -> Json:
    await watch_refunds_only(desk)
    await come_in(desk, refund=25, other=40)
    [surge] = await surges(desk)
    return surge


async def watch_refunds_only(desk: Desk) -> None:
    await desk.ask("PUT", "/surge-rules/delivery", json={"enabled": False})


async def test_a_topic_above_its_share_is_raised_once_for_its_department(desk: Desk) -> None:
    await watch_refunds_only(desk)
    await come_in(desk, refund=25, other=40)
    await come_in(desk, refund=30, other=20, name="b")
    [surge] = await surges(desk)
    assert (surge["topic_name"], surge["owner_team_name"], surge["state"]) == ("Refund", "财务部", "raised")
    assert (surge["contacts"], surge["all_contacts"], surge["customers"]) == (25, 65, 25)
    assert surge["share"] == pytest.approx(38.4615)
    [event] = await desk.published(TopicSurged)
    assert (event.topic, event.contacts, event.historic) == ("refund", 25, False)
    assert event.ack_by == START + timedelta(hours=3)


@pytest.mark.parametrize(
    ("refund", "other", "raised"),
    [(30, 70, False), (31, 69, True), (19, 1, False), (20, 1, True)],
    ids=["at thirty percent", "above thirty percent", "nineteen contacts", "twenty contacts"],
)
async def test_the_threshold_and_the_least_number_are_to_the_letter(
    desk: Desk, refund: int, other: int, raised: bool
) -> None:
    await watch_refunds_only(desk)
    await come_in(desk, refund=refund, other=other)
    assert bool(await surges(desk)) == raised


@pytest.mark.parametrize(("customers", "raised"), [(4, False), (5, True)])
async def test_a_few_customers_calling_often_are_no_surge(desk: Desk, customers: int, raised: bool) -> None:
    known = [
        (await desk.ask("POST", "/customers", status=201, json={"name": f"客户{number}"}))["customer_id"]
        for number in range(customers)
    ]
    rows = calls(40, "refund", START, prefix="r")
    await desk.contacts([row | {"customer_id": known[place % customers]} for place, row in enumerate(rows)])
    await desk.settle()
    assert bool(await surges(desk)) == raised


async def test_a_topic_that_peaks_every_monday_is_no_surge_on_monday_but_is_on_tuesday(desk: Desk) -> None:
    await watch_refunds_only(desk)
    await desk.ask("PUT", "/surge-rules/refund", json={"enabled": False})
    for week in range(4):
        await come_in(desk, refund=40, other=60, day=7 * week)
        await come_in(desk, refund=10, other=90, day=7 * week + 1)
    await desk.ask("PUT", "/surge-rules/refund", json={"enabled": True})
    await come_in(desk, refund=41, other=59, day=28)
    assert await surges(desk) == []
    await come_in(desk, refund=41, other=59, day=29)
    [surge] = await surges(desk)
    assert surge["baseline_share"] == 10.0


async def test_once_acted_upon_it_may_be_raised_again_after_a_day(desk: Desk, surge: Json) -> None:
    await desk.ask("POST", f"/surges/{surge['surge_id']}/act", json={"action": "guidance", "note": "操作指引已更新"})
    await come_in(desk, refund=90, other=10, name="b")
    assert len(await surges(desk)) == 1
    await come_in(desk, refund=90, other=10, day=2)
    assert [one["state"] for one in await surges(desk)] == ["raised", "acted"]


async def test_the_department_acknowledges_and_acts_and_the_later_share_stands_beside_it(
    desk: Desk, surge: Json
) -> None:
    path = f"/surges/{surge['surge_id']}"
    stranger, finance = desk.agent("A001", "T1"), desk.agent("F002", "FIN", role="partner")
    await desk.ask("POST", f"{path}/acknowledge", by=stranger, status=403)
    seen = await desk.ask("POST", f"{path}/acknowledge", by=finance)
    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", "F002")
    assert await desk.ask("POST", f"{path}/acknowledge", by=finance) == seen
    done = await desk.ask("POST", f"{path}/act", by=finance, json={"action": "training", "note": "已培训退款流程"})
    assert (done["state"], done["acted_by"], done["later_share"]) == ("acted", "F002", None)
    again = await desk.ask("POST", f"{path}/act", by=finance, status=409, json={"action": "fix", "note": "again"})
    assert again["code"] == "surge-already-acted"
    await come_in(desk, refund=5, other=95, day=1)
    assert (await desk.ask("GET", path))["later_share"] == 5.0
    await desk.advance(days=9)
    await come_in(desk, refund=90, other=10, day=10)
    measured = await desk.ask("GET", path)
    assert (measured["later_share"], measured["later_contacts"]) == (5.0, 100)
    assert [event.later_share for event in await desk.published(TopicActed)] == [None, 5.0]


async def test_silence_about_a_surge_is_chased_until_somebody_acts(desk: Desk, surge: Json) -> None:
    await desk.advance(hours=2)
    [first] = await desk.published(TopicOverdue)
    assert (first.missing, first.step, first.overdue_at) == ("acknowledgement", 1, first.ack_by)
    given = AcknowledgementGiven(
        acknowledgement_id=new_id(),
        subject_type="cases.surge",
        subject_id=first.surge_id,
        staff_no="F001",
        channel="link",
        shown="退款咨询占比 38%",
        answered_at=desk.clock.now(),
    )
    await desk.hear(given)
    assert (await desk.ask("GET", f"/surges/{surge['surge_id']}"))["acknowledged_by"] == "F001"
    await desk.advance(days=2)
    chased = await desk.published(TopicOverdue)
    assert chased[1].missing == "action"
    await desk.ask("POST", f"/surges/{surge['surge_id']}/act", json={"action": "fix", "note": "已修复"})
    await desk.advance(days=3)
    assert len(await desk.published(TopicOverdue)) == len(chased)


async def test_a_corrected_contact_counts_where_it_belongs_now(desk: Desk) -> None:
    await watch_refunds_only(desk)
    rows = calls(19, "refund", START, prefix="r") + calls(30, "delivery", START, prefix="d")
    await desk.contacts(rows)
    await desk.settle()
    assert await surges(desk) == []
    await desk.contacts([rows[19] | {"topic": "refund"}])
    await desk.settle()
    [surge] = await surges(desk)
    assert (surge["contacts"], surge["all_contacts"]) == (20, 49)


async def test_contacts_told_twice_count_once(desk: Desk) -> None:
    await watch_refunds_only(desk)
    rows = calls(15, "refund", START, prefix="r") + calls(10, "delivery", START, prefix="d")
    for _ in range(2):
        await desk.contacts(rows)
        await desk.settle()
    assert await surges(desk) == []


async def test_outgoing_calls_are_no_surge(desk: Desk) -> None:
    await desk.contacts(calls(40, "refund", START, prefix="r", direction="outbound"))
    await desk.settle()
    assert await surges(desk) == []


async def test_history_raises_its_own_surges_and_chases_nobody_today(desk: Desk) -> None:
    past = datetime(2024, 5, 6, 2, tzinfo=UTC)
    await desk.contacts([*calls(40, "refund", past, prefix="r"), *calls(20, "delivery", past, prefix="d")])
    await desk.advance(seconds=10)
    [surge] = [one for one in await surges(desk) if one["topic"] == "refund"]
    assert surge["historic"]
    assert surge["window_to"].startswith("2024-05-06T02:15")
    await desk.advance(days=3)
    assert await desk.published(TopicOverdue) == []
    await come_in(desk, refund=40, other=20, day=4)
    states = [one["historic"] for one in await surges(desk) if one["topic"] == "refund"]
    assert states == [False, True], "an old surge does not hide one of today"


async def test_a_rule_of_a_topic_replaces_the_centres(desk: Desk) -> None:
    await watch_refunds_only(desk)
    set_to = await desk.ask("PUT", "/surge-rules/*", json={"threshold": 50, "window_minutes": 60})
    assert (set_to["threshold"], set_to["min_contacts"]) == (50, 20)
    await come_in(desk, refund=40, other=60)
    assert await surges(desk) == []
    own = await desk.ask("PUT", "/surge-rules/refund", json={"threshold": 35})
    assert (own["threshold"], own["window_minutes"]) == (35, 60)
    await come_in(desk, refund=40, other=60, day=1)
    assert len(await surges(desk)) == 1
    await desk.ask("DELETE", "/surge-rules/refund", status=204)
    await desk.ask("GET", "/surge-rules/refund", status=404)
    assert [one["topic"] for one in (await desk.ask("GET", "/surge-rules"))["items"]] == ["*", "delivery"]


@pytest.mark.parametrize(
    "body", [{"threshold": 100}, {"window_minutes": 20}, {"zone": "Mars/Base"}, {"min_contacts": 0}, {"nonsense": 1}]
)
async def test_a_rule_that_makes_no_sense_is_refused(desk: Desk, body: Json) -> None:
    await desk.ask("PUT", "/surge-rules/*", status=422, json=body)


async def test_the_counts_do_not_grow_without_end(desk: Desk) -> None:
    await come_in(desk, refund=3, other=3)
    await desk.advance(days=90)
    async with desk.database.reading() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM cases.topic_counts"))).scalar() == 0

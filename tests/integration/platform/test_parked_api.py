"""Operators see parked messages and replay them over HTTP, in any service."""

from __future__ import annotations

from collections.abc import Callable

from shared.contracts.roster import TeamChanged
from shared.platform.consumer import Consumer, Retrier
from shared.platform.ids import new_id
from shared.platform.transport import Delivery
from shared.platform.work import Database, Work
from tests.conftest import Api


async def test_a_parked_message_is_listed_replayed_once_and_gone(
    open_api: Callable[..., Api], open_database: Callable[[str], Database]
) -> None:
    notify = open_database("notify")
    operator = open_api("notify", notify).as_("manager")

    async def hear(work: Work, event: TeamChanged) -> None:
        """Never reached: the body is no event."""

    consumer = Consumer(notify, {TeamChanged: hear})
    await consumer.process([Delivery(str(new_id()), b"not an event")])
    [parked] = (await operator.get("/notify/v1/parked")).json()["items"]
    assert parked["body"] == "not an event"
    assert parked["reason"].startswith("malformed")
    path = f"/notify/v1/parked/{parked['parked_id']}/replay"
    assert (await operator.post(path)).status_code == 200
    assert (await operator.post(path)).status_code == 404
    assert (await operator.get("/notify/v1/parked")).json()["items"] == []
    assert await Retrier(notify, consumer).drain() == 1
    [again] = (await operator.get("/notify/v1/parked")).json()["items"]
    assert again["parked_id"] == parked["parked_id"], "still malformed, so parked again"


async def test_only_operators_see_parked_messages(open_api: Callable[..., Api]) -> None:
    assert (await open_api("notify").as_("agent", staff_no="A1").get("/notify/v1/parked")).status_code == 403

"""What is heard of messages after they were sent: delivered, not delivered after all, opened."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.notify.channels.sms import signed
from services.notify.courier import Courier
from services.notify.domain.message import Report
from services.notify.links import links_from
from services.notify.settings import NotifySettings
from shared.contracts.notify import MessageDelivered, MessageFailed
from tests.integration.notify.conftest import Centre, a_change

SECRET = "gateway-secret"


class Gateway:
    """Accepts everything under a name of its own."""

    deduplicates, pace, at_once = True, None, 100

    async def send(self, outgoing: Any) -> Report:
        return Report("accepted", "HTTP 202", provider_id=f"gw-{outgoing.message_id}")

    async def close(self) -> None: ...


@pytest.fixture
async def accepted(centre: Centre) -> dict[str, Any]:
    """A text message that the gateway took."""
    centre.api.app.state.sms_secret = SECRET
    await centre.vouch("A001")
    await centre.hear(a_change())
    await Courier(centre.database, {"sms": Gateway()}, links_from(NotifySettings())).drains[0]()
    [message] = await centre.messages("A001", channel="sms")
    assert message["state"] == "accepted"
    return message


Say = Callable[..., Any]


@pytest.fixture
def say(centre: Centre) -> Say:
    """The gateway speaks."""

    async def said(message: dict[str, Any], state: str, *, secret: str = SECRET, age: int = 0) -> httpx.Response:
        body = json.dumps({"id": f"gw-{message['message_id']}", "state": state, "reason": "absent subscriber"}).encode()
        headers = signed(secret, int(time.time()) - age, body) | {"Content-Type": "application/json"}
        return await centre.anyone.post("/notify/v1/receipts/sms", content=body, headers=headers)

    return said


async def test_a_receipt_makes_accepted_delivered_once(centre: Centre, accepted: dict[str, Any], say: Say) -> None:
    assert [(await say(accepted, "delivered")).json()["noted"] for _ in range(3)] == [1, 0, 0]
    [message] = await centre.messages("A001", channel="sms")
    assert (message["state"], message["delivered_at"] is not None) == ("delivered", True)
    levels = [one.level for one in await centre.published() if isinstance(one, MessageDelivered)]
    assert levels == ["accepted", "delivered"]


async def test_a_receipt_of_failure_goes_on_to_the_next_channel(
    centre: Centre, accepted: dict[str, Any], say: Say
) -> None:
    await centre.vouch("A001", "email", "li@example.com")
    assert (await say(accepted, "failed")).json() == {"noted": 1}
    [message] = await centre.messages("A001", channel="sms")
    assert (message["state"], message["code"], message["reason"]) == ("failed", "not-delivered", "absent subscriber")
    assert len(await centre.messages("A001", channel="email")) == 1
    assert [one.channel for one in await centre.published() if isinstance(one, MessageFailed)] == ["sms"]


async def test_an_unsigned_old_or_odd_receipt_changes_nothing(
    centre: Centre, accepted: dict[str, Any], say: Say
) -> None:
    assert (await say(accepted, "delivered", secret="another")).status_code == 401
    assert (await say(accepted, "delivered", age=301)).status_code == 401
    assert (await say(accepted, "eaten")).status_code == 422
    assert (await say({"message_id": "nobody's"}, "delivered")).json() == {"noted": 0}
    for body in (b"", b"[]", b"\xff", b'{"id":1}'):
        headers = signed(SECRET, int(time.time()), body)
        assert (await centre.anyone.post("/notify/v1/receipts/sms", content=body, headers=headers)).status_code == 400
    centre.api.app.state.sms_secret = ""
    assert (await say(accepted, "delivered", secret="")).status_code == 401
    assert (await centre.messages("A001", channel="sms"))[0]["state"] == "accepted"


async def test_an_answer_by_its_link_shows_which_message_was_opened(centre: Centre, accepted: dict[str, Any]) -> None:
    path = httpx.URL(accepted["link"]).path
    await centre.anyone.get(path)
    assert (await centre.messages("A001", channel="sms"))[0]["opened_at"] is None
    await centre.anyone.post(path, data={"answer": "seen"})
    [sms], [inbox] = await centre.messages("A001", channel="sms"), await centre.messages("A001", channel="inbox")
    assert (sms["state"], sms["opened_at"] is not None) == ("opened", True)
    assert inbox["opened_at"] is None


async def test_a_message_in_the_inbox_is_opened_by_its_reader_alone(centre: Centre) -> None:
    await centre.hear(a_change())
    await centre.settle()
    [message] = await centre.messages("A001", channel="inbox")
    path = f"/notify/v1/messages/{message['message_id']}/open"
    assert (await centre.manager.post(path)).status_code == 403
    opened = (await centre.agent("A001").post(path)).json()
    assert (opened["state"], opened["opened_at"]) == ("opened", "2026-03-02T01:00:00Z")
    assert (await centre.agent("A001").post(path)).json() == opened


async def test_messages_are_found_by_what_they_are_and_shown_with_every_attempt(
    centre: Centre, accepted: dict[str, Any]
) -> None:
    for filters, count in (
        ({"state": "accepted"}, 1),
        ({"state": "failed"}, 0),
        ({"team": "T1", "channel": "sms"}, 1),
        ({"team": "T9"}, 0),
        ({"template": accepted["template"], "channel": "sms"}, 1),
        ({"since": "2026-03-02T01:00:00Z", "channel": "sms"}, 1),
        ({"until": "2026-03-02T01:00:00Z"}, 0),
        ({"subject_type": "roster.shift_change", "channel": "sms"}, 1),
    ):
        assert len(await centre.messages(None, **filters)) == count, filters
    newest = (await centre.manager.get("/notify/v1/messages", params={"newest_first": True})).json()["items"]
    oldest = (await centre.manager.get("/notify/v1/messages")).json()["items"]
    assert [m["message_id"] for m in newest] == [m["message_id"] for m in reversed(oldest)]
    one = (await centre.agent("A001").get(f"/notify/v1/messages/{accepted['message_id']}")).json()
    [attempt] = one["tries"]
    assert (attempt["outcome"], attempt["words"], attempt["number"]) == ("accepted", "HTTP 202", 1)
    assert (await centre.agent("A002").get(f"/notify/v1/messages/{accepted['message_id']}")).status_code == 403

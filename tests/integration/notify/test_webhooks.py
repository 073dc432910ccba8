"""Webhooks: signed, retried for days, never into the private network, and every delivery in a log."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from services.notify.channels.pinned import PinnedTransport, is_public, vetted
from services.notify.links import links_from
from services.notify.postman import Postman
from services.notify.settings import NotifySettings
from shared.contracts.event import Event
from shared.contracts.notify import MessageDelivered
from tests.conftest import START
from tests.integration.notify.conftest import Centre, a_change, a_team, an_agent

RECEIVER = "https://hooks.example.com/ringback"


class Receiver(httpx.AsyncBaseTransport):
    """An integrator's server: keeps what it gets and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []
        self.answers: list[httpx.Response | Exception] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.got.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(204)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def postman(centre: Centre, receiver: Receiver) -> AsyncIterator[Postman]:
    made = Postman(centre.database, links_from(NotifySettings()), private=False, transport=receiver)
    yield made
    await made.close()


@pytest.fixture
def known_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver's name has a public address here."""

    async def found(host: str, port: int, *, private: bool) -> str:
        return "93.184.215.14"

    monkeypatch.setattr("services.notify.api.webhooks.vetted", found)


async def subscribe(centre: Centre, *events: str, url: str = RECEIVER) -> dict[str, Any]:
    body = {"url": url, "events": list(events or ["roster.*"])}
    response = await centre.manager.post("/notify/v1/webhooks", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def log_of(centre: Centre, made: dict[str, Any]) -> list[dict[str, Any]]:
    response = await centre.manager.get(f"/notify/v1/webhooks/{made['webhook_id']}/deliveries")
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def verified(request: httpx.Request, secret: str) -> Any:
    """What the receiver reads, checked with the public library as of when it was signed."""
    signed_at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(request.headers["webhook-id"], signed_at, request.content.decode())
    assert expected in request.headers["webhook-signature"].split(" ")
    return json.loads(request.content)


@pytest.mark.usefixtures("known_host")
async def test_an_event_arrives_once_signed_and_as_it_was_published(
    centre: Centre, postman: Postman, receiver: Receiver
) -> None:
    made = await subscribe(centre, "roster.agent.*")
    await centre.hear(an_agent("A003"), times=3)
    await centre.hear(a_team(name="改名"), 2)
    await postman.drain()
    [request] = receiver.got
    event = verified(request, made["secret"])
    assert (event["type"], event["data"]["staff_no"]) == ("roster.agent.joined.v1", "A003")
    assert request.headers["webhook-id"] == event["id"]
    [delivery] = await log_of(centre, made)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)


@pytest.mark.usefixtures("known_host")
async def test_notifys_own_events_can_be_subscribed_to(centre: Centre, postman: Postman, receiver: Receiver) -> None:
    made = await subscribe(centre, "notify.message.delivered.v1")
    await centre.hear(await _a_published_message(centre))
    await postman.drain()
    assert verified(receiver.got[0], made["secret"])["type"] == "notify.message.delivered.v1"


async def _a_published_message(centre: Centre) -> Event:
    await centre.hear(a_change())
    await centre.settle()
    return next(event for event in await centre.published() if isinstance(event, MessageDelivered))


@pytest.mark.usefixtures("known_host")
async def test_a_failing_receiver_is_tried_for_days_and_then_waits_for_a_replay(
    centre: Centre, postman: Postman, receiver: Receiver
) -> None:
    made = await subscribe(centre)
    receiver.answers = [httpx.Response(500, text="broken"), httpx.ConnectTimeout("x"), httpx.Response(302)]
    receiver.answers += [httpx.Response(503) for _ in range(7)]
    await centre.hear(an_agent("A003"))
    await postman.drain()
    waits = []
    for _ in range(9):
        [delivery] = await log_of(centre, made)
        assert delivery["state"] == "queued"
        next_at = datetime.fromisoformat(delivery["next_at"])
        waits.append(next_at - centre.clock.now())
        centre.clock.move_to(next_at - timedelta(seconds=1))
        assert await postman.drain() == 0
        centre.clock.move_to(next_at)
        assert await postman.drain() == 1
    assert sum(waits, timedelta()) > timedelta(days=3)
    assert waits[0] <= timedelta(seconds=6)
    [delivery] = await log_of(centre, made)
    assert (delivery["state"], delivery["attempts"]) == ("failed", 10)
    path = f"/notify/v1/webhooks/{made['webhook_id']}/deliveries/{delivery['delivery_id']}"
    log = (await centre.manager.get(path)).json()["log"]
    assert [(one["status"], one["error"]) for one in log[:3]] == [(500, None), (None, "ConnectTimeout"), (302, None)]
    assert log[0]["answer"] == "broken"
    again = await centre.manager.post(f"{path}/replay")
    assert again.json()["state"] == "queued"
    await postman.drain()
    assert (await log_of(centre, made))[0]["state"] == "delivered"
    assert len({request.headers["webhook-id"] for request in receiver.got}) == 1


@pytest.mark.usefixtures("known_host")
async def test_a_receiver_that_wants_to_be_left_alone_is(centre: Centre, postman: Postman, receiver: Receiver) -> None:
    made = await subscribe(centre)
    receiver.answers = [httpx.Response(429, headers={"retry-after": "3600"})]
    await centre.hear(an_agent("A003"))
    await postman.drain()
    [delivery] = await log_of(centre, made)
    assert datetime.fromisoformat(delivery["next_at"]) >= START + timedelta(hours=1)


@pytest.mark.usefixtures("known_host")
async def test_gone_disables_and_active_again_goes_on(centre: Centre, postman: Postman, receiver: Receiver) -> None:
    made = await subscribe(centre)
    receiver.answers = [httpx.Response(410)]
    await centre.hear(an_agent("A003"))
    await postman.drain()
    path = f"/notify/v1/webhooks/{made['webhook_id']}"
    gone = await centre.manager.get(path)
    assert (gone.json()["state"], gone.json()["why"]) == ("disabled", "gone")
    await centre.hear(an_agent("A004"))
    assert await postman.drain() == 0
    back = await centre.manager.patch(path, json={"state": "active"}, headers={"If-Match": gone.headers["etag"]})
    assert (back.json()["state"], back.json()["why"]) == ("active", None)
    await centre.hear(an_agent("A005"))
    await postman.drain()
    assert json.loads(receiver.got[-1].content)["data"]["staff_no"] == "A005"


@pytest.mark.usefixtures("known_host")
async def test_while_secrets_change_both_sign(centre: Centre, postman: Postman, receiver: Receiver) -> None:
    made = await subscribe(centre)
    rotated = (await centre.manager.post(f"/notify/v1/webhooks/{made['webhook_id']}/rotate")).json()
    assert rotated["secret"] != made["secret"]
    await centre.hear(an_agent("A003"))
    await postman.drain()
    verified(receiver.got[0], made["secret"])
    verified(receiver.got[0], rotated["secret"])
    centre.clock.move_to(START + timedelta(hours=24))
    await centre.hear(an_agent("A004"))
    await postman.drain()
    verified(receiver.got[1], rotated["secret"])
    assert len(receiver.got[1].headers["webhook-signature"].split(" ")) == 1


@pytest.mark.usefixtures("known_host")
async def test_a_secret_is_shown_once_and_stored_nowhere(centre: Centre) -> None:
    body = {"url": RECEIVER, "events": ["*"]}
    answers = [
        await centre.manager.post("/notify/v1/webhooks", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    made = answers[0].json()
    shown = await centre.manager.get(f"/notify/v1/webhooks/{made['webhook_id']}")
    assert shown.json()["secret"] is None
    assert made["secret"].removeprefix("whsec_") not in str(await centre.everything())


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "https://user:pw@hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https:///x",
        "https://hooks.example.com:0/x",
        "https://hooks.example.com:99999/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
    ],
)
async def test_an_address_into_the_private_network_is_refused(centre: Centre, url: str) -> None:
    response = await centre.manager.post("/notify/v1/webhooks", json={"url": url, "events": ["*"]})
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["field"] == "url"


@pytest.mark.usefixtures("known_host")
@pytest.mark.parametrize("pattern", ["cases.nothing.*", "roster", "roster.agent", "**", "roster.agent.joined", "x y"])
async def test_a_pattern_that_selects_nothing_is_refused(centre: Centre, pattern: str) -> None:
    response = await centre.manager.post("/notify/v1/webhooks", json={"url": RECEIVER, "events": [pattern]})
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "event-unknown"


async def test_a_name_that_leads_inside_by_the_time_of_sending_is_not_followed(
    centre: Centre, known_host: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it was registered, private when it is used."""
    made = await subscribe(centre, url="https://localhost:9/hook")
    await centre.hear(an_agent("A003"))
    guarded = Postman(centre.database, links_from(NotifySettings()), private=False)
    await guarded.drain()
    await guarded.close()
    [delivery] = await log_of(centre, made)
    path = f"/notify/v1/webhooks/{made['webhook_id']}/deliveries/{delivery['delivery_id']}"
    [attempt] = (await centre.manager.get(path)).json()["log"]
    assert (attempt["status"], attempt["error"]) == (None, "address-forbidden")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("224.0.1.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("2606:4700::1111", True),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:93.184.215.14", True),
        ("::ffff:192.168.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:0a00:0001::", False),
        ("ff0e::1", False),
    ],
)
def test_which_addresses_are_of_the_open_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_the_connection_goes_to_the_judged_address_under_the_hosts_own_name() -> None:
    seen: list[httpx.Request] = []

    class Inner(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(204)

    transport = PinnedTransport(private=True)
    transport._inner = Inner()  # type: ignore[assignment]
    async with httpx.AsyncClient(transport=transport) as client:
        await client.post("https://localhost:8443/hook")
    [request] = seen
    assert request.url.host in ("127.0.0.1", "::1")
    assert request.headers["host"] == "localhost:8443"
    assert request.extensions["sni_hostname"] == "localhost"
    assert await vetted("localhost", 1, private=True) in ("127.0.0.1", "::1")


@pytest.mark.usefixtures("known_host")
async def test_only_those_who_configure_see_webhooks(centre: Centre) -> None:
    made = await subscribe(centre)
    for client in (centre.supervisor, centre.lead, centre.agent("A001")):
        assert (await client.get(f"/notify/v1/webhooks/{made['webhook_id']}")).status_code == 403
    gone = await centre.manager.delete(f"/notify/v1/webhooks/{made['webhook_id']}")
    assert gone.status_code == 204
    assert (await centre.manager.get(f"/notify/v1/webhooks/{made['webhook_id']}")).status_code == 404

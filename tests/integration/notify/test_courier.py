"""The courier: nothing sent twice, nothing sent blindly, nothing forgotten, whatever a channel or a crash does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.notify import courier as courier_module
from services.notify.channels import Outgoing
from services.notify.channels.inbox import Inbox
from services.notify.commands.delivery import claim
from services.notify.courier import Courier
from services.notify.domain.message import CLAIM_HOLDS, Report
from services.notify.domain.pace import Pace
from services.notify.links import Links
from shared.contracts.notify import MessageDelivered, MessageFailed
from tests.conftest import START
from tests.integration.notify.conftest import Centre, a_change


class Gateway:
    """A channel that answers as told, in order, and remembers what it was given."""

    at_once = 100

    def __init__(
        self,
        *answers: Report | Exception,
        deduplicates: bool = False,
        pace: Pace | None = None,
        default: str = "accepted",
    ) -> None:
        self.answers = list(answers)
        self.deduplicates = deduplicates
        self.pace = pace
        self.default = default
        self.sent: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Report:
        self.sent.append(outgoing)
        answer = self.answers.pop(0) if self.answers else Report(self.default, "250 ok")  # type: ignore[arg-type]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None: ...


@pytest.fixture
async def courier(centre: Centre) -> Callable[[Gateway], Courier]:
    """A courier whose text messages go through a gateway; one message waits for it."""
    await centre.vouch("A001", "sms", "13812345678")
    await centre.hear(a_change())

    def with_(gateway: Gateway) -> Courier:
        return Courier(centre.database, {"inbox": Inbox(), "sms": gateway}, Links(b"k" * 32, "https://r.example"))

    return with_


async def text_message(centre: Centre) -> dict[str, Any]:
    [message] = await centre.messages("A001", channel="sms")
    return message


async def test_a_message_goes_out_with_its_address_and_link_and_is_only_accepted(
    centre: Centre, courier: Callable[[Gateway], Courier]
) -> None:
    gateway = Gateway()
    assert await courier(gateway).drain() == 2
    assert await courier(gateway).drain() == 0
    [sent] = gateway.sent
    assert sent.address == "13812345678"
    assert sent.link
    assert sent.link.startswith("https://r.example/a/")
    message = await text_message(centre)
    assert (message["state"], message["delivered_at"], message["reason"]) == ("accepted", None, "250 ok")
    delivered = {e.channel: e.level for e in await centre.published() if isinstance(e, MessageDelivered)}
    assert delivered == {"inbox": "delivered", "sms": "accepted"}


async def test_a_refused_message_is_tried_again_and_given_up_in_the_channels_words(
    centre: Centre, courier: Callable[[Gateway], Courier]
) -> None:
    gateway = Gateway(*[Report("try-again", "busy")] * 4)
    carrier = courier(gateway)
    for wait, attempts in ((0, 1), (15, 2), (60, 3), (300, 4)):
        centre.clock.move_to(centre.clock.now() + timedelta(seconds=wait))
        await carrier.drain()
        await carrier.drain()
        assert len(gateway.sent) == attempts
    assert ((await text_message(centre))["state"], (await text_message(centre))["reason"]) == ("failed", "busy")
    [failed] = [e for e in await centre.published() if isinstance(e, MessageFailed)]
    assert (failed.channel, failed.reason) == ("sms", "busy")


async def test_an_error_of_the_adapter_is_no_delivery(centre: Centre, courier: Callable[[Gateway], Courier]) -> None:
    await courier(Gateway(ValueError("odd answer"))).drain()
    message = await text_message(centre)
    assert (message["state"], message["attempts"], message["reason"]) == ("queued", 1, "ValueError")


async def test_a_timeout_is_unknown_and_not_sent_again(centre: Centre, courier: Callable[[Gateway], Courier]) -> None:
    gateway = Gateway(TimeoutError())
    await courier(gateway).drain()
    centre.clock.move_to(START + timedelta(hours=1))
    await courier(gateway).drain()
    assert len(gateway.sent) == 1
    assert (await text_message(centre))["state"] == "unknown"


async def test_a_timeout_is_repeated_where_the_channel_drops_duplicates(
    centre: Centre, courier: Callable[[Gateway], Courier]
) -> None:
    gateway = Gateway(TimeoutError(), deduplicates=True)
    await courier(gateway).drain()
    centre.clock.move_to(START + timedelta(seconds=15))
    await courier(gateway).drain()
    assert len({sent.message_id for sent in gateway.sent}) == 1
    assert (await text_message(centre))["state"] == "accepted"


@pytest.mark.parametrize(("deduplicates", "state", "sent"), [(True, "accepted", 1), (False, "unknown", 0)])
async def test_a_courier_that_died_while_sending_leaves_nothing_behind(
    centre: Centre, courier: Callable[[Gateway], Courier], deduplicates: bool, state: str, sent: int
) -> None:
    async with centre.database.work() as work:
        assert len(await claim(work, 10)) == 2
    gateway = Gateway(deduplicates=deduplicates)
    assert await courier(gateway).drain() == 0
    centre.clock.move_to(START + timedelta(minutes=5))
    assert await courier(gateway).drain() == 2
    assert ((await text_message(centre))["state"], len(gateway.sent)) == (state, sent)


def test_even_a_channel_that_times_out_every_time_is_through_before_its_claims_run_out() -> None:
    longest = courier_module.BATCHES * courier_module.TURNS * courier_module.SEND_SECONDS
    assert timedelta(seconds=longest) < CLAIM_HOLDS


async def test_several_couriers_share_the_work(centre: Centre, courier: Callable[[Gateway], Courier]) -> None:
    for number in range(60):
        await centre.hear(a_change(f"B{number:03}"))
    gateway = Gateway()
    counts = await asyncio.gather(*(courier(gateway).drain() for _ in range(4)))
    assert sum(counts) == 62
    assert len([e for e in await centre.published() if isinstance(e, MessageDelivered)]) == 62


async def test_a_contact_removed_in_between_is_not_written_to(
    centre: Centre, courier: Callable[[Gateway], Courier]
) -> None:
    person = (await centre.manager.get("/notify/v1/recipients/A001")).json()
    contact_id = person["contacts"][0]["contact_id"]
    await centre.manager.delete(f"/notify/v1/recipients/A001/contacts/{contact_id}")
    gateway = Gateway()
    await courier(gateway).drain()
    assert gateway.sent == []
    assert (await text_message(centre))["reason"] == "contact-removed"

"""The life of a message: held back, told together, tried again, said on the next channel, passed on to those above."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.notify.channels import OutcomeUnknown, Outgoing
from services.notify.channels.inbox import Inbox
from services.notify.commands.delivery import Lane, claim
from services.notify.courier import Courier
from services.notify.domain.message import Report
from services.notify.domain.pace import Pace
from services.notify.links import Links
from shared.contracts.notify import EscalationRaised, MessageFailed
from shared.contracts.roster import ShiftChangeConfirmed
from shared.platform.ids import new_id, stable_id
from tests.conftest import START
from tests.integration.notify.conftest import DEADLINE, LEAD, Centre, a_change, then

PREFERENCES = "/notify/v1/recipients/A001/preferences"
REFUSED = Report("failed", "errcode 81013: user & party & tag all invalid", "address-unknown")


class Wire:
    """A channel that answers as told, in order (then `finally_`), and remembers what it was given."""

    at_once = 100

    def __init__(
        self,
        *answers: Report | Exception,
        finally_: Report = Report("accepted", "250 ok"),
        deduplicates: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self.answers, self.finally_ = list(answers), finally_
        self.deduplicates, self.pace = deduplicates, pace
        self.sent: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Report:
        self.sent.append(outgoing)
        answer = self.answers.pop(0) if self.answers else self.finally_
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None: ...


CourierOf = Callable[..., Courier]


@pytest.fixture
def courier(centre: Centre) -> CourierOf:
    """A courier with these channels beside the inbox."""

    def with_(**channels: Wire) -> Courier:
        return Courier(centre.database, {"inbox": Inbox(), **channels}, Links(b"k" * 32, "https://r.example"))

    return with_


async def ask(centre: Centre, count: int = 1) -> None:
    """So many questions to A001."""
    for number in range(count):
        await centre.hear(a_change(change_id=stable_id("change", number)))


async def told(centre: Centre, channel: str, staff_no: str = "A001") -> list[dict[str, Any]]:
    return await centre.messages(staff_no, channel=channel)


async def test_too_fast_is_waited_for_and_uses_up_no_attempt(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001")
    await ask(centre)
    slow = Wire(*[Report("throttled", "errcode 45009: api freq out of limit", "throttled")] * 6)
    carrier = courier(sms=slow)
    for minute in range(7):
        centre.clock.move_to(START + timedelta(minutes=minute))
        await carrier.drain()
    [message] = await told(centre, "sms")
    assert (message["state"], message["attempts"], len(slow.sent)) == ("accepted", 7, 7)
    assert [attempt["code"] for attempt in message["tries"]] == ["throttled"] * 6 + [None]
    assert message["tries"][0]["words"] == "errcode 45009: api freq out of limit"


async def test_a_provider_that_says_for_how_long_is_left_alone_for_that_long(
    centre: Centre, courier: CourierOf
) -> None:
    await centre.vouch("A001")
    await ask(centre)
    slow = Wire(Report("throttled", "429", "throttled", wait=timedelta(seconds=90)))
    carrier = courier(sms=slow)
    for seconds, sent in ((0, 1), (89, 1), (90, 2)):
        centre.clock.move_to(START + timedelta(seconds=seconds))
        await carrier.drain()
        assert len(slow.sent) == sent


async def test_a_provider_that_is_too_slow_for_two_hours_is_given_up(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001")
    await ask(centre)
    carrier = courier(sms=Wire(finally_=Report("throttled", "slow down", "throttled")))
    await carrier.drain()
    centre.clock.move_to(START + timedelta(hours=2))
    await carrier.drain()
    assert [(m["state"], m["code"]) for m in await told(centre, "sms")] == [("failed", "throttled")]


async def test_many_waiting_for_one_person_are_one_message_with_every_link(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001", "wecom", "lijing")
    await ask(centre, 5)
    wire = Wire(pace=Pace(30))
    await courier(wecom=wire).drain()
    [digest] = wire.sent
    assert digest.title == "您有 5 条通知"
    assert digest.text.count("https://r.example/a/") == 5
    assert digest.link is None
    messages = await told(centre, "wecom")
    assert [(m["state"], m["tries"][0]["together"]) for m in messages] == [("accepted", 5)] * 5


async def test_two_waiting_stay_two(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001", "wecom", "lijing")
    await ask(centre, 2)
    wire = Wire(pace=Pace(30))
    await courier(wecom=wire).drain()
    assert len(wire.sent) == 2


async def test_a_limit_for_one_reader_holds_over_any_minute_and_all_couriers(
    centre: Centre, courier: CourierOf
) -> None:
    await centre.vouch("A001", "wecom", "lijing")
    wire = Wire(pace=Pace(3))
    couriers = [courier(wecom=wire) for _ in range(2)]
    times: list[int] = []
    for second in range(0, 300, 5):
        centre.clock.move_to(START + timedelta(seconds=second))
        if second < 60:
            await centre.hear(a_change(change_id=new_id()))
        before = len(wire.sent)
        await asyncio.gather(*(one.drain() for one in couriers))
        times += [second] * (len(wire.sent) - before)
    assert all(sum(1 for at in times if start <= at < start + 60) <= 3 for start in range(300))
    messages = await told(centre, "wecom")
    assert len(messages) == 12
    assert {m["state"] for m in messages} == {"accepted"}


async def test_a_digest_whose_courier_died_is_not_sent_again(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001", "wecom", "lijing")
    await ask(centre, 3)
    async with centre.database.work() as work:
        [errand] = await claim(work, 10, Lane(("wecom",)), Pace(30))
        assert len(errand.messages) == 3
    centre.clock.move_to(START + timedelta(minutes=6))
    wire = Wire(deduplicates=True, pace=Pace(30))
    await courier(wecom=wire).drain()
    assert wire.sent == []
    assert {m["state"] for m in await told(centre, "wecom")} == {"unknown"}


async def test_quiet_hours_hold_messages_back_but_not_the_inbox(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001")
    quiet = {"quiet_from": "08:00", "quiet_until": "10:00"}
    assert (await centre.agent("A001").put(PREFERENCES, json=quiet)).json()["zone"] == "Asia/Shanghai"
    await ask(centre)  # at 09:00 in Shanghai, to be answered by 17:00
    wire = Wire()
    carrier = courier(sms=wire)
    await carrier.drain()
    assert wire.sent == []
    [held], [shown] = await told(centre, "sms"), await told(centre, "inbox")
    assert (held["state"], held["next_at"], shown["state"]) == ("queued", "2026-03-02T02:00:00Z", "delivered")
    centre.clock.move_to(START + timedelta(hours=1))
    await carrier.drain()
    assert len(wire.sent) == 1


async def test_quiet_hours_give_way_when_waiting_would_pass_the_deadline(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001")
    await centre.agent("A001").put(PREFERENCES, json={"quiet_from": "08:00", "quiet_until": "17:00"})
    await ask(centre)
    wire = Wire()
    await courier(sms=wire).drain()
    assert len(wire.sent) == 1
    assert START + timedelta(hours=8) == DEADLINE, "17:00 in Shanghai"


async def test_what_one_channel_refuses_is_said_on_the_next(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001")
    await centre.vouch("A001", "wecom", "lijing")
    await centre.vouch("A001", "email", "li@example.com")
    await centre.agent("A001").put(PREFERENCES, json={"channels": ["wecom", "email"]})
    await ask(centre)
    wecom, email, sms = Wire(REFUSED), Wire(), Wire()
    await courier(wecom=wecom, email=email, sms=sms).drain()
    await courier(wecom=wecom, email=email, sms=sms).drain()
    assert (len(wecom.sent), len(email.sent), len(sms.sent)) == (1, 1, 0)
    [refused] = await told(centre, "wecom")
    assert (refused["state"], refused["code"], refused["reason"]) == (
        "failed",
        "address-unknown",
        "errcode 81013: user & party & tag all invalid",
    )
    assert email.sent[0].text == wecom.sent[0].text
    assert email.sent[0].link != wecom.sent[0].link, "each link tells by which message it came"
    [failed] = [event for event in await centre.published() if isinstance(event, MessageFailed)]
    assert failed.channel == "wecom"


async def test_what_may_not_have_arrived_is_said_on_the_next_channel_and_never_again_on_this_one(
    centre: Centre, courier: CourierOf
) -> None:
    await centre.vouch("A001")
    await centre.vouch("A001", "email", "li@example.com")
    await ask(centre)
    sms, email = Wire(OutcomeUnknown("no answer (ReadTimeout)")), Wire()
    carrier = courier(sms=sms, email=email)
    for minutes in (0, 1, 10, 60):
        centre.clock.move_to(START + timedelta(minutes=minutes))
        await carrier.drain()
    assert (len(sms.sent), len(email.sent)) == (1, 1)
    assert [(m["state"], m["code"]) for m in await told(centre, "sms")] == [("unknown", "timeout")]


async def test_a_rung_that_no_channel_carries_goes_to_those_above_at_once_and_says_so(
    centre: Centre, courier: CourierOf
) -> None:
    await centre.vouch("A001")
    await ask(centre)
    await courier(sms=Wire(REFUSED)).drain()
    [above] = await centre.messages(LEAD, channel="inbox")
    assert above["template"].endswith("silent")
    assert "本人已无法通知" in above["text"]
    asked = await centre.question(a_change(change_id=stable_id("change", 0)))
    assert asked["rungs"][0]["outcome"] == "told-recipient-no-channel-told-lead"
    [raised] = [event for event in await centre.published() if isinstance(event, EscalationRaised)]
    assert (raised.rung, raised.target, raised.target_staff_no) == (0, "lead", LEAD)
    assert asked["state"] == "open"
    assert asked["next"] is not None


async def test_an_answer_while_a_message_waits_for_its_next_attempt_stops_it(
    centre: Centre, courier: CourierOf
) -> None:
    await centre.vouch("A001")
    change = a_change()
    await centre.hear(change)
    wire = Wire(Report("try-again", "busy", "provider-busy"))
    await courier(sms=wire).drain()
    await centre.hear(then(change, ShiftChangeConfirmed, confirmed_at=START, channel="phone"), 2)
    centre.clock.move_to(START + timedelta(seconds=15))
    await courier(sms=wire).drain()
    assert len(wire.sent) == 1
    assert (await told(centre, "sms"))[0]["state"] == "failed"


async def test_a_group_gets_no_link_proves_nothing_and_makes_nobody_reachable(
    centre: Centre, courier: CourierOf
) -> None:
    await centre.vouch("A001", "wecom_group", "floor")
    assert (await centre.manager.get("/notify/v1/recipients/A001")).json()["reachable"] is False
    await ask(centre)
    group = Wire(pace=Pace(20))
    await courier(wecom_group=group).drain()
    [posted] = group.sent
    assert (posted.address, posted.link) == ("floor", None)
    assert (await told(centre, "wecom_group"))[0]["state"] == "accepted"


async def test_the_providers_words_are_kept_without_the_address(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001")
    await ask(centre)
    await courier(
        sms=Wire(Report("failed", "invalid-number: 13812345678 is not in service", "address-unknown"))
    ).drain()
    [message] = await told(centre, "sms")
    assert message["reason"] == message["tries"][0]["words"] == "invalid-number: … is not in service"
    assert "13812345678" not in repr(await centre.published())


async def test_a_channel_that_is_not_set_up_is_given_up_at_once(centre: Centre, courier: CourierOf) -> None:
    await centre.vouch("A001", "feishu", "ou_1")
    await centre.vouch("A001")
    await centre.agent("A001").put(PREFERENCES, json={"channels": ["feishu"]})
    await ask(centre)
    sms = Wire()
    await courier(sms=sms).drain()
    await courier(sms=sms).drain()
    assert [m["code"] for m in await told(centre, "feishu")] == ["no-such-channel"]
    assert len(sms.sent) == 1

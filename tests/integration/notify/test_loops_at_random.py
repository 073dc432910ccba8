"""Any mixture of owners' words, answers, failing channels, clock jumps: every open question has a timer, or ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notify.channels import OutcomeUnknown, Outgoing
from services.notify.channels.inbox import Inbox
from services.notify.consumers import HANDLERS, TIMERS, apply
from services.notify.courier import Courier
from services.notify.domain.message import Report
from services.notify.links import Links
from shared.platform.ids import new_id
from shared.platform.worker import Worker
from tests.integration.notify.conftest import LEAD, Centre, a_team, an_agent
from tests.integration.notify.test_every_event import example, here, on_duty

ASKING = (
    "roster.shift_change.announced.v1",
    "cases.handoff.requested.v1",
    "cases.handoff.answered.v1",
    "cases.progress.requested.v1",
    "cases.promise.made.v1",
    "cases.complaint.raised.v1",
    "cases.problem.announced.v1",
    "cases.problem.updated.v1",
    "cases.topic.surged.v1",
    "kpi.alert.raised.v1",
)
ENDING = (
    "roster.shift_change.withdrawn.v1",
    "roster.shift_change.expired.v1",
    "cases.handoff.refused.v1",
    "cases.handoff.closed.v1",
    "cases.progress.answered.v1",
    "cases.promise.kept.v1",
    "cases.complaint.closed.v1",
    "cases.problem.fixed.v1",
    "cases.topic.acted.v1",
    "kpi.alert.resolved.v1",
)


LATEST = iter(range(2, 1_000_000))
"""Roster's words about people and teams, each later than the last."""

Step = tuple[str, int, int]
"""What happens, and two numbers that say with which matter, in which order, how far."""


class Killed(BaseException):
    """The courier's process is gone, midway."""


class Provider:
    """Takes, refuses, falls silent, or is gone, as drawn. What it may have taken, it must not be sent again."""

    pace = None
    at_once = 3

    def __init__(self, *, deduplicates: bool) -> None:
        self.deduplicates = deduplicates
        self.moods: list[str] = []
        self._taken: set[UUID] = set()

    async def send(self, outgoing: Outgoing) -> Report:
        mood = self.moods.pop() if self.moods else "accepted"
        if mood in ("accepted", "silent", "killed"):
            assert self.deduplicates or outgoing.message_id not in self._taken, "sent again though it may have arrived"
            self._taken.add(outgoing.message_id)
        match mood:
            case "silent":
                raise OutcomeUnknown("no answer")
            case "away":
                raise ConnectionError("nobody there")
            case "killed":
                raise Killed
            case "accepted":
                return Report("accepted", "250 ok")
            case "throttled":
                return Report("throttled", "too fast", "throttled")
        return Report("failed", "no such user", "address-unknown")

    async def close(self) -> None: ...


MOODS = ("silent", "away", "killed", "throttled", "refused", "accepted")


class Story:
    """One centre under any mixture; its matters and its providers."""

    def __init__(self, centre: Centre, sms: Provider, email: Provider) -> None:
        self.centre, self.providers = centre, (sms, email)
        self._matters: dict[str, UUID] = {}

    async def something_said(self, which: int, order: int) -> None:
        """An owner's word about one of a few matters, in no order at all."""
        type_ = (ASKING + ENDING)[which % len(ASKING + ENDING)]
        event: Any = here(example(type_).data)
        kind = ".".join(type_.split(".")[:2])
        matter = self._matters.setdefault(f"{kind}{order % 2}", new_id())
        await self.centre.hear(replace(event, **{event.subject_field: matter}), order % 5 + 1)

    async def something_answered(self, which: int, how: int) -> None:
        """Somebody confirms or refuses; a question that cannot be answered any more says so."""
        asked = await self.centre.manager.get("/notify/v1/acknowledgements", params={"state": "open"})
        if items := asked.json()["items"]:
            one = items[which % len(items)]
            body = {"answer": "refuse", "reason": "没空"} if how % 2 else {"answer": "confirm"}
            path = f"/notify/v1/acknowledgements/{one['acknowledgement_id']}/answer"
            answered = await self.centre.agent(one["staff_no"]).post(path, json=body)
            assert answered.status_code in (200, 409), answered.text

    async def somebody_gone(self, which: int, who: int) -> None:
        """A lead is replaced, or somebody leaves."""
        if which % 2:
            await self.centre.hear(a_team(lead=(LEAD, "L002", None)[who % 3]), next(LATEST))
        else:
            left_on = self.centre.clock.now().date() - timedelta(days=1)
            await self.centre.hear(an_agent(("A001", LEAD)[who % 2], left_on=left_on), next(LATEST))

    async def a_provider_fails(self, which: int, how: int) -> None:
        """The next messages on a channel meet this, the one after them that."""
        self.providers[which % 2].moods += [MOODS[how % len(MOODS)], MOODS[how // 7 % len(MOODS)]]

    async def time_passes(self, far: int, little: int) -> None:
        """A jump of the clock; whatever is due happens."""
        self.centre.clock.move_to(self.centre.clock.now() + timedelta(minutes=(1, 20, 90, 600)[far % 4] + little % 7))
        await self.settle()

    async def settle(self) -> None:
        """Work until nothing is left; a courier that is killed is followed by another."""
        for _ in range(200):
            try:
                await self.centre.settle()
            except Killed:
                continue
            return
        raise AssertionError("never done")

    async def play(self, steps: Sequence[Step]) -> None:
        """Everything in order, then a long time in which every provider is well."""
        await self.centre.hear(a_team(), next(LATEST))
        for staff_no in ("A001", LEAD):
            await self.centre.hear(an_agent(staff_no), next(LATEST))
        for name, one, other in steps:
            await getattr(self, name)(one, other)
            assert (await self.watch())["without_timer_count"] == 0
        for provider in self.providers:
            provider.moods.clear()
        self.centre.clock.move_to(self.centre.clock.now() + timedelta(days=40))
        for _ in range(15):  # each firing sets the next; a step far ahead climbs one rung at a time
            await self.settle()
        watch = await self.watch()
        counted = ("open_count", "without_timer_count", "late_rung_count", "waiting_message_count")
        assert [watch[name] for name in counted] == [0, 0, 0, 0]

    async def watch(self) -> dict[str, Any]:
        """What the watchdog sees."""
        seen: dict[str, Any] = (await self.centre.manager.get("/notify/v1/watchdog")).json()
        return seen


NUMBERS = st.integers(0, 60)
STEPS = st.tuples(
    st.sampled_from(
        [
            *["something_said"] * 5,
            *["something_answered", "somebody_gone"],
            *["a_provider_fails"] * 3,
            *["time_passes"] * 2,
        ]
    ),
    NUMBERS,
    NUMBERS,
)


async def test_every_open_loop_has_a_future_timer_or_a_terminal_state_whatever_happens(centre: Centre) -> None:
    """Any mixture of answers, supersessions, channel failures and clock jumps, found by Hypothesis, on PostgreSQL."""
    sms, email = Provider(deduplicates=True), Provider(deduplicates=False)
    courier = Courier(
        centre.database, {"inbox": Inbox(), "sms": sms, "email": email}, Links(b"k" * 32, "https://r.example")
    )
    centre.worker = Worker(
        centre.database, centre.transport, handlers=HANDLERS, timers_=TIMERS, apply=apply, drains=courier.drains
    )
    await on_duty(centre)
    for staff_no in ("A001", LEAD):
        await centre.vouch(staff_no)
        await centre.vouch(staff_no, "email", "a@example.com")
    loop = asyncio.get_running_loop()

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=5, max_size=25))
    def any_mixture(steps: list[Step]) -> None:
        asyncio.run_coroutine_threadsafe(Story(centre, sms, email).play(steps), loop).result(120)

    await asyncio.to_thread(any_mixture)

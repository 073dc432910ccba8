"""One question's life: its answers, its endings, and what no mixture of them can break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.notify.domain import acknowledgement as ack_
from services.notify.domain import ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.ladder import Chain, Rung
from services.notify.domain.policies import manner_of
from services.notify.domain.shipped import SHIPPED
from shared.contracts.refusal import Refusal
from tests.unit.notify.test_ladder import LADDERS

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
ID = UUID(int=1)


def a_question() -> Acknowledgement:
    return Acknowledgement(
        acknowledgement_id=ID,
        subject_type="roster.shift_change",
        subject_id=UUID(int=2),
        subject_version=1,
        staff_no="A001",
        person_name="李静",
        team_id=UUID(int=3),
        team_name="一组",
        chain=Chain(recipient="A001", lead="L001", supervisor="S001"),
        zone="Asia/Shanghai",
        manner=manner_of(SHIPPED["roster.shift_change.announced.v1"]),
        content={},
        announced_at=START,
        deadline=START + timedelta(hours=8),
    )


@pytest.fixture
def open_question() -> Acknowledgement:
    return a_question()


@pytest.fixture
def given_answer(open_question: Acknowledgement) -> Acknowledgement:
    return ack_.give(open_question, "link", "shown", START)[0]


def test_seen_is_noted_once_and_leaves_the_question_open(open_question: Acknowledgement) -> None:
    seen, event = ack_.see(open_question, "link", START)
    assert (seen.state, seen.opened_at) == ("open", START)
    assert event is not None
    assert ack_.see(seen, "link", START + timedelta(hours=1)) == (seen, None)


def test_a_given_answer_carries_what_was_shown(open_question: Acknowledgement) -> None:
    given, event = ack_.give(open_question, "link", "明天晚班", START)
    assert (given.state, given.answer, given.version) == ("answered", "given", 2)
    assert (event.shown, event.channel, event.subject) == ("明天晚班", "link", ID)  # type: ignore[union-attr]


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_refusal_needs_a_reason(open_question: Acknowledgement, reason: str) -> None:
    with pytest.raises(Refusal, match="invalid-value"):
        ack_.refuse(open_question, "link", reason, "shown", START)


def test_an_answer_stands(given_answer: Acknowledgement) -> None:
    with pytest.raises(Refusal, match="acknowledgement-answered"):
        ack_.refuse(given_answer, "link", "because", "shown", START)


def test_nothing_is_answered_at_or_after_the_deadline(open_question: Acknowledgement) -> None:
    with pytest.raises(Refusal, match="acknowledgement-lapsed"):
        ack_.give(open_question, "link", "shown", open_question.deadline)


def test_what_is_withdrawn_cannot_be_answered(open_question: Acknowledgement) -> None:
    withdrawn, event = ack_.withdraw(open_question, "superseded", START)
    assert event.reason == "superseded"
    with pytest.raises(Refusal, match="acknowledgement-withdrawn"):
        ack_.give(withdrawn, "link", "shown", START)


def test_reminders_by_hand_are_ten_minutes_apart(open_question: Acknowledgement) -> None:
    reminded = ack_.remind(open_question, START)
    with pytest.raises(Refusal) as refused:
        ack_.remind(reminded, START + timedelta(minutes=9, seconds=59))
    assert refused.value.params["retry_after"] == 2
    assert ack_.remind(reminded, START + timedelta(minutes=10)).reminder_count == 2


class Loop(RuleBasedStateMachine):
    """A question with any ladder, under any mixture of answers, endings, reminders and clock jumps."""

    @initialize(steps=LADDERS, minutes=st.integers(0, 3000), late=st.integers(0, 600))
    def announce(self, steps: list[ladder.Step], minutes: int, late: int) -> None:
        self.now = START + timedelta(minutes=late)
        self.ack = replace(a_question(), deadline=START + timedelta(minutes=minutes))
        self.rungs = ladder.schedule(steps, START, self.ack.deadline, self.now)
        self.told: list[int] = []
        self.climb()

    def climb(self) -> None:
        """What the timer does when it is woken, as often as it is woken."""
        wake = ladder.next_wake(self.rungs, self.ack.deadline)
        if self.ack.state == "open" and wake.at <= self.now:
            if wake.rung == len(self.rungs):
                self.ack, _ = ack_.lapse(self.ack, self.now)
            else:
                self.rungs, calls = ladder.climb(self.rungs, self.ack.chain, (), self.now)
                self.told += [call.rung.number for call in calls]

    @rule(minutes=st.integers(0, 2000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for _ in range(3):
            self.climb()

    @rule(answer=st.sampled_from(["see", "give", "refuse", "remind"]))
    def the_person_or_their_lead_acts(self, answer: str) -> None:
        before = self.ack
        try:
            if answer == "see":
                self.ack, _ = ack_.see(self.ack, "link", self.now)
            elif answer == "give":
                self.ack, _ = ack_.give(self.ack, "link", "shown", self.now)
            elif answer == "refuse":
                self.ack, _ = ack_.refuse(self.ack, "link", "because", "shown", self.now)
            else:
                self.ack = ack_.remind(self.ack, self.now)
        except Refusal:
            assert self.ack == before
        self.tidy()

    @rule(reason=st.sampled_from(["confirmed", "superseded", "withdrawn", "resolved"]))
    def the_owner_ends_it(self, reason: str) -> None:
        if self.ack.state == "open":
            self.ack, _ = ack_.withdraw(self.ack, reason, self.now)
            self.tidy()

    @rule()
    def the_owner_lets_it_expire(self) -> None:
        if self.ack.state == "open":
            waiting = ladder.cancel(self.rungs, "expired", target="recipient")
            until = max(self.now, self.ack.deadline)
            self.rungs, calls = ladder.climb(waiting, self.ack.chain, (), until)
            self.told += [call.rung.number for call in calls]
            self.ack, _ = ack_.lapse(self.ack, self.now)
            self.tidy()

    def tidy(self) -> None:
        if self.ack.state != "open":
            self.rungs = ladder.cancel(self.rungs, self.ack.state)

    @invariant()
    def open_means_a_future_step_and_closed_means_none(self) -> None:
        wake = ladder.next_wake(self.rungs, self.ack.deadline)
        if self.ack.state == "open":
            assert wake.at > self.now or wake.rung == len(self.rungs), "else the timer is overdue at once"
        else:
            assert self.ack.state in ("answered", "withdrawn", "lapsed")
            assert self.ack.ended_at is not None

    @invariant()
    def each_rung_is_said_at_most_once(self) -> None:
        assert len(self.told) == len(set(self.told))

    @invariant()
    def nobody_is_asked_when_it_is_over(self) -> None:
        waiting: list[Rung] = [rung for rung in self.rungs if rung.state == "due"]
        assert self.ack.state in ("open", "lapsed") or not waiting


TestLoop = Loop.TestCase
TestLoop.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
